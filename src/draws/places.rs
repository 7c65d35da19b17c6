//! Where in the posterior the trouble is: which scalar is unusual when a trajectory diverges, and which two go together.
//!
//! Both go by ranks, which a change of variable that keeps the order does not alter: what holds of a scale holds of its
//! logarithm, in which the sampler moves.
//!
//! - *Divergences.* `F` is the share of all draws below a draw. Of n draws that diverged anywhere, the mean of F is 1/2 with standard
//!   error `1 / sqrt(12 n)`; the scalar with the largest distance from 1/2 says where they are. Divergent draws in a row
//!   count once: they are mostly one place.
//! - *Correlations.* Spearman's: that of the ranks.

use super::{Draws, SummaryRow};
use rayon::prelude::*;
use serde::Serialize;

/// So many draws at most are looked at, evenly spread.
const DRAWS: usize = 400;
/// So many scalars at most are compared with each other: those with the smallest effective sample sizes.
const SCALARS: usize = 200;
/// Standard errors from 1/2 from which a place is named.
const CLEAR: f64 = 4.5;
/// Rank correlations below this make no tree deep.
const STRONG: f64 = 0.8;

/// Where draws lie whose trajectories diverged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// The label of the scalar that is most unusual there.
    pub name: String,
    /// The mean over these draws of the share of all draws below them: near 0 where the scalar is low, near 1 where it is high.
    pub quantile: f64,
}

/// Two scalars that go together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correlated {
    /// The label of the one.
    pub first: String,
    /// The label of the other.
    pub second: String,
    /// Their rank correlation, in [-1, 1].
    pub correlation: f64,
}

/// Where the divergent draws lie, if that is clear.
pub(super) fn of_divergences(draws: &Draws) -> Option<Place> {
    let all: Vec<(usize, usize)> =
        (0..draws.chains()).flat_map(|c| first_of_runs(draws, c).map(move |draw| (c, draw))).collect();
    let divergent = spread(&all);
    let everywhere = spread(&places(draws));
    let error = 1.0 / (12.0 * divergent.len() as f64).sqrt();
    let quantile = |k: usize| {
        let columns = draws.column_at(k);
        let mut sorted: Vec<f64> = everywhere.iter().map(|(c, draw)| columns[*c][*draw]).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        // Half of those that are equal lie below.
        let below = |x: f64| {
            let (low, high) = (sorted.partition_point(|y| *y < x), sorted.partition_point(|y| *y <= x));
            0.5 * (low + high) as f64 / sorted.len() as f64
        };
        divergent.iter().map(|(c, draw)| below(columns[*c][*draw])).sum::<f64>() / divergent.len() as f64
    };
    let distance = |quantile: f64| (quantile - 0.5).abs();
    let quantiles: Vec<f64> = (0..draws.labels().len()).into_par_iter().map(quantile).collect();
    let found = quantiles.iter().enumerate().filter(|(_, quantile)| distance(**quantile) > CLEAR * error);
    let (k, quantile) = found.max_by(|a, b| distance(*a.1).total_cmp(&distance(*b.1)))?;
    Some(Place { name: draws.labels()[k].clone(), quantile: *quantile })
}

/// The first draw of each run of divergent ones in a chain.
fn first_of_runs(draws: &Draws, chain: usize) -> impl Iterator<Item = usize> {
    let statistics = draws.statistics(chain);
    let count = statistics.len();
    let begins = move |i: &usize| statistics[*i].diverging && (*i == 0 || !statistics[i - 1].diverging);
    (0..count).filter(begins)
}

fn places(draws: &Draws) -> Vec<(usize, usize)> {
    let lengths = draws.chain_lengths().into_iter().enumerate();
    lengths.flat_map(|(c, length)| (0..length).map(move |draw| (c, draw))).collect()
}

/// At most [`DRAWS`] of the places, evenly spread.
fn spread(places: &[(usize, usize)]) -> Vec<(usize, usize)> {
    places.iter().copied().step_by(places.len().div_ceil(DRAWS).max(1)).collect()
}

/// The two scalars that go together most, if they do so strongly.
pub(super) fn strongest_correlation(draws: &Draws, rows: &[SummaryRow]) -> Option<Correlated> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    // NaN last: such draws have no ranks.
    order.sort_by(|a, b| rows[*a].ess_bulk.total_cmp(&rows[*b].ess_bulk));
    order.truncate(SCALARS);
    let places = spread(&places(draws));
    let ranks: Vec<Vec<f64>> = order
        .par_iter()
        .map(|k| {
            let columns = draws.column_at(*k);
            ranks(&places.iter().map(|(c, draw)| columns[*c][*draw]).collect::<Vec<f64>>())
        })
        .collect();
    let correlation = |a: usize, b: usize| ranks[a].iter().zip(&ranks[b]).map(|(x, y)| x * y).sum::<f64>();
    let pairs = (0..order.len()).flat_map(|a| (0..a).map(move |b| (b, a)));
    let strongest = pairs
        .map(|(a, b)| (a, b, correlation(a, b)))
        .filter(|(.., correlation)| correlation.abs() >= STRONG)
        .max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()))?;
    let (a, b, correlation) = strongest;
    let name = |k: usize| draws.labels()[order[k]].clone();
    Some(Correlated { first: name(a), second: name(b), correlation: correlation.clamp(-1.0, 1.0) })
}

/// Ranks around their mean, of unit length; zeros for a scalar that never changes. Ties share their average rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let middle = 0.5 * (values.len() as f64 - 1.0);
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = start as f64 + 0.5 * (tied.len() as f64 - 1.0) - middle;
        tied.iter().for_each(|place| ranks[*place] = rank);
        start += tied.len();
    }
    let length = ranks.iter().map(|rank| rank * rank).sum::<f64>().sqrt();
    if length > 0.0 {
        ranks.iter_mut().for_each(|rank| *rank /= length);
    }
    ranks
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
