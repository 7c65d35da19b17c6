//! Runs of scalar operations: what a loop over single numbers records.
//!
//! A recursion over 200 time steps is some hundred operations on single numbers. As steps of their own each would cost more
//! in finding out what it is than in arithmetic, so neighbours are kept as one short program: an operation and the places of
//! its operands, twenty bytes each, walked in one loop. Result k of a run lies at the run's place plus k.

use super::op::{Binary, Unary};
use crate::graph::density::term::Sink;

/// One operation on numbers of the workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalarOp {
    pub(crate) function: Function,
    /// The places of its operands; of a function of one number the second is the first.
    pub(crate) places: [u32; 2],
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Function {
    Unary(Unary),
    Binary(Binary),
}

/// Computes a run whose results lie from `out` on.
pub(crate) fn compute(run: &[ScalarOp], out: usize, values: &mut [f64]) {
    for (k, op) in run.iter().enumerate() {
        let [x, y] = op.places.map(|place| values[place as usize]);
        values[out + k] = match op.function {
            Function::Binary(Binary::Add) => x + y,
            Function::Binary(Binary::Sub) => x - y,
            Function::Binary(Binary::Mul) => x * y,
            Function::Binary(binary) => binary.value(x, y),
            Function::Unary(unary) => unary.value(x),
        };
    }
}

/// The same where each number is a stretch of `width`, of which number `i` is computed; results from stretch `first` on.
pub(crate) fn compute_at(run: &[ScalarOp], first: usize, values: &mut [f64], (width, i): (usize, usize)) {
    for (k, op) in run.iter().enumerate() {
        let [x, y] = op.places.map(|place| values[place as usize * width + i]);
        values[(first + k) * width + i] = match op.function {
            Function::Binary(Binary::Add) => x + y,
            Function::Binary(Binary::Sub) => x - y,
            Function::Binary(Binary::Mul) => x * y,
            Function::Binary(binary) => binary.value(x, y),
            Function::Unary(unary) => unary.value(x),
        };
    }
}

/// Adds what a run's adjoints mean for its operands, the last operation first. `constants` numbers stand before the
/// variables.
pub(crate) fn pass_back(
    run: &[ScalarOp],
    out: usize,
    values: &[f64],
    adjoints: &mut [f64],
    constants: usize,
) {
    for (k, op) in run.iter().enumerate().rev() {
        let adjoint = adjoints[out + k - constants];
        let [x, y] = op.places.map(|place| values[place as usize]);
        let (dx, dy) = match op.function {
            Function::Binary(Binary::Add) => (1.0, 1.0),
            Function::Binary(Binary::Sub) => (1.0, -1.0),
            Function::Binary(Binary::Mul) => (y, x),
            Function::Binary(binary) => binary.slopes(x, y, values[out + k]),
            Function::Unary(unary) => (unary.slope(x, values[out + k]), 0.0),
        };
        let mut sink = Sink { adjoints, constants };
        sink.add_at(op.places[0] as usize, adjoint * dx);
        if let Function::Binary(_) = op.function {
            sink.add_at(op.places[1] as usize, adjoint * dy);
        }
    }
}
