//! Effective sample size: how many independent draws are these worth?
//!
//! `ESS = M N / tau`, `tau = 1 + 2 sum_t rho_t`, with the autocorrelation of the whole set of `M` half chains of `N` draws
//! `rho_t = 1 - (W - mean_m acov_m(t)) / var+`, `W` the mean variance within chains and
//! `var+ = W (N - 1)/N + variance of the chains' means` (chains that disagree are worth little). The sum runs over
//! pairs `P_k = rho_2k + rho_2k+1`: of a reversible chain they are positive and decreasing, so it stops at the first pair
//! that is not positive and never lets a pair exceed the one before (Geyer 1992,
//! <https://doi.org/10.1214/ss/1177011137>). `tau` is kept above `1/log10(M N)`, so that antithetic chains
//! are not believed without limit. Vehtari et al. 2021, section 3, <https://doi.org/10.1214/20-BA1221>.
//!
//! The same on functions of the draws: ranks (bulk), indicators `x <= q` (quantiles, tail), squared deviations (sd).
//! Draws that never move count in full, as they do in the reference implementations.

use super::autocovariance::Autocovariance;
use super::moments::{mean_of, squared_deviations, variance_of};
use super::quantile::{of_sorted, sorted};
use super::rank::normal_scores;
use super::split::{halves, usable, views};

/// ESS of the rank-normalised draws: of the centre of the distribution, even where there is no mean.
///
/// # Examples
/// ```
/// use mynah::draws::diagnostics::ess_bulk;
/// let slow: Vec<f64> = (0..1000).map(|i| (f64::from(i) / 100.0).sin()).collect();
/// assert!(ess_bulk(&[&slow]) < 20.0); // a thousand draws along one slow wave
/// ```
pub fn ess_bulk(chains: &[&[f64]]) -> f64 {
    usable(chains).map_or(f64::NAN, |chains| of_halves(&views(&normal_scores(&halves(&chains)))))
}

/// ESS of the tails: the smaller one of the 5 % and the 95 % quantile.
pub fn ess_tail(chains: &[&[f64]]) -> f64 {
    let Some(chains) = usable(chains) else { return f64::NAN };
    let sorted = sorted(&chains);
    below(&chains, of_sorted(&sorted, 0.05)).min(below(&chains, of_sorted(&sorted, 0.95)))
}

/// ESS of the mean: of the draws as they are.
pub fn ess_mean(chains: &[&[f64]]) -> f64 {
    usable(chains).map_or(f64::NAN, |chains| of_halves(&halves(&chains)))
}

/// ESS of the standard deviation: of the squared deviations from the common mean.
pub fn ess_sd(chains: &[&[f64]]) -> f64 {
    squared_deviations(chains).map_or(f64::NAN, |squares| ess_mean(&views(&squares)))
}

/// ESS of the `probability`-quantile; NaN with a probability outside [0, 1].
pub fn ess_quantile(chains: &[&[f64]], probability: f64) -> f64 {
    let Some(chains) = usable(chains) else { return f64::NAN };
    let quantile = of_sorted(&sorted(&chains), probability);
    if quantile.is_nan() { f64::NAN } else { below(&chains, quantile) }
}

/// ESS of the share of draws at or below a value, of chains known to be usable.
pub(super) fn below(chains: &[&[f64]], value: f64) -> f64 {
    let indicators: Vec<Vec<f64>> =
        chains.iter().map(|chain| chain.iter().map(|&x| f64::from(x <= value)).collect()).collect();
    of_halves(&halves(&views(&indicators)))
}

/// ESS of chains already split, all finite and of equal length (at least two).
pub(super) fn of_halves(chains: &[&[f64]]) -> f64 {
    let draws = chains[0].len();
    let count = (chains.len() * draws) as f64;
    let bounds = |chain: &&[f64]| chain.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
    let (low, high) =
        chains.iter().map(bounds).fold((f64::MAX, f64::MIN), |(a, b), (c, d)| (a.min(c), b.max(d)));
    if low == high {
        return count;
    }
    // Shifted and scaled to [0, 1] (halves first: the range itself may overflow), squares neither overflow nor cancel.
    let range = 0.5 * high - 0.5 * low;
    let scaled: Vec<Vec<f64>> =
        chains.iter().map(|chain| chain.iter().map(|x| (0.5 * x - 0.5 * low) / range).collect()).collect();
    let tau = integrated_time(scaled);
    if tau.is_nan() { f64::NAN } else { count / tau.max(1.0 / count.log10()) }
}

/// The integrated autocorrelation time tau by Geyer's monotone sequence, before its lower bound.
fn integrated_time(mut chains: Vec<Vec<f64>>) -> f64 {
    let draws = chains[0].len();
    let means: Vec<f64> = chains.iter().map(|chain| mean_of(chain)).collect();
    for (chain, mean) in chains.iter_mut().zip(&means) {
        chain.iter_mut().for_each(|x| *x -= mean);
    }
    let mut autocovariance = Autocovariance::new(chains);
    let total = autocovariance.at(0) + variance_of(&means);
    let within = autocovariance.at(0) * draws as f64 / (draws as f64 - 1.0);
    let mut rho = |lag| 1.0 - (within - autocovariance.at(lag)) / total;

    let (mut even, mut odd, mut lag) = (1.0, rho(1), 1);
    let (mut sum, mut previous) = (0.0, f64::INFINITY);
    while even + odd > 0.0 && lag + 3 < draws {
        previous = (even + odd).min(previous);
        sum += previous;
        (even, odd) = (rho(lag + 1), rho(lag + 2));
        lag += 2;
    }
    // Of the last pair only the even lag is taken, which lowers the variance of the estimate for antithetic chains.
    let last = if even + odd >= 0.0 { even } else { even.max(0.0) };
    2.0 * sum - 1.0 + last
}
