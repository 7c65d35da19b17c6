//! The standard normal distribution function, its logarithm and its inverse.
//!
//! Phi(x) = erfc(-x / sqrt 2) / 2. On the left, where it underflows, exp(-x^2/2) is taken out: ln Phi(-y) = -y^2/2
//! + ln(erfcx(y / sqrt 2) / 2) and phi(-y) / Phi(-y) = sqrt(2 / pi) / erfcx(y / sqrt 2).

use super::error_function::{erfc, erfcx};
use statrs::function::erf::erfc_inv;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;
/// sqrt(2 / pi).
const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;

/// The probability that a standard normal number is below `x`. Its derivative is exp(-x^2/2) / sqrt(2 pi).
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}

/// The logarithm of [`normal_cdf`] with its derivative phi(x) / Phi(x), for every x.
///
/// # Examples
/// ```
/// let (value, slope) = mynah::math::log_normal_cdf(-100.0);
/// assert!((value + 5005.524208694205).abs() < 1e-9);
/// assert!((slope - 100.00999800099926).abs() < 1e-10);
/// ```
pub fn log_normal_cdf(x: f64) -> (f64, f64) {
    if x < 0.0 {
        let scaled = erfcx(-x * FRAC_1_SQRT_2);
        return ((0.5 * scaled).ln() - 0.5 * x * x, SQRT_2_OVER_PI / scaled);
    }
    let value = (-normal_cdf(-x)).ln_1p();
    (value, (-0.5 * x * x - HALF_LN_2_PI - value).exp())
}

/// phi(y) / Phi(-y) - y, y >= 0: by how much the hazard of the normal distribution exceeds its asymptote. It falls from 0.798 at 0
/// like 1/y.
///
/// By the continued fraction 1 / (y + 2 / (y + 3 / (y + ...))) from 6 on (NIST DLMF 7.9.3), where the difference would cancel.
pub(crate) fn hazard_excess(y: f64) -> f64 {
    if y < 6.0 {
        return SQRT_2_OVER_PI / erfcx(y * FRAC_1_SQRT_2) - y;
    }
    let levels = if y < 15.0 { 40 } else { 14 };
    1.0 / (2..levels).rev().fold(y, |tail, k| y + f64::from(k) / tail)
}

/// The `x` at which [`normal_cdf`] is `p`, 0 <= p <= 1. Infinite at the ends, NaN outside. Its derivative is sqrt(2
/// pi) exp(x^2/2).
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p > 0.5 {
        // 1 - p is exact here, and the left tail is where the relative accuracy is.
        return -normal_quantile(1.0 - p);
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    let start = -SQRT_2 * erfc_inv(2.0 * p);
    // One Newton step on the log scale removes what the rational approximation leaves.
    let (value, slope) = log_normal_cdf(start);
    start - (value - p.ln()) / slope
}
