//! Quantiles of draws by linear interpolation between order statistics (definition 7 of Hyndman & Fan 1996,
//! <https://doi.org/10.1080/00031305.1996.10473566>): with sorted draws `x_0 .. x_{S-1}` and `h = (S - 1) p`,
//! `q = x_k + (h - k)(x_{k+1} - x_k)`, `k = floor(h)`.

/// The `probability`-quantile of all draws of all chains (uncut); NaN without draws, with a NaN among them, or with a
/// probability outside [0, 1].
pub fn quantile(chains: &[&[f64]], probability: f64) -> f64 {
    let mut all: Vec<f64> = chains.concat();
    if all.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    all.sort_unstable_by(f64::total_cmp);
    of_sorted(&all, probability)
}

/// The quantile of draws already in order.
pub(super) fn of_sorted(sorted: &[f64], probability: f64) -> f64 {
    if sorted.is_empty() || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let position = (sorted.len() - 1) as f64 * probability;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    // Between equal values nothing is interpolated: infinities stay, and ties are met exactly by `x <= q`.
    let share = position - below as f64;
    if sorted[below] == sorted[above] || share == 0.0 {
        return sorted[below];
    }
    let distance = sorted[above] - sorted[below];
    match distance.is_finite() {
        true => sorted[below] + share * distance,
        false => (1.0 - share) * sorted[below] + share * sorted[above],
    }
}

/// Every draw of every chain, in order.
pub(super) fn sorted(chains: &[&[f64]]) -> Vec<f64> {
    let mut all: Vec<f64> = chains.concat();
    all.sort_unstable_by(f64::total_cmp);
    all
}
