//! The same three functions as plain compositions of candle's tensor operations: the reference that the fused operations
//! are tested against, and what runs on devices other than the CPU.

use super::activation::Activation;
use super::mlp::MlpShape;
use super::spline::SplineShape;
use candle_core::{D, Result, Tensor};
use candle_nn::ops::{log_softmax, sigmoid, softmax};

/// The outputs of a network (`rows x outputs`).
pub(crate) fn mlp(shape: &MlpShape, weights: &Tensor, inputs: &Tensor) -> Result<Tensor> {
    let mut values = inputs.clone();
    for (index, layer) in shape.layers() {
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let matrix = weights.narrow(0, layer.weights_at, inputs * outputs)?.reshape((inputs, outputs))?;
        let fixed = shape.basis && index + 2 == shape.sizes.len();
        let matrix = if fixed { matrix.detach() } else { matrix };
        let bias = weights.narrow(0, layer.bias_at, outputs)?;
        values = values.matmul(&matrix)?.broadcast_add(&bias)?;
        values = match shape.activation_of(index) {
            Activation::Silu => (&values * sigmoid(&values)?)?,
            Activation::Tanh => values.tanh()?,
            Activation::Identity => values,
        };
    }
    Ok(values)
}

/// The log density of a class per row of `logits`.
pub(crate) fn categorical_log_prob(logits: &Tensor, classes: &Tensor) -> Result<Tensor> {
    log_softmax(logits, D::Minus1)?.gather(&classes.unsqueeze(1)?, 1)?.squeeze(1)
}

/// The log density of `u` (one per row of `raw`): the symbols are those of [`super::spline`].
pub(crate) fn spline_log_prob(shape: SplineShape, raw: &Tensor, u: &Tensor) -> Result<Tensor> {
    let (y, log_slope) = spline_step(shape, raw, u)?;
    let normal = (y.sqr()? * -0.5)?.affine(1.0, -0.5 * (2.0 * std::f64::consts::PI).ln())?;
    normal + log_slope
}

/// `y` and the logarithm of its derivative by `u`.
pub(crate) fn spline_step(shape: SplineShape, raw: &Tensor, u: &Tensor) -> Result<(Tensor, Tensor)> {
    let (bins, bound) = (shape.bins, shape.bound);
    let log_scale = raw.narrow(1, 1, 1)?;
    let distance = (u.unsqueeze(1)? - raw.narrow(1, 0, 1)?)?;
    let (step, log_cosh) = step(shape.curvature, &distance)?;
    let x = step.mul(&log_scale.neg()?.exp()?)?;
    let (x_knots, w) = knots(shape, &raw.narrow(1, 2, bins)?)?;
    let (y_knots, h) = knots(shape, &raw.narrow(1, 2 + bins, bins)?)?;
    let (least, offset) = shape.slope_constants();
    let z = (raw.narrow(1, 2 + 2 * bins, bins + 1)? + offset)?;
    let slopes = ((z.relu()? + (z.abs()?.neg()?.exp()? + 1.0)?.log()?)? + least)?;

    // Inside: the bin is the number of inner knots at or below x.
    let inside = x.clamp(-bound, bound)?;
    let bin = x_knots.narrow(1, 1, bins - 1)?.broadcast_le(&inside)?.to_dtype(candle_core::DType::U32)?;
    let bin = bin.sum_keepdim(1)?.contiguous()?;
    let pick = |table: &Tensor| table.contiguous()?.gather(&bin, 1);
    let (x0, y0, w, h) = (pick(&x_knots)?, pick(&y_knots)?, pick(&w)?, pick(&h)?);
    let (d0, d1) = (pick(&slopes.narrow(1, 0, bins)?)?, pick(&slopes.narrow(1, 1, bins)?)?);
    let s = (&h / &w)?;
    let t = ((&inside - x0)? / &w)?;
    let rest = (1.0 - &t)?;
    let p = (&t * &rest)?;
    let d = (&s + ((&d0 + &d1)? - (&s * 2.0)?)?.mul(&p)?)?;
    let numerator = ((&s * t.sqr()?)? + (&d0 * &p)?)?;
    let y = (y0 + (h * numerator)?.div(&d)?)?;
    let a = (((&d1 * t.sqr()?)? + (&s * &p)?.affine(2.0, 0.0)?)? + (&d0 * rest.sqr()?)?)?;
    let log_slope = (((s.log()? * 2.0)? + a.log()?)? - (d.log()? * 2.0)?)?;

    // Outside: a line with the slope of the end.
    let (first, last) = (slopes.narrow(1, 0, 1)?, slopes.narrow(1, bins, 1)?);
    let end = x.lt(0.0)?.where_cond(&first, &last)?;
    let line = (&inside + (&end * (&x - &inside)?)?)?;
    let is_inside = x.abs()?.lt(bound)?;
    let y = is_inside.where_cond(&y, &line)?;
    let log_slope = is_inside.where_cond(&log_slope, &end.log()?)?;
    let log_slope = ((log_slope + log_cosh)? - log_scale)?;
    Ok((y.squeeze(1)?, log_slope.squeeze(1)?))
}

/// `sinh(c d) / c` and `log cosh(c d)`.
fn step(c: f64, distance: &Tensor) -> Result<(Tensor, Tensor)> {
    if c == 0.0 {
        return Ok((distance.clone(), distance.zeros_like()?));
    }
    let up = (distance * c)?.exp()?;
    let down = (distance * -c)?.exp()?;
    Ok((((&up - &down)? * (0.5 / c))?, ((up + down)? * 0.5)?.log()?))
}

/// Knots (K + 1) and sizes (K) from raw numbers.
fn knots(shape: SplineShape, raw: &Tensor) -> Result<(Tensor, Tensor)> {
    let sizes = softmax(raw, D::Minus1)?.affine(shape.softmax_factor(), shape.least_size())?;
    let start = Tensor::full(-shape.bound as f32, (raw.dim(0)?, 1), raw.device())?;
    let ends = (sizes.cumsum(1)? - shape.bound)?;
    Ok((Tensor::cat(&[&start, &ends], 1)?, sizes))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{categorical, mlp_op, spline_op};
    use super::*;
    use candle_core::{Device, Var};
    use std::sync::Arc;

    pub(in crate::neural) fn numbers(n: usize, scale: f32) -> Vec<f32> {
        (0..n).map(|i| (((i * 37 + 11) % 101) as f32 / 50.0 - 1.0) * scale).collect()
    }

    pub(in crate::neural) fn var(values: Vec<f32>, shape: &[usize]) -> Var {
        Var::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Both ways must agree in value and in the gradient of a weighted sum by each variable.
    pub(in crate::neural) fn agree(variables: &[&Var], fused: &Tensor, plain: &Tensor, tolerance: f32) {
        let close = |a: &Tensor, b: &Tensor, what: &str| {
            let (a, b) = (a.flatten_all().unwrap(), b.flatten_all().unwrap());
            let (a, b) = (a.to_vec1::<f32>().unwrap(), b.to_vec1::<f32>().unwrap());
            assert_eq!(a.len(), b.len());
            for (i, (a, b)) in a.iter().zip(&b).enumerate() {
                assert!((a - b).abs() < tolerance * (1.0 + b.abs()), "{what} {i}: fused {a}, plain {b}");
            }
        };
        close(fused, plain, "value");
        let weights =
            Tensor::from_vec(numbers(fused.elem_count(), 1.0), fused.shape(), &Device::Cpu).unwrap();
        let gradients = |t: &Tensor| (t * &weights).unwrap().sum_all().unwrap().backward().unwrap();
        let (fused, plain) = (gradients(fused), gradients(plain));
        for variable in variables {
            close(fused.get(variable).unwrap(), plain.get(variable).unwrap(), "gradient");
        }
    }

    // 300 rows are three blocks. 1e-4: f32 sums over 300 rows, in different orders.
    #[test]
    fn the_fused_network_is_the_composed_one() {
        for activation in [Activation::Silu, Activation::Tanh] {
            for shape in [
                MlpShape::new(3, &[20, 17], 5, activation),
                MlpShape::new(3, &[20], 4, activation).with_basis(9),
            ] {
                let shape = Arc::new(shape);
                let weights = var(numbers(shape.weights_len(), 0.4), &[shape.weights_len()]);
                let inputs = var(numbers(900, 1.5), &[300, 3]);
                let fused = mlp_op::mlp(&shape, &weights, &inputs).unwrap();
                let plain = mlp(&shape, &weights, &inputs).unwrap();
                agree(&[&weights, &inputs], &fused, &plain, 1e-4);
            }
        }
    }

    // 1e-4: the plain composition computes in f32 throughout, the fused one in f64.
    #[test]
    fn the_fused_spline_is_the_composed_one() {
        for curvature in [0.0, 0.3] {
            spline_agrees(SplineShape { bins: 6, bound: 3.0, curvature });
        }
    }

    fn spline_agrees(shape: SplineShape) {
        let raw = var(numbers(200 * shape.raw_len(), 1.0), &[200, shape.raw_len()]);
        let data = numbers(200, 6.0);
        let u = Tensor::from_vec(data.clone(), 200, &Device::Cpu).unwrap();
        let fused = spline_op::spline_log_prob(shape, &raw, data).unwrap();
        agree(&[&raw], &fused, &spline_log_prob(shape, &raw, &u).unwrap(), 1e-4);
    }

    #[test]
    fn the_fused_categorical_is_the_composed_one() {
        let logits = var(numbers(150 * 7, 4.0), &[150, 7]);
        let classes: Vec<u32> = (0..150).map(|i| i % 7).collect();
        let tensor = Tensor::from_vec(classes.clone(), 150, &Device::Cpu).unwrap();
        let fused = categorical::categorical_log_prob(&logits, classes).unwrap();
        agree(&[&logits], &fused, &categorical_log_prob(&logits, &tensor).unwrap(), 1e-5);
    }
}
