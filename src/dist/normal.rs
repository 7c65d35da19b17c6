//! The normal (Gaussian) distribution.
//!
//! log p(x) = -log(scale) - log(2 pi)/2 - ((x - loc) / scale)^2 / 2, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 13.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

pub(super) const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// The normal distribution with mean `loc` (any number) and standard deviation `scale` (above 0).
///
/// # Examples
/// ```
/// use mynah::dist::{Normal, Univariate};
/// assert!((Normal(0.0, 1.0).log_prob(1.5) + 2.0439385332046727).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`Normal`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct NormalRow<N = f64> {
    /// The mean.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// -log(scale) - log(2 pi)/2.
    normaliser: N,
}

impl Kernel<2> for Normal {
    kernel_by_formula! { NormalRow, 2 }

    const NAME: &'static str = "Normal";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let z: f64 = StandardNormal.sample(stream);
        [finite(loc + scale * z) + poison::<Self, f64, 2, 1>([loc, scale])]
    }
}

impl VectorKernel<2> for Normal {
    type Shared<N: Number> = NormalRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale]: [N; 2]) -> NormalRow<N> {
        let normaliser = -scale.ln() - HALF_LN_2_PI + poison::<Self, N, 2, 1>([loc, scale]);
        NormalRow { loc, inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &NormalRow<N>, x: N) -> Partials<2, N> {
        let z = (x - row.loc) * row.inverse_scale;
        let pull = z * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - z * z * 0.5,
            value: -pull,
            parameters: [pull, (z * z - 1.0) * row.inverse_scale],
        }
    }
}
