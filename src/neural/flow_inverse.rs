//! The inverse of the flows: from standard normal numbers to data, which is how a learned density is drawn from.
//!
//! Of the spline in a bin (the symbols are those of [`super::spline`]; Durkan et al. 2019, arXiv:1906.04032, eq. 6 to 8), `y = y0 + h N / D` is
//! a quadratic in t, `A t^2 + B t + C = 0` with `e = (y - y0) / h` and `k = d0 + d1 - 2 s`:
//!
//! `A = s - d0 + e k`, `B = d0 - e k`, `C = -s e`, `t = -2 C / (B + sqrt(B^2 - 4 A C))`,
//!
//! the form that does not cancel. The step before it, `x = exp(-l) sinh(c (u - m)) / c`, has `u = m + asinh(c x exp(l)) / c`.
//!
//! A masked autoregressive flow is turned around one transform and one dimension after the other: dimension j of u needs the network at
//! `u_1 .. u_{j-1}`, so that D dimensions take D passes per transform where the density takes one.

use super::affine_step::LIMIT;
use super::autoregressive::{FARTHEST_READ, FlowShape, Step};
use super::made;
use super::mlp::MlpRows;
use super::spline::Spline;

impl Spline {
    /// The u whose standard normal number is y.
    pub(crate) fn invert(&self, y: f64) -> f64 {
        let (bound, c) = (self.shape.bound, self.shape.curvature);
        let x = match y.abs() < bound {
            true => self.invert_inside(y),
            false => {
                let end = if y < 0.0 { 0 } else { self.shape.bins };
                let corner = bound.copysign(y);
                corner + (y - corner) / self.slope[end]
            }
        };
        let distance = x * self.log_scale.exp();
        self.location + if c == 0.0 { distance } else { (c * distance).asinh() / c }
    }

    fn invert_inside(&self, y: f64) -> f64 {
        let bins = self.shape.bins;
        let k = self.y[1..bins].partition_point(|knot| *knot <= y);
        let (w, h) = (self.x[k + 1] - self.x[k], self.y[k + 1] - self.y[k]);
        let (d0, d1, s) = (self.slope[k], self.slope[k + 1], h / w);
        let e = ((y - self.y[k]) / h).clamp(0.0, 1.0);
        let bend = e * (d0 + d1 - 2.0 * s);
        let (a, b, c) = (s - d0 + bend, d0 - bend, -s * e);
        let t = -2.0 * c / (b + (b * b - 4.0 * a * c).max(0.0).sqrt());
        self.x[k] + w * t
    }
}

/// The workspace for drawing from a masked autoregressive flow, a number of rows at a time.
pub(crate) struct FlowInverse<'a> {
    shape: &'a FlowShape,
    network: MlpRows,
    inputs: Vec<f32>,
    spline: Option<Spline>,
}

impl<'a> FlowInverse<'a> {
    /// Room for a number of rows.
    pub(crate) fn new(shape: &'a FlowShape, rows: usize) -> Self {
        let stairs = made::stairs(&shape.network, shape.width);
        Self {
            shape,
            network: MlpRows::masked(&shape.network, stairs, rows),
            inputs: vec![0.0; rows * shape.network.inputs()],
            spline: match shape.step {
                Step::Affine => None,
                Step::Spline(spline) => Some(Spline::new(spline)),
            },
        }
    }

    /// Turns standard normal numbers (`rows x width`) into data given their context (`rows x context`), in place.
    pub(crate) fn run(&mut self, weights: &[f32], context: &[f32], values: &mut [f64]) {
        let (width, each) = (self.shape.width, self.shape.network.weights_len());
        for index in (0..self.shape.transforms).rev() {
            self.turn_back(&weights[index * each..][..each], context, values);
            if index > 0 {
                values.chunks_exact_mut(width).for_each(|row| row.reverse());
            }
        }
    }

    /// One transform: from its y to its u.
    fn turn_back(&mut self, weights: &[f32], context: &[f32], values: &mut [f64]) {
        let (width, raw_len) = (self.shape.width, self.shape.step.raw_len());
        let (inputs, of_context) = (self.shape.network.inputs(), self.shape.context());
        self.inputs.fill(0.0);
        for (inputs, context) in self.inputs.chunks_exact_mut(inputs).zip(context.chunks_exact(of_context)) {
            inputs[width..].copy_from_slice(context);
        }
        for j in 0..width {
            self.network.forward(weights, &self.inputs);
            let outputs = self.network.outputs().chunks_exact(width * raw_len);
            let rows = values.chunks_exact_mut(width).zip(self.inputs.chunks_exact_mut(inputs));
            for ((row, inputs), raw) in rows.zip(outputs) {
                let u = invert_step(self.spline.as_mut(), &raw[j * raw_len..][..raw_len], row[j]);
                row[j] = u;
                inputs[j] = (u as f32).clamp(-FARTHEST_READ, FARTHEST_READ);
            }
        }
    }
}

/// The u of one dimension whose step leads to y.
fn invert_step(spline: Option<&mut Spline>, raw: &[f32], y: f64) -> f64 {
    match spline {
        Some(spline) => {
            spline.set(raw);
            spline.invert(y)
        }
        None => {
            let (m, a) = (f64::from(raw[0]), f64::from(raw[1]));
            m + y * (a / (1.0 + a.abs() / f64::from(LIMIT))).exp()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::activation::Activation;
    use super::super::autoregressive::FlowRows;
    use super::super::mlp::MlpShape;
    use super::super::spline::SplineShape;
    use super::*;
    use crate::seed::{Domain, Seed};

    // Forward by the density: at the u found, the log density is log N(y) + log dy/du with the slope by differences of the inverse.
    #[test]
    fn the_inverse_of_a_spline_belongs_to_its_density() {
        for curvature in [0.0, 0.4] {
            let shape = SplineShape { bins: 5, bound: 3.0, curvature };
            let raw: Vec<f32> =
                (0..shape.raw_len()).map(|i| ((i * 29 + 7) % 23) as f32 / 11.5 - 1.0).collect();
            let mut spline = Spline::new(shape);
            spline.set(&raw);
            for y in [-4.5, -3.1, -2.2, -1.0, -0.2, 0.0, 0.3, 1.1, 1.9, 2.7, 3.3, 5.0f64] {
                let slope = (spline.invert(y + 1e-5) - spline.invert(y - 1e-5)) / 2e-5;
                let expected = -0.5 * y * y - 0.918_938_533_204_672_7 - slope.ln();
                let got = spline.log_prob(spline.invert(y));
                assert!((got - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{y}: {got} {expected}");
            }
        }
    }

    // The log density of what comes out: log N(normals) minus the log Jacobian of the inverse, by differences. 1e-2: the differences of an
    // f32 network over steps of 1e-2.
    #[test]
    fn the_inverse_of_a_flow_belongs_to_its_density() {
        let spline = Step::Spline(SplineShape { bins: 5, bound: 3.0, curvature: 0.0 });
        for (step, width) in [(Step::Affine, 2), (spline, 2), (spline, 3), (Step::Affine, 4)] {
            let network = MlpShape::new(width + 2, &[20, 17], width * step.raw_len(), Activation::Silu);
            let shape = FlowShape { width, transforms: 3, network, step };
            let mut weights = shape.initial(&mut Seed(5).stream(Domain::User, 0));
            weights.iter_mut().for_each(|w| *w *= 1.5);
            let context = [0.3, -0.8];
            let at = |normals: &[f64]| {
                let mut values = normals.to_vec();
                FlowInverse::new(&shape, 1).run(&weights, &context, &mut values);
                values
            };
            for trial in 0..5 {
                let value = |j: usize| ((trial * 37 + j * 11 + 5) % 23) as f64 / 8.0 - 1.4;
                let normals: Vec<f64> = (0..width).map(value).collect();
                let x: Vec<f32> = at(&normals).iter().map(|x| *x as f32).collect();
                let got = FlowRows::new(&shape, 1).forward(&weights, &context, &x)[0];
                let expected: f64 =
                    normals.iter().map(|y| -0.5 * y * y - 0.918_938_533_204_672_7).sum::<f64>()
                        - log_jacobian(&at, &normals);
                assert!((got - expected).abs() < 2e-2, "{step:?} {width}: {got} {expected}");
            }
        }
    }

    /// `ln |det d at / d normals|` by differences and elimination.
    fn log_jacobian(at: &dyn Fn(&[f64]) -> Vec<f64>, normals: &[f64]) -> f64 {
        let d = normals.len();
        let mut columns: Vec<Vec<f64>> = (0..d)
            .map(|j| {
                let moved = |step: f64| {
                    let mut moved = normals.to_vec();
                    moved[j] += step;
                    at(&moved)
                };
                moved(1e-2).iter().zip(moved(-1e-2)).map(|(a, b)| (a - b) / 2e-2).collect()
            })
            .collect();
        let mut sum = 0.0;
        for k in 0..d {
            let pivot = (k..d).max_by(|a, b| columns[*a][k].abs().total_cmp(&columns[*b][k].abs())).unwrap();
            columns.swap(k, pivot);
            sum += columns[k][k].abs().ln();
            for j in k + 1..d {
                let factor = columns[j][k] / columns[k][k];
                for i in k..d {
                    columns[j][i] -= factor * columns[k][i];
                }
            }
        }
        sum
    }
}
