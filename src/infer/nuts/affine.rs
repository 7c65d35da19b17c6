//! The map from the coordinates the sampler moves in to those of the target.
//!
//! x = location + scale * (I + U (S - I) U') y, with U of few orthonormal directions and S their stretches, so that a step
//! costs a few times the number of dimensions per direction. Of the inverse, S becomes 1/S; the gradient by y is
//! (I + U (S - I) U') (scale * gradient by x); log |dy/dx| = -sum ln scale - sum ln S.

use crate::infer::linear::{add_scaled, dot};

/// An affine map with a diagonal and a few directions.
#[derive(Clone, Debug)]
pub(super) struct Affine {
    pub(super) location: Vec<f64>,
    pub(super) scale: Vec<f64>,
    /// The directions, one after another, each as long as `scale`.
    pub(super) directions: Vec<f64>,
    /// One stretch per direction.
    pub(super) stretches: Vec<f64>,
    /// log |dy/dx|.
    pub(super) log_determinant: f64,
    /// Differs between any two maps that one chain uses.
    pub(super) version: i64,
}

impl Affine {
    pub(super) fn new(
        location: Vec<f64>,
        scale: Vec<f64>,
        directions: Vec<f64>,
        stretches: Vec<f64>,
    ) -> Self {
        let log_determinant = -scale.iter().chain(&stretches).map(|factor| factor.ln()).sum::<f64>();
        Self { location, scale, directions, stretches, log_determinant, version: 0 }
    }

    /// The first guess at a point: the scale at which a normal density would have this gradient, 1/sqrt(|gradient|).
    pub(super) fn at(position: &[f64], gradient: &[f64]) -> Self {
        let scale = |g: &f64| g.abs().clamp(1e-20, 1e20).sqrt().recip();
        Self::new(position.to_vec(), gradient.iter().map(scale).collect(), vec![], vec![])
    }

    /// x from y.
    pub(super) fn forward(&self, y: &[f64], x: &mut [f64]) {
        x.copy_from_slice(y);
        self.stretch(x, |stretch| stretch - 1.0);
        for ((x, scale), location) in x.iter_mut().zip(&self.scale).zip(&self.location) {
            *x = location + scale * *x;
        }
    }

    /// y from x.
    pub(super) fn backward(&self, x: &[f64], y: &mut [f64]) {
        for (((y, x), scale), location) in y.iter_mut().zip(x).zip(&self.scale).zip(&self.location) {
            *y = (x - location) / scale;
        }
        self.stretch(y, |stretch| 1.0 / stretch - 1.0);
    }

    /// The gradient by y from the one by x.
    pub(super) fn gradient(&self, by_x: &[f64], by_y: &mut [f64]) {
        for ((by_y, by_x), scale) in by_y.iter_mut().zip(by_x).zip(&self.scale) {
            *by_y = by_x * scale;
        }
        self.stretch(by_y, |stretch| stretch - 1.0);
    }

    /// v + U f(S) U' v in place. The directions are orthonormal, so they may be taken one after another.
    fn stretch(&self, v: &mut [f64], factor: impl Fn(f64) -> f64) {
        for (direction, stretch) in self.directions.chunks_exact(v.len()).zip(&self.stretches) {
            let along = dot(direction, v);
            add_scaled(v, along * factor(*stretch), direction);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> Affine {
        let half = 0.5_f64.sqrt();
        let directions = vec![half, half, 0.0, half, -half, 0.0];
        Affine::new(vec![1.0, -2.0, 0.5], vec![2.0, 0.1, 30.0], directions, vec![5.0, 0.25])
    }

    #[test]
    fn there_and_back() {
        let (map, y) = (map(), [0.3, -1.2, 2.5]);
        let (mut x, mut back) = ([0.0; 3], [0.0; 3]);
        map.forward(&y, &mut x);
        map.backward(&x, &mut back);
        y.iter().zip(back).for_each(|(a, b)| assert!((a - b).abs() < 1e-13, "{a} {b}"));
    }

    /// Slopes of a linear function of x, by differences in y; the map is linear, so they are exact but for rounding.
    #[test]
    fn gradient_and_determinant() {
        let (map, weights) = (map(), [0.7, -1.1, 0.2]);
        let value = |y: &[f64]| {
            let mut x = [0.0; 3];
            map.forward(y, &mut x);
            dot(&x, &weights)
        };
        let mut by_y = [0.0; 3];
        map.gradient(&weights, &mut by_y);
        for k in 0..3 {
            let mut y = [0.0; 3];
            y[k] = 1.0;
            assert!((value(&y) - value(&[0.0; 3]) - by_y[k]).abs() < 1e-12);
        }
        // det dx/dy = product of scales and stretches.
        let determinant: f64 = 2.0 * 0.1 * 30.0 * 5.0 * 0.25;
        assert!((map.log_determinant + determinant.ln()).abs() < 1e-12);
    }
}
