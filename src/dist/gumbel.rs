//! The Gumbel distribution of largest values.
//!
//! log p(x) = -log(scale) - z - exp(-z), z = (x - loc) / scale, x real.
//!
//! Source: Gumbel, Statistics of Extremes (1958); Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995),
//! chapter 22.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The Gumbel distribution of largest values with mode `loc` (any number) and `scale` (above 0). Smallest values are the
/// negatives of largest ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gumbel<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`Gumbel`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct GumbelRow<N = f64> {
    /// The mode.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// -log(scale).
    normaliser: N,
}

impl Kernel<2> for Gumbel {
    kernel_by_formula! { GumbelRow, 2 }

    const NAME: &'static str = "Gumbel";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let e: f64 = Exp1.sample(stream);
        [finite(loc - scale * e.ln()) + poison::<Self, f64, 2, 1>([loc, scale])]
    }
}

impl VectorKernel<2> for Gumbel {
    type Shared<N: Number> = GumbelRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale]: [N; 2]) -> GumbelRow<N> {
        let normaliser = -scale.ln() + poison::<Self, N, 2, 1>([loc, scale]);
        GumbelRow { loc, inverse_scale: scale.reciprocal(), normaliser }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &GumbelRow<N>, x: N) -> Partials<2, N> {
        // Below -1000 the exponential is infinite, whatever z is; an infinite z would leave no number.
        let z = ((x - row.loc) * row.inverse_scale).max(x.all(-1000.0));
        let e = (-z).exp();
        let slope = x.all(1.0) - e;
        let pull = slope * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - (z + e),
            value: -pull,
            parameters: [pull, (z * slope - 1.0) * row.inverse_scale],
        }
    }
}
