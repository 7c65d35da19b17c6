//! Mean and standard deviation of all draws together, without cancellation.
//!
//! Sums are taken of differences from the first draw, so that a large common offset (1e8 with unit spread) costs no digits.

use super::split::usable;

/// The mean of all draws of all chains (uncut); NaN without draws.
pub fn mean(chains: &[&[f64]]) -> f64 {
    let Some(&origin) = chains.iter().find_map(|chain| chain.first()) else { return f64::NAN };
    let count: usize = chains.iter().map(|chain| chain.len()).sum();
    // A sum of differences could overflow where the mean does not; division first cannot.
    let count = count as f64;
    let draws = || chains.iter().flat_map(|chain| chain.iter());
    let mean = origin + draws().map(|x| (x - origin) / count).sum::<f64>();
    // Draws that lie farther apart than the largest number have a mean all the same.
    if mean.is_finite() { mean } else { draws().map(|x| x / count).sum() }
}

/// The standard deviation of all draws of all chains (uncut) about their common mean, with divisor `count - 1`; NaN
/// with fewer than two draws.
pub fn sd(chains: &[&[f64]]) -> f64 {
    let count: usize = chains.iter().map(|chain| chain.len()).sum();
    if count < 2 {
        return f64::NAN;
    }
    let center = mean(chains);
    let distances = || chains.iter().flat_map(|chain| chain.iter()).map(|x| (x - center).abs());
    let root =
        |unit: f64| (distances().map(|d| (d / unit).powi(2)).sum::<f64>() / (count as f64 - 1.0)).sqrt();
    let sd = root(1.0);
    let farthest = distances().fold(0.0, f64::max);
    // Squares of numbers beyond 1e154 or below 1e-154 leave the range: in units of the largest they do not.
    let squares_fit = (1e-140..1e140).contains(&sd) || farthest == 0.0 || !farthest.is_finite();
    if squares_fit { sd } else { farthest * root(farthest) }
}

/// The mean of one chain (never empty here).
pub(super) fn mean_of(chain: &[f64]) -> f64 {
    mean(&[chain])
}

/// The variance of a list about its mean, with divisor `len - 1`.
pub(super) fn variance_of(list: &[f64]) -> f64 {
    sd(&[list]).powi(2)
}

/// `(x - mean)^2` for every draw, the mean being that of all chains; `None` where the diagnostics are undefined.
pub(super) fn squared_deviations(chains: &[&[f64]]) -> Option<Vec<Vec<f64>>> {
    let chains = usable(chains)?;
    let center = mean(&chains);
    Some(chains.iter().map(|chain| chain.iter().map(|x| (x - center).powi(2)).collect()).collect())
}
