//! The half-Cauchy distribution: the absolute value of a centred Cauchy number.
//!
//! log p(x) = log(2) - log(pi scale) - log(1 + (x / scale)^2), x >= 0.
//!
//! Source: Gelman 2006, Prior distributions for variance parameters, <https://doi.org/10.1214/06-BA117A>.

use super::cauchy::{LN_PI, log1p_square, slopes};
use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;
use std::f64::consts::LN_2;

/// The half-Cauchy distribution with median `scale` (above 0). It has no mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfCauchy<S = f64>(pub S);

/// What the parameters of [`HalfCauchy`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct HalfCauchyRow<N = f64> {
    /// 1 / scale.
    inverse_scale: N,
    /// log(2) - log(pi scale).
    normaliser: N,
}

impl Kernel<1> for HalfCauchy {
    kernel_by_formula! { HalfCauchyRow, 1 }

    const NAME: &'static str = "HalfCauchy";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    fn sample([scale]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let x = rand_distr::Cauchy::new(0.0, scale).map_or(f64::NAN, |cauchy| cauchy.sample(stream));
        [above_zero(x.abs()) + poison::<Self, f64, 1, 1>([scale])]
    }
}

impl VectorKernel<1> for HalfCauchy {
    type Shared<N: Number> = HalfCauchyRow<N>;

    #[inline(always)]
    fn row<N: Number>([scale]: [N; 1]) -> HalfCauchyRow<N> {
        let normaliser = -scale.ln() + (LN_2 - LN_PI) + poison::<Self, N, 1, 1>([scale]);
        HalfCauchyRow { inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &HalfCauchyRow<N>, x: N) -> Partials<1, N> {
        let z = x * row.inverse_scale;
        let [pull, spread] = slopes(z);
        let partials = Partials {
            log_prob: row.normaliser - log1p_square(z),
            value: -pull * row.inverse_scale,
            parameters: [spread * row.inverse_scale],
        };
        possible(x.all(0.0).at_most(x), partials)
    }
}
