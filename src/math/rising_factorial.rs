//! The logarithm of the rising factorial x (x + 1) ... (x + n - 1) = G(x + n) / G(x), and its derivative with respect to x.
//!
//! A few factors are multiplied. For large x the difference of two [`ln_gamma`](super::ln_gamma) loses its digits. From x = 8 on it is the difference of two
//! Stirling series (NIST DLMF 5.11.1, 5.11.2), in which n ln x stands alone:
//!
//! ln (x)_n = n ln x + (x + n - 1/2) ln(1 + n/x) - n + R(x + n) - R(x).

use super::gamma::{digamma_correction, ln_gamma_and_digamma, stirling_correction};

/// Where Stirling's series serves.
const STIRLING: f64 = 8.0;

/// Up to how many factors are multiplied.
const FEW: f64 = 16.0;

/// ln G(x + n) - ln G(x) with its derivative digamma(x + n) - digamma(x), x > 0 and n >= 0.
pub(crate) fn ln_rising_factorial(x: f64, n: f64) -> (f64, f64) {
    if n == 0.0 {
        return (0.0, 0.0);
    }
    if x < STIRLING && n <= FEW && n.fract() == 0.0 {
        return product(x, n);
    }
    if x < STIRLING {
        let (above, below) = (ln_gamma_and_digamma(x + n), ln_gamma_and_digamma(x));
        return (above.0 - below.0, above.1 - below.1);
    }
    let (excess, slope) = rising_excess(x, n);
    (n * x.ln() + excess, (n / x).ln_1p() + slope)
}

/// The product of `n` factors, which does not overflow for so few, and its logarithmic derivative.
fn product(x: f64, n: f64) -> (f64, f64) {
    let (mut product, mut derivative) = (x, 1.0);
    for k in 1..n as u32 {
        let factor = x + f64::from(k);
        derivative = derivative * factor + product;
        product *= factor;
    }
    (product.ln(), derivative / product)
}

/// ln G(x + n) - ln G(x) - n ln x, and digamma(x + n) - digamma(x) - ln(1 + n/x), x >= 8.
pub(crate) fn rising_excess(x: f64, n: f64) -> (f64, f64) {
    let (end, log) = (x + n, (n / x).ln_1p());
    let value = (end - 0.5) * log - n + (stirling_correction(end) - stirling_correction(x));
    let slope = 0.5 * n / x / end - (digamma_correction(end) - digamma_correction(x));
    (value, slope)
}
