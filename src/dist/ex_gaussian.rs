//! The ex-Gaussian distribution: the sum of a normal and an exponential number.
//!
//! log p(x) = log(rate) + rate (mu - x) + rate^2 sigma^2 / 2 + log Phi(z - k), z = (x - mu) / sigma, k = rate sigma, x real.
//!
//! Left of z = k, where rate^2 sigma^2 / 2 and log Phi cancel, the same is log(rate) + log phi(z) - log h(k - z) with the normal
//! hazard h(y) = phi(y) / Phi(-y) = y + excess(y); the derivatives are those of the sum with the excess in place of y.
//!
//! Source: Luce, Response Times (1986), section 3.2.2; Grushka 1972, doi:10.1021/ac60319a011.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison, unless_impossible};
use super::normal::HALF_LN_2_PI;
use crate::math::{hazard_excess, log_normal_cdf};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1, StandardNormal};

/// The ex-Gaussian distribution of response times: a normal number with mean `mu` (any number) and standard deviation `sigma`
/// (above 0), plus an exponential one with `rate` (above 0; its mean 1 / rate is tau in much of the literature). Its mean is
/// mu + 1 / rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExGaussian<M = f64, S = f64, R = f64>(pub M, pub S, pub R);

/// What the parameters of [`ExGaussian`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct ExGaussianRow {
    mu: f64,
    inverse_sigma: f64,
    rate: f64,
    /// rate sigma.
    ratio: f64,
    /// log(rate).
    log_rate: f64,
}

impl Kernel<3> for ExGaussian {
    type Row = ExGaussianRow;

    const NAME: &'static str = "ExGaussian";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("mu", ParameterDomain::Real),
        ("sigma", ParameterDomain::Positive),
        ("rate", ParameterDomain::Positive),
    ];

    fn support(_: [f64; 3]) -> Support {
        Support::Real
    }

    fn row([mu, sigma, rate]: [f64; 3]) -> ExGaussianRow {
        let log_rate = rate.ln() + poison::<Self, f64, 3, 1>([mu, sigma, rate]);
        ExGaussianRow { mu, inverse_sigma: 1.0 / sigma, rate, ratio: rate * sigma, log_rate }
    }

    fn log_prob(row: &ExGaussianRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &ExGaussianRow, [x]: [f64; 1]) -> Partials<3> {
        let ExGaussianRow { inverse_sigma, rate, ratio: k, .. } = *row;
        let z = (x - row.mu) * inverse_sigma;
        // The slope by z; z plus that slope, the part that the exponential number has in it; sigma times the slope by sigma.
        let (log_prob, slope, excess, by_sigma) = if z < k {
            let excess = hazard_excess(k - z);
            (
                -0.5 * z * z - HALF_LN_2_PI - (k - z + excess).ln(),
                excess - z,
                excess,
                z * z - excess * (z + k),
            )
        } else {
            let (log_cdf, hazard) = log_normal_cdf(z - k);
            (log_cdf - k * (z - 0.5 * k), hazard - k, (z - k) + hazard, k * k - hazard * (z + k))
        };
        unless_impossible(Partials {
            log_prob: row.log_rate + log_prob,
            value: slope * inverse_sigma,
            parameters: [-slope * inverse_sigma, by_sigma * inverse_sigma, (1.0 - k * excess) / rate],
        })
    }

    fn sample([mu, sigma, rate]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        let (normal, exponential): (f64, f64) = (StandardNormal.sample(stream), Exp1.sample(stream));
        let x = finite(mu + sigma * normal) + finite(exponential / rate);
        [finite(x) + poison::<Self, f64, 3, 1>([mu, sigma, rate])]
    }
}
