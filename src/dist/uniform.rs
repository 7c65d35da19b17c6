//! The continuous uniform distribution.
//!
//! log p(x) = -log(high - low), low <= x <= high.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 26.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, OpenClosed01};

/// The uniform distribution between `low` and `high` (any numbers, low below high).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform<L = f64, H = f64>(pub L, pub H);

/// What the parameters of [`Uniform`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct UniformRow<N = f64> {
    /// The lower end.
    low: N,
    /// The upper end.
    high: N,
    /// 1 / (high - low).
    inverse_width: N,
    /// -log(high - low).
    log_prob: N,
}

impl Kernel<2> for Uniform {
    kernel_by_formula! { UniformRow, 2 }

    const NAME: &'static str = "Uniform";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("low", ParameterDomain::Real), ("high", ParameterDomain::Real)];

    const ENDS: [Option<usize>; 2] = [Some(0), Some(1)];

    fn support([low, high]: [f64; 2]) -> Support {
        Support::Interval { low, high }
    }

    fn sample([low, high]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let fraction: f64 = OpenClosed01.sample(stream);
        // Ends out of order, or with no number between them, have no draw; the ends themselves, which rounding may give, are
        // not in the support.
        let x = low + (high - low) * fraction;
        let inside = if low.next_up() < high { x.max(low.next_up()).min(high.next_down()) } else { f64::NAN };
        [inside + poison::<Self, f64, 2, 1>([low, high])]
    }
}

impl VectorKernel<2> for Uniform {
    type Shared<N: Number> = UniformRow<N>;

    #[inline(always)]
    fn row<N: Number>([low, high]: [N; 2]) -> UniformRow<N> {
        let width = high - low;
        // A width that is not positive has no density: the logarithm of 0 would be infinite, not NaN.
        let log_prob = (-width.ln()).or(width.all(0.0).less_than(width), width.all(f64::NAN));
        let log_prob = log_prob + poison::<Self, N, 2, 1>([low, high]);
        UniformRow { low, high, inverse_width: width.reciprocal(), log_prob }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &UniformRow<N>, x: N) -> Partials<2, N> {
        let inside = x.both(row.low.at_most(x), x.at_most(row.high));
        let slope = row.inverse_width.or(inside, x.all(0.0));
        // Of ends that are out of order, which exclude every x, the log density is NaN and stays so.
        let log_prob = row.log_prob.or(inside, row.log_prob - f64::INFINITY);
        Partials { log_prob, value: x.all(0.0), parameters: [slope, -slope] }
    }
}
