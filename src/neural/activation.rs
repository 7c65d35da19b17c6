//! Smooth activations, with their derivatives in the same pass.
//!
//! A likelihood that a gradient-based sampler moves through should be smooth, so there is no piecewise-linear one here.
//!
//! - SiLU: `a(z) = z s(z)`, `a'(z) = s(z) (1 + z (1 - s(z)))` with the logistic function `s` (Elfwing et al. 2018,
//!   arXiv:1702.03118);
//! - tanh: `a'(z) = 1 - a(z)^2`.
//!
//! Both need one exponential. The one below is written so that the compiler turns it into vector instructions, which the
//! system's `expf` prevents; its relative error is below 2e-7.

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
    /// The activation of `z` and its derivative.
    #[inline(always)]
    pub(crate) fn value_and_derivative(self, z: f32) -> (f32, f32) {
        match self {
            Activation::Identity => (z, 1.0),
            Activation::Silu => {
                let s = 1.0 / (1.0 + exp(-z));
                (z * s, s * (1.0 + z * (1.0 - s)))
            }
            Activation::Tanh => {
                let t = 1.0 - 2.0 / (1.0 + exp(2.0 * z));
                (t, 1.0 - t * t)
            }
        }
    }
}

/// `exp(x)`, `x` limited to [-87, 87]: `2^n exp(r)` with `|r| <= ln(2) / 2`, and a Taylor polynomial for `exp(r)`.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first of which has few bits, so that `n * HIGH` is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * HIGH - n * LOW;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    let series = 1.0 / 720.0 + r * (1.0 / 5040.0);
    let series = 1.0 / 24.0 + r * (1.0 / 120.0 + r * series);
    let series = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * series)));
    series * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_exact_to_two_units_in_the_last_place() {
        for i in -8700..=8700 {
            let x = i as f32 / 100.0;
            let relative = (f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs();
            assert!(relative < 2.4e-7, "exp({x}): {relative:e}"); // 2 units of 2^-23
        }
    }

    // 3e-7: f32 rounding of values of size one; the derivative by the closed form in f64.
    #[test]
    fn activations_meet_their_closed_forms() {
        for i in -300..=300 {
            let z = f64::from(i) / 20.0;
            let s = 1.0 / (1.0 + (-z).exp());
            let silu = (z * s, s * (1.0 + z * (1.0 - s)));
            let tanh = (z.tanh(), 1.0 - z.tanh().powi(2));
            for (activation, expected) in [(Activation::Silu, silu), (Activation::Tanh, tanh)] {
                let (value, derivative) = activation.value_and_derivative(z as f32);
                let tolerance = 3e-7 * (1.0 + z.abs());
                assert!((f64::from(value) - expected.0).abs() < tolerance, "{activation:?}({z})");
                assert!((f64::from(derivative) - expected.1).abs() < tolerance, "{activation:?}'({z})");
            }
        }
    }
}
