//! The half-normal distribution: the absolute value of a centred normal number.
//!
//! log p(x) = log(2/pi)/2 - log(scale) - (x / scale)^2 / 2, x >= 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), section 13.10.1.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
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
pub struct HalfNormalRow<N = f64> {
    /// 1 / scale.
    inverse_scale: N,
    /// log(2/pi)/2 - log(scale).
    normaliser: N,
}

impl Kernel<1> for HalfNormal {
    kernel_by_formula! { HalfNormalRow, 1 }

    const NAME: &'static str = "HalfNormal";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    fn sample([scale]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let z: f64 = StandardNormal.sample(stream);
        [above_zero(scale * z.abs()) + poison::<Self, f64, 1, 1>([scale])]
    }
}

impl VectorKernel<1> for HalfNormal {
    type Shared<N: Number> = HalfNormalRow<N>;

    #[inline(always)]
    fn row<N: Number>([scale]: [N; 1]) -> HalfNormalRow<N> {
        let normaliser = -scale.ln() + HALF_LN_2_OVER_PI + poison::<Self, N, 1, 1>([scale]);
        HalfNormalRow { inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &HalfNormalRow<N>, x: N) -> Partials<1, N> {
        let z = x * row.inverse_scale;
        let partials = Partials {
            log_prob: row.normaliser - z * z * 0.5,
            value: -z * row.inverse_scale,
            parameters: [(z * z - 1.0) * row.inverse_scale],
        };
        possible(x.all(0.0).at_most(x), partials)
    }
}
