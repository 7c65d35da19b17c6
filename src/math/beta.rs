//! The logarithm of the beta function, ln B(a, b) = ln G(a) + ln G(b) - ln G(a + b), and its derivatives.
//!
//! For large arguments the three terms cancel, so Stirling's leading terms are combined before they are summed, as in
//! Didonato & Morris 1992 (<https://doi.org/10.1145/131766.131776>): with D(x) the remainder of Stirling's series,
//!
//! - a, b >= 8:  -ln(b)/2 + ln(2 pi)/2 + D(a) + D(b) - D(a+b) + (a - 1/2) ln(a/(a+b)) - b ln(1 + a/b), a <= b;
//! - a < 8 <= b: ln G(a) + D(b) - D(a+b) - (a + b - 1/2) ln(1 + a/b) - a (ln b - 1).

use super::gamma::{ln_gamma, ln_gamma_and_digamma, stirling_correction};

const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// The logarithm of the beta function, a > 0 and b > 0. NaN outside.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a <= b { (a, b) } else { (b, a) };
    if large < 8.0 || !(small > 0.0) || large == f64::INFINITY {
        return ln_gamma(small) + ln_gamma(large) - ln_gamma(small + large);
    }
    let ratio = small / large;
    let correction = stirling_correction(large) - stirling_correction(small + large);
    if small < 8.0 {
        ln_gamma(small) + correction - (small + large - 0.5) * ratio.ln_1p() - small * (large.ln() - 1.0)
    } else {
        HALF_LN_2_PI - 0.5 * large.ln()
            + (stirling_correction(small) + correction)
            + (small - 0.5) * (ratio / (1.0 + ratio)).ln()
            - large * ratio.ln_1p()
    }
}

/// [`ln_beta`] with its derivatives with respect to `a` and `b`: digamma(a) - digamma(a + b), digamma(b) -
/// digamma(a + b) (accurate relative to these digammas, not to their difference).
pub fn ln_beta_and_slopes(a: f64, b: f64) -> (f64, [f64; 2]) {
    let sum = ln_gamma_and_digamma(a + b);
    let (of_a, of_b) = (ln_gamma_and_digamma(a), ln_gamma_and_digamma(b));
    let value = if a + b < 8.0 { of_a.0 + of_b.0 - sum.0 } else { ln_beta(a, b) };
    (value, [of_a.1 - sum.1, of_b.1 - sum.1])
}
