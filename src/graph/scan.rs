//! Recursions along a plate as one node: x_t = f(x_(t-1), inputs at t, whatever else is the same at all t).
//!
//! The step f is recorded once, with placeholders for the previous states and the inputs, and kept as a short program over
//! registers: what does not vary along the plate, the inputs, the previous states, then one result per operation. Forward it is run element by
//! element; backward each step is run again from the states that the node has kept, and reversed. Time is linear in the elements, and nothing is
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

    /// Numbers of working space: the registers, and two sets of states.
    pub(crate) fn scratch(&self) -> usize {
        self.registers() + 2 * self.states
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
    fn load_row(&self, values: &[f64], row: usize, registers: &mut [f64]) {
        for (register, slot) in registers.iter_mut().zip(&self.fixed) {
            *register = slot.read(values, row);
        }
    }

    fn load_inputs(&self, values: &[f64], element: usize, registers: &mut [f64]) {
        for (register, slot) in registers[self.program.fixed..].iter_mut().zip(&self.inputs) {
            *register = slot.read(values, element);
        }
    }

    /// Computes the states of all elements.
    pub(crate) fn forward(&self, before: &[f64], scratch: &mut CustomScratch, out: &mut [f64]) {
        let program = &self.program;
        let previous = program.fixed + program.inputs;
        let registers = &mut scratch.x[..program.registers()];
        for row in 0..self.rows {
            self.load_row(before, row, registers);
            for (k, slot) in self.starts.iter().enumerate() {
                registers[previous + k] = slot.read(before, row);
            }
            for element in row * self.steps..(row + 1) * self.steps {
                self.load_inputs(before, element, registers);
                compute(&program.run, program.first_result(), registers);
                let states = &mut out[element * program.states..(element + 1) * program.states];
                for (state, result) in states.iter_mut().zip(&program.results) {
                    *state = registers[*result as usize];
                }
                registers[previous..previous + program.states].copy_from_slice(states);
            }
        }
    }

    /// Adds what the adjoints of all states mean for what they are computed from.
    pub(crate) fn backward(
        &self,
        values: &[f64],
        out: &[f64],
        dout: &[f64],
        scratch: &mut CustomScratch,
        sink: &mut Sink<'_>,
    ) {
        let program = &self.program;
        let (states, previous) = (program.states, program.fixed + program.inputs);
        let registers = &mut scratch.x[..program.registers()];
        let (slopes, carried) = scratch.dx.split_at_mut(program.registers());
        for row in 0..self.rows {
            self.load_row(values, row, registers);
            carried.fill(0.0);
            for t in (0..self.steps).rev() {
                let element = row * self.steps + t;
                self.load_inputs(values, element, registers);
                for (k, start) in self.starts.iter().enumerate() {
                    registers[previous + k] = match t {
                        0 => start.read(values, row),
                        _ => out[(element - 1) * states + k],
                    };
                }
                compute(&program.run, program.first_result(), registers);
                slopes.fill(0.0);
                for (k, result) in program.results.iter().enumerate() {
                    slopes[*result as usize] += dout[element * states + k] + carried[k];
                }
                pass_back(&program.run, program.first_result(), registers, slopes, 0);
                for (slot, slope) in self.fixed.iter().zip(&*slopes) {
                    sink.add(slot, row, *slope);
                }
                for (slot, slope) in self.inputs.iter().zip(&slopes[program.fixed..]) {
                    sink.add(slot, element, *slope);
                }
                carried[..states].copy_from_slice(&slopes[previous..previous + states]);
            }
            for (slot, slope) in self.starts.iter().zip(&*carried) {
                sink.add(slot, row, *slope);
            }
        }
    }
}
