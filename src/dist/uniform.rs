//! The continuous uniform distribution.
//!
//! log p(x) = -log(high - low), low <= x <= high.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 26.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, OpenClosed01};

/// The uniform distribution between `low` and `high` (any numbers, low below high).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform<L = f64, H = f64>(pub L, pub H);

/// What the parameters of [`Uniform`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct UniformRow {
    /// The lower end.
    low: f64,
    /// The upper end.
    high: f64,
    /// 1 / (high - low).
    inverse_width: f64,
    /// -log(high - low).
    log_prob: f64,
}

impl Kernel<2> for Uniform {
    type Row = UniformRow;

    const NAME: &'static str = "Uniform";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("low", ParameterDomain::Real), ("high", ParameterDomain::Real)];

    fn support([low, high]: [f64; 2]) -> Support {
        Support::Interval { low, high }
    }

    #[inline]
    fn row([low, high]: [f64; 2]) -> UniformRow {
        let width = high - low;
        // A width that is not positive has no density: the logarithm of 0 would be infinite, not NaN.
        let log_prob = if width > 0.0 { -width.ln() } else { f64::NAN } + poison::<Self, 2, 1>([low, high]);
        UniformRow { low, high, inverse_width: 1.0 / width, log_prob }
    }

    #[inline]
    fn log_prob(row: &UniformRow, [x]: [f64; 1]) -> f64 {
        // Ends that are out of order exclude every x, so ask whether it lies outside.
        if x < row.low || x > row.high || x.is_nan() { outside(row) } else { row.log_prob }
    }

    #[inline]
    fn partials(row: &UniformRow, [x]: [f64; 1]) -> Partials<2> {
        let log_prob = Self::log_prob(row, [x]);
        if log_prob == f64::NEG_INFINITY {
            return Partials::IMPOSSIBLE;
        }
        Partials { log_prob, value: 0.0, parameters: [row.inverse_width, -row.inverse_width] }
    }

    fn sample([low, high]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let fraction: f64 = OpenClosed01.sample(stream);
        // Ends out of order have no draw; the ends themselves, which rounding may give, are not in the support.
        let x = low + (high - low) * fraction;
        let inside = if low < high { x.max(low.next_up()).min(high.next_down()) } else { f64::NAN };
        [inside + poison::<Self, 2, 1>([low, high])]
    }
}

/// Minus infinity, or NaN if the parameters are outside their domain.
#[inline]
fn outside(row: &UniformRow) -> f64 {
    if row.log_prob.is_nan() { f64::NAN } else { f64::NEG_INFINITY }
}
