//! The error function, its complement and its scaled complement exp(x^2) erfc(x).
//!
//! - |x| <= 1: erf(x) = x P(x^2), a Chebyshev fit with error below 1e-20;
//! - x > 1/2: (1 + 2x) exp(x^2) erfc(x) is smooth up to infinity in t = (x - 3.75) / (x + 3.75); its Chebyshev
//!   series in t is cut where the coefficients fall below 3e-18 (the form of Shepherd & Laframboise 1981,
//!   <https://doi.org/10.1090/S0025-5718-1981-0595058-X>).
//!
//! Both sets of coefficients are printed by tests/reference/math.py (mpmath, 40 digits).

use super::polynomial::polynomial;
use std::f64::consts::FRAC_2_SQRT_PI;

/// erf(x) / x in x^2, |x| <= 1.
#[allow(clippy::excessive_precision)]
const ERF: [f64; 14] = [
    FRAC_2_SQRT_PI,
    -0.37612638903183754,
    0.1128379167095512,
    -0.02686617064512984,
    0.0052239776254232985,
    -0.000854832702193483,
    0.00012055332902888736,
    -1.4925647567519332e-05,
    1.6462045441468418e-06,
    -1.6364642158167616e-07,
    1.4792401209404813e-08,
    -1.216456005728345e-09,
    8.709045129053106e-11,
    -4.230945824295338e-12,
];

/// (1 + 2x) exp(x^2) erfc(x) in Chebyshev polynomials of t.
#[allow(clippy::excessive_precision)]
const ERFCX: [f64; 27] = [
    1.1775789345674017,
    -0.004590054580646478,
    -0.08424913336651792,
    0.05920993999819189,
    -0.026658668435305753,
    0.009074997670705265,
    -0.002413163540417608,
    0.0004907758365258086,
    -6.916973302501207e-05,
    4.13902798607301e-06,
    7.74038306619849e-07,
    -2.1886401049234397e-07,
    1.076499946567091e-08,
    4.521959811218287e-09,
    -7.754400208831351e-10,
    -6.318088340886684e-11,
    2.86879501093067e-11,
    1.9455868545777347e-13,
    -9.65469674843344e-13,
    3.25254814814874e-14,
    3.3478119482868056e-14,
    -1.864562880419313e-15,
    -1.2507950530688648e-15,
    7.418235256624044e-17,
    5.068148904796111e-17,
    -2.237056659436e-18,
    -2.187342944303018e-18,
];

/// The error function. Its derivative is 2 / sqrt(pi) exp(-x^2).
pub fn erf(x: f64) -> f64 {
    if x.abs() <= 1.0 { near_0(x) } else { (1.0 - erfc(x.abs())).copysign(x) }
}

/// 1 - erf(x), accurate relative to itself until it underflows near 26.5. Its derivative is minus that of [`erf()`].
pub fn erfc(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x.abs() <= 0.5 {
        1.0 - near_0(x)
    } else if x > 0.0 {
        minus_square_exp(x) * erfcx(x)
    } else {
        2.0 - erfc(-x)
    }
}

/// exp(x^2) erfc(x), x >= 0: the part of erfc that is left when its underflow is taken out. NaN below 0.
///
/// It falls from 1 at 0 like 1 / (x sqrt(pi)).
pub fn erfcx(x: f64) -> f64 {
    if !(x >= 0.0) {
        return f64::NAN;
    }
    // At infinity the quotient would be NaN; t = 1 there.
    let t = if x < 1e16 { (x - 3.75) / (x + 3.75) } else { 1.0 };
    let (mut next, mut after) = (0.0, 0.0);
    for c in ERFCX[1..].iter().rev() {
        (next, after) = (2.0 * t * next - after + c, next);
    }
    (t * next - after + ERFCX[0]) / (1.0 + 2.0 * x)
}

/// erf on |x| <= 1.
fn near_0(x: f64) -> f64 {
    x * polynomial(x * x, &ERF)
}

/// exp(-x^2) without the rounding error of x^2, which the exponential would turn into a relative one: the square of
/// the leading 26 bits is exact.
fn minus_square_exp(x: f64) -> f64 {
    let leading = f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000);
    if x > 30.0 { 0.0 } else { (-leading * leading).exp() * (-(x - leading) * (x + leading)).exp() }
}
