//! The Poisson distribution, by rate.
//!
//! log p(x) = x log(rate) - rate - log x!, x = 0, 1, 2, ...
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 4.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::math::ln_gamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// The Poisson distribution with mean `rate` (above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poisson<R = f64>(pub R);

/// What the parameters of [`Poisson`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct PoissonRow {
    /// The rate.
    rate: f64,
    /// log(rate).
    log_rate: f64,
    /// 1 / rate.
    inverse_rate: f64,
}

impl Kernel<1> for Poisson {
    type Row = PoissonRow;

    const NAME: &'static str = "Poisson";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("rate", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Count
    }

    #[inline]
    fn row([rate]: [f64; 1]) -> PoissonRow {
        PoissonRow { rate, log_rate: rate.ln() + poison::<Self, 1, 1>([rate]), inverse_rate: 1.0 / rate }
    }

    #[inline]
    fn log_prob(row: &PoissonRow, [x]: [f64; 1]) -> f64 {
        if is_count(x) { x * row.log_rate - row.rate } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &PoissonRow, [x]: [f64; 1]) -> Partials<1> {
        if !is_count(x) {
            return Partials::IMPOSSIBLE;
        }
        Partials {
            log_prob: x * row.log_rate - row.rate,
            value: 0.0,
            parameters: [x * row.inverse_rate - 1.0],
        }
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([rate]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        [draw_count(rate, stream)]
    }
}

/// Whether `x` is 0, 1, 2, ...
#[inline]
pub(super) fn is_count(x: f64) -> bool {
    // Infinity would pass the comparison with its integer part.
    x >= 0.0 && x.trunc() == x && x < f64::INFINITY
}

/// One Poisson count. Means above 1e15, where the counts are no longer exact in f64, take the normal limit: its
/// error there is below 1e-7 sd.
pub(super) fn draw_count(rate: f64, stream: &mut Stream) -> f64 {
    if rate > 1e15 && rate.is_finite() {
        let z: f64 = StandardNormal.sample(stream);
        return (rate + rate.sqrt() * z).round();
    }
    rand_distr::Poisson::new(rate).map_or(f64::NAN, |counts| counts.sample(stream))
}
