//! Sums of exponentials on the log scale, and products with a logarithm whose limit at 0 is 0.

use super::number::Number;

/// ln of the sum of exp(x_i). Minus infinity for an empty slice; NaN if any entry is.
///
/// The largest entry is factored out, so that nothing overflows. The derivative with respect to `x_i` is `exp(x_i -
/// result)`.
///
/// # Examples
/// ```
/// let total = mynah::math::log_sum_exp(&[1000.0, 1000.0]);
/// assert!((total - (1000.0 + 2f64.ln())).abs() < 1e-12);
/// ```
pub fn log_sum_exp(x: &[f64]) -> f64 {
    // f64::max drops NaN; the sum below brings it back unless the largest is infinite.
    let largest = x.iter().fold(f64::NEG_INFINITY, |m, &x| if x > m || x.is_nan() { x } else { m });
    if !largest.is_finite() {
        return if x.iter().any(|x| x.is_nan()) { f64::NAN } else { largest };
    }
    largest + x.iter().map(|x| (x - largest).exp()).sum::<f64>().ln()
}

/// ln(exp x + exp y).
#[inline]
pub fn log_add_exp(x: f64, y: f64) -> f64 {
    Number::log_add_exp(x, y)
}

/// ln(exp x - exp y), x >= y. Minus infinity where they are equal, NaN where x < y.
///
/// Derivatives: 1 / (1 - exp(y - x)) and -1 / (exp(x - y) - 1).
#[inline]
pub fn log_diff_exp(x: f64, y: f64) -> f64 {
    if x == y {
        return f64::NEG_INFINITY;
    }
    x + ln_1m_exp(y - x)
}

/// ln(1 - exp x), x <= 0: minus infinity at 0, NaN above. Its derivative is -1 / (exp(-x) - 1).
#[inline]
pub fn ln_1m_exp(x: f64) -> f64 {
    // Maechler 2012, "Accurately computing log(1 - exp(-|a|))": the better of two forms on each side of ln 2.
    if x > -std::f64::consts::LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

/// x ln x, with its limit 0 at 0. NaN below 0. Its derivative is 1 + ln x.
#[inline]
pub fn x_ln_x(x: f64) -> f64 {
    x_ln_y(x, x)
}

/// x ln y, with the convention that it is 0 at x = 0 whatever y >= 0 is. NaN for y < 0. Derivatives: ln y and x / y.
#[inline]
pub fn x_ln_y(x: f64, y: f64) -> f64 {
    if x == 0.0 && y >= 0.0 { 0.0 } else { x * y.ln() }
}
