//! One row per scalar: where it lies, how wide it is, whether to believe it.

use super::diagnostics::weighted::weighted_profile;
use super::diagnostics::{Standstill, profile};
use super::{Draws, Warning};
use rayon::prelude::*;
use serde::Serialize;

/// What the draws say of one scalar.
///
/// Of draws with weights ([`Draws::with_log_weights`]) all of it is weighted, the effective sample sizes are those of the mean and of the tails
/// (see [`weighted`](super::diagnostics::weighted)), and R-hat is NaN. Of others,
/// moments and quantiles are of all draws; the diagnostics, of the chains cut to the shortest, are NaN where they are undefined: fewer
/// than four draws per chain, a draw that is not finite, or (R-hat) draws that never move.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SummaryRow {
    /// The scalar's label: `mu`, `rate[0]`.
    pub name: String,
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
    /// The 5 % quantile.
    pub q5: f64,
    /// The median.
    pub q50: f64,
    /// The 95 % quantile.
    pub q95: f64,
    /// The Monte Carlo standard error of the mean; the effective sample size counts for at most the number of draws.
    pub mcse_mean: f64,
    /// The effective sample size in the bulk.
    pub ess_bulk: f64,
    /// The effective sample size in the tails: the smaller one of the 5 % and the 95 % quantile.
    pub ess_tail: f64,
    /// Rank-normalised split R-hat, 1 when the chains agree.
    pub r_hat: f64,
    /// How far learned likelihoods moved the mean, in posterior sds ([`Moved`](super::Moved)); `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<f64>,
    /// The Monte Carlo standard error of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_mcse: Option<f64>,
}

/// All scalars of a run, and what speaks against them. It prints as a table with the warnings under it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// One row per scalar, in the order of the model.
    pub rows: Vec<SummaryRow>,
    /// What speaks against the draws, the gravest first; empty when nothing does.
    pub warnings: Vec<Warning>,
    /// What else the sampler had to say.
    pub messages: Vec<String>,
    /// The number of chains.
    pub chains: usize,
    /// The number of draws of all chains together.
    pub total_draws: usize,
}

impl Summary {
    pub(super) fn of(draws: &Draws) -> Self {
        let weights = draws.weights().map(|weights| weights.concat());
        let of_column = |(k, name): (usize, &String)| match &weights {
            None => profile(name, &draws.column_at(k)),
            Some(weights) => (weighted_profile(name, &draws.column_at(k), weights), None),
        };
        let (mut rows, still): (Vec<SummaryRow>, Vec<Option<Standstill>>) =
            draws.labels().par_iter().enumerate().map(of_column).unzip();
        let moved = draws.report().moved.as_ref();
        if let Some(moved) = moved.filter(|moved| moved.shift.len() == rows.len() && !moved.corrected) {
            for (row, (shift, mcse)) in rows.iter_mut().zip(moved.shift.iter().zip(&moved.mcse)) {
                (row.moved, row.moved_mcse) = (Some(*shift), Some(*mcse));
            }
        }
        let mut messages = draws.report().messages.clone();
        messages.extend(moved.iter().flat_map(|moved| moved.messages.clone()));
        Self {
            warnings: Warning::all(draws, &rows, &still),
            rows,
            messages,
            chains: draws.chains(),
            total_draws: draws.total_draws(),
        }
    }

    /// The row of a scalar by its label, if there is one.
    pub fn row(&self, label: &str) -> Option<&SummaryRow> {
        self.rows.iter().find(|row| row.name == label)
    }
}
