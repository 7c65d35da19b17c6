//! Functions of several numbers, element by element, with their slopes.

use super::gather::{BLOCK, Block, fill_up};
use crate::graph::density::term::{Sink, Slot};

/// A function of some numbers, evaluated for a block of elements at a time. The places of a block up to the next whole vector hold
/// something that may be computed too.
pub(crate) trait ElementFunction: Send + Sync {
    /// Writes the values of the first `count` elements to `y`; `x[k]` holds operand k of each.
    fn values(&self, x: &[Block], count: usize, y: &mut Block);

    /// Replaces operand k of each element by the slope with respect to it times `dy`; `y` holds the values. Where `dy` is 0 the
    /// result is 0, whatever the slope.
    fn slopes(&self, x: &mut [Block], count: usize, y: &Block, dy: &Block);
}

impl dyn ElementFunction {
    /// The values for numbers that are known, one of each column per element.
    pub(in crate::graph) fn of_columns(&self, columns: &[Vec<f64>]) -> Vec<f64> {
        let len = columns.first().map_or(0, Vec::len);
        let (mut blocks, mut out) = (vec![[0.0; BLOCK]; columns.len()], Vec::with_capacity(len));
        for from in (0..len).step_by(BLOCK) {
            let count = BLOCK.min(len - from);
            for (block, column) in blocks.iter_mut().zip(columns) {
                block[..count].copy_from_slice(&column[from..from + count]);
                fill_up(block, count);
            }
            let mut y = [0.0; BLOCK];
            self.values(&blocks, count, &mut y);
            out.extend_from_slice(&y[..count]);
        }
        out
    }
}

/// The value for a number of each operand.
pub(crate) fn function_of_one(function: &dyn ElementFunction, x: &[f64]) -> f64 {
    let blocks: Vec<Block> = x.iter().map(|x| [*x; BLOCK]).collect();
    let mut y = [0.0; BLOCK];
    function.values(&blocks, 1, &mut y);
    y[0]
}

/// Computes an array.
pub(in crate::graph) fn values(
    function: &dyn ElementFunction,
    slots: &[Slot],
    before: &[f64],
    blocks: &mut [Block],
    out: &mut [f64],
) {
    let blocks = &mut blocks[..slots.len()];
    for from in (0..out.len()).step_by(BLOCK) {
        let count = BLOCK.min(out.len() - from);
        for (slot, block) in slots.iter().zip(&mut *blocks) {
            slot.read_block(before, from, count, block);
        }
        let mut y = [0.0; BLOCK];
        function.values(blocks, count, &mut y);
        out[from..from + count].copy_from_slice(&y[..count]);
    }
}

/// Adds what the adjoint `dout` of `out` means for the operands.
pub(in crate::graph) fn pass_back(
    function: &dyn ElementFunction,
    slots: &[Slot],
    values: &[f64],
    blocks: &mut [Block],
    (out, dout): (&[f64], &[f64]),
    sink: &mut Sink<'_>,
) {
    let blocks = &mut blocks[..slots.len()];
    for from in (0..out.len()).step_by(BLOCK) {
        let count = BLOCK.min(out.len() - from);
        for (slot, block) in slots.iter().zip(&mut *blocks) {
            slot.read_block(values, from, count, block);
        }
        let (mut y, mut dy) = ([0.0; BLOCK], [0.0; BLOCK]);
        y[..count].copy_from_slice(&out[from..from + count]);
        dy[..count].copy_from_slice(&dout[from..from + count]);
        fill_up(&mut y, count);
        fill_up(&mut dy, count);
        function.slopes(blocks, count, &y, &dy);
        for (slot, block) in slots.iter().zip(&*blocks) {
            sink.add_all(slot, from, &block[..count]);
        }
    }
}
