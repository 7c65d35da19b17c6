//! The binomial distribution, by number of trials and log odds.
//!
//! log p(x) = log C(n, x) - x log(1 + exp(-logit)) - (n - x) log(1 + exp(logit)), x = 0, 1, ..., n.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 3, with p = logistic(logit).

use super::binomial::draw_successes;
use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use crate::math::{ln_binomial, log1p_exp, logistic};
use crate::seed::Stream;
use crate::transform::Support;

/// The binomial distribution: the number of successes in `n` independent trials (a count, given as a number or data) with log
/// odds `logit` each (any number).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinomialLogit<N = f64, L = f64>(pub N, pub L);

/// What the parameters of [`BinomialLogit`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BinomialLogitRow {
    n: f64,
    /// The probability of a success and its logarithm.
    success: [f64; 2],
    /// The probability of a failure and its logarithm.
    failure: [f64; 2],
    /// 0, or NaN for parameters outside their domains.
    poison: f64,
}

impl Kernel<2> for BinomialLogit {
    type Row = BinomialLogitRow;

    const NAME: &'static str = "BinomialLogit";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("n", ParameterDomain::Count), ("logit", ParameterDomain::Real)];

    fn support([n, _]: [f64; 2]) -> Support {
        Support::CountUpTo { most: n }
    }

    fn row([n, logit]: [f64; 2]) -> BinomialLogitRow {
        BinomialLogitRow {
            n,
            success: [logistic(logit), -log1p_exp(-logit)],
            failure: [logistic(-logit), -log1p_exp(logit)],
            poison: poison::<Self, f64, 2, 1>([n, logit]),
        }
    }

    fn log_prob(row: &BinomialLogitRow, [x]: [f64; 1]) -> f64 {
        if !(is_count(x) && x <= row.n) {
            return f64::NEG_INFINITY + row.poison;
        }
        ln_binomial(row.n, x, row.success, row.failure) + row.poison
    }

    fn partials(row: &BinomialLogitRow, [x]: [f64; 1]) -> Partials<2> {
        let log_prob = Self::log_prob(row, [x]);
        if !(log_prob > f64::NEG_INFINITY) {
            return Partials { log_prob, ..Partials::IMPOSSIBLE };
        }
        let slope = x * row.failure[0] - (row.n - x) * row.success[0];
        Partials { log_prob, value: 0.0, parameters: [0.0, slope] }
    }

    fn sample([n, logit]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([n, logit]);
        if poison.is_nan() {
            return [poison];
        }
        // The rarer outcome is the one whose probability has all its digits.
        let rare = draw_successes(n, logistic(-logit.abs()), stream);
        [if logit <= 0.0 { rare } else { n - rare }]
    }
}
