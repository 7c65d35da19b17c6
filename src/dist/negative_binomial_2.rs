//! The negative binomial distribution, by mean and dispersion.
//!
//! log p(x) = ln G(x + phi) - ln G(phi) - ln x! + phi log(phi / (mu + phi)) + x log(mu / (mu + phi)), x = 0, 1, 2, ...
//!
//! As phi grows it tends to the Poisson distribution, and all of its terms cancel but two. Where phi is at least 8 and mu / 4 those
//! are written out: with u = (x - mu) / (phi + mu) and E the excess of ln G(x + phi) - ln G(phi) over x ln(phi) ([`rising_excess`]),
//!
//! log p(x) = x log(mu) - mu - ln x! + (phi + x) (log(1 + u) - u) + u (x - mu) + (E - (phi + x) log(1 + x/phi) + x).
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 5.

use super::kernel::{Kernel, ParameterDomain, Partials, finite, is_count, poison, unless_impossible};
use super::poisson::draw_count;
use crate::math::{ln_1p_minus, ln_gamma, ln_rising_factorial, rising_excess};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The negative binomial distribution with mean `mu` (above 0) and variance mu + mu^2 / `phi` (phi above 0): counts that vary more
/// than Poisson counts do. It is Stan's `neg_binomial_2`, NumPyro's `NegativeBinomial2` and PyMC's `NegativeBinomial(mu, alpha)`. By the
/// logarithm of its mean: [`NegativeBinomial2Log`](super::NegativeBinomial2Log).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial2<M = f64, F = f64>(pub M, pub F);

/// What the parameters of [`NegativeBinomial2`] and of its log form alone determine.
#[derive(Clone, Copy, Debug)]
pub struct NegativeBinomial2Row {
    mu: f64,
    log_mu: f64,
    phi: f64,
    /// log(mu / phi).
    log_ratio: f64,
    /// log(1 + mu / phi).
    log_rest: f64,
    /// mu / (mu + phi) and phi / (mu + phi).
    shares: [f64; 2],
}

impl NegativeBinomial2Row {
    /// The row of a mean given by its logarithm too; `poison` is 0 or NaN.
    pub(super) fn new(mu: f64, log_mu: f64, phi: f64, poison: f64) -> Self {
        let log_ratio = log_mu - phi.ln() + poison;
        // One exponential and one logarithm serve all three: exp(-|log_ratio|) is the smaller share over the larger.
        let odds = (-log_ratio.abs()).exp();
        let larger = 1.0 / (1.0 + odds);
        let shares = if log_ratio > 0.0 { [larger, odds * larger] } else { [odds * larger, larger] };
        Self { mu, log_mu, phi, log_ratio, log_rest: log_ratio.max(0.0) + odds.ln_1p() + poison, shares }
    }

    /// The log probability less the carrier, its derivative by log(mu), and that by phi.
    pub(super) fn terms(&self, x: f64) -> [f64; 3] {
        if !is_count(x) {
            return [f64::NEG_INFINITY + 0.0 * self.log_rest, 0.0, 0.0];
        }
        let Self { mu, log_mu, phi, log_ratio, log_rest, shares: [share, rest] } = *self;
        // phi (x - mu) / (mu + phi).
        let by_log_mu = x * rest - phi * share;
        // The mean, and phi + x, as numbers that can be divided by.
        let ordinary = (1e-290..1e290).contains(&mu) && phi < 1e290;
        if !ordinary {
            let (rising, slope) = ln_rising_factorial(phi, x);
            // x log(mu / (mu + phi)).
            let log_share = if x > 0.0 { x * (log_ratio - log_rest) } else { 0.0 };
            let by_phi = slope - log_rest + share - if x > 0.0 { x / phi * rest } else { 0.0 };
            return [rising - phi * log_rest + log_share, by_log_mu, by_phi];
        }
        let u = (x - mu) / (phi + mu);
        // log(1 + u) - u; where u is not small, 1 + u has lost digits that the quotient has.
        let curve = if u.abs() < 0.3 { ln_1p_minus(u) } else { ((phi + x) / (phi + mu)).ln() - u };
        if phi < 8.0 || mu > 4.0 * phi {
            let (rising, slope) = ln_rising_factorial(phi, x);
            let log_prob = rising - phi * log_rest + x * (log_ratio - log_rest);
            return [log_prob, by_log_mu, slope - ((phi + x).ln() - phi.ln()) + curve];
        }
        let log_step = (x / phi).ln_1p();
        let (excess, slope) = rising_excess(phi, x);
        let poisson = x * log_mu - mu;
        let beyond = (phi + x) * curve + u * (x - mu) + (excess + x - (phi + x) * log_step);
        [poisson + beyond + 0.0 * log_rest, by_log_mu, slope + curve]
    }
}

impl Kernel<2> for NegativeBinomial2 {
    type Row = NegativeBinomial2Row;

    const NAME: &'static str = "NegativeBinomial2";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("mu", ParameterDomain::Positive), ("phi", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Count
    }

    fn row([mu, phi]: [f64; 2]) -> NegativeBinomial2Row {
        NegativeBinomial2Row::new(mu, mu.ln(), phi, poison::<Self, f64, 2, 1>([mu, phi]))
    }

    fn log_prob(row: &NegativeBinomial2Row, [x]: [f64; 1]) -> f64 {
        row.terms(x)[0]
    }

    fn partials(row: &NegativeBinomial2Row, [x]: [f64; 1]) -> Partials<2> {
        let [log_prob, by_log_mu, by_phi] = row.terms(x);
        unless_impossible(Partials { log_prob, value: 0.0, parameters: [by_log_mu / row.mu, by_phi] })
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([mu, phi]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([mu, phi]);
        [if poison.is_nan() { poison } else { draw_overdispersed(mu, phi, stream) }]
    }
}

/// One count of mean `mu` and dispersion `phi`: a Poisson count whose rate is a gamma number.
pub(super) fn draw_overdispersed(mu: f64, phi: f64, stream: &mut Stream) -> f64 {
    // Beyond 1e15 the gamma number is 1 to rounding.
    let factor = match phi < 1e15 {
        true => rand_distr::Gamma::new(phi, 1.0).map_or(f64::NAN, |gamma| gamma.sample(stream)) / phi,
        false => 1.0,
    };
    let rate = finite(factor) * finite(mu);
    if rate == 0.0 { 0.0 } else { draw_count(finite(rate), stream).min(f64::MAX) }
}
