//! The half-Cauchy distribution: the absolute value of a centred Cauchy number.
//!
//! log p(x) = log(2) - log(pi scale) - log(1 + (x / scale)^2), x >= 0.
//!
//! Source: Gelman 2006, Prior distributions for variance parameters, <https://doi.org/10.1214/06-BA117A>.

use super::cauchy::{LN_PI, log1p_square, slopes};
use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;
use std::f64::consts::LN_2;

/// The half-Cauchy distribution with median `scale` (above 0). It has no mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfCauchy<S = f64>(pub S);

/// What the parameters of [`HalfCauchy`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct HalfCauchyRow {
    /// 1 / scale.
    inverse_scale: f64,
    /// log(2) - log(pi scale).
    normaliser: f64,
}

impl Kernel<1> for HalfCauchy {
    type Row = HalfCauchyRow;

    const NAME: &'static str = "HalfCauchy";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    #[inline]
    fn row([scale]: [f64; 1]) -> HalfCauchyRow {
        let normaliser = LN_2 - LN_PI - scale.ln() + poison::<Self, 1, 1>([scale]);
        HalfCauchyRow { inverse_scale: 1.0 / scale, normaliser }
    }

    #[inline]
    fn log_prob(row: &HalfCauchyRow, [x]: [f64; 1]) -> f64 {
        if x >= 0.0 { row.normaliser - log1p_square(x * row.inverse_scale) } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &HalfCauchyRow, [x]: [f64; 1]) -> Partials<1> {
        if !(x >= 0.0) {
            return Partials::IMPOSSIBLE;
        }
        let z = x * row.inverse_scale;
        let (pull, spread) = slopes(z);
        Partials {
            log_prob: row.normaliser - log1p_square(z),
            value: -pull * row.inverse_scale,
            parameters: [spread * row.inverse_scale],
        }
    }

    fn sample([scale]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let x = rand_distr::Cauchy::new(0.0, scale).map_or(f64::NAN, |cauchy| cauchy.sample(stream));
        [above_zero(x.abs()) + poison::<Self, 1, 1>([scale])]
    }
}
