//! The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x): logarithms, and the derivative by a.
//!
//! - x < a + 1: the series P = x^a e^-x / G(a + 1) S, S = sum_n x^n / ((a + 1) ... (a + n)) (NIST DLMF 8.7.1), whose derivative by a
//!   is - sum_n (term n) (1/(a+1) + ... + 1/(a+n));
//! - otherwise the continued fraction Q = x^a e^-x / G(a) C (NIST DLMF 8.9.2) by Lentz's method, carried out on values and
//!   derivatives by a at once.
//!
//! Both take some 10 sqrt(a) terms where x is near a.

use super::gamma::ln_gamma_and_digamma;
use super::sums::ln_1m_exp;

/// The two tails of the gamma distribution of rate 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GammaTails {
    /// ln P(a, x).
    pub(crate) log_below: f64,
    /// ln Q(a, x).
    pub(crate) log_above: f64,
    /// The derivative of P by a over that by x.
    pub(crate) slope_ratio: f64,
}

/// No series here needs more terms, but where a is beyond 1e11.
const MOST_TERMS: usize = 4_000_000;

/// The tails at x >= 0 for a > 0. NaN outside.
pub(crate) fn gamma_tails(a: f64, x: f64) -> GammaTails {
    let (nan, infinite) = (f64::NAN, f64::NEG_INFINITY);
    if !(a > 0.0) || !(x >= 0.0) || a.is_infinite() {
        return GammaTails { log_below: nan, log_above: nan, slope_ratio: nan };
    }
    if x == 0.0 {
        return GammaTails { log_below: infinite, log_above: 0.0, slope_ratio: 0.0 };
    }
    if x == f64::INFINITY {
        return GammaTails { log_below: 0.0, log_above: infinite, slope_ratio: 0.0 };
    }
    let (ln_gamma, digamma) = ln_gamma_and_digamma(a);
    let ln_x = x.ln();
    let log_front = a * ln_x - x - ln_gamma;
    if x < a + 1.0 {
        let (sum, by_a) = series(a, x);
        let log_below = log_front - a.ln() + sum.ln();
        let slope = ln_x - (digamma + 1.0 / a) + by_a / sum;
        GammaTails { log_below, log_above: ln_1m_exp(log_below), slope_ratio: x * sum / a * slope }
    } else {
        let (fraction, by_a) = fraction(a, x);
        let log_above = log_front + fraction.ln();
        let slope = ln_x - digamma + by_a / fraction;
        GammaTails { log_below: ln_1m_exp(log_above), log_above, slope_ratio: -x * fraction * slope }
    }
}

/// S of the file's head and its derivative by a.
fn series(a: f64, x: f64) -> (f64, f64) {
    let (mut term, mut sum, mut by_a, mut harmonic) = (1.0, 1.0, 0.0, 0.0);
    for n in 1..MOST_TERMS {
        let next = a + n as f64;
        term *= x / next;
        harmonic += 1.0 / next;
        sum += term;
        by_a -= term * harmonic;
        // The terms that are left fall at least as fast as a geometric series from here on.
        if term * next < 1e-17 * sum * (next - x) {
            break;
        }
    }
    (sum, by_a)
}

/// A number and its derivative.
#[derive(Clone, Copy)]
struct Dual(f64, f64);

impl Dual {
    fn plus(self, other: Dual) -> Dual {
        Dual(self.0 + other.0, self.1 + other.1)
    }

    fn times(self, other: Dual) -> Dual {
        Dual(self.0 * other.0, self.1 * other.0 + self.0 * other.1)
    }

    fn over(self, other: Dual) -> Dual {
        let value = self.0 / other.0;
        Dual(value, (self.1 - value * other.1) / other.0)
    }
}

/// C of the file's head, 1 / (b0 + a1 / (b1 + a2 / (b2 + ...))) with a_n = -n (n - a), b_n = x + 2 n + 1 - a, and its derivative by a.
fn fraction(a: f64, x: f64) -> (f64, f64) {
    let one = Dual(1.0, 0.0);
    let mut b = Dual(x + 1.0 - a, -1.0);
    let mut value = one.over(b);
    let (mut d, mut c) = (value, Dual(f64::INFINITY, 0.0));
    for n in 1..MOST_TERMS {
        let n = n as f64;
        let numerator = Dual(-n * (n - a), n);
        b = Dual(b.0 + 2.0, -1.0);
        d = one.over(numerator.times(d).plus(b));
        c = if c.0.is_infinite() { b } else { b.plus(numerator.over(c)) };
        let factor = c.times(d);
        value = value.times(factor);
        // A few roundings from 1 and 0, so that it ends.
        if (factor.0 - 1.0).abs() < 1e-15 && factor.1.abs() <= 1e-15 * (1.0 + (value.1 / value.0).abs()) {
            break;
        }
    }
    (value.0, value.1)
}
