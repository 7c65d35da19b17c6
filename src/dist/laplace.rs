//! The Laplace distribution, also called double exponential.
//!
//! log p(x) = -log(2 scale) - |z|, z = (x - loc) / scale, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 24.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};
use std::f64::consts::LN_2;

/// The Laplace distribution with mean `loc` (any number) and mean distance from it `scale` (above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laplace<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`Laplace`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct LaplaceRow<N = f64> {
    /// The mean.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// -log(2 scale).
    normaliser: N,
}

impl Kernel<2> for Laplace {
    kernel_by_formula! { LaplaceRow, 2 }

    const NAME: &'static str = "Laplace";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let (up, down): (f64, f64) = (Exp1.sample(stream), Exp1.sample(stream));
        [finite(loc + scale * (up - down)) + poison::<Self, f64, 2, 1>([loc, scale])]
    }
}

impl VectorKernel<2> for Laplace {
    type Shared<N: Number> = LaplaceRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale]: [N; 2]) -> LaplaceRow<N> {
        let normaliser = -scale.ln() - LN_2 + poison::<Self, N, 2, 1>([loc, scale]);
        LaplaceRow { loc, inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &LaplaceRow<N>, x: N) -> Partials<2, N> {
        let (zero, z) = (x.all(0.0), (x - row.loc) * row.inverse_scale);
        let sign = x.all(1.0).or(zero.less_than(z), x.all(-1.0).or(z.less_than(zero), zero));
        let pull = sign * row.inverse_scale;
        let size = z.abs();
        Partials {
            log_prob: row.normaliser - size,
            value: -pull,
            parameters: [pull, (size - 1.0) * row.inverse_scale],
        }
    }
}
