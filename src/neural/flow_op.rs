//! A whole masked autoregressive flow as one operation of candle's graph: the vector of weights to log densities (`rows`).
//!
//! Rows are computed in blocks, in parallel where there are several; how many depends on the rows alone and the blocks' weight
//! gradients are summed in order, so that the result does not depend on the number of threads. Data and context are
//! constants. The blocks' workspaces go back to a pool, and the next step of training allocates none.

use super::autoregressive::{FlowRows, FlowShape};
use super::mlp_op::{BLOCK, slice, with_values};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

/// A flow in training: its shape, its mask, and workspaces not in use.
#[derive(Debug)]
pub(crate) struct FlowPool {
    pub(crate) shape: FlowShape,
    pub(crate) mask: Vec<f32>,
    free: Mutex<Vec<Block>>,
}

/// A workspace: some rows, and their gradient by the weights.
#[derive(Debug)]
struct Block {
    flow: FlowRows,
    by_weights: Vec<f32>,
}

impl FlowPool {
    pub(crate) fn new(shape: FlowShape) -> Self {
        Self { mask: shape.mask(), shape, free: Mutex::new(vec![]) }
    }

    /// A workspace of this many rows.
    fn take(&self, rows: usize) -> Block {
        let mut free = self.free.lock().expect("no panic while locked");
        match free.iter().position(|block| block.flow.rows() == rows) {
            Some(place) => free.swap_remove(place),
            None => Block { flow: FlowRows::new(&self.shape, rows), by_weights: vec![0.0; self.mask.len()] },
        }
    }

    /// Takes workspaces back; keeps as many as a few sizes of batches need.
    fn give(&self, blocks: &mut Vec<Block>) {
        let mut free = self.free.lock().expect("no panic while locked");
        free.append(blocks);
        free.truncate(32);
    }
}

struct FlowOp {
    pool: Arc<FlowPool>,
    context: Vec<f32>,
    data: Vec<f32>,
    /// Rows per block.
    block: usize,
    blocks: Mutex<Vec<Block>>,
}

impl Drop for FlowOp {
    fn drop(&mut self) {
        self.pool.give(self.blocks.get_mut().expect("no panic while locked"));
    }
}

/// The log densities of `data` (`rows x width`) given `context` on the CPU. Masked weights must be zero.
pub(crate) fn flow_log_prob(
    pool: &Arc<FlowPool>,
    weights: &Tensor,
    context: Vec<f32>,
    data: Vec<f32>,
) -> Result<Tensor> {
    let rows = data.len() / pool.shape.width;
    let block = rows.div_ceil(rows.div_ceil(BLOCK).max(1)).max(1);
    let op = FlowOp { pool: pool.clone(), context, data, block, blocks: Mutex::new(vec![]) };
    weights.apply_op1(op)
}

impl CustomOp1 for FlowOp {
    fn name(&self) -> &'static str {
        "flow_log_prob"
    }

    fn cpu_fwd(&self, weights: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let weights = slice(weights, layout)?;
        let (width, context) = (self.pool.shape.width, self.pool.shape.context());
        let rows = self.data.len() / width;
        let mut out = vec![0.0; rows];
        let blocks: Vec<Block> = out
            .par_chunks_mut(self.block)
            .zip(self.data.par_chunks(self.block * width))
            .zip(self.context.par_chunks(self.block * context))
            .map(|((out, data), context)| {
                let mut block = self.pool.take(out.len());
                let log_prob = block.flow.forward(weights, context, data);
                out.iter_mut().zip(log_prob).for_each(|(out, log_prob)| *out = *log_prob as f32);
                block
            })
            .collect();
        *self.blocks.lock().expect("no panic while locked") = blocks;
        Ok((CpuStorage::F32(out), rows.into()))
    }

    fn bwd(&self, weights: &Tensor, _log_prob: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let transposed = with_values(weights, |weights| Ok(self.pool.shape.transposed(weights)))?;
        let by_weights = with_values(gradient, |gradient| Ok(self.backward(&transposed, gradient)))?;
        Ok(Some(Tensor::from_vec(by_weights, weights.shape(), weights.device())?))
    }
}

impl FlowOp {
    /// The gradient by the weights, masked.
    fn backward(&self, transposed: &[Vec<f32>], gradient: &[f32]) -> Vec<f32> {
        let mut blocks = self.blocks.lock().expect("no panic while locked");
        blocks.par_iter_mut().zip(gradient.par_chunks(self.block)).for_each(|(block, factors)| {
            block.flow.backward(transposed, factors, &mut block.by_weights, &mut []);
        });
        let mut total = self.pool.mask.clone();
        let (first, rest) = blocks.split_first().expect("a batch of at least one row");
        total.iter_mut().zip(&first.by_weights).for_each(|(total, g)| *total *= g);
        for block in rest {
            let terms = block.by_weights.iter().zip(&self.pool.mask);
            total.iter_mut().zip(terms).for_each(|(total, (g, mask))| *total += g * mask);
        }
        total
    }
}
