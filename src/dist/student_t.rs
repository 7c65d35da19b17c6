//! Student's t distribution with location and scale.
//!
//! log p(x) = ln G((df+1)/2) - ln G(df/2) - log(df pi)/2 - log(scale) - (df+1)/2 log(1 + z^2/df), z = (x - loc) /
//! scale, x real.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 28. The gamma
//! functions and log(df)/2 are taken together, so that nothing cancels as df grows and t tends to the normal.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::normal::HALF_LN_2_PI;
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::ln_gamma_half_step;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// Student's t distribution with `df` degrees of freedom (above 0, not only integers), location `loc` (any number)
/// and `scale` (above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentT<D = f64, L = f64, S = f64>(pub D, pub L, pub S);

/// What the parameters of [`StudentT`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct StudentTRow<N = f64> {
    /// The degrees of freedom.
    df: N,
    /// The location.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// 1 / df.
    inverse_df: N,
    /// The log density at loc.
    normaliser: N,
    /// Its derivative with respect to df.
    normaliser_slope: N,
}

impl Kernel<3> for StudentT {
    kernel_by_formula! { StudentTRow, 3 }

    const NAME: &'static str = "StudentT";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("df", ParameterDomain::Positive),
        ("loc", ParameterDomain::Real),
        ("scale", ParameterDomain::Positive),
    ];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([1, 2]);

    fn support(_: [f64; 3]) -> Support {
        Support::Real
    }

    fn sample([df, loc, scale]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        // Below, every draw overflows; above, t is normal to the last bit.
        let t = rand_distr::StudentT::new(df.clamp(1e-300, 1e15)).map_or(f64::NAN, |t| t.sample(stream));
        [finite(loc + scale * t) + poison::<Self, f64, 3, 1>([df, loc, scale])]
    }
}

impl VectorKernel<3> for StudentT {
    type Shared<N: Number> = StudentTRow<N>;

    #[inline(always)]
    fn row<N: Number>([df, loc, scale]: [N; 3]) -> StudentTRow<N> {
        let [step, slope] = N::each([df], |[df]| ln_gamma_half_step(0.5 * df).into());
        StudentTRow {
            df,
            loc,
            inverse_scale: scale.reciprocal(),
            inverse_df: df.reciprocal(),
            // ln G((df+1)/2) - ln G(df/2) - ln(df/2)/2, and then ln(2 pi)/2 is what is left of ln(df pi)/2.
            normaliser: step - HALF_LN_2_PI - scale.ln() + poison::<Self, N, 3, 1>([df, loc, scale]),
            normaliser_slope: slope * 0.5,
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &StudentTRow<N>, x: N) -> Partials<3, N> {
        let z = (x - row.loc) * row.inverse_scale;
        let q = z * z * row.inverse_df;
        let log = q.ln_1p();
        // (df + 1) z / (df + z^2) = weight z, and the same with z^2.
        let weight = (row.df + 1.0) * row.inverse_df / (q + 1.0);
        let pull = weight * z * row.inverse_scale;
        Partials {
            log_prob: row.normaliser - (row.df + 1.0) * log * 0.5,
            value: -pull,
            parameters: [
                row.normaliser_slope + (weight * q - log) * 0.5,
                pull,
                (weight * z * z - 1.0) * row.inverse_scale,
            ],
        }
    }
}
