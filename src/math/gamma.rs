//! The logarithm of the gamma function and its derivatives, for x > 0.
//!
//! - x >= 8: Stirling's series, ln G(x) = (x - 1/2) ln x - x + ln(2 pi)/2 + sum B_2k / (2k (2k-1) x^(2k-1)), and its
//!   derivative (NIST DLMF 5.11.1, 5.11.2). Eight terms leave less than 2e-16.
//! - x < 8: the recurrence G(x + 1) = x G(x) leads to 2 + z with |z| <= 1/2, where ln G(2 + z) / z and the digamma
//!   function are polynomials in z (Chebyshev fits by mpmath, errors below 5e-18; tests/reference/math.py). Because z
//!   is a factor, the zeros of ln G at 1 and 2 keep their relative accuracy.

use super::polynomial::polynomial;

/// ln(2 pi) / 2.
const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// Where Stirling's series takes over.
const STIRLING: f64 = 8.0;

/// ln G(2 + z) / z on |z| <= 1/2.
#[allow(clippy::excessive_precision)]
const LN_GAMMA_NEAR_2: [f64; 18] = [
    0.42278433509846713,
    0.3224670334241132,
    -0.06735230105319563,
    0.02058080842778338,
    -0.007385551028935545,
    0.002890510330865901,
    -0.0011927539009983087,
    0.0005096695196526673,
    -0.00022315497746292723,
    9.945761692157133e-05,
    -4.4923727564247656e-05,
    2.050601970174762e-05,
    -9.45628851510172e-06,
    4.3828545383846665e-06,
    -1.9743106888421067e-06,
    9.242852225162277e-07,
    -5.811277768921246e-07,
    2.7475390051909663e-07,
];

/// digamma(2 + z) on |z| <= 1/2.
#[allow(clippy::excessive_precision)]
const DIGAMMA_NEAR_2: [f64; 20] = [
    0.42278433509846713,
    0.6449340668482264,
    -0.20205690315959524,
    0.08232323371113867,
    -0.036927755143244,
    0.01734306198438618,
    -0.008349277388351162,
    0.004077356201158327,
    -0.0020083926597339397,
    0.000994575044648632,
    -0.0004941910706674096,
    0.0002460877865122942,
    -0.00012269116296546469,
    6.123704338305966e-05,
    -3.0710978704203905e-05,
    1.53436270842166e-05,
    -7.231701017698152e-06,
    3.6145567803015683e-06,
    -2.627891771944428e-06,
    1.3137798782020037e-06,
];

/// B_2k / (2k (2k-1)), k = 1, 2, ...
const STIRLING_LN_GAMMA: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
];

/// B_2k / 2k, k = 1, 2, ...
const STIRLING_DIGAMMA: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 120.0,
    1.0 / 252.0,
    -1.0 / 240.0,
    1.0 / 132.0,
    -691.0 / 32_760.0,
    1.0 / 12.0,
    -3617.0 / 8160.0,
];

/// B_2k, k = 1, 2, ...
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// (1 - 4^-k) B_2k / (k (2k-1)), k = 1, 2, ...
const HALF_STEP: [f64; 7] = [
    1.0 / 8.0,
    -1.0 / 192.0,
    1.0 / 640.0,
    -17.0 / 14_336.0,
    31.0 / 18_432.0,
    -691.0 / 180_224.0,
    5461.0 / 425_984.0,
];

/// The logarithm of the gamma function, x > 0.
///
/// Plus infinity at 0 and at infinity, NaN below 0. Relative error about 1e-15.
pub fn ln_gamma(x: f64) -> f64 {
    ln_gamma_and_digamma(x).0
}

/// The derivative of [`ln_gamma`], x > 0.
///
/// Minus infinity at 0, NaN below 0. Error about 1e-15 relative to 1 or to the value, whichever is larger (it has a
/// zero at 1.4616...).
pub fn digamma(x: f64) -> f64 {
    ln_gamma_and_digamma(x).1
}

/// [`ln_gamma`] and [`digamma`] in one pass.
///
/// # Examples
/// ```
/// let (value, slope) = mynah::math::ln_gamma_and_digamma(5.0);
/// assert!((value - 24f64.ln()).abs() < 1e-14);
/// assert!((slope - 1.506117668431801).abs() < 1e-14);
/// ```
#[inline]
pub fn ln_gamma_and_digamma(x: f64) -> (f64, f64) {
    if x >= STIRLING {
        stirling(x)
    } else if x >= 1.5 {
        above(x)
    } else if x > 0.0 {
        below(x)
    } else if x == 0.0 {
        (f64::INFINITY, f64::NEG_INFINITY)
    } else {
        (f64::NAN, f64::NAN)
    }
}

/// Stirling's series for x >= 8.
fn stirling(x: f64) -> (f64, f64) {
    if x == f64::INFINITY {
        return (f64::INFINITY, f64::INFINITY);
    }
    let (log, inverse) = (x.ln(), 1.0 / x);
    let correction = stirling_correction(x);
    let slope = log - 0.5 * inverse - digamma_correction(x);
    ((x - 0.5) * (log - 1.0) + (HALF_LN_2_PI - 0.5 + correction), slope)
}

/// ln G(x) - ((x - 1/2) ln x - x + ln(2 pi)/2), x >= 8.
pub(super) fn stirling_correction(x: f64) -> f64 {
    let inverse = 1.0 / x;
    inverse * polynomial(inverse * inverse, &STIRLING_LN_GAMMA)
}

/// ln(x) - 1/(2x) - digamma(x), x >= 8.
pub(super) fn digamma_correction(x: f64) -> f64 {
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    square * polynomial(square, &STIRLING_DIGAMMA)
}

/// 1.5 <= x < 8: down to 2 + z, by ln G(x) = ln G(x - n) + ln (x-1)(x-2)...(x-n).
fn above(x: f64) -> (f64, f64) {
    let steps = (x - 1.5).floor();
    let (value, slope) = near_2(x - (steps + 2.0));
    let (mut product, mut derivative) = (1.0, 0.0);
    for step in 1..=steps as u32 {
        let factor = x - f64::from(step);
        derivative = derivative * factor + product;
        product *= factor;
    }
    (value + product.ln(), slope + derivative / product)
}

/// 0 < x < 1.5: up to 2 + z, by ln G(x) = ln G(x + 1) - ln x once or twice.
fn below(x: f64) -> (f64, f64) {
    if x >= 0.5 {
        let (value, slope) = near_2(x - 1.0);
        (value - x.ln(), slope - 1.0 / x)
    } else {
        let (value, slope) = near_2(x);
        (value - (x * (1.0 + x)).ln(), slope - (1.0 / x + 1.0 / (1.0 + x)))
    }
}

/// ln G(2 + z) and digamma(2 + z), |z| <= 1/2.
#[inline]
fn near_2(z: f64) -> (f64, f64) {
    (z * polynomial(z, &LN_GAMMA_NEAR_2), polynomial(z, &DIGAMMA_NEAR_2))
}

/// The derivative of [`digamma`], x > 0.
///
/// Plus infinity at 0, 0 at infinity, NaN below 0. Relative error about 1e-15.
///
/// By the recurrence trigamma(x) = trigamma(x + 1) + 1/x^2 and the asymptotic series of NIST DLMF 5.15.8.
pub fn trigamma(x: f64) -> f64 {
    if !(x >= 0.0) {
        return f64::NAN;
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    sum + inverse * (1.0 + 0.5 * inverse + square * polynomial(square, &BERNOULLI))
}

/// ln G(x + 1/2) - ln G(x) - ln(x)/2, with its derivative, x > 0: the normaliser of Student's t.
///
/// The difference of two [`ln_gamma`] loses all digits for large x; this does not. Both tend to 0 as x grows, like
/// -1/(8x) and 1/(8x^2). NaN at 0 and below.
///
/// The series is the difference of two Stirling series (NIST DLMF 5.11.8 with h = 1/2), taken at x + n >= 12 and
/// carried back by the recurrence h(x) = h(x + 1) + ln(1 - 1/(2x+1)^2)/2.
pub fn ln_gamma_half_step(x: f64) -> (f64, f64) {
    if !(x > 0.0) {
        return (f64::NAN, f64::NAN);
    }
    let (mut x, mut value, mut slope) = (x, 0.0, 0.0);
    while x < 12.0 {
        let middle = x + 0.5;
        value += 0.5 * half_step_logarithm(x);
        slope += 0.25 / (x * (x + 1.0) * middle);
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let mut weighted = HALF_STEP;
    for (k, c) in weighted.iter_mut().enumerate() {
        *c *= (2 * k + 1) as f64;
    }
    (value - inverse * polynomial(square, &HALF_STEP), slope + square * polynomial(square, &weighted))
}

/// ln of x (x + 1) / (x + 1/2)^2, for small x without the cancellation of 1 - 1/(2x+1)^2.
fn half_step_logarithm(x: f64) -> f64 {
    let middle = x + 0.5;
    if x < 0.5 { (x * (x + 1.0) / (middle * middle)).ln() } else { (-0.25 / (middle * middle)).ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    // Two identities that no table made: reflection and duplication (NIST DLMF 5.5.3, 5.5.5). Tolerance: a few
    // roundings of the terms.
    #[test]
    fn reflection_and_duplication_hold() {
        for i in 1..200 {
            let x = f64::from(i) / 201.0;
            let reflected = ln_gamma(x) + ln_gamma(1.0 - x) - (PI.ln() - (PI * x.min(1.0 - x)).sin().ln());
            assert!(reflected.abs() < 1e-14, "reflection at {x}: {reflected}");
            let y = 17.0 * x;
            let doubled = ln_gamma(y) + ln_gamma(y + 0.5)
                - ((1.0 - 2.0 * y) * std::f64::consts::LN_2 + 0.5 * PI.ln() + ln_gamma(2.0 * y));
            assert!(doubled.abs() < 4e-14, "duplication at {y}: {doubled}");
        }
    }

    #[test]
    fn ends_and_outside() {
        assert_eq!(ln_gamma_and_digamma(0.0), (f64::INFINITY, f64::NEG_INFINITY));
        assert_eq!(ln_gamma_and_digamma(f64::INFINITY), (f64::INFINITY, f64::INFINITY));
        assert_eq!((ln_gamma(1.0), ln_gamma(2.0)), (0.0, 0.0));
        assert_eq!((trigamma(0.0), trigamma(f64::INFINITY)), (f64::INFINITY, 0.0));
        for x in [-1.5, -1.0, f64::NAN] {
            assert!(ln_gamma(x).is_nan() && digamma(x).is_nan() && trigamma(x).is_nan());
        }
    }
}
