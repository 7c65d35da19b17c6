//! The Pareto distribution.
//!
//! log p(x) = log(alpha) + alpha log(xm) - (alpha + 1) log(x), x >= xm.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 20.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The Pareto distribution with minimum `xm` (above 0) and tail index `alpha` (above 0): log(x / xm) is exponential with rate alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pareto<M = f64, A = f64>(pub M, pub A);

/// What the parameters of [`Pareto`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct ParetoRow<N = f64> {
    /// The minimum.
    minimum: N,
    /// Its logarithm.
    log_minimum: N,
    /// The tail index.
    alpha: N,
    /// log(alpha).
    log_alpha: N,
    /// alpha / minimum.
    pull: N,
    /// 1 / alpha.
    inverse_alpha: N,
}

impl Kernel<2> for Pareto {
    kernel_by_formula! { ParetoRow, 2 }

    const NAME: &'static str = "Pareto";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("xm", ParameterDomain::Positive), ("alpha", ParameterDomain::Positive)];

    const ENDS: [Option<usize>; 2] = [Some(0), None];

    fn support([xm, _]: [f64; 2]) -> Support {
        // Above the number before the minimum: the minimum itself is possible.
        Support::Above { low: xm.next_down() }
    }

    fn sample([xm, alpha]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let e: f64 = Exp1.sample(stream);
        let poison = poison::<Self, f64, 2, 1>([xm, alpha]);
        [if poison.is_nan() { poison } else { (xm * (e / alpha).exp()).clamp(xm, f64::MAX) }]
    }
}

impl VectorKernel<2> for Pareto {
    type Shared<N: Number> = ParetoRow<N>;

    #[inline(always)]
    fn row<N: Number>([xm, alpha]: [N; 2]) -> ParetoRow<N> {
        ParetoRow {
            minimum: xm,
            log_minimum: xm.ln(),
            alpha,
            log_alpha: alpha.ln() + poison::<Self, N, 2, 1>([xm, alpha]),
            pull: alpha / xm,
            inverse_alpha: alpha.reciprocal(),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &ParetoRow<N>, x: N) -> Partials<2, N> {
        let log_x = x.ln();
        let log = log_x - row.log_minimum;
        let partials = Partials {
            log_prob: row.log_alpha - row.alpha * log - log_x,
            value: -(row.alpha + 1.0) / x,
            parameters: [row.pull, row.inverse_alpha - log],
        };
        let inside = possible(x.both(row.minimum.at_most(x), x.less_than(x.all(f64::INFINITY))), partials);
        // A minimum outside of its domain excludes x but has no density either.
        Partials { log_prob: inside.log_prob + row.log_alpha.nan_unless_finite(), ..inside }
    }
}
