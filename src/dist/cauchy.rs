//! The Cauchy distribution.
//!
//! log p(x) = -log(pi scale) - log(1 + z^2), z = (x - loc) / scale, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 16.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// ln pi.
pub(super) const LN_PI: f64 = 1.144_729_885_849_400_2;

/// The Cauchy distribution with median `loc` (any number) and half-width at half-maximum `scale` (above 0). It has
/// no mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cauchy<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`Cauchy`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct CauchyRow<N = f64> {
    /// The median.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// -log(pi scale).
    normaliser: N,
}

impl Kernel<2> for Cauchy {
    kernel_by_formula! { CauchyRow, 2 }

    const NAME: &'static str = "Cauchy";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let x = rand_distr::Cauchy::new(loc, scale).map_or(f64::NAN, |cauchy| cauchy.sample(stream));
        [finite(x) + poison::<Self, f64, 2, 1>([loc, scale])]
    }
}

impl VectorKernel<2> for Cauchy {
    type Shared<N: Number> = CauchyRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale]: [N; 2]) -> CauchyRow<N> {
        let normaliser = -scale.ln() - LN_PI + poison::<Self, N, 2, 1>([loc, scale]);
        CauchyRow { loc, inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &CauchyRow<N>, x: N) -> Partials<2, N> {
        let z = (x - row.loc) * row.inverse_scale;
        let [pull, spread] = slopes(z);
        Partials {
            log_prob: row.normaliser - log1p_square(z),
            value: -pull * row.inverse_scale,
            parameters: [pull * row.inverse_scale, spread * row.inverse_scale],
        }
    }
}

/// Above this z^2 would overflow, and 1 is nothing beside it.
const LARGE: f64 = 1e150;

/// log(1 + z^2), also where z^2 overflows.
#[inline(always)]
pub(super) fn log1p_square<N: Number>(z: N) -> N {
    let size = z.abs();
    (z * z).ln_1p().unless(z.all(LARGE).less_than(size), || size.ln() * 2.0)
}

/// 2z / (1 + z^2) and (z^2 - 1) / (z^2 + 1), also where z^2 overflows.
#[inline(always)]
pub(super) fn slopes<N: Number>(z: N) -> [N; 2] {
    let (square, large) = (z * z, z.all(LARGE).less_than(z.abs()));
    let inverse = (square + 1.0).reciprocal();
    let pull = (z * 2.0 * inverse).unless(large, || z.all(2.0) / z);
    [pull, ((square - 1.0) * inverse).unless(large, || z.all(1.0))]
}
