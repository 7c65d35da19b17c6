//! The spline density as one operation of candle's graph: raw numbers (`rows x raw_len`) to log densities (`rows`).
//!
//! The forward pass computes the partial derivatives as well, which costs less than computing the knots twice; the backward pass
//! multiplies them with the incoming gradient. The data are constants.

use super::mlp_op::{BLOCK, slice, with_values};
use super::spline::{Spline, SplineGradient, SplineShape};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::Mutex;

struct SplineOp {
    shape: SplineShape,
    data: Vec<f32>,
    /// The partial derivatives by the raw numbers, `rows x raw_len`.
    partials: Mutex<Vec<f32>>,
}

/// The log densities of `data` (one per row of `raw`) on the CPU.
pub(crate) fn spline_log_prob(shape: SplineShape, raw: &Tensor, data: Vec<f32>) -> Result<Tensor> {
    raw.apply_op1(SplineOp { shape, data, partials: Mutex::new(vec![]) })
}

impl CustomOp1 for SplineOp {
    fn name(&self) -> &'static str {
        "spline_log_prob"
    }

    fn cpu_fwd(&self, raw: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (raw, width) = (slice(raw, layout)?, self.shape.raw_len());
        let mut partials = vec![0.0; raw.len()];
        let mut out = vec![0.0; self.data.len()];
        partials
            .par_chunks_mut(BLOCK * width)
            .zip(raw.par_chunks(BLOCK * width))
            .zip(out.par_chunks_mut(BLOCK).zip(self.data.par_chunks(BLOCK)))
            .for_each(|((partials, raw), (out, data))| self.block(raw, data, partials, out));
        *self.partials.lock().expect("no panic while locked") = partials;
        let rows = out.len();
        Ok((CpuStorage::F32(out), rows.into()))
    }

    fn bwd(&self, raw: &Tensor, _log_prob: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let mut by_raw = self.partials.lock().expect("no panic while locked").clone();
        with_values(gradient, |gradient| {
            for (row, factor) in by_raw.chunks_exact_mut(self.shape.raw_len()).zip(gradient) {
                row.iter_mut().for_each(|partial| *partial *= factor);
            }
            Ok(())
        })?;
        Ok(Some(Tensor::from_vec(by_raw, raw.shape(), raw.device())?))
    }
}

impl SplineOp {
    /// Some rows, one after the other.
    fn block(&self, raw: &[f32], data: &[f32], partials: &mut [f32], out: &mut [f32]) {
        let width = self.shape.raw_len();
        let (mut spline, mut sums) = (Spline::new(self.shape), SplineGradient::new(self.shape));
        let rows = raw.chunks_exact(width).zip(partials.chunks_exact_mut(width));
        for ((raw, partials), (out, u)) in rows.zip(out.iter_mut().zip(data)) {
            spline.set(raw);
            sums.clear();
            *out = spline.log_prob_and_partials(f64::from(*u), &mut sums).0 as f32;
            spline.raw_gradient(&sums, 1.0, partials);
        }
    }
}
