//! The standard normal distribution between two points.
//!
//! Everything is taken relative to the anchor c, the point of the interval that is nearest to 0: the integral of
//! exp(-(t^2 - c^2)/2) neither under- nor overflows, and the moments of t - c do not cancel, however far in a tail the interval
//! lies and however narrow it is.
//!
//! - (b^2 - a^2)/2 <= 2: Gauss-Legendre quadrature with 12 points, whose error there is below 1e-16;
//! - on one side of 0: the difference of two tails, of which the farther is at most exp(-2) of the nearer;
//! - on both sides: the sum of two error functions.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), section 13.10.1; NIST DLMF 3.5(v), 7.9.

use super::error_function::{erf, erfcx};
use super::normal::hazard_excess;
use std::f64::consts::FRAC_1_SQRT_2;

/// sqrt(2 pi).
const SQRT_2_PI: f64 = 2.506_628_274_631_000_5;
/// ln(2 pi) / 2.
const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// Nodes of the upper half of (0, 1) and weights of Gauss-Legendre quadrature with 12 points (mpmath, 40 digits).
#[allow(clippy::excessive_precision)]
const GAUSS_LEGENDRE: [(f64, f64); 6] = [
    (0.990_780_317_123_359_63, 0.023_587_668_193_255_914),
    (0.952_058_628_185_237_43, 0.053_469_662_997_659_215),
    (0.884_951_337_097_152_34, 0.080_039_164_271_673_113),
    (0.793_658_977_143_308_72, 0.101_583_713_361_532_96),
    (0.683_915_749_499_090_1, 0.116_746_268_269_177_4),
    (0.562_616_704_255_734_46, 0.124_573_522_906_701_39),
];

/// What the density of a normal number between two points needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NormalInterval {
    /// The anchor c: the lower end, the upper end, or 0 between them.
    pub(crate) anchor: f64,
    /// ln of the integral of exp(-(t^2 - c^2)/2).
    pub(crate) log_integral: f64,
    /// The mean of t - c.
    pub(crate) mean: f64,
    /// The mean of t^2 - c^2.
    pub(crate) square: f64,
    /// The densities at the lower and at the upper end.
    pub(crate) ends: [f64; 2],
}

impl NormalInterval {
    /// The interval from `low` to `high`, which may be infinite, of length `width` = high - low (given, because it may be known
    /// better than the difference). All NaN if `low` is not below `high`.
    pub(crate) fn new(low: f64, high: f64, width: f64) -> Self {
        if !(low < high) {
            let nothing = f64::NAN;
            return Self {
                anchor: nothing,
                log_integral: nothing,
                mean: nothing,
                square: nothing,
                ends: [nothing; 2],
            };
        }
        if high <= 0.0 {
            let mirrored = Self::new(-high, -low, width);
            let [low, high] = mirrored.ends;
            return Self { anchor: -mirrored.anchor, mean: -mirrored.mean, ends: [high, low], ..mirrored };
        }
        let anchor = low.max(0.0);
        let farther = if low < 0.0 { -low } else { low };
        let variation = 0.5 * (farther.max(high) - anchor) * (farther.max(high) + anchor);
        if variation <= 2.0 {
            return Self::narrow(low, width, anchor);
        }
        if low < 0.0 { Self::around_zero(low, high) } else { Self::tail(low, high, width, variation) }
    }

    fn narrow(low: f64, width: f64, anchor: f64) -> Self {
        let height = |offset: f64| (-offset * (anchor + 0.5 * offset)).exp();
        let (mut integral, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (node, weight) in GAUSS_LEGENDRE {
            for fraction in [node, 1.0 - node] {
                let offset = (low - anchor) + width * fraction;
                let mass = weight * height(offset);
                integral += mass;
                mean += mass * offset;
                square += mass * offset * (2.0 * anchor + offset);
            }
        }
        let total = integral * width;
        Self {
            anchor,
            log_integral: total.ln(),
            mean: mean / integral,
            square: square / integral,
            ends: [height(low - anchor) / total, height(low - anchor + width) / total],
        }
    }

    fn tail(low: f64, high: f64, width: f64, variation: f64) -> Self {
        let beyond = |t: f64| 0.5 * SQRT_2_PI * erfcx(t * FRAC_1_SQRT_2);
        // The part of the tail above `low` that lies above `high` too.
        let lost = if high < f64::INFINITY { (-variation).exp() * beyond(high) / beyond(low) } else { 0.0 };
        let integral = beyond(low) * (1.0 - lost);
        let upper = (-variation).exp() / integral;
        // The distance from `low` counts only where something is lost there.
        let (excess, far) =
            if lost > 0.0 { (lost * (width + hazard_excess(high)), width * upper) } else { (0.0, 0.0) };
        let mean = (hazard_excess(low) - excess) / (1.0 - lost);
        Self {
            anchor: low,
            log_integral: integral.ln(),
            mean,
            square: 1.0 + low * mean - far,
            ends: [1.0 / integral, upper],
        }
    }

    fn around_zero(low: f64, high: f64) -> Self {
        let mass = 0.5 * (erf(high * FRAC_1_SQRT_2) - erf(low * FRAC_1_SQRT_2));
        let density = |t: f64| (-0.5 * t * t).exp() / (mass * SQRT_2_PI);
        let moment = |t: f64| if t.is_finite() { t * density(t) } else { 0.0 };
        Self {
            anchor: 0.0,
            log_integral: mass.ln() + HALF_LN_2_PI,
            mean: density(low) - density(high),
            square: 1.0 + moment(low) - moment(high),
            ends: [density(low), density(high)],
        }
    }
}
