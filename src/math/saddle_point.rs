//! Binomial probabilities without the cancellation of their factorials.
//!
//! By Stirling's formula with its remainder S(n) = ln n! - ((n + 1/2) ln n - n + ln(2 pi)/2),
//!
//! ln p(x) = S(n) - S(x) - S(n - x) - ln(2 pi x (n - x) / n)/2 - D(x, n p) - D(n - x, n q), 0 < x < n,
//!
//! with the deviance D(x, m) = x ln(x/m) + m - x, which is small where the probability is not: nothing larger than the
//! result is added up.
//!
//! Source: Loader 2000, Fast and Accurate Computation of Binomial Probabilities; NIST DLMF 5.11.1.

use super::gamma::{ln_gamma, stirling_correction};
use super::polynomial::polynomial;
use std::sync::LazyLock;

/// ln(2 pi) / 2.
const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// 1 / (2k + 3): the series of 2 atanh(r) after its first term.
const ODD: [f64; 13] = [
    1.0 / 3.0,
    1.0 / 5.0,
    1.0 / 7.0,
    1.0 / 9.0,
    1.0 / 11.0,
    1.0 / 13.0,
    1.0 / 15.0,
    1.0 / 17.0,
    1.0 / 19.0,
    1.0 / 21.0,
    1.0 / 23.0,
    1.0 / 25.0,
    1.0 / 27.0,
];

/// ln(1 + x) - x, accurate relative to itself, x > -1; minus infinity at -1, NaN below.
///
/// With r = x / (2 + x), ln(1 + x) = 2 atanh(r) and x - 2r = r x: two terms of one sign are left near 0.
pub(crate) fn ln_1p_minus(x: f64) -> f64 {
    if !(-0.35..=0.5).contains(&x) {
        return x.ln_1p() - x;
    }
    let r = x / (2.0 + x);
    let square = r * r;
    2.0 * r * square * polynomial(square, &ODD) - r * x
}

/// What Stirling's formula leaves of ln n!, n >= 1: see the head of the file.
fn stirling_remainder(n: f64) -> f64 {
    if n >= 8.0 {
        stirling_correction(n)
    } else {
        ln_gamma(n + 1.0) - ((n + 0.5) * n.ln() - n + HALF_LN_2_PI)
    }
}

/// x ln(x / m) + m - x, x > 0 and m > 0.
fn deviance(x: f64, m: f64) -> f64 {
    if m < 0.5 * x { x * (x / m).ln() + (m - x) } else { -x * ln_1p_minus((m - x) / x) }
}

/// The largest n whose factorial is looked up.
pub(crate) const SMALL: f64 = 170.0;

/// ln n! up to [`SMALL`].
static LN_FACTORIAL: LazyLock<[f64; SMALL as usize + 1]> =
    LazyLock::new(|| std::array::from_fn(|n| ln_gamma(n as f64 + 1.0)));

/// [`ln_choose`] for counts up to [`SMALL`], within 3e-13; 0 for whatever else is given.
#[inline]
pub(crate) fn ln_choose_small(n: f64, x: f64) -> f64 {
    if !(0.0 <= x && x <= n && n <= SMALL) {
        return 0.0;
    }
    let table = &*LN_FACTORIAL;
    table[n as usize] - table[x as usize] - table[(n - x) as usize]
}

/// The logarithm of the number of ways to choose `x` of `n`, for counts 0 <= x <= n.
pub(crate) fn ln_choose(n: f64, x: f64) -> f64 {
    let rest = n - x;
    if x == 0.0 || rest == 0.0 {
        return 0.0;
    }
    let entropy = if x <= rest {
        x * (n / x).ln() - rest * (-x / n).ln_1p()
    } else {
        rest * (n / rest).ln() - x * (-rest / n).ln_1p()
    };
    entropy + beside_entropy(n, x)
}

/// ln C(n, x) less the entropy n ln n - x ln x - (n - x) ln(n - x), 0 < x < n.
fn beside_entropy(n: f64, x: f64) -> f64 {
    let rest = n - x;
    stirling_remainder(n)
        - stirling_remainder(x)
        - stirling_remainder(rest)
        - 0.5 * (x.ln() + (rest / n).ln())
        - HALF_LN_2_PI
}

/// The logarithm of the binomial probability of `x` successes in `n` trials, counts 0 <= x <= n, for the probabilities `p` of
/// a success and `q` = 1 - p of none, with their logarithms: each is given, since neither determines the other's digits.
pub(crate) fn ln_binomial(n: f64, x: f64, [p, log_p]: [f64; 2], [q, log_q]: [f64; 2]) -> f64 {
    let rest = n - x;
    if rest == 0.0 {
        return if n == 0.0 { 0.0 } else { n * log_p };
    }
    if x == 0.0 {
        return n * log_q;
    }
    // Far in a tail the probabilities themselves may underflow; the deviances do not cancel there.
    if p.min(q) < 1e-200 {
        return ln_choose(n, x) + x * log_p + rest * log_q;
    }
    beside_entropy(n, x) - deviance(x, n * p) - deviance(rest, n * q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_meet_exact_numbers() {
        // Pascal's triangle up to 60, whose numbers are exact.
        let mut row = vec![1.0f64];
        for n in 1..=56usize {
            row = (0..=n).map(|k| if k == 0 || k == n { 1.0 } else { row[k - 1] + row[k] }).collect();
            for (k, exact) in row.iter().enumerate() {
                let got = ln_choose(n as f64, k as f64);
                // A few roundings of S(n), which are of the order of 1, and of the sum itself.
                assert!(
                    (got - exact.ln()).abs() < 4e-15 * (1.0 + exact.ln()),
                    "{n} {k}: {got} {}",
                    exact.ln()
                );
            }
        }
    }

    #[test]
    fn logarithm_less_its_argument() {
        assert_eq!((ln_1p_minus(0.0), ln_1p_minus(-1.0)), (0.0, f64::NEG_INFINITY));
        assert!(ln_1p_minus(-1.5).is_nan() && ln_1p_minus(f64::NAN).is_nan());
        // The series in x, all of whose terms are far above rounding at this size: -x^2/2 + x^3/3 - ...
        for x in [1e-8, -1e-8, 1e-3, -1e-3f64] {
            let series: f64 = (2..9).map(|k| -(-x).powi(k) / f64::from(k)).sum();
            assert!((ln_1p_minus(x) / series - 1.0).abs() < 1e-15, "{x}");
        }
        // Both forms at their seams.
        for x in [-0.35, 0.5f64] {
            assert!((ln_1p_minus(x) / (x.ln_1p() - x) - 1.0).abs() < 1e-14, "{x}");
        }
    }
}
