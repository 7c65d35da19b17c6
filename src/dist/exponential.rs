//! The exponential distribution.
//!
//! log p(x) = log(rate) - rate x, x >= 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 19.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The exponential distribution with rate `rate` (above 0). Its mean is 1 / rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential<R = f64>(pub R);

/// What the parameters of [`Exponential`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct ExponentialRow<N = f64> {
    /// The rate.
    rate: N,
    /// 1 / rate.
    inverse_rate: N,
    /// log(rate).
    log_rate: N,
}

impl Kernel<1> for Exponential {
    kernel_by_formula! { ExponentialRow, 1 }

    const NAME: &'static str = "Exponential";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("rate", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    fn sample([rate]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let unit: f64 = Exp1.sample(stream);
        [above_zero(unit / rate) + poison::<Self, f64, 1, 1>([rate])]
    }
}

impl VectorKernel<1> for Exponential {
    type Shared<N: Number> = ExponentialRow<N>;

    #[inline(always)]
    fn row<N: Number>([rate]: [N; 1]) -> ExponentialRow<N> {
        let log_rate = rate.ln() + poison::<Self, N, 1, 1>([rate]);
        ExponentialRow { rate, inverse_rate: rate.reciprocal(), log_rate }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &ExponentialRow<N>, x: N) -> Partials<1, N> {
        let partials = Partials {
            log_prob: row.log_rate - row.rate * x,
            value: -row.rate,
            parameters: [row.inverse_rate - x],
        };
        possible(x.all(0.0).at_most(x), partials)
    }
}
