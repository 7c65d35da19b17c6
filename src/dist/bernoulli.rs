//! The Bernoulli distribution, by probability.
//!
//! log p(x) = x log(p) + (1 - x) log(1 - p), x = 0 or 1.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), section 3.2.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The Bernoulli distribution: 1 with probability `p` (0 to 1, ends included), else 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bernoulli<P = f64>(pub P);

/// What the parameters of [`Bernoulli`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BernoulliRow {
    /// log(p).
    log_one: f64,
    /// log(1 - p).
    log_zero: f64,
    /// 1 / p.
    slope_one: f64,
    /// -1 / (1 - p).
    slope_zero: f64,
}

impl Kernel<1> for Bernoulli {
    type Row = BernoulliRow;

    const NAME: &'static str = "Bernoulli";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("p", ParameterDomain::Probability)];

    fn support(_: [f64; 1]) -> Support {
        Support::Boolean
    }

    #[inline]
    fn row([p]: [f64; 1]) -> BernoulliRow {
        let poison = poison::<Self, 1, 1>([p]);
        BernoulliRow {
            log_one: p.ln() + poison,
            log_zero: (-p).ln_1p() + poison,
            slope_one: 1.0 / p,
            slope_zero: -1.0 / (1.0 - p),
        }
    }

    #[inline]
    fn log_prob(row: &BernoulliRow, [x]: [f64; 1]) -> f64 {
        if x == 1.0 {
            row.log_one
        } else if x == 0.0 {
            row.log_zero
        } else {
            f64::NEG_INFINITY
        }
    }

    #[inline]
    fn partials(row: &BernoulliRow, [x]: [f64; 1]) -> Partials<1> {
        let log_prob = Self::log_prob(row, [x]);
        if log_prob == f64::NEG_INFINITY {
            return Partials::IMPOSSIBLE;
        }
        Partials { log_prob, value: 0.0, parameters: [if x == 1.0 { row.slope_one } else { row.slope_zero }] }
    }

    fn sample([p]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let coin = rand_distr::Bernoulli::new(p).is_ok_and(|coin| coin.sample(stream));
        [f64::from(u8::from(coin)) + poison::<Self, 1, 1>([p])]
    }
}
