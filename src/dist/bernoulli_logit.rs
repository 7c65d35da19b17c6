//! The Bernoulli distribution, by log odds.
//!
//! log p(1) = -log(1 + exp(-logit)), log p(0) = -log(1 + exp(logit)).
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), section 3.2, with p = logistic(logit).

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::logistic;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The Bernoulli distribution: 1 with log odds `logit` (any number), that is with probability logistic(logit), else
/// 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BernoulliLogit<L = f64>(pub L);

/// What the parameters of [`BernoulliLogit`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BernoulliLogitRow<N = f64> {
    /// -log(1 + exp(-logit)).
    log_one: N,
    /// -log(1 + exp(logit)).
    log_zero: N,
    /// logistic(logit).
    one: N,
    /// logistic(-logit).
    zero: N,
}

impl Kernel<1> for BernoulliLogit {
    kernel_by_formula! { BernoulliLogitRow, 1 }

    const NAME: &'static str = "BernoulliLogit";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("logit", ParameterDomain::Real)];

    fn support(_: [f64; 1]) -> Support {
        Support::Boolean
    }

    fn sample([logit]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let coin = rand_distr::Bernoulli::new(logistic(logit)).is_ok_and(|coin| coin.sample(stream));
        [f64::from(u8::from(coin)) + poison::<Self, f64, 1, 1>([logit])]
    }
}

impl VectorKernel<1> for BernoulliLogit {
    type Shared<N: Number> = BernoulliLogitRow<N>;

    #[inline(always)]
    fn row<N: Number>([logit]: [N; 1]) -> BernoulliLogitRow<N> {
        let zero = logit.all(0.0);
        // One exponential and one logarithm serve all four: exp(-|logit|) is the odds of the less likely value.
        let odds = logit.exp_minus_abs();
        let log_rest = poison::<Self, N, 1, 1>([logit]) - odds.ln_1p_unit();
        let likely = (odds + 1.0).reciprocal();
        let unlikely = odds * likely;
        let positive = zero.at_most(logit);
        BernoulliLogitRow {
            log_one: log_rest + logit.min(zero),
            log_zero: log_rest - logit.max(zero),
            one: likely.or(positive, unlikely),
            zero: unlikely.or(positive, likely),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &BernoulliLogitRow<N>, x: N) -> Partials<1, N> {
        let (zero, impossible) = (x.all(0.0), x.all(f64::NEG_INFINITY));
        let (is_one, is_zero) = (x.equals(x.all(1.0)), x.equals(zero));
        Partials {
            log_prob: row.log_one.or(is_one, row.log_zero.or(is_zero, impossible)),
            value: zero,
            parameters: [row.zero.or(is_one, (-row.one).or(is_zero, zero))],
        }
    }
}
