//! The log-normal distribution: the exponential of a normal number.
//!
//! log p(x) = -log(x) - log(scale) - log(2 pi)/2 - ((log x - loc) / scale)^2 / 2, x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 14.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::normal::HALF_LN_2_PI;
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// The log-normal distribution: log x is normal with mean `loc` (any number) and standard deviation `scale` (above
/// 0). Its median is exp(loc).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`LogNormal`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct LogNormalRow<N = f64> {
    /// The mean of log x.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// -log(scale) - log(2 pi)/2.
    normaliser: N,
}

impl Kernel<2> for LogNormal {
    kernel_by_formula! { LogNormalRow, 2 }

    const NAME: &'static str = "LogNormal";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let z: f64 = StandardNormal.sample(stream);
        [above_zero((loc + scale * z).exp()) + poison::<Self, f64, 2, 1>([loc, scale])]
    }
}

impl VectorKernel<2> for LogNormal {
    type Shared<N: Number> = LogNormalRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale]: [N; 2]) -> LogNormalRow<N> {
        let normaliser = -scale.ln() - HALF_LN_2_PI + poison::<Self, N, 2, 1>([loc, scale]);
        LogNormalRow { loc, inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &LogNormalRow<N>, x: N) -> Partials<2, N> {
        let log = x.ln();
        let z = (log - row.loc) * row.inverse_scale;
        let pull = z * row.inverse_scale;
        let partials = Partials {
            log_prob: row.normaliser - log - z * z * 0.5,
            value: -(pull + 1.0) / x,
            parameters: [pull, (z * z - 1.0) * row.inverse_scale],
        };
        possible(x.all(0.0).less_than(x), partials)
    }
}
