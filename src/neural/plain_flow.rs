//! The masked autoregressive flow as a plain composition of candle's tensor operations: the reference that the fused operation
//! is tested against, and what runs on devices other than the CPU.

use super::affine_step::LIMIT;
use super::autoregressive::{FARTHEST_READ, FlowShape, Step};
use super::plain;
use candle_core::{Result, Tensor};

/// The log densities of `data` (`rows x width`) given `context` (`rows x context`).
pub(crate) fn flow_log_prob(
    shape: &FlowShape,
    mask: &Tensor,
    weights: &Tensor,
    context: &Tensor,
    data: &Tensor,
) -> Result<Tensor> {
    let (rows, width) = data.dims2()?;
    let weights = (weights * mask)?;
    let each = shape.network.weights_len();
    let order: Vec<u32> = (0..width as u32).rev().collect();
    let reverse = Tensor::from_vec(order, width, data.device())?;
    let (mut u, mut log_prob) = (data.clone(), Tensor::zeros(rows, data.dtype(), data.device())?);
    for index in 0..shape.transforms {
        if index > 0 {
            u = u.index_select(&reverse, 1)?;
        }
        let read = u.clamp(-FARTHEST_READ, FARTHEST_READ)?;
        let inputs = Tensor::cat(&[&read, context], 1)?;
        let raw = plain::mlp(&shape.network, &weights.narrow(0, index * each, each)?, &inputs)?;
        let raw = raw.reshape((rows * width, shape.step.raw_len()))?;
        let u_flat = u.reshape(rows * width)?;
        let (y, log_slope) = match shape.step {
            Step::Affine => affine_step(&raw, &u_flat)?,
            Step::Spline(spline) => plain::spline_step(spline, &raw, &u_flat)?,
        };
        u = y.reshape((rows, width))?;
        log_prob = (log_prob + log_slope.reshape((rows, width))?.sum(1)?)?;
    }
    let constant = -0.5 * (2.0 * std::f64::consts::PI).ln() * width as f64;
    log_prob + (u.sqr()?.sum(1)? * -0.5)?.affine(1.0, constant)?
}

/// `y` and the logarithm of its derivative, one per row of `raw`.
fn affine_step(raw: &Tensor, u: &Tensor) -> Result<(Tensor, Tensor)> {
    let (m, a) = (raw.narrow(1, 0, 1)?.squeeze(1)?, raw.narrow(1, 1, 1)?.squeeze(1)?);
    let minus_s = a.div(&(a.abs()? / f64::from(LIMIT))?.affine(1.0, 1.0)?)?.neg()?;
    Ok(((u - m)?.mul(&minus_s.exp()?)?, minus_s))
}

#[cfg(test)]
mod tests {
    use super::super::activation::Activation;
    use super::super::flow_op::{self, FlowPool};
    use super::super::mlp::MlpShape;
    use super::super::plain::tests::{agree, numbers, var};
    use super::super::spline::SplineShape;
    use super::*;
    use candle_core::Device;
    use std::sync::Arc;

    // 300 rows are three blocks; the data reach into the tails of the splines. 5e-4: f32 sums over 300 rows through three
    // transforms, in different orders, and the plain composition of the splines in f32 throughout.
    #[test]
    fn the_fused_flow_is_the_composed_one() {
        let spline = Step::Spline(SplineShape { bins: 5, bound: 2.0, curvature: 0.0 });
        for (step, width, context) in
            [(Step::Affine, 2, 3), (Step::Affine, 4, 1), (spline, 2, 3), (spline, 3, 1)]
        {
            let outputs = width * step.raw_len();
            let network = MlpShape::new(width + context, &[20, 17], outputs, Activation::Silu);
            let shape = FlowShape { width, transforms: 3, network, step };
            let pool = Arc::new(FlowPool::new(shape.clone()));
            let values = numbers(shape.weights_len(), 0.5);
            let values: Vec<f32> =
                values.iter().zip(&pool.mask).map(|(weight, mask)| weight * mask).collect();
            let weights = var(values, &[shape.weights_len()]);
            // One datum in a hundred lies where the networks read no farther.
            let far = |(i, x): (usize, f32)| if i % 100 == 7 { 8.0 * x } else { x };
            let data = numbers(300 * width, 3.0).into_iter().enumerate().map(far).collect::<Vec<f32>>();
            let context_values = numbers(300 * context, 1.5);
            let tensor =
                |values: &[f32], columns| Tensor::from_slice(values, (300, columns), &Device::Cpu).unwrap();
            let mask = Tensor::from_slice(&pool.mask, pool.mask.len(), &Device::Cpu).unwrap();
            let (context_tensor, data_tensor) = (tensor(&context_values, context), tensor(&data, width));
            let plain = flow_log_prob(&shape, &mask, &weights, &context_tensor, &data_tensor).unwrap();
            let fused = flow_op::flow_log_prob(&pool, &weights, context_values, data).unwrap();
            agree(&[&weights], &fused, &plain, 5e-4);
        }
    }
}
