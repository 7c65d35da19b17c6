//! The hypergeometric distribution: draws without replacement.
//!
//! log p(x) = log C(successes, x) + log C(total - successes, draws - x) - log C(total, draws), by binomial probabilities of p = draws /
//! total, whose deviances do not cancel for large numbers.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 6; Loader 2000, Fast and Accurate Computation of
//! Binomial Probabilities.

use super::binomial::draw_successes;
use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use crate::math::ln_binomial;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The hypergeometric distribution: the number of successes among `draws` taken without replacement from `total`, of which
/// `successes` are such. All three are counts, given as numbers or data; `successes` and `draws` are at most `total`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hypergeometric<T = f64, S = f64, D = f64>(pub T, pub S, pub D);

/// What the parameters of [`Hypergeometric`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct HypergeometricRow {
    successes: f64,
    failures: f64,
    draws: f64,
    /// draws / total with its logarithm.
    drawn: [f64; 2],
    /// What is left, 1 - draws / total, with its logarithm.
    left: [f64; 2],
    /// Minus the logarithm of the binomial probability of `draws` among `total`; NaN for parameters outside their domains.
    normaliser: f64,
}

impl Kernel<3> for Hypergeometric {
    type Row = HypergeometricRow;

    const NAME: &'static str = "Hypergeometric";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("total", ParameterDomain::Count),
        ("successes", ParameterDomain::Count),
        ("draws", ParameterDomain::Count),
    ];

    fn support([_, successes, draws]: [f64; 3]) -> Support {
        Support::CountUpTo { most: if successes.is_nan() { successes } else { successes.min(draws) } }
    }

    fn row([total, successes, draws]: [f64; 3]) -> HypergeometricRow {
        let share = |part: f64| if total > 0.0 { part / total } else { 0.0 };
        let (p, q) = (share(draws), share(total - draws));
        let (drawn, left) = ([p, p.ln()], [q, q.ln()]);
        let possible = if successes <= total && draws <= total { 0.0 } else { f64::NAN };
        let poison = poison::<Self, f64, 3, 1>([total, successes, draws]) + possible;
        let normaliser = if poison.is_nan() { poison } else { -ln_binomial(total, draws, drawn, left) };
        HypergeometricRow { successes, failures: total - successes, draws, drawn, left, normaliser }
    }

    fn log_prob(row: &HypergeometricRow, [x]: [f64; 1]) -> f64 {
        if row.normaliser.is_nan() {
            return f64::NAN;
        }
        let rest = row.draws - x;
        if !(is_count(x) && x <= row.successes && 0.0 <= rest && rest <= row.failures) {
            return f64::NEG_INFINITY;
        }
        ln_binomial(row.successes, x, row.drawn, row.left)
            + ln_binomial(row.failures, rest, row.drawn, row.left)
            + row.normaliser
    }

    fn partials(row: &HypergeometricRow, x: [f64; 1]) -> Partials<3> {
        Partials { log_prob: Self::log_prob(row, x), value: 0.0, parameters: [0.0; 3] }
    }

    fn sample([total, successes, draws]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        if Self::row([total, successes, draws]).normaliser.is_nan() {
            return [f64::NAN];
        }
        let least = (draws - (total - successes)).max(0.0);
        if total <= 1e15 {
            let count = rand_distr::Hypergeometric::new(total as u64, successes as u64, draws as u64);
            return [count.map_or(f64::NAN, |count| count.sample(stream) as f64)];
        }
        // Counts are no longer exact here: the few are drawn with replacement from the many.
        let (few, many) = (successes.min(draws), successes.max(draws));
        [draw_successes(few, many / total, stream).clamp(least, few)]
    }
}
