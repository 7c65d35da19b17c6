//! The logistic function 1 / (1 + exp(-x)), its inverse and its integral.

use super::number::Number;

/// ln(1 + exp x), also called softplus, for every x. Its derivative is [`logistic`].
///
/// Never overflows: x for large x, exp x for very negative x.
#[inline]
pub fn log1p_exp(x: f64) -> f64 {
    x.softplus()
}

/// 1 / (1 + exp(-x)), for every x. Its derivative is `logistic(x) * logistic(-x)`.
///
/// Accurate relative to itself on the left; for its distance to 1 on the right take `logistic(-x)`.
#[inline]
pub fn logistic(x: f64) -> f64 {
    Number::logistic(x)
}

/// ln(p / (1 - p)), the inverse of [`logistic`], 0 <= p <= 1. Infinite at the ends, NaN outside. Its derivative is
/// 1 / (p (1 - p)).
#[inline]
pub fn logit(p: f64) -> f64 {
    // Around 1/2 the quotient is near 1 and its logarithm would lose digits.
    if (p - 0.5).abs() < 0.25 { ((2.0 * p - 1.0) / (1.0 - p)).ln_1p() } else { (p / (1.0 - p)).ln() }
}
