//! Student's t distribution with location and scale.
//!
//! log p(x) = ln G((df+1)/2) - ln G(df/2) - log(df pi)/2 - log(scale) - (df+1)/2 log(1 + z^2/df), z = (x - loc) /
//! scale, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 28. The gamma
//! functions and log(df)/2 are taken together, so that nothing cancels as df grows and t tends to the normal.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::normal::HALF_LN_2_PI;
use crate::math::ln_gamma_half_step;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// Student's t distribution with `df` degrees of freedom (above 0, not only integers), location `loc` (any number)
/// and `scale` (above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentT<D = f64, L = f64, S = f64>(pub D, pub L, pub S);

/// What the parameters of [`StudentT`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct StudentTRow {
    /// The degrees of freedom.
    df: f64,
    /// The location.
    loc: f64,
    /// 1 / scale.
    inverse_scale: f64,
    /// 1 / df.
    inverse_df: f64,
    /// The log density at loc.
    normaliser: f64,
    /// Its derivative with respect to df.
    normaliser_slope: f64,
}

impl Kernel<3> for StudentT {
    type Row = StudentTRow;

    const NAME: &'static str = "StudentT";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("df", ParameterDomain::Positive),
        ("loc", ParameterDomain::Real),
        ("scale", ParameterDomain::Positive),
    ];

    fn support(_: [f64; 3]) -> Support {
        Support::Real
    }

    #[inline]
    fn row([df, loc, scale]: [f64; 3]) -> StudentTRow {
        let (step, slope) = ln_gamma_half_step(0.5 * df);
        StudentTRow {
            df,
            loc,
            inverse_scale: 1.0 / scale,
            inverse_df: 1.0 / df,
            // ln G((df+1)/2) - ln G(df/2) - ln(df/2)/2, and then ln(2 pi)/2 is what is left of ln(df pi)/2.
            normaliser: step - HALF_LN_2_PI - scale.ln() + poison::<Self, 3, 1>([df, loc, scale]),
            normaliser_slope: 0.5 * slope,
        }
    }

    #[inline]
    fn log_prob(row: &StudentTRow, [x]: [f64; 1]) -> f64 {
        let z = (x - row.loc) * row.inverse_scale;
        row.normaliser - 0.5 * (row.df + 1.0) * (z * z * row.inverse_df).ln_1p()
    }

    #[inline]
    fn partials(row: &StudentTRow, [x]: [f64; 1]) -> Partials<3> {
        let z = (x - row.loc) * row.inverse_scale;
        let q = z * z * row.inverse_df;
        let log = q.ln_1p();
        // (df + 1) z / (df + z^2) = weight z, and the same with z^2.
        let weight = (row.df + 1.0) * row.inverse_df / (1.0 + q);
        let pull = weight * z * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - 0.5 * (row.df + 1.0) * log,
            value: -pull,
            parameters: [
                row.normaliser_slope + 0.5 * (weight * q - log),
                pull,
                (weight * z * z - 1.0) * row.inverse_scale,
            ],
        }
    }

    fn sample([df, loc, scale]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        let t = rand_distr::StudentT::new(df).map_or(f64::NAN, |t| t.sample(stream));
        [(loc + scale * t).clamp(-f64::MAX, f64::MAX) + poison::<Self, 3, 1>([df, loc, scale])]
    }
}
