//! Everything a summary says of one scalar, with the sorted draws and the normal scores computed once.

use super::mcse::capped;
use super::moments::{mean, sd};
use super::quantile::{of_sorted, sorted};
use super::rank::{folded_scores, normal_scores};
use super::split::{halves, usable, views};
use super::still::{Standstill, standstill};
use super::{ess, r_hat};
use crate::draws::SummaryRow;

/// The figures of one scalar, and where a chain stood still: moments and quantiles of all draws, diagnostics of the chains cut to the shortest.
pub(in crate::draws) fn profile(name: &str, chains: &[&[f64]]) -> (SummaryRow, Option<Standstill>) {
    let all = sorted(chains);
    // Sorted by `total_cmp`, a NaN of either sign stands at an end.
    let any_nan = all.first().is_some_and(|x| x.is_nan()) || all.last().is_some_and(|x| x.is_nan());
    let quantile = |p| if any_nan { f64::NAN } else { of_sorted(&all, p) };
    let mut row = SummaryRow {
        name: name.to_owned(),
        mean: mean(chains),
        sd: sd(chains),
        q5: quantile(0.05),
        q50: quantile(0.5),
        q95: quantile(0.95),
        mcse_mean: f64::NAN,
        ess_bulk: f64::NAN,
        ess_tail: f64::NAN,
        r_hat: f64::NAN,
        moved: None,
        moved_mcse: None,
    };
    let Some(cut) = usable(chains) else { return (row, None) };
    let halves = halves(&cut);
    let scores = normal_scores(&halves);
    row.ess_bulk = ess::of_halves(&views(&scores));
    row.r_hat = r_hat::of_halves(&views(&scores)).max(r_hat::of_halves(&views(&folded_scores(&halves))));
    row.mcse_mean = sd(&cut) / capped(ess::of_halves(&halves), &cut).sqrt();
    row.ess_tail = super::ess_tail(&cut);
    let still = standstill(&cut);
    (row, still)
}
