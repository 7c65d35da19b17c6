//! The negative binomial distribution, by logarithm of the mean and dispersion.
//!
//! log p(x) as of [`NegativeBinomial2`](super::NegativeBinomial2) with mu = exp(log_mu), x = 0, 1, 2, ...; means that over- or underflow
//! are no trouble.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 5.

use super::kernel::{Kernel, ParameterDomain, Partials, poison, unless_impossible};
use super::negative_binomial_2::{NegativeBinomial2Row, draw_overdispersed};
use crate::math::ln_gamma;
use crate::seed::Stream;
use crate::transform::Support;

/// The negative binomial distribution with mean exp(`log_mu`) (any number) and variance mu + mu^2 / `phi` (phi above 0), for
/// regressions. It is Stan's `neg_binomial_2_log`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial2Log<M = f64, F = f64>(pub M, pub F);

impl Kernel<2> for NegativeBinomial2Log {
    type Row = NegativeBinomial2Row;

    const NAME: &'static str = "NegativeBinomial2Log";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("log_mu", ParameterDomain::Real), ("phi", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Count
    }

    fn row([log_mu, phi]: [f64; 2]) -> NegativeBinomial2Row {
        NegativeBinomial2Row::new(log_mu.exp(), log_mu, phi, poison::<Self, f64, 2, 1>([log_mu, phi]))
    }

    fn log_prob(row: &NegativeBinomial2Row, [x]: [f64; 1]) -> f64 {
        row.terms(x)[0]
    }

    fn partials(row: &NegativeBinomial2Row, [x]: [f64; 1]) -> Partials<2> {
        let [log_prob, by_log_mu, by_phi] = row.terms(x);
        unless_impossible(Partials { log_prob, value: 0.0, parameters: [by_log_mu, by_phi] })
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([log_mu, phi]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([log_mu, phi]);
        [if poison.is_nan() { poison } else { draw_overdispersed(log_mu.exp(), phi, stream) }]
    }
}
