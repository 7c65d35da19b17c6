//! Does a chain stand still for a while?
//!
//! R-hat compares halves of chains and does not see one that is stuck for its last tenth. Here the steps from draw to draw are
//! looked at: a step *stays* where it is shorter than a thousandth of the spread (of the quartiles of all chains, as a standard
//! deviation). Samplers that reject, and parameters with few values, stay now and then, and how long they do falls off
//! geometrically: with the probability p that a chain stays, once it has, some run among N draws is of r or more steps
//! with a probability of at most `N p^r`. A run for which that is below one in a hundred thousand is reported. p is taken from
//! the draws themselves, without the longest run: the larger one of the share of steps that stay and of the share that stay
//! after one that stayed, so that atoms and regions in which the sampler rejects more often are allowed for.
//!
//! A stretch must also be a twentieth of its chain. Among 400 draws that never stay otherwise, 19 in one place are reported.

use super::quantile::{of_sorted, sorted};
use super::split::usable;

/// Steps shorter than this share of the spread stay.
const STILL: f64 = 1e-3;
/// Runs as unlikely as this are reported.
const LEVEL: f64 = 1e-5;
/// Shorter stretches than this share of a chain are let pass: a sound sampler may linger in a corner of a skewed posterior.
const LEAST_SHARE: f64 = 0.05;
/// A sampler that stays more often than this, or a parameter that hardly ever changes, is not judged.
const MOST_STAYING: f64 = 0.9;

/// A stretch of a chain without motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standstill {
    /// The chain, counted from 0.
    pub chain: usize,
    /// Its first draw in the same place, counted from 0.
    pub first: usize,
    /// The number of draws in that place.
    pub draws: usize,
}

/// The longest stretch in which a chain stood still, if it is too long to be chance; `None` if none is, or where the diagnostics are
/// undefined.
///
/// # Examples
/// ```
/// use mynah::draws::diagnostics::standstill;
/// let mut chain: Vec<f64> = (0..1000).map(|i| f64::from(i * 37 % 101)).collect();
/// assert!(standstill(&[&chain]).is_none());
/// chain[900..].fill(50.0);
/// let found = standstill(&[&chain]).expect("a tenth of the chain is stuck");
/// assert_eq!((found.chain, found.first, found.draws), (0, 900, 100));
/// ```
pub fn standstill(chains: &[&[f64]]) -> Option<Standstill> {
    let chains = usable(chains)?;
    let sorted = sorted(&chains);
    // Halves first: the range itself may overflow.
    let quartiles = 0.5 * of_sorted(&sorted, 0.75) - 0.5 * of_sorted(&sorted, 0.25);
    let reach = STILL * quartiles / 1.349;
    let runs: Vec<Standstill> =
        chains.iter().enumerate().flat_map(|(index, chain)| runs(index, chain, reach)).collect();
    let longest = *runs.iter().max_by_key(|run| run.draws)?;
    let steps = |run: &Standstill| run.draws - 1;
    let others = runs.iter().map(steps).sum::<usize>() - steps(&longest);
    // After each step that stays but the last of a run comes another.
    let after = others - (runs.len() - 1);
    let all = chains.len() * (chains[0].len() - 1);
    let overall = others as f64 / (all - steps(&longest)).max(1) as f64;
    // One more of three: a share of few is little known.
    let staying = overall.max((after as f64 + 1.0) / (others as f64 + 3.0));
    let draws = (chains.len() * chains[0].len()) as f64;
    let unlikely = draws.ln() + steps(&longest) as f64 * staying.ln() < LEVEL.ln();
    let long = longest.draws as f64 >= LEAST_SHARE * chains[0].len() as f64;
    (staying <= MOST_STAYING && unlikely && long).then_some(longest)
}

/// The stretches of a chain whose steps are no longer than `reach`.
fn runs(chain: usize, draws: &[f64], reach: f64) -> Vec<Standstill> {
    let mut first = 0;
    // Halves here as well.
    let stretches = draws.chunk_by(|a, b| (0.5 * b - 0.5 * a).abs() <= reach);
    let stretches = stretches.map(|stretch| {
        first += stretch.len();
        Standstill { chain, first: first - stretch.len(), draws: stretch.len() }
    });
    stretches.filter(|stretch| stretch.draws > 1).collect()
}
