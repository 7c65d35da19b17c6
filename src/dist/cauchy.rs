//! The Cauchy distribution.
//!
//! log p(x) = -log(pi scale) - log(1 + z^2), z = (x - loc) / scale, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 16.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
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
pub struct CauchyRow {
    /// The median.
    loc: f64,
    /// 1 / scale.
    inverse_scale: f64,
    /// -log(pi scale).
    normaliser: f64,
}

impl Kernel<2> for Cauchy {
    type Row = CauchyRow;

    const NAME: &'static str = "Cauchy";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    #[inline]
    fn row([loc, scale]: [f64; 2]) -> CauchyRow {
        let normaliser = -LN_PI - scale.ln() + poison::<Self, 2, 1>([loc, scale]);
        CauchyRow { loc, inverse_scale: 1.0 / scale, normaliser }
    }

    #[inline]
    fn log_prob(row: &CauchyRow, [x]: [f64; 1]) -> f64 {
        row.normaliser - log1p_square((x - row.loc) * row.inverse_scale)
    }

    #[inline]
    fn partials(row: &CauchyRow, [x]: [f64; 1]) -> Partials<2> {
        let z = (x - row.loc) * row.inverse_scale;
        let (pull, spread) = slopes(z);
        Partials {
            log_prob: row.normaliser - log1p_square(z),
            value: -pull * row.inverse_scale,
            parameters: [pull * row.inverse_scale, spread * row.inverse_scale],
        }
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let x = rand_distr::Cauchy::new(loc, scale).map_or(f64::NAN, |cauchy| cauchy.sample(stream));
        [x.clamp(-f64::MAX, f64::MAX) + poison::<Self, 2, 1>([loc, scale])]
    }
}

/// log(1 + z^2), also where z^2 overflows.
#[inline]
pub(super) fn log1p_square(z: f64) -> f64 {
    if z.abs() < 1e150 { (z * z).ln_1p() } else { 2.0 * z.abs().ln() }
}

/// 2z / (1 + z^2) and (z^2 - 1) / (z^2 + 1), also where z^2 overflows.
#[inline]
pub(super) fn slopes(z: f64) -> (f64, f64) {
    if z.abs() < 1e150 {
        let inverse = 1.0 / (1.0 + z * z);
        (2.0 * z * inverse, (z * z - 1.0) * inverse)
    } else {
        (2.0 / z, 1.0)
    }
}
