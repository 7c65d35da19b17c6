//! The inverse gamma distribution: the reciprocal of a gamma number.
//!
//! log p(x) = shape log(scale) - ln G(shape) - (shape + 1) log(x) - scale / x, x > 0.
//!
//! Source: Gelman et al., Bayesian Data Analysis (2013), appendix A.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::ln_gamma_and_digamma;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The inverse gamma distribution with `shape` and `scale` (both above 0): 1/x is Gamma(shape, rate = scale). Its
/// mean is scale / (shape - 1) for shape above 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseGamma<A = f64, S = f64>(pub A, pub S);

/// What the parameters of [`InverseGamma`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct InverseGammaRow<N = f64> {
    /// shape + 1.
    power: N,
    /// The scale.
    scale: N,
    /// shape / scale.
    ratio: N,
    /// shape log(scale) - ln G(shape).
    normaliser: N,
    /// log(scale) - digamma(shape).
    normaliser_slope: N,
}

impl Kernel<2> for InverseGamma {
    kernel_by_formula! { InverseGammaRow, 2 }

    const NAME: &'static str = "InverseGamma";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("shape", ParameterDomain::Positive), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    fn sample([shape, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let unit = rand_distr::Gamma::new(shape, 1.0).map_or(f64::NAN, |unit| unit.sample(stream));
        [above_zero(scale / unit) + poison::<Self, f64, 2, 1>([shape, scale])]
    }
}

impl VectorKernel<2> for InverseGamma {
    type Shared<N: Number> = InverseGammaRow<N>;

    #[inline(always)]
    fn row<N: Number>([shape, scale]: [N; 2]) -> InverseGammaRow<N> {
        let [ln_gamma, digamma] = N::each([shape], |[shape]| ln_gamma_and_digamma(shape).into());
        let log_scale = scale.ln();
        InverseGammaRow {
            power: shape + 1.0,
            scale,
            ratio: shape / scale,
            normaliser: shape * log_scale - ln_gamma + poison::<Self, N, 2, 1>([shape, scale]),
            normaliser_slope: log_scale - digamma,
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &InverseGammaRow<N>, x: N) -> Partials<2, N> {
        let (log, inverse) = (x.ln(), x.reciprocal());
        let partials = Partials {
            log_prob: row.normaliser - row.power * log - row.scale * inverse,
            value: (row.scale * inverse - row.power) * inverse,
            parameters: [row.normaliser_slope - log, row.ratio - inverse],
        };
        possible(x.all(0.0).less_than(x), partials)
    }
}
