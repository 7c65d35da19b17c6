//! A categorical density over K classes, `log p(k) = z_k - ln sum_j exp(z_j)`, as one operation of candle's graph: logits
//! (`rows x K`) to log densities (`rows`). Its derivative by the logits is `1[j = k] - p(j)`.

use super::mlp_op::{slice, with_values};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use std::sync::Mutex;

/// Writes the probabilities of the classes and returns `ln sum_j exp(z_j)`.
pub(crate) fn probabilities(logits: &[f32], out: &mut [f64]) -> f64 {
    let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let mut total = 0.0;
    for (out, logit) in out.iter_mut().zip(logits) {
        *out = (f64::from(*logit) - largest).exp();
        total += *out;
    }
    out.iter_mut().for_each(|p| *p /= total);
    largest + total.ln()
}

struct CategoricalOp {
    classes: Vec<u32>,
    partials: Mutex<Vec<f32>>,
}

/// The log densities of the classes (one per row of `logits`) on the CPU.
pub(crate) fn categorical_log_prob(logits: &Tensor, classes: Vec<u32>) -> Result<Tensor> {
    logits.apply_op1(CategoricalOp { classes, partials: Mutex::new(vec![]) })
}

impl CustomOp1 for CategoricalOp {
    fn name(&self) -> &'static str {
        "categorical_log_prob"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (logits, rows) = (slice(logits, layout)?, self.classes.len());
        let width = logits.len() / rows.max(1);
        let mut p = vec![0.0; width];
        let (mut out, mut partials) = (Vec::with_capacity(rows), Vec::with_capacity(logits.len()));
        for (logits, class) in logits.chunks_exact(width.max(1)).zip(&self.classes) {
            let class = *class as usize;
            let log_total = probabilities(logits, &mut p);
            out.push((f64::from(logits[class]) - log_total) as f32);
            partials.extend(p.iter().enumerate().map(|(j, p)| (f64::from(u8::from(j == class)) - p) as f32));
        }
        *self.partials.lock().expect("no panic while locked") = partials;
        Ok((CpuStorage::F32(out), rows.into()))
    }

    fn bwd(&self, logits: &Tensor, _log_prob: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let mut by_logits = self.partials.lock().expect("no panic while locked").clone();
        let width = logits.dim(1)?;
        with_values(gradient, |gradient| {
            for (row, factor) in by_logits.chunks_exact_mut(width).zip(gradient) {
                row.iter_mut().for_each(|partial| *partial *= factor);
            }
            Ok(())
        })?;
        Ok(Some(Tensor::from_vec(by_logits, logits.shape(), logits.device())?))
    }
}
