//! The skew normal distribution.
//!
//! log p(x) = log(2) - log(scale) + log phi(z) + log Phi(alpha z), z = (x - loc) / scale, x real, with phi and Phi the density and the
//! distribution function of a standard normal number.
//!
//! Source: Azzalini 1985, A class of distributions which includes the normal ones, <https://www.jstor.org/stable/4615982>.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison, unless_impossible};
use super::normal::HALF_LN_2_PI;
use crate::math::log_normal_cdf;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::LN_2;

/// The skew normal distribution with location `loc` (any number), `scale` (above 0) and skewness `alpha` (any number; 0 is the
/// normal distribution, above 0 the longer tail is the right one). `loc` is neither its mean nor its mode, unless alpha is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkewNormal<L = f64, S = f64, A = f64>(pub L, pub S, pub A);

/// What the parameters of [`SkewNormal`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct SkewNormalRow {
    loc: f64,
    inverse_scale: f64,
    alpha: f64,
    /// log(2) - log(scale) - log(2 pi) / 2.
    normaliser: f64,
}

impl Kernel<3> for SkewNormal {
    type Row = SkewNormalRow;

    const NAME: &'static str = "SkewNormal";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("loc", ParameterDomain::Real),
        ("scale", ParameterDomain::Positive),
        ("alpha", ParameterDomain::Real),
    ];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 3]) -> Support {
        Support::Real
    }

    fn row([loc, scale, alpha]: [f64; 3]) -> SkewNormalRow {
        let normaliser = LN_2 - HALF_LN_2_PI - scale.ln() + poison::<Self, f64, 3, 1>([loc, scale, alpha]);
        SkewNormalRow { loc, inverse_scale: 1.0 / scale, alpha, normaliser }
    }

    fn log_prob(row: &SkewNormalRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &SkewNormalRow, [x]: [f64; 1]) -> Partials<3> {
        let z = (x - row.loc) * row.inverse_scale;
        let (log_cdf, hazard) = log_normal_cdf(row.alpha * z);
        let slope = row.alpha * hazard - z;
        unless_impossible(Partials {
            log_prob: row.normaliser - 0.5 * z * z + log_cdf,
            value: slope * row.inverse_scale,
            parameters: [-slope * row.inverse_scale, -(1.0 + z * slope) * row.inverse_scale, z * hazard],
        })
    }

    fn sample([loc, scale, alpha]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        let (along, across): (f64, f64) = (StandardNormal.sample(stream), StandardNormal.sample(stream));
        // delta |u| + sqrt(1 - delta^2) v with delta = alpha / sqrt(1 + alpha^2).
        let length = 1f64.hypot(alpha);
        let z = (alpha / length) * f64::abs(along) + across / length;
        [finite(loc + scale * z) + poison::<Self, f64, 3, 1>([loc, scale, alpha])]
    }
}
