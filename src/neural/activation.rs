//! Smooth activations, with their derivatives in the same pass.
//!
//! A likelihood that a gradient-based sampler moves through should be smooth, so there is no piecewise-linear one here.
//!
//! - SiLU: `a(z) = z s(z)`, `a'(z) = s(z) (1 + z (1 - s(z)))` with the logistic function `s` (Elfwing et al. 2018,
//!   arXiv:1702.03118);
//! - tanh: `a'(z) = 1 - a(z)^2`.
//!
//! Both need one exponential, that of [`super::lanes`].

use super::lanes::{Function, Lanes, apply};
use pulp::Simd;
use serde::{Deserialize, Serialize};

/// The function applied to the hidden units of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// None: the last layer of a network.
    Identity,
    /// `z / (1 + exp(-z))`.
    #[default]
    Silu,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Applies the activation to `values`; writes its derivative to `derivative`, which has the same length, or nowhere
    /// where it is empty.
    pub(crate) fn apply(self, values: &mut [f32], derivative: &mut [f32]) {
        match self {
            Activation::Identity => derivative.fill(1.0),
            Activation::Silu => apply(Silu, values, derivative),
            Activation::Tanh => apply(Tanh, values, derivative),
        }
    }
}

#[derive(Clone, Copy)]
struct Silu;

impl Function for Silu {
    #[inline(always)]
    fn at<S: Simd>(self, z: Lanes<S>) -> (Lanes<S>, Lanes<S>) {
        let one = z.all(1.0);
        let s = one / ((-z).exp() + one);
        let value = z * s;
        // s (1 + z (1 - s)) = s + a (1 - s)
        (value, value.mul_add(one - s, s))
    }
}

#[derive(Clone, Copy)]
struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn at<S: Simd>(self, z: Lanes<S>) -> (Lanes<S>, Lanes<S>) {
        let one = z.all(1.0);
        let t = one - z.all(2.0) / ((z + z).exp() + one);
        (t, one - t * t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 3e-7: f32 rounding of values of size one; the derivative by the closed form in f64.
    #[test]
    fn activations_meet_their_closed_forms() {
        for i in -300..=300 {
            let z = f64::from(i) / 20.0;
            let s = 1.0 / (1.0 + (-z).exp());
            let silu = (z * s, s * (1.0 + z * (1.0 - s)));
            let tanh = (z.tanh(), 1.0 - z.tanh().powi(2));
            for (activation, expected) in [(Activation::Silu, silu), (Activation::Tanh, tanh)] {
                let (mut value, mut derivative) = ([z as f32], [0.0]);
                activation.apply(&mut value, &mut derivative);
                let ([value], [derivative]) = (value, derivative);
                let tolerance = 3e-7 * (1.0 + z.abs());
                assert!((f64::from(value) - expected.0).abs() < tolerance, "{activation:?}({z})");
                assert!((f64::from(derivative) - expected.1).abs() < tolerance, "{activation:?}'({z})");
            }
        }
    }
}
