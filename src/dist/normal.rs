//! The normal (Gaussian) distribution.
//!
//! log p(x) = -log(scale) - log(2 pi)/2 - ((x - loc) / scale)^2 / 2, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 13.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
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
pub struct NormalRow {
    /// The mean.
    loc: f64,
    /// 1 / scale.
    inverse_scale: f64,
    /// -log(scale) - log(2 pi)/2.
    normaliser: f64,
}

impl Kernel<2> for Normal {
    type Row = NormalRow;

    const NAME: &'static str = "Normal";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    #[inline]
    fn row([loc, scale]: [f64; 2]) -> NormalRow {
        let normaliser = -scale.ln() - HALF_LN_2_PI + poison::<Self, 2, 1>([loc, scale]);
        NormalRow { loc, inverse_scale: 1.0 / scale, normaliser }
    }

    #[inline]
    fn log_prob(row: &NormalRow, [x]: [f64; 1]) -> f64 {
        let z = (x - row.loc) * row.inverse_scale;
        row.normaliser - 0.5 * z * z
    }

    #[inline]
    fn partials(row: &NormalRow, [x]: [f64; 1]) -> Partials<2> {
        let z = (x - row.loc) * row.inverse_scale;
        let pull = z * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - 0.5 * z * z,
            value: -pull,
            parameters: [pull, (z * z - 1.0) * row.inverse_scale],
        }
    }

    fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let z: f64 = StandardNormal.sample(stream);
        [loc + scale * z + poison::<Self, 2, 1>([loc, scale])]
    }
}
