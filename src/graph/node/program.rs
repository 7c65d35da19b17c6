//! The step of a recursion as a short program over registers.

use super::gather::BLOCK;
use super::op::{Binary, Unary};
use super::scalars::{Function, ScalarOp};
use crate::math::doubles;

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
    pub(in crate::graph) fn first_result(&self) -> usize {
        self.fixed + self.inputs + self.states
    }

    pub(in crate::graph) fn registers(&self) -> usize {
        self.first_result() + self.run.len()
    }

    /// Numbers of working space for rows of so many elements: the registers of all blocks on the way forward, and beside them the slopes of one block.
    pub(crate) fn scratch(&self, rows: usize, steps: usize) -> usize {
        let (width, states) = (width(steps), self.states);
        let slopes = (states * self.registers() + states) * width + states * 2 + self.fixed;
        (rows * steps.div_ceil(BLOCK) * self.registers() * width).max(slopes)
    }

    /// Whether the new states are affine in the previous ones, whatever else is read.
    pub(crate) fn is_affine(&self) -> bool {
        // The degree of each register in the states, 2 for all that is more than affine.
        let mut degrees = vec![0; self.fixed + self.inputs];
        degrees.resize(self.first_result(), 1);
        for op in &self.run {
            let [x, y] = op.places.map(|place| degrees[place as usize]);
            degrees.push(match op.function {
                Function::Binary(Binary::Add | Binary::Sub) => x.max(y),
                Function::Binary(Binary::Mul) => (x + y).min(2),
                Function::Binary(Binary::Div) if y == 0 => x,
                Function::Unary(Unary::Neg) => x,
                Function::Unary(_) if x == 0 => 0,
                Function::Binary(_) if x + y == 0 => 0,
                _ => 2,
            });
        }
        self.results.iter().all(|result| degrees[*result as usize] < 2)
    }
}

/// Numbers per register and block: whole vectors.
pub(in crate::graph) fn width(steps: usize) -> usize {
    steps.min(BLOCK).next_multiple_of(doubles::BLOCK)
}
