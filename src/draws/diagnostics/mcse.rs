//! Monte Carlo standard errors: how far an estimate may be off because the draws are finite.
//!
//! Mean: `sd / sqrt(ESS_mean)`. Standard deviation: by the delta method from the variance of `v = (x - mean)^2`,
//! `sqrt((mean v^2 - (mean v)^2) / (4 ESS_sd mean v))`, right for any shape with a fourth moment. Quantile: half the distance between
//! the order statistics at the 16 % and 84 % points of a `Beta(p ESS + 1, (1 - p) ESS + 1)`, the
//! uncertainty of the quantile's rank with `ESS = ESS_p`. Vehtari et al. 2021, section 4.4,
//! <https://doi.org/10.1214/20-BA1221>.
//!
//! In all of them the effective sample size counts for at most the number of draws. Antithetic chains (each draw on the
//! other side of the last) are estimated to be worth several times that, but the estimate is noisy there and a standard error by it is
//! too small as often as not; [`super::ess_mean`] and its kin report it all the same, as other programs do.

use super::ess::{ess_mean, ess_quantile, ess_sd};
use super::moments::{mean, sd, squared_deviations};
use super::quantile::sorted;
use super::split::{usable, views};
use statrs::function::beta::inv_beta_reg;

/// Standard error of the mean, in the parameter's unit; 0 for draws that never move.
pub fn mcse_mean(chains: &[&[f64]]) -> f64 {
    usable(chains).map_or(f64::NAN, |chains| sd(&chains) / capped(ess_mean(&chains), &chains).sqrt())
}

/// Standard error of the standard deviation, in the parameter's unit; NaN for draws that never move.
pub fn mcse_sd(chains: &[&[f64]]) -> f64 {
    let Some(squares) = squared_deviations(chains) else { return f64::NAN };
    let squares = views(&squares);
    let variance = mean(&squares);
    let count: usize = squares.iter().map(|chain| chain.len()).sum();
    // The variance with divisor `count`: mean v^2 - (mean v)^2 without its cancellation.
    let spread = sd(&squares).powi(2) * (count as f64 - 1.0) / count as f64;
    (spread / (4.0 * capped(ess_sd(chains), &squares) * variance)).sqrt()
}

/// Standard error of the `probability`-quantile (0.5: the median), in the parameter's unit; NaN with a probability
/// outside [0, 1].
pub fn mcse_quantile(chains: &[&[f64]], probability: f64) -> f64 {
    let ess = ess_quantile(chains, probability);
    let Some(chains) = usable(chains).filter(|_| ess.is_finite()) else { return f64::NAN };
    let ess = capped(ess, &chains);
    let (a, b) = (ess * probability + 1.0, ess * (1.0 - probability) + 1.0);
    let sorted = sorted(&chains);
    let last = sorted.len() as f64 - 1.0;
    // The normal's central 68.3 %: one standard error to either side.
    let rank = |p: f64| inv_beta_reg(a, b, p) * sorted.len() as f64 - 1.0;
    let low = rank(0.158_655_3).max(0.0).floor() as usize;
    let high = rank(0.841_344_7).clamp(0.0, last).ceil() as usize;
    0.5 * (sorted[high] - sorted[low])
}

/// An effective sample size of at most the number of draws; NaN stays.
pub(super) fn capped(ess: f64, chains: &[&[f64]]) -> f64 {
    let draws: usize = chains.iter().map(|chain| chain.len()).sum();
    if ess > draws as f64 { draws as f64 } else { ess }
}
