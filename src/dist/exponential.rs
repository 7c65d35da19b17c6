//! The exponential distribution.
//!
//! log p(x) = log(rate) - rate x, x >= 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 19.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The exponential distribution with rate `rate` (above 0). Its mean is 1 / rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential<R = f64>(pub R);

/// What the parameters of [`Exponential`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct ExponentialRow {
    /// The rate.
    rate: f64,
    /// 1 / rate.
    inverse_rate: f64,
    /// log(rate).
    log_rate: f64,
}

impl Kernel<1> for Exponential {
    type Row = ExponentialRow;

    const NAME: &'static str = "Exponential";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("rate", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    #[inline]
    fn row([rate]: [f64; 1]) -> ExponentialRow {
        ExponentialRow { rate, inverse_rate: 1.0 / rate, log_rate: rate.ln() + poison::<Self, 1, 1>([rate]) }
    }

    #[inline]
    fn log_prob(row: &ExponentialRow, [x]: [f64; 1]) -> f64 {
        if x >= 0.0 { row.log_rate - row.rate * x } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &ExponentialRow, [x]: [f64; 1]) -> Partials<1> {
        if !(x >= 0.0) {
            return Partials::IMPOSSIBLE;
        }
        Partials {
            log_prob: row.log_rate - row.rate * x,
            value: -row.rate,
            parameters: [row.inverse_rate - x],
        }
    }

    fn sample([rate]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let unit: f64 = Exp1.sample(stream);
        [above_zero(unit / rate) + poison::<Self, 1, 1>([rate])]
    }
}
