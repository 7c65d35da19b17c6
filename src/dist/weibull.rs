//! The Weibull distribution.
//!
//! log p(x) = log(shape / scale) + (shape - 1) log(x / scale) - (x / scale)^shape, x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 21.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The Weibull distribution with `shape` (above 0) and `scale` (above 0): (x / scale)^shape is exponential with rate 1. Hazards
/// rise with time for shapes above 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibull<K = f64, S = f64>(pub K, pub S);

/// What the parameters of [`Weibull`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct WeibullRow<N = f64> {
    /// The shape.
    shape: N,
    /// 1 / shape.
    inverse_shape: N,
    /// shape / scale.
    pace: N,
    /// log(scale).
    log_scale: N,
    /// log(shape).
    log_shape: N,
}

impl Kernel<2> for Weibull {
    kernel_by_formula! { WeibullRow, 2 }

    const NAME: &'static str = "Weibull";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("shape", ParameterDomain::Positive), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    fn sample([shape, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let e: f64 = Exp1.sample(stream);
        let log = scale.ln() + e.ln() / shape;
        [above_zero(log.exp()) + poison::<Self, f64, 2, 1>([shape, scale])]
    }
}

impl VectorKernel<2> for Weibull {
    type Shared<N: Number> = WeibullRow<N>;

    #[inline(always)]
    fn row<N: Number>([shape, scale]: [N; 2]) -> WeibullRow<N> {
        WeibullRow {
            shape,
            inverse_shape: shape.reciprocal(),
            pace: shape / scale,
            log_scale: scale.ln() + poison::<Self, N, 2, 1>([shape, scale]),
            log_shape: shape.ln(),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &WeibullRow<N>, x: N) -> Partials<2, N> {
        let log_x = x.ln();
        let log = log_x - row.log_scale;
        let scaled = row.shape * log;
        let power = scaled.exp();
        let partials = Partials {
            // (shape - 1) log - log(scale) = shape log - log(x).
            log_prob: row.log_shape + (scaled - log_x) - power,
            value: (row.shape - 1.0 - row.shape * power) / x,
            parameters: [row.inverse_shape + log - power * log, row.pace * (power - 1.0)],
        };
        possible(x.both(x.all(0.0).less_than(x), x.less_than(x.all(f64::INFINITY))), partials)
    }
}
