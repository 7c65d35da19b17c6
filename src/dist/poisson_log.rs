//! The Poisson distribution, by the logarithm of its rate.
//!
//! log p(x) = x log_rate - exp(log_rate) - log x!, x = 0, 1, 2, ...
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 4, with rate = exp(log_rate).

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::poisson::{draw_count, is_count};
use crate::math::ln_gamma;
use crate::seed::Stream;
use crate::transform::Support;

/// The Poisson distribution with mean exp(`log_rate`) (any number).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonLog<R = f64>(pub R);

/// What the parameters of [`PoissonLog`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct PoissonLogRow {
    /// The logarithm of the rate.
    log_rate: f64,
    /// exp(log_rate).
    rate: f64,
}

impl Kernel<1> for PoissonLog {
    type Row = PoissonLogRow;

    const NAME: &'static str = "PoissonLog";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("log_rate", ParameterDomain::Real)];

    fn support(_: [f64; 1]) -> Support {
        Support::Count
    }

    #[inline]
    fn row([log_rate]: [f64; 1]) -> PoissonLogRow {
        PoissonLogRow { log_rate, rate: log_rate.exp() + poison::<Self, 1, 1>([log_rate]) }
    }

    #[inline]
    fn log_prob(row: &PoissonLogRow, [x]: [f64; 1]) -> f64 {
        if is_count(x) { x * row.log_rate - row.rate } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &PoissonLogRow, [x]: [f64; 1]) -> Partials<1> {
        if !is_count(x) {
            return Partials::IMPOSSIBLE;
        }
        Partials { log_prob: x * row.log_rate - row.rate, value: 0.0, parameters: [x - row.rate] }
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([log_rate]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        // A rate that underflows leaves only the count 0.
        let rate = log_rate.exp();
        let count = if rate == 0.0 { 0.0 } else { draw_count(rate, stream) };
        [count + poison::<Self, 1, 1>([log_rate])]
    }
}
