//! The form of the mass matrix, and when another would have done better.

use super::low_rank::Points;
use crate::infer::markov::Walk;

/// The form of the mass matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Metric {
    /// One scale per dimension.
    #[default]
    Diagonal,
    /// One scale per dimension, corrected along the few directions in which the posterior is longest or narrowest; at most 64
    /// of them, and as few as pay for themselves. Fitting them costs little next to the gradients of a warm-up, a step
    /// about 2 % more per direction. Pays when parameters are strongly correlated; a run with `Diagonal` that would have
    /// gained says so in its report.
    LowRank,
}

/// Gradients per draw from which a run is slow enough to be told.
const MANY_GRADIENTS: f64 = 60.0;
/// The least gain worth a sentence: a ratio of lengths, to which the steps of a trajectory are proportional.
const LEAST_GAIN: f64 = 3.0;

/// What `Metric::LowRank` would have gained on a run with the diagonal metric, if that is much.
pub(super) fn advice(metric: Metric, chains: &[Walk<'_>]) -> Option<String> {
    if metric != Metric::Diagonal {
        return None;
    }
    let columns = chains.iter().flat_map(|chain| chain.statistics);
    let gradients = columns.filter(|column| column.name == "gradients").flat_map(|column| &column.values);
    let mean = gradients.clone().sum::<f64>() / gradients.count() as f64;
    if !(mean >= MANY_GRADIENTS) {
        return None;
    }
    let fits =
        chains.iter().filter(|chain| !chain.positions.is_empty()).filter_map(|chain| points(chain).fit());
    let fit = fits.max_by(|a, b| (a.elongation / a.corrected).total_cmp(&(b.elongation / b.corrected)))?;
    (fit.elongation >= LEAST_GAIN * fit.corrected).then(|| {
        format!(
            "A draw took {mean:.0} gradients, since parameters are strongly correlated: with a scale for each of them the \
             posterior is still {:.0} times as long in one direction as in another; with {} directions corrected it would be \
             {:.1} times. Try `Metric::LowRank`.",
            fit.elongation,
            fit.map.stretches.len(),
            fit.corrected
        )
    })
}

fn points(chain: &Walk<'_>) -> Points {
    Points { dim: chain.dim, draws: chain.positions.to_vec(), gradients: chain.gradients.to_vec() }
}
