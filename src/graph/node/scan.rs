//! Recursions along a plate as one node: x_t = f(x_(t-1), inputs at t, whatever else is the same at all t).
//!
//! The step f is recorded once, with placeholders for the previous states and the inputs, and kept as a short program over
//! registers: what does not vary along the plate, the inputs, the previous states, then one result per operation. Elements are worked on in blocks,
//! a stretch of numbers per register. Time and memory are linear in the elements, and nothing is allocated.
//!
//! Forward, the states follow each other one by one. Where the step is affine in them, x_t = J_t x_(t-1) + b_t, J and b are computed for a whole block
//! first, and one by one go J and b alone. Backward every step is linear: with G_k the slopes of new state k by all registers, computed for a whole block
//! from the registers of the way forward, the adjoints a_t of the new states obey a_(t-1) = dout_(t-1) + J_t' a_t, and a register gets the sum of a_k G_k.

use super::custom::CustomScratch;
use super::gather::{BLOCK, sum};
use super::program::{Program, width};
use super::scalars::compute_at;
use super::scan_block::Run;
use crate::graph::density::term::{Sink, Slot};

/// A state times the slope by it; a state that is not read adds nothing, infinite as it may be.
#[inline(always)]
fn share(slope: f64, state: f64) -> f64 {
    if slope == 0.0 { 0.0 } else { slope * state }
}

/// A compiled scan: an array of `rows` recursions of `steps` elements, `states` numbers each.
pub(crate) struct Scan {
    pub(crate) program: Program,
    /// Whether the program is.
    pub(crate) affine: bool,
    pub(crate) rows: usize,
    pub(crate) steps: usize,
    /// What does not vary along the plate, one number per row each.
    pub(crate) fixed: Vec<Slot>,
    /// One number per element each.
    pub(crate) inputs: Vec<Slot>,
    /// The states before the first element, one number per row each.
    pub(crate) starts: Vec<Slot>,
    /// Its place among the chain's scratch spaces.
    pub(crate) scratch: usize,
}

/// Elements of one row that are worked on together: its number among all blocks, its row, its first element, and how many.
#[derive(Clone, Copy)]
struct Span {
    number: usize,
    row: usize,
    from: usize,
    count: usize,
}

/// Working space for the slopes of a block.
struct Slopes<'a> {
    /// For each new state a block of registers: its slopes by them.
    by_registers: &'a mut [f64],
    /// A stretch per state.
    states: &'a mut [f64],
    /// A number per state, and one more.
    carried: &'a mut [f64],
    next: &'a mut [f64],
    /// A number per fixed register.
    fixed: &'a mut [f64],
}

impl Scan {
    fn blocks_of_row(&self, row: usize) -> impl DoubleEndedIterator<Item = Span> + use<> {
        let (steps, blocks) = (self.steps, self.steps.div_ceil(BLOCK));
        (0..blocks).map(move |block| {
            let at = block * BLOCK;
            let (from, count) = (row * steps + at, BLOCK.min(steps - at));
            Span { number: row * blocks + block, row, from, count }
        })
    }

    fn run(&self, count: usize) -> Run<'_> {
        Run { ops: &self.program.run, first: self.program.first_result(), width: width(self.steps), count }
    }

    fn slopes<'a>(&self, numbers: &'a mut [f64]) -> Slopes<'a> {
        let (width, states) = (width(self.steps), self.program.states);
        let (by_registers, rest) = numbers.split_at_mut(states * self.program.registers() * width);
        let (of_states, rest) = rest.split_at_mut(states * width);
        let (carried, rest) = rest.split_at_mut(states);
        let (next, rest) = rest.split_at_mut(states);
        Slopes { by_registers, states: of_states, carried, next, fixed: &mut rest[..self.program.fixed] }
    }

    /// Computes the states of all elements.
    pub(crate) fn forward(&self, before: &[f64], scratch: &mut CustomScratch, out: &mut [f64]) {
        let states = self.program.states;
        let size = self.program.registers() * width(self.steps);
        let mut slopes = self.slopes(&mut scratch.dx);
        for row in 0..self.rows {
            for (state, slot) in slopes.carried.iter_mut().zip(&self.starts) {
                *state = slot.read(before, row);
            }
            for span in self.blocks_of_row(row) {
                let registers = &mut scratch.x[span.number * size..(span.number + 1) * size];
                self.read(before, span, registers);
                let out = &mut out[span.from * states..(span.from + span.count) * states];
                match self.affine {
                    true => self.follow_affine(span, registers, &mut slopes, out),
                    false => self.follow(span, registers, slopes.carried, out),
                }
            }
        }
    }

    /// Fixed numbers and inputs to their registers.
    fn read(&self, before: &[f64], span: Span, registers: &mut [f64]) {
        let mut stretches = registers.chunks_exact_mut(width(self.steps));
        for (slot, stretch) in self.fixed.iter().zip(&mut stretches) {
            stretch.fill(slot.read(before, span.row));
        }
        for (slot, stretch) in self.inputs.iter().zip(&mut stretches) {
            slot.read_all(before, span.from, &mut stretch[..span.count]);
        }
    }

    /// The states one by one, by the whole program.
    fn follow(&self, span: Span, registers: &mut [f64], state: &mut [f64], out: &mut [f64]) {
        let (program, width) = (&self.program, width(self.steps));
        let previous = (program.fixed + program.inputs) * width;
        for (i, out) in out.chunks_exact_mut(program.states).enumerate().take(span.count) {
            for (k, state) in state.iter().enumerate() {
                registers[previous + k * width + i] = *state;
            }
            compute_at(&program.run, program.first_result(), registers, (width, i));
            for ((state, out), result) in state.iter_mut().zip(out).zip(&program.results) {
                *state = registers[*result as usize * width + i];
                *out = *state;
            }
        }
    }

    /// The states one by one, by J and b, which the program has at states of 0; then the other registers at these states.
    fn follow_affine(&self, span: Span, registers: &mut [f64], slopes: &mut Slopes<'_>, out: &mut [f64]) {
        let (program, width) = (&self.program, width(self.steps));
        let (states, first) = (program.states, program.fixed + program.inputs);
        let of_states = first * width..(first + states) * width;
        registers[of_states.clone()].fill(0.0);
        let run = self.run(span.count);
        run.values(registers);
        self.slopes_of_results(span, registers, slopes.by_registers);
        for (constant, result) in slopes.states.chunks_exact_mut(width).zip(&program.results) {
            constant.copy_from_slice(&registers[*result as usize * width..(*result as usize + 1) * width]);
        }
        let jacobian = slopes.by_registers.chunks_exact(program.registers() * width);
        match (jacobian.clone().next(), &mut *slopes.carried) {
            (Some(jacobian), [state]) => {
                let known = jacobian[of_states.clone()].iter().zip(&*slopes.states);
                let places = registers[of_states].iter_mut().zip(out);
                for ((place, out), (slope, constant)) in places.zip(known) {
                    *place = *state;
                    *state = share(*slope, *state) + constant;
                    *out = *state;
                }
            }
            _ => {
                for (i, out) in out.chunks_exact_mut(states).enumerate() {
                    for (j, state) in slopes.carried.iter().enumerate() {
                        registers[(first + j) * width + i] = *state;
                    }
                    for (k, jacobian) in jacobian.clone().enumerate() {
                        let part = |j: usize| share(jacobian[(first + j) * width + i], slopes.carried[j]);
                        slopes.next[k] = slopes.states[k * width + i] + (0..states).map(part).sum::<f64>();
                    }
                    slopes.carried.copy_from_slice(slopes.next);
                    out.copy_from_slice(slopes.carried);
                }
            }
        }
        run.values(registers);
    }

    /// The slopes of each new state by all registers.
    fn slopes_of_results(&self, span: Span, registers: &[f64], by_registers: &mut [f64]) {
        let width = width(self.steps);
        let each = by_registers.chunks_exact_mut(self.program.registers() * width);
        for (slopes, result) in each.zip(&self.program.results) {
            slopes.fill(0.0);
            slopes[*result as usize * width..(*result as usize + 1) * width].fill(1.0);
            self.run(span.count).pass_back(registers, slopes);
        }
    }

    /// Adds what the adjoints of all states mean for what they are computed from; the registers are those of the last way forward.
    pub(crate) fn backward(&self, dout: &[f64], scratch: &mut CustomScratch, sink: &mut Sink<'_>) {
        let states = self.program.states;
        let size = self.program.registers() * width(self.steps);
        let mut slopes = self.slopes(&mut scratch.dx);
        for row in 0..self.rows {
            slopes.carried.fill(0.0);
            slopes.fixed.fill(0.0);
            for span in self.blocks_of_row(row).rev() {
                let registers = &scratch.x[span.number * size..(span.number + 1) * size];
                self.slopes_of_results(span, registers, slopes.by_registers);
                self.follow_back(&dout[span.from * states..(span.from + span.count) * states], &mut slopes);
                self.send(span, &mut slopes, sink);
            }
            for (slot, slope) in self.fixed.iter().zip(&*slopes.fixed) {
                sink.add(slot, row, *slope);
            }
            for (slot, slope) in self.starts.iter().zip(&*slopes.carried) {
                sink.add(slot, row, *slope);
            }
        }
    }

    /// The adjoints of the new states of a block, the last one first.
    fn follow_back(&self, dout: &[f64], slopes: &mut Slopes<'_>) {
        let (program, width) = (&self.program, width(self.steps));
        let (states, first) = (program.states, program.fixed + program.inputs);
        if let [carried] = slopes.carried {
            let jacobian = &slopes.by_registers[first * width..first * width + dout.len()];
            let places = slopes.states[..dout.len()].iter_mut();
            for ((adjoint, dout), slope) in places.zip(dout).zip(jacobian).rev() {
                *adjoint = dout + *carried;
                *carried = slope * *adjoint;
            }
            return;
        }
        let jacobians = slopes.by_registers.chunks_exact(program.registers() * width);
        for (i, dout) in dout.chunks_exact(states).enumerate().rev() {
            slopes.next.fill(0.0);
            for (k, jacobian) in jacobians.clone().enumerate() {
                let adjoint = dout[k] + slopes.carried[k];
                slopes.states[k * width + i] = adjoint;
                for (j, next) in slopes.next.iter_mut().enumerate() {
                    *next += jacobian[(first + j) * width + i] * adjoint;
                }
            }
            slopes.carried.copy_from_slice(slopes.next);
        }
    }

    /// What the adjoints of a block's states mean for its inputs and for what does not vary.
    fn send(&self, span: Span, slopes: &mut Slopes<'_>, sink: &mut Sink<'_>) {
        let (program, width) = (&self.program, width(self.steps));
        let (adjoints, each) = (&*slopes.states, program.registers() * width);
        for register in 0..program.fixed + program.inputs {
            let mut block = [0.0; BLOCK];
            for (k, adjoints) in adjoints.chunks_exact(width).enumerate() {
                let by_register = &slopes.by_registers[k * each + register * width..][..span.count];
                for ((sum, adjoint), slope) in block.iter_mut().zip(adjoints).zip(by_register) {
                    *sum += adjoint * slope;
                }
            }
            match register.checked_sub(program.fixed) {
                None => slopes.fixed[register] += sum(&block[..span.count]),
                Some(input) => sink.add_all(&self.inputs[input], span.from, &block[..span.count]),
            }
        }
    }
}
