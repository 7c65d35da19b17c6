//! The modified Bessel function I0 and its logarithmic derivative I1 / I0, scaled by exp(-x).
//!
//! - x < 30: the power series I_v(x) = (x/2)^v sum (x^2/4)^k / (k! (k + v)!), all of whose terms are positive (NIST DLMF 10.25.2);
//! - from there on: I_v(x) ~ exp(x) / sqrt(2 pi x) sum (-1)^k a_k(v) / x^k (NIST DLMF 10.40.1), whose terms fall below 1e-17
//!   before they grow. The difference of the two series begins with 1 / (2x) and is added up by itself, so that 1 - I1 / I0 keeps
//!   its digits.

/// ln(2 pi) / 2.
const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// Where the asymptotic series takes over.
const LARGE: f64 = 30.0;

/// ln(exp(-x) I0(x)) and 1 - I1(x) / I0(x), which is minus its derivative, x >= 0.
pub(crate) fn ln_bessel_i0_scaled(x: f64) -> (f64, f64) {
    if x < LARGE { power_series(x) } else { asymptotic_series(x) }
}

fn power_series(x: f64) -> (f64, f64) {
    let quarter = 0.25 * x * x;
    // The term of I0 with number k, and the sums after the first.
    let (mut term, mut zero, mut one) = (1.0, 0.0, 0.0);
    for k in 1..80 {
        let k = f64::from(k);
        one += term / k;
        term *= quarter / (k * k);
        zero += term;
        if term < 1e-18 * zero {
            break;
        }
    }
    (zero.ln_1p() - x, 1.0 - 0.5 * x * one / (1.0 + zero))
}

fn asymptotic_series(x: f64) -> (f64, f64) {
    let inverse = 0.125 / x;
    // Terms of I0 and of I1, the sum of the first after 1, and the sum of their differences.
    let (mut zero, mut one, mut sum, mut gap) = (1.0f64, 1.0f64, 0.0, 0.0);
    for k in 1..40 {
        let (k, odd) = (f64::from(k), f64::from(2 * k - 1));
        zero *= odd * odd * inverse / k;
        one *= (odd * odd - 4.0) * inverse / k;
        sum += zero;
        gap += zero - one;
        if zero < 1e-18 {
            break;
        }
    }
    (sum.ln_1p() - HALF_LN_2_PI - 0.5 * x.ln(), gap / (1.0 + sum))
}
