//! The logistic distribution.
//!
//! log p(x) = -log(scale) - z - 2 log(1 + exp(-z)), z = (x - loc) / scale, x real; with |z| for z the same, and nothing
//! overflows.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 23.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::logit;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Open01};

/// The logistic distribution with mean `loc` (any number) and `scale` (above 0). Its standard deviation is pi scale / sqrt 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`Logistic`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct LogisticRow<N = f64> {
    /// The mean.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// -log(scale).
    normaliser: N,
}

impl Kernel<2> for Logistic {
    kernel_by_formula! { LogisticRow, 2 }

    const NAME: &'static str = "Logistic";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let p: f64 = Open01.sample(stream);
        [finite(loc + scale * logit(p)) + poison::<Self, f64, 2, 1>([loc, scale])]
    }
}

impl VectorKernel<2> for Logistic {
    type Shared<N: Number> = LogisticRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale]: [N; 2]) -> LogisticRow<N> {
        let normaliser = -scale.ln() + poison::<Self, N, 2, 1>([loc, scale]);
        LogisticRow { loc, inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &LogisticRow<N>, x: N) -> Partials<2, N> {
        let z = (x - row.loc) * row.inverse_scale;
        let slope = (z * 0.5).tanh();
        let pull = slope * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - z.abs() - z.exp_minus_abs().ln_1p_unit() * 2.0,
            value: -pull,
            parameters: [pull, (z * slope - 1.0) * row.inverse_scale],
        }
    }
}
