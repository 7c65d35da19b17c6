//! The gamma distribution, by shape and rate.
//!
//! log p(x) = shape log(rate) - ln G(shape) + (shape - 1) log(x) - rate x, x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 17.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::ln_gamma_and_digamma;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The gamma distribution with `shape` (above 0) and `rate` (above 0, not a scale). Its mean is shape / rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma<A = f64, R = f64>(pub A, pub R);

/// What the parameters of [`Gamma`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct GammaRow<N = f64> {
    /// shape - 1.
    power: N,
    /// The rate.
    rate: N,
    /// shape / rate.
    mean: N,
    /// shape log(rate) - ln G(shape).
    normaliser: N,
    /// log(rate) - digamma(shape).
    normaliser_slope: N,
}

impl Kernel<2> for Gamma {
    kernel_by_formula! { GammaRow, 2 }

    const NAME: &'static str = "Gamma";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("shape", ParameterDomain::Positive), ("rate", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    fn sample([shape, rate]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let unit = rand_distr::Gamma::new(shape, 1.0).map_or(f64::NAN, |unit| unit.sample(stream));
        [above_zero(unit / rate) + poison::<Self, f64, 2, 1>([shape, rate])]
    }
}

impl VectorKernel<2> for Gamma {
    type Shared<N: Number> = GammaRow<N>;

    #[inline(always)]
    fn row<N: Number>([shape, rate]: [N; 2]) -> GammaRow<N> {
        let [ln_gamma, digamma] = N::each([shape], |[shape]| ln_gamma_and_digamma(shape).into());
        let log_rate = rate.ln();
        GammaRow {
            power: shape - 1.0,
            rate,
            mean: shape / rate,
            normaliser: shape * log_rate - ln_gamma + poison::<Self, N, 2, 1>([shape, rate]),
            normaliser_slope: log_rate - digamma,
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &GammaRow<N>, x: N) -> Partials<2, N> {
        let log = x.ln();
        let partials = Partials {
            log_prob: row.normaliser + row.power * log - row.rate * x,
            value: row.power / x - row.rate,
            parameters: [row.normaliser_slope + log, row.mean - x],
        };
        possible(x.all(0.0).less_than(x), partials)
    }
}
