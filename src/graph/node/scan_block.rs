//! A program over registers run on a block of elements at once: each register is a stretch of numbers, one per element.
//!
//! The first numbers of a stretch up to the next whole vector are computed, whatever stands there.

use super::scalars::{Function, ScalarOp};
use crate::math::doubles::{self, Doubles};
use pulp::{Arch, Simd, WithSimd};

/// Registers of `width` numbers each, a multiple of every vector's width, of which `count` are wanted. Operation k writes register
/// `first` + k; it reads registers before that.
#[derive(Clone, Copy)]
pub(in crate::graph) struct Run<'p> {
    pub(in crate::graph) ops: &'p [ScalarOp],
    pub(in crate::graph) first: usize,
    pub(in crate::graph) width: usize,
    pub(in crate::graph) count: usize,
}

impl Run<'_> {
    /// Computes the results.
    pub(in crate::graph) fn values(self, registers: &mut [f64]) {
        Arch::new().dispatch(Values { run: self, registers });
    }

    /// Adds what the adjoints of the results mean for what they are computed from.
    pub(in crate::graph) fn pass_back(self, registers: &[f64], adjoints: &mut [f64]) {
        Arch::new().dispatch(Slopes { run: self, registers, adjoints });
    }

    /// The numbers of a register that are computed.
    fn stretch(self, register: usize) -> std::ops::Range<usize> {
        let from = register * self.width;
        from..from + self.count.next_multiple_of(doubles::BLOCK)
    }
}

struct Values<'a> {
    run: Run<'a>,
    registers: &'a mut [f64],
}

impl WithSimd for Values<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let run = self.run;
        for (k, op) in run.ops.iter().enumerate() {
            let out = run.stretch(run.first + k);
            let (before, after) = self.registers.split_at_mut(out.start);
            let out = &mut after[..out.len()];
            let [x, y] = op.places.map(|place| &before[run.stretch(place as usize)]);
            for at in 0..out.len() / S::F64_LANES {
                let (x, y) = (Doubles::load(simd, x, at), Doubles::load(simd, y, at));
                let value = match op.function {
                    Function::Binary(op) => op.value(x, y),
                    Function::Unary(op) => op.value(x),
                };
                value.store(out, at);
            }
        }
    }
}

struct Slopes<'a> {
    run: Run<'a>,
    registers: &'a [f64],
    adjoints: &'a mut [f64],
}

impl WithSimd for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let run = self.run;
        for (k, op) in run.ops.iter().enumerate().rev() {
            let out = run.stretch(run.first + k);
            let (before, after) = self.adjoints.split_at_mut(out.start);
            let (adjoint, values) = (&after[..out.len()], &self.registers[out]);
            let sums = op.places.map(|place| run.stretch(place as usize));
            let [x, y] = [0, 1].map(|k| &self.registers[sums[k].clone()]);
            for at in 0..adjoint.len() / S::F64_LANES {
                let (x, y) = (Doubles::load(simd, x, at), Doubles::load(simd, y, at));
                let (value, adjoint) = (Doubles::load(simd, values, at), Doubles::load(simd, adjoint, at));
                let (by_x, by_y) = match op.function {
                    Function::Binary(op) => op.slopes(x, y, value),
                    Function::Unary(op) => (op.slope(x, value), x.all(0.0)),
                };
                let sum = &mut before[sums[0].clone()];
                (Doubles::load(simd, sum, at) + adjoint * by_x).store(sum, at);
                // The other operand may be the same.
                if let Function::Binary(_) = op.function {
                    let sum = &mut before[sums[1].clone()];
                    (Doubles::load(simd, sum, at) + adjoint * by_y).store(sum, at);
                }
            }
        }
    }
}
