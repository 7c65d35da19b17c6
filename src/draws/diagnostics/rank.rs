//! Rank normalisation: heavy tails made harmless before variances are compared.
//!
//! A draw of rank `r` among all `S` draws of all chains (ties share their average rank) becomes
//! `z = Phi^-1((r - 3/8) / (S + 1/4))` (Blom 1958). Folding, `|x - median|`, turns a difference in scale into one in
//! location. Vehtari et al. 2021, equation 14, <https://doi.org/10.1214/20-BA1221>.

use super::quantile::sorted;
use super::split::views;
use statrs::function::erf::erfc_inv;
use std::f64::consts::SQRT_2;

/// The normal scores of the draws' ranks, chain by chain.
pub(super) fn normal_scores(chains: &[&[f64]]) -> Vec<Vec<f64>> {
    let mut order: Vec<(f64, usize)> = chains.concat().into_iter().enumerate().map(|(i, x)| (x, i)).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let count = order.len();
    let mut scores = vec![0.0; count];
    let mut start = 0;
    while start < count {
        let tied = order[start..].iter().take_while(|(x, _)| *x == order[start].0).count();
        // Ranks start + 1 ..= start + tied, averaged.
        let rank = start as f64 + 0.5 * (tied as f64 + 1.0);
        let score = normal_quantile((rank - 0.375) / (count as f64 + 0.25));
        for &(_, index) in &order[start..start + tied] {
            scores[index] = score;
        }
        start += tied;
    }
    let mut rest = scores.as_slice();
    chains
        .iter()
        .map(|chain| {
            let (own, others) = rest.split_at(chain.len());
            rest = others;
            own.to_vec()
        })
        .collect()
}

/// The normal scores of the distances from the median of all draws.
pub(super) fn folded_scores(chains: &[&[f64]]) -> Vec<Vec<f64>> {
    let sorted = sorted(chains);
    // The two middle draws lie equally far from their midpoint, up to rounding; how it is rounded decides whether they tie.
    let (below, above) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    let median = 0.5 * below + 0.5 * above;
    let folded: Vec<Vec<f64>> =
        chains.iter().map(|chain| chain.iter().map(|x| (x - median).abs()).collect()).collect();
    normal_scores(&views(&folded))
}

/// The quantile function of the standard normal.
fn normal_quantile(probability: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * probability)
}
