//! The inverse Gaussian distribution, also called Wald's.
//!
//! log p(x) = log(lam / (2 pi x^3)) / 2 - lam (x - mu)^2 / (2 mu^2 x), x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 15. Draws: Michael, Schucany & Haas
//! 1976, doi:10.1080/00031305.1976.10479147.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::normal::HALF_LN_2_PI;
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

/// The inverse Gaussian distribution with mean `mu` (above 0) and shape `lam` (above 0). Its variance is mu^3 / lam. It is the time
/// in which a Wiener process with drift a / mu and unit variance first reaches a = sqrt(lam): see
/// [`ShiftedWald`](super::ShiftedWald).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseGaussian<M = f64, L = f64>(pub M, pub L);

/// What the parameters of [`InverseGaussian`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct InverseGaussianRow<N = f64> {
    /// The mean.
    mu: N,
    /// 1 / mu.
    inverse_mu: N,
    /// lam / 2.
    half_lam: N,
    /// 1 / (2 lam).
    inverse_lam: N,
    /// lam / mu^2.
    pull: N,
    /// log(lam / (2 pi)) / 2.
    normaliser: N,
}

impl Kernel<2> for InverseGaussian {
    kernel_by_formula! { InverseGaussianRow, 2 }

    const NAME: &'static str = "InverseGaussian";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("mu", ParameterDomain::Positive), ("lam", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    fn sample([mu, lam]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        [above_zero(draw(mu, lam, stream)) + poison::<Self, f64, 2, 1>([mu, lam])]
    }
}

/// One draw, which may be 0 or infinite by rounding: of the two x with the same lam (x - mu)^2 / (mu^2 x), a chi-squared number,
/// the smaller one with probability mu / (mu + x).
pub(super) fn draw(mu: f64, lam: f64, stream: &mut Stream) -> f64 {
    let normal: f64 = StandardNormal.sample(stream);
    let fraction: f64 = StandardUniform.sample(stream);
    let w = 0.5 * (mu / lam) * normal * normal;
    // The roots are mu / larger and mu larger; where w is so large that they leave all numbers, the smaller one is lam / z^2.
    let larger = 1.0 + w + (w * (w + 2.0)).sqrt();
    let smaller = if larger < 1e150 { mu / larger } else { lam / (normal * normal) };
    if fraction * (1.0 + 1.0 / larger) <= 1.0 { smaller } else { mu * larger }
}

impl VectorKernel<2> for InverseGaussian {
    type Shared<N: Number> = InverseGaussianRow<N>;

    #[inline(always)]
    fn row<N: Number>([mu, lam]: [N; 2]) -> InverseGaussianRow<N> {
        let inverse_mu = mu.reciprocal();
        InverseGaussianRow {
            mu,
            inverse_mu,
            half_lam: lam * 0.5,
            inverse_lam: (lam * 2.0).reciprocal(),
            pull: lam * inverse_mu * inverse_mu,
            normaliser: lam.ln() * 0.5 - HALF_LN_2_PI + poison::<Self, N, 2, 1>([mu, lam]),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &InverseGaussianRow<N>, x: N) -> Partials<2, N> {
        let inverse = x.reciprocal();
        let r = (x - row.mu) * row.inverse_mu;
        let square = r * r * inverse;
        let partials = Partials {
            log_prob: row.normaliser - x.ln() * 1.5 - row.half_lam * square,
            value: -inverse * 1.5 - row.half_lam * (r * inverse) * ((r + 2.0) * inverse),
            parameters: [row.pull * r, row.inverse_lam - square * 0.5],
        };
        possible(x.both(x.all(0.0).less_than(x), x.less_than(x.all(f64::INFINITY))), partials)
    }
}
