//! The Bernoulli distribution, by log odds.
//!
//! log p(1) = -log(1 + exp(-logit)), log p(0) = -log(1 + exp(logit)).
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), section 3.2, with p = logistic(logit).

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::math::logistic;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The Bernoulli distribution: 1 with log odds `logit` (any number), that is with probability logistic(logit), else
/// 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BernoulliLogit<L = f64>(pub L);

/// What the parameters of [`BernoulliLogit`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BernoulliLogitRow {
    /// -log(1 + exp(-logit)).
    log_one: f64,
    /// -log(1 + exp(logit)).
    log_zero: f64,
    /// logistic(logit).
    one: f64,
    /// logistic(-logit).
    zero: f64,
}

impl Kernel<1> for BernoulliLogit {
    type Row = BernoulliLogitRow;

    const NAME: &'static str = "BernoulliLogit";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("logit", ParameterDomain::Real)];

    fn support(_: [f64; 1]) -> Support {
        Support::Boolean
    }

    #[inline]
    fn row([logit]: [f64; 1]) -> BernoulliLogitRow {
        let poison = poison::<Self, 1, 1>([logit]);
        // One exponential and one logarithm serve all four: exp(-|logit|) is the odds of the less likely value.
        let odds = (-logit.abs()).exp();
        let (log_rest, likely) = (poison - odds.ln_1p(), 1.0 / (1.0 + odds));
        let unlikely = odds * likely;
        BernoulliLogitRow {
            log_one: log_rest + logit.min(0.0),
            log_zero: log_rest - logit.max(0.0),
            one: if logit >= 0.0 { likely } else { unlikely },
            zero: if logit >= 0.0 { unlikely } else { likely },
        }
    }

    #[inline]
    fn log_prob(row: &BernoulliLogitRow, [x]: [f64; 1]) -> f64 {
        if x == 1.0 {
            row.log_one
        } else if x == 0.0 {
            row.log_zero
        } else {
            f64::NEG_INFINITY
        }
    }

    #[inline]
    fn partials(row: &BernoulliLogitRow, [x]: [f64; 1]) -> Partials<1> {
        let log_prob = Self::log_prob(row, [x]);
        if log_prob == f64::NEG_INFINITY {
            return Partials::IMPOSSIBLE;
        }
        Partials { log_prob, value: 0.0, parameters: [if x == 1.0 { row.zero } else { -row.one }] }
    }

    fn sample([logit]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let coin = rand_distr::Bernoulli::new(logistic(logit)).is_ok_and(|coin| coin.sample(stream));
        [f64::from(u8::from(coin)) + poison::<Self, 1, 1>([logit])]
    }
}
