//! The log-uniform distribution, also called reciprocal: log(x) is uniform.
//!
//! log p(x) = -log(x) - log(log(high / low)), low <= x <= high.
//!
//! Source: Hamming 1970, On the distribution of numbers, doi:10.1002/j.1538-7305.1970.tb04281.x.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, OpenClosed01};

/// The distribution of x with log(x) uniform between the logarithms of `low` and `high` (both above 0, low below high): the same
/// probability for each order of magnitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogUniform<L = f64, H = f64>(pub L, pub H);

/// What the parameters of [`LogUniform`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct LogUniformRow<N = f64> {
    /// The lower end.
    low: N,
    /// The upper end.
    high: N,
    /// -log(log(high / low)).
    normaliser: N,
    /// 1 / (low log(high / low)).
    slope_low: N,
    /// 1 / (high log(high / low)).
    slope_high: N,
}

impl Kernel<2> for LogUniform {
    kernel_by_formula! { LogUniformRow, 2 }

    const NAME: &'static str = "LogUniform";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("low", ParameterDomain::Positive), ("high", ParameterDomain::Positive)];

    const ENDS: [Option<usize>; 2] = [Some(0), Some(1)];

    fn support([low, high]: [f64; 2]) -> Support {
        Support::Interval { low, high }
    }

    fn sample([low, high]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let fraction: f64 = OpenClosed01.sample(stream);
        let x = (low.ln() + log_width(low, high) * fraction).exp();
        // As of a uniform number: the ends are not in the support.
        let inside = if low.next_up() < high { x.max(low.next_up()).min(high.next_down()) } else { f64::NAN };
        [inside + poison::<Self, f64, 2, 1>([low, high])]
    }
}

/// log(high / low), also where the ends are near each other or the quotient overflows.
#[inline(always)]
fn log_width<N: Number>(low: N, high: N) -> N {
    let width = (high - low) / low;
    width.ln_1p().or(width.less_than(width.all(1.0)), high.ln() - low.ln())
}

impl VectorKernel<2> for LogUniform {
    type Shared<N: Number> = LogUniformRow<N>;

    #[inline(always)]
    fn row<N: Number>([low, high]: [N; 2]) -> LogUniformRow<N> {
        let width = log_width(low, high);
        // A width that is not positive has no density: the logarithm of 0 would be infinite, not NaN.
        let normaliser = (-width.ln()).or(width.all(0.0).less_than(width), width.all(f64::NAN));
        LogUniformRow {
            low,
            high,
            normaliser: normaliser + poison::<Self, N, 2, 1>([low, high]),
            slope_low: (low * width).reciprocal(),
            slope_high: (high * width).reciprocal(),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &LogUniformRow<N>, x: N) -> Partials<2, N> {
        let (zero, inside) = (x.all(0.0), x.both(row.low.at_most(x), x.at_most(row.high)));
        // Of ends that are out of order, which exclude every x, the log density is NaN and stays so.
        let log_prob = (row.normaliser - x.ln()).or(inside, row.normaliser - f64::INFINITY);
        Partials {
            log_prob,
            value: (-x.reciprocal()).or(inside, zero),
            parameters: [row.slope_low.or(inside, zero), (-row.slope_high).or(inside, zero)],
        }
    }
}
