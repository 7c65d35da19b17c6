//! A whole network as one operation of candle's graph: inputs (`rows x inputs`) and the vector of weights to outputs.
//!
//! Rows are computed in blocks of a fixed size, in parallel where there are several; the blocks' weight gradients are summed
//! in order, so that the result does not depend on the number of threads.

use super::mlp::{MlpRows, MlpShape};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

/// Rows per block: large enough to keep a core busy for longer than it takes to wake it.
pub(crate) const BLOCK: usize = 128;

/// The values of one contiguous f32 tensor on the CPU.
pub(crate) fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&storage.as_slice::<f32>()?[from..to]),
        None => candle_core::bail!("a fused operation needs contiguous tensors"),
    }
}

/// Runs a function on the values of a tensor on the CPU.
pub(crate) fn with_values<T>(tensor: &Tensor, run: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        candle_core::Storage::Cpu(storage) => run(slice(storage, layout)?),
        _ => candle_core::bail!("a fused operation runs on the CPU alone"),
    }
}

/// The operation; the blocks hold what the forward pass leaves for the backward pass.
struct MlpOp {
    shape: Arc<MlpShape>,
    blocks: Mutex<Vec<MlpRows>>,
}

/// The outputs of a network (`rows x outputs`) on the CPU.
pub(crate) fn mlp(shape: &Arc<MlpShape>, weights: &Tensor, inputs: &Tensor) -> Result<Tensor> {
    let op = MlpOp { shape: shape.clone(), blocks: Mutex::new(vec![]) };
    inputs.contiguous()?.apply_op2(weights, op)
}

impl CustomOp2 for MlpOp {
    fn name(&self) -> &'static str {
        "mlp"
    }

    fn cpu_fwd(
        &self,
        inputs: &CpuStorage,
        inputs_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (inputs, weights) = (slice(inputs, inputs_layout)?, slice(weights, weights_layout)?);
        let (width, outputs) = (self.shape.inputs(), self.shape.outputs());
        let rows = inputs.len() / width;
        let mut out = vec![0.0; rows * outputs];
        let blocks: Vec<MlpRows> = out
            .par_chunks_mut(BLOCK * outputs)
            .zip(inputs.par_chunks(BLOCK * width))
            .map(|(out, inputs)| {
                let mut block = MlpRows::new(&self.shape, inputs.len() / width);
                block.forward(weights, inputs);
                out.copy_from_slice(block.outputs());
                block
            })
            .collect();
        *self.blocks.lock().expect("no panic while locked") = blocks;
        Ok((CpuStorage::F32(out), (rows, outputs).into()))
    }

    fn bwd(
        &self,
        inputs: &Tensor,
        weights: &Tensor,
        _outputs: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let transposed = with_values(weights, |weights| Ok(self.shape.transposed(weights)))?;
        let by_inputs = vec![0.0; if inputs.track_op() { inputs.elem_count() } else { 0 }];
        let (by_weights, by_inputs) = with_values(inputs, |inputs| {
            with_values(gradient, |gradient| Ok(self.backward(&transposed, inputs, gradient, by_inputs)))
        })?;
        let by_inputs = match by_inputs.is_empty() {
            true => None,
            false => Some(Tensor::from_vec(by_inputs, inputs.shape(), inputs.device())?),
        };
        Ok((by_inputs, Some(Tensor::from_vec(by_weights, weights.shape(), weights.device())?)))
    }
}

impl MlpOp {
    /// The gradients by the weights and by the inputs (none where `by_inputs` is empty).
    fn backward(
        &self,
        transposed: &[f32],
        inputs: &[f32],
        gradient: &[f32],
        mut by_inputs: Vec<f32>,
    ) -> (Vec<f32>, Vec<f32>) {
        let (width, outputs) = (self.shape.inputs(), self.shape.outputs());
        let mut blocks = self.blocks.lock().expect("no panic while locked");
        let mut input_chunks: Vec<&mut [f32]> = by_inputs.chunks_mut(BLOCK * width).collect();
        input_chunks.resize_with(blocks.len(), Default::default);
        let sums: Vec<Vec<f32>> = blocks
            .par_iter_mut()
            .zip(inputs.par_chunks(BLOCK * width))
            .zip(gradient.par_chunks(BLOCK * outputs))
            .zip(input_chunks)
            .map(|(((block, inputs), gradient), by_inputs)| {
                let mut by_weights = vec![0.0; self.shape.weights_len()];
                block.backward(transposed, inputs, gradient, &mut by_weights, by_inputs);
                by_weights
            })
            .collect();
        let mut sums = sums.into_iter();
        let mut total = sums.next().unwrap_or_default();
        for sum in sums {
            total.iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
        }
        (total, by_inputs)
    }
}
