//! The binomial distribution, by number of trials and log odds.
//!
//! log p(x) = log C(n, x) - x log(1 + exp(-logit)) - (n - x) log(1 + exp(logit)), x = 0, 1, ..., n.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 3, with p = logistic(logit).

use super::binomial::{draw_successes, partials_of_counts};
use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::logistic;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;

/// The binomial distribution: the number of successes in `n` independent trials (a count, given as a number or data) with log
/// odds `logit` each (any number).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinomialLogit<N = f64, L = f64>(pub N, pub L);

/// What the parameters of [`BinomialLogit`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BinomialLogitRow<N = f64> {
    /// The number of trials.
    n: N,
    /// The probability of a success and its logarithm.
    success: [N; 2],
    /// The probability of a failure and its logarithm.
    failure: [N; 2],
    /// 0, or NaN for parameters outside their domains.
    poison: N,
}

impl Kernel<2> for BinomialLogit {
    kernel_by_formula! { BinomialLogitRow, 2 }

    const NAME: &'static str = "BinomialLogit";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("n", ParameterDomain::Count), ("logit", ParameterDomain::Real)];

    fn support([n, _]: [f64; 2]) -> Support {
        Support::CountUpTo { most: n }
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

impl VectorKernel<2> for BinomialLogit {
    type Shared<N: Number> = BinomialLogitRow<N>;

    #[inline(always)]
    fn row<N: Number>([n, logit]: [N; 2]) -> BinomialLogitRow<N> {
        let zero = logit.all(0.0);
        // One exponential and one logarithm serve all four: exp(-|logit|) is the odds of the rarer outcome.
        let odds = logit.exp_minus_abs();
        let log_rest = -odds.ln_1p_unit();
        let likely = (odds + 1.0).reciprocal();
        let unlikely = odds * likely;
        let positive = zero.at_most(logit);
        BinomialLogitRow {
            n,
            success: [likely.or(positive, unlikely), log_rest + logit.min(zero)],
            failure: [unlikely.or(positive, likely), log_rest - logit.max(zero)],
            poison: poison::<Self, N, 2, 1>([n, logit]),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &BinomialLogitRow<N>, x: N) -> Partials<2, N> {
        let slope = x * row.failure[0] - (row.n - x) * row.success[0];
        partials_of_counts(row.n, x, row.success, row.failure, row.poison, slope)
    }
}
