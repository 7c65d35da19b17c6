//! The negative binomial distribution, by number of successes and probability.
//!
//! log p(x) = ln G(x + r) - ln G(r) - ln x! + r log(p) + x log(1 - p), x = 0, 1, 2, ...
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 5.

use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison, unless_impossible};
use super::negative_binomial_2::draw_overdispersed;
use crate::math::{ln_gamma, ln_rising_factorial};
use crate::seed::Stream;
use crate::transform::Support;

/// The negative binomial distribution: the number of failures before `r` successes (above 0, not only integers) of probability `p`
/// (between 0 and 1, ends excluded). Its mean is r (1 - p) / p. SciPy, PyMC and R count in the same way; NumPyro's
/// `NegativeBinomialProbs` counts the other outcome, and Stan's `neg_binomial` has alpha = r and beta = p / (1 - p). By its mean:
/// [`NegativeBinomial2`](super::NegativeBinomial2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial<R = f64, P = f64>(pub R, pub P);

/// What the parameters of [`NegativeBinomial`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct NegativeBinomialRow {
    r: f64,
    /// log(p).
    log_success: f64,
    /// log(1 - p).
    log_failure: f64,
    /// r / p.
    pace: f64,
    /// 1 / (1 - p).
    inverse_failure: f64,
}

impl Kernel<2> for NegativeBinomial {
    type Row = NegativeBinomialRow;

    const NAME: &'static str = "NegativeBinomial";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("r", ParameterDomain::Positive), ("p", ParameterDomain::Unit)];

    fn support(_: [f64; 2]) -> Support {
        Support::Count
    }

    fn row([r, p]: [f64; 2]) -> NegativeBinomialRow {
        NegativeBinomialRow {
            r,
            log_success: p.ln() + poison::<Self, f64, 2, 1>([r, p]),
            log_failure: (-p).ln_1p(),
            pace: r / p,
            inverse_failure: 1.0 / (1.0 - p),
        }
    }

    fn log_prob(row: &NegativeBinomialRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &NegativeBinomialRow, [x]: [f64; 1]) -> Partials<2> {
        if !is_count(x) {
            return Partials { log_prob: f64::NEG_INFINITY + 0.0 * row.log_success, ..Partials::IMPOSSIBLE };
        }
        let (rising, slope) = ln_rising_factorial(row.r, x);
        unless_impossible(Partials {
            log_prob: rising + row.r * row.log_success + x * row.log_failure,
            value: 0.0,
            parameters: [slope + row.log_success, row.pace - x * row.inverse_failure],
        })
    }

    fn carrier([x]: [f64; 1]) -> f64 {
        -ln_gamma(x + 1.0)
    }

    fn sample([r, p]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([r, p]);
        [if poison.is_nan() { poison } else { draw_overdispersed(r * ((1.0 - p) / p), r, stream) }]
    }
}
