//! The Poisson distribution, by the logarithm of its rate.
//!
//! log p(x) = x log_rate - exp(log_rate) - log x!, x = 0, 1, 2, ...
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 4, with rate = exp(log_rate).

use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use super::poisson::draw_count;
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::ln_gamma;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;

/// The Poisson distribution with mean exp(`log_rate`) (any number).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonLog<R = f64>(pub R);

/// What the parameters of [`PoissonLog`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct PoissonLogRow<N = f64> {
    /// The logarithm of the rate.
    log_rate: N,
    /// exp(log_rate).
    rate: N,
}

impl Kernel<1> for PoissonLog {
    kernel_by_formula! { PoissonLogRow, 1 }

    const NAME: &'static str = "PoissonLog";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("log_rate", ParameterDomain::Real)];

    fn support(_: [f64; 1]) -> Support {
        Support::Count
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([log_rate]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        // A rate that underflows leaves only the count 0, one that overflows the largest count there is.
        let rate = log_rate.exp().min(f64::MAX);
        let count = if rate == 0.0 { 0.0 } else { draw_count(rate, stream) };
        [count + poison::<Self, f64, 1, 1>([log_rate])]
    }
}

impl VectorKernel<1> for PoissonLog {
    type Shared<N: Number> = PoissonLogRow<N>;

    #[inline(always)]
    fn row<N: Number>([log_rate]: [N; 1]) -> PoissonLogRow<N> {
        PoissonLogRow { log_rate, rate: log_rate.exp() + poison::<Self, N, 1, 1>([log_rate]) }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &PoissonLogRow<N>, x: N) -> Partials<1, N> {
        let partials =
            Partials { log_prob: x * row.log_rate - row.rate, value: x.all(0.0), parameters: [x - row.rate] };
        possible(is_count(x), partials)
    }
}
