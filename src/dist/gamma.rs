//! The gamma distribution, by shape and rate.
//!
//! log p(x) = shape log(rate) - ln G(shape) + (shape - 1) log(x) - rate x, x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 17.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use crate::math::ln_gamma_and_digamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The gamma distribution with `shape` (above 0) and `rate` (above 0, not a scale). Its mean is shape / rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma<A = f64, R = f64>(pub A, pub R);

/// What the parameters of [`Gamma`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct GammaRow {
    /// shape - 1.
    power: f64,
    /// The rate.
    rate: f64,
    /// shape / rate.
    mean: f64,
    /// shape log(rate) - ln G(shape).
    normaliser: f64,
    /// log(rate) - digamma(shape).
    normaliser_slope: f64,
}

impl Kernel<2> for Gamma {
    type Row = GammaRow;

    const NAME: &'static str = "Gamma";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("shape", ParameterDomain::Positive), ("rate", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    #[inline]
    fn row([shape, rate]: [f64; 2]) -> GammaRow {
        let (ln_gamma, digamma) = ln_gamma_and_digamma(shape);
        let log_rate = rate.ln();
        GammaRow {
            power: shape - 1.0,
            rate,
            mean: shape / rate,
            normaliser: shape * log_rate - ln_gamma + poison::<Self, 2, 1>([shape, rate]),
            normaliser_slope: log_rate - digamma,
        }
    }

    #[inline]
    fn log_prob(row: &GammaRow, [x]: [f64; 1]) -> f64 {
        if x > 0.0 { row.normaliser + row.power * x.ln() - row.rate * x } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &GammaRow, [x]: [f64; 1]) -> Partials<2> {
        if !(x > 0.0) {
            return Partials::IMPOSSIBLE;
        }
        let log = x.ln();
        Partials {
            log_prob: row.normaliser + row.power * log - row.rate * x,
            value: row.power / x - row.rate,
            parameters: [row.normaliser_slope + log, row.mean - x],
        }
    }

    fn sample([shape, rate]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let unit = rand_distr::Gamma::new(shape, 1.0).map_or(f64::NAN, |unit| unit.sample(stream));
        [above_zero(unit / rate) + poison::<Self, 2, 1>([shape, rate])]
    }
}
