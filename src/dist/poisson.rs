//! The Poisson distribution, by rate.
//!
//! log p(x) = x log(rate) - rate - log x!, x = 0, 1, 2, ...
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 4.

use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::ln_gamma;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// The Poisson distribution with mean `rate` (above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poisson<R = f64>(pub R);

/// What the parameters of [`Poisson`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct PoissonRow<N = f64> {
    /// The rate.
    rate: N,
    /// log(rate).
    log_rate: N,
    /// 1 / rate.
    inverse_rate: N,
}

impl Kernel<1> for Poisson {
    kernel_by_formula! { PoissonRow, 1 }

    const NAME: &'static str = "Poisson";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("rate", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Count
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([rate]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        [draw_count(rate, stream)]
    }
}

impl VectorKernel<1> for Poisson {
    type Shared<N: Number> = PoissonRow<N>;

    #[inline(always)]
    fn row<N: Number>([rate]: [N; 1]) -> PoissonRow<N> {
        let log_rate = rate.ln() + poison::<Self, N, 1, 1>([rate]);
        PoissonRow { rate, log_rate, inverse_rate: rate.reciprocal() }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &PoissonRow<N>, x: N) -> Partials<1, N> {
        let partials = Partials {
            log_prob: x * row.log_rate - row.rate,
            value: x.all(0.0),
            parameters: [x * row.inverse_rate - 1.0],
        };
        possible(is_count(x), partials)
    }
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
