//! The log-normal distribution: the exponential of a normal number.
//!
//! log p(x) = -log(x) - log(scale) - log(2 pi)/2 - ((log x - loc) / scale)^2 / 2, x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 14.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::normal::HALF_LN_2_PI;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// The log-normal distribution: log x is normal with mean `loc` (any number) and standard deviation `scale` (above
/// 0). Its median is exp(loc).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal<L = f64, S = f64>(pub L, pub S);

/// What the parameters of [`LogNormal`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct LogNormalRow {
    /// The mean of log x.
    loc: f64,
    /// 1 / scale.
    inverse_scale: f64,
    /// -log(scale) - log(2 pi)/2.
    normaliser: f64,
}

impl Kernel<2> for LogNormal {
    type Row = LogNormalRow;

    const NAME: &'static str = "LogNormal";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    #[inline]
    fn row([loc, scale]: [f64; 2]) -> LogNormalRow {
        let normaliser = -scale.ln() - HALF_LN_2_PI + poison::<Self, 2, 1>([loc, scale]);
        LogNormalRow { loc, inverse_scale: 1.0 / scale, normaliser }
    }

    #[inline]
    fn log_prob(row: &LogNormalRow, [x]: [f64; 1]) -> f64 {
        if !(x > 0.0) {
            return f64::NEG_INFINITY;
        }
        let log = x.ln();
        let z = (log - row.loc) * row.inverse_scale;
        row.normaliser - log - 0.5 * z * z
    }

    #[inline]
    fn partials(row: &LogNormalRow, [x]: [f64; 1]) -> Partials<2> {
        if !(x > 0.0) {
            return Partials::IMPOSSIBLE;
        }
        let log = x.ln();
        let z = (log - row.loc) * row.inverse_scale;
        let pull = z * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - log - 0.5 * z * z,
            value: -(1.0 + pull) / x,
            parameters: [pull, (z * z - 1.0) * row.inverse_scale],
        }
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let z: f64 = StandardNormal.sample(stream);
        [above_zero((loc + scale * z).exp()) + poison::<Self, 2, 1>([loc, scale])]
    }
}
