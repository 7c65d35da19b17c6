//! The half-normal distribution: the absolute value of a centred normal number.
//!
//! log p(x) = log(2/pi)/2 - log(scale) - (x / scale)^2 / 2, x >= 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), section 13.10.1.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// ln(2 / pi) / 2.
const HALF_LN_2_OVER_PI: f64 = -0.225_791_352_644_727_43;

/// The half-normal distribution with scale `scale` (above 0): the absolute value of Normal(0, scale). Its mean is
/// scale sqrt(2/pi).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfNormal<S = f64>(pub S);

/// What the parameters of [`HalfNormal`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct HalfNormalRow {
    /// 1 / scale.
    inverse_scale: f64,
    /// log(2/pi)/2 - log(scale).
    normaliser: f64,
}

impl Kernel<1> for HalfNormal {
    type Row = HalfNormalRow;

    const NAME: &'static str = "HalfNormal";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    #[inline]
    fn row([scale]: [f64; 1]) -> HalfNormalRow {
        let normaliser = HALF_LN_2_OVER_PI - scale.ln() + poison::<Self, 1, 1>([scale]);
        HalfNormalRow { inverse_scale: 1.0 / scale, normaliser }
    }

    #[inline]
    fn log_prob(row: &HalfNormalRow, [x]: [f64; 1]) -> f64 {
        let z = x * row.inverse_scale;
        if x >= 0.0 { row.normaliser - 0.5 * z * z } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &HalfNormalRow, [x]: [f64; 1]) -> Partials<1> {
        if !(x >= 0.0) {
            return Partials::IMPOSSIBLE;
        }
        let z = x * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - 0.5 * z * z,
            value: -z * row.inverse_scale,
            parameters: [(z * z - 1.0) * row.inverse_scale],
        }
    }

    fn sample([scale]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let z: f64 = StandardNormal.sample(stream);
        [above_zero(scale * z.abs()) + poison::<Self, 1, 1>([scale])]
    }
}
