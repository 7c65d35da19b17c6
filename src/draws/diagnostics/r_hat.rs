//! R-hat: do the chains agree?
//!
//! With `M` half chains of `N` draws, `W` the mean of their variances and `B` `N` times the variance of their means,
//! `R-hat = sqrt((N - 1)/N + B/(N W))`: near 1 when all explore the same distribution. Computed on rank-normalised
//! draws (*bulk*) it sees differences in location, on rank-normalised folded draws those in scale; the larger of
//! the two is *the* R-hat. Vehtari et al. 2021, section 4, <https://doi.org/10.1214/20-BA1221>, which asks for at most 1.01.
//! It is undefined (NaN) for a single chain that never moves, and infinite for chains stuck at different values. A single
//! chain is still compared with itself, half against half, which sees a trend and nothing else.

use super::moments::{mean_of, sd};
use super::rank::{folded_scores, normal_scores};
use super::split::{halves, usable, views};

/// Rank-normalised split R-hat: the larger of [`r_hat_bulk`] and [`r_hat_folded`]. It cannot see a mode that all chains have missed.
///
/// # Examples
/// ```
/// use mynah::draws::diagnostics::r_hat;
/// let (low, high) = ([0.1, 0.3, 0.2, 0.4], [5.1, 5.3, 5.2, 5.4]);
/// assert!(r_hat(&[&low, &high]) > 1.5); // two chains that never met
/// ```
pub fn r_hat(chains: &[&[f64]]) -> f64 {
    // `f64::max` passes over a NaN: a two-valued parameter folds to a constant, and the bulk alone speaks.
    r_hat_bulk(chains).max(r_hat_folded(chains))
}

/// R-hat of rank-normalised split chains: differences in location.
pub fn r_hat_bulk(chains: &[&[f64]]) -> f64 {
    usable(chains).map_or(f64::NAN, |chains| of_halves(&views(&normal_scores(&halves(&chains)))))
}

/// R-hat of rank-normalised, folded split chains: differences in scale and tails.
pub fn r_hat_folded(chains: &[&[f64]]) -> f64 {
    usable(chains).map_or(f64::NAN, |chains| of_halves(&views(&folded_scores(&halves(&chains)))))
}

/// The classical split R-hat, without ranks; misled by heavy tails and blind to scale.
pub fn r_hat_split(chains: &[&[f64]]) -> f64 {
    usable(chains).map_or(f64::NAN, |chains| of_halves(&halves(&chains)))
}

/// R-hat of chains already split.
pub(super) fn of_halves(chains: &[&[f64]]) -> f64 {
    let draws = chains[0].len() as f64;
    let means: Vec<f64> = chains.iter().map(|chain| mean_of(chain)).collect();
    let sds: Vec<f64> = chains.iter().map(|chain| sd(&[chain])).collect();
    // In units of the largest, so that no square leaves the range of numbers.
    let unit = sds.iter().fold(0.0, |largest: f64, sd| largest.max(*sd));
    let unit = if unit > 0.0 { unit } else { 1.0 };
    let within = sds.iter().map(|sd| (sd / unit).powi(2)).sum::<f64>() / chains.len() as f64;
    ((sd(&[&means]) / unit).powi(2) / within + (draws - 1.0) / draws).sqrt()
}
