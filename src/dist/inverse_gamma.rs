//! The inverse gamma distribution: the reciprocal of a gamma number.
//!
//! log p(x) = shape log(scale) - ln G(shape) - (shape + 1) log(x) - scale / x, x > 0.
//!
//! Source: Gelman et al., Bayesian Data Analysis (2013), appendix A.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use crate::math::ln_gamma_and_digamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The inverse gamma distribution with `shape` and `scale` (both above 0): 1/x is Gamma(shape, rate = scale). Its
/// mean is scale / (shape - 1) for shape above 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseGamma<A = f64, S = f64>(pub A, pub S);

/// What the parameters of [`InverseGamma`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct InverseGammaRow {
    /// shape + 1.
    power: f64,
    /// The scale.
    scale: f64,
    /// shape / scale.
    ratio: f64,
    /// shape log(scale) - ln G(shape).
    normaliser: f64,
    /// log(scale) - digamma(shape).
    normaliser_slope: f64,
}

impl Kernel<2> for InverseGamma {
    type Row = InverseGammaRow;

    const NAME: &'static str = "InverseGamma";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("shape", ParameterDomain::Positive), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    #[inline]
    fn row([shape, scale]: [f64; 2]) -> InverseGammaRow {
        let (ln_gamma, digamma) = ln_gamma_and_digamma(shape);
        let log_scale = scale.ln();
        InverseGammaRow {
            power: shape + 1.0,
            scale,
            ratio: shape / scale,
            normaliser: shape * log_scale - ln_gamma + poison::<Self, 2, 1>([shape, scale]),
            normaliser_slope: log_scale - digamma,
        }
    }

    #[inline]
    fn log_prob(row: &InverseGammaRow, [x]: [f64; 1]) -> f64 {
        if x > 0.0 { row.normaliser - row.power * x.ln() - row.scale * (1.0 / x) } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn partials(row: &InverseGammaRow, [x]: [f64; 1]) -> Partials<2> {
        if !(x > 0.0) {
            return Partials::IMPOSSIBLE;
        }
        let (log, inverse) = (x.ln(), 1.0 / x);
        Partials {
            log_prob: row.normaliser - row.power * log - row.scale * inverse,
            value: (row.scale * inverse - row.power) * inverse,
            parameters: [row.normaliser_slope - log, row.ratio - inverse],
        }
    }

    fn sample([shape, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let unit = rand_distr::Gamma::new(shape, 1.0).map_or(f64::NAN, |unit| unit.sample(stream));
        [above_zero(scale / unit) + poison::<Self, 2, 1>([shape, scale])]
    }
}
