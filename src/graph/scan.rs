//! Recursions along a plate as one node: x_t = f(x_(t-1), inputs at t, whatever else is the same at all t).
//!
//! The step f is recorded once, with placeholders for the previous states and the inputs, and kept as a short program over
//! registers: what does not vary along the plate, the inputs, the previous states, then one result per operation. Forward it is run element by
//! element, each on registers of its own, which the way back finds as they were. Time and memory are linear in the elements, and nothing is
//! allocated.

use super::scalars::{ScalarOp, compute, pass_back};
use super::term::{Sink, Slot};
use super::workspace::CustomScratch;

/// The program of a step. Registers: `fixed`, then `inputs`, then `states`, then one per operation.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) fixed: usize,
    pub(crate) inputs: usize,
    pub(crate) states: usize,
    pub(crate) run: Vec<ScalarOp>,
    /// The registers of the new states.
    pub(crate) results: Vec<u32>,
}

impl Program {
    fn first_result(&self) -> usize {
        self.fixed + self.inputs + self.states
    }

    fn registers(&self) -> usize {
        self.first_result() + self.run.len()
    }

    /// Numbers of working space for so many elements: their registers; as many serve the slopes of one element and its states.
    pub(crate) fn scratch(&self, elements: usize) -> usize {
        (self.registers() * elements).max(self.registers() + self.states)
    }
}

/// A compiled scan: an array of `rows` recursions of `steps` elements, `states` numbers each.
pub(crate) struct Scan {
    pub(crate) program: Program,
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

impl Scan {
    /// Computes the states of all elements.
    pub(crate) fn forward(&self, before: &[f64], scratch: &mut CustomScratch, out: &mut [f64]) {
        let program = &self.program;
        let (states, previous) = (program.states, program.fixed + program.inputs);
        let frames = scratch.x.chunks_exact_mut(program.registers());
        for (element, registers) in frames.enumerate().take(self.rows * self.steps) {
            let row = element / self.steps;
            for (register, slot) in registers.iter_mut().zip(&self.fixed) {
                *register = slot.read(before, row);
            }
            for (register, slot) in registers[program.fixed..].iter_mut().zip(&self.inputs) {
                *register = slot.read(before, element);
            }
            match element % self.steps {
                0 => {
                    for (register, slot) in registers[previous..].iter_mut().zip(&self.starts) {
                        *register = slot.read(before, row);
                    }
                }
                _ => registers[previous..previous + states]
                    .copy_from_slice(&out[(element - 1) * states..element * states]),
            }
            compute(&program.run, program.first_result(), registers);
            for (state, result) in
                out[element * states..(element + 1) * states].iter_mut().zip(&program.results)
            {
                *state = registers[*result as usize];
            }
        }
    }

    /// Adds what the adjoints of all states mean for what they are computed from; the registers are those of the last way forward.
    pub(crate) fn backward(&self, dout: &[f64], scratch: &mut CustomScratch, sink: &mut Sink<'_>) {
        let program = &self.program;
        let (states, size, previous) = (program.states, program.registers(), program.fixed + program.inputs);
        let (slopes, carried) = scratch.dx[..size + states].split_at_mut(size);
        for row in 0..self.rows {
            carried.fill(0.0);
            slopes[..program.fixed].fill(0.0);
            for element in (row * self.steps..(row + 1) * self.steps).rev() {
                let registers = &scratch.x[element * size..(element + 1) * size];
                // What does not vary gathers its slopes over all elements of the row.
                slopes[program.fixed..].fill(0.0);
                for (k, result) in program.results.iter().enumerate() {
                    slopes[*result as usize] += dout[element * states + k] + carried[k];
                }
                pass_back(&program.run, program.first_result(), registers, slopes, 0);
                for (slot, slope) in self.inputs.iter().zip(&slopes[program.fixed..]) {
                    sink.add(slot, element, *slope);
                }
                carried.copy_from_slice(&slopes[previous..previous + states]);
            }
            for (slot, slope) in self.fixed.iter().zip(&*slopes) {
                sink.add(slot, row, *slope);
            }
            for (slot, slope) in self.starts.iter().zip(&*carried) {
                sink.add(slot, row, *slope);
            }
        }
    }
}
