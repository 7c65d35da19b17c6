//! All scalars in rows, and what speaks against them.

use super::diagnostics::weighted::weighted_profile;
use super::diagnostics::{Standstill, profile};
use super::{Draws, SummaryRow, Warning};
use rayon::prelude::*;
use serde::Serialize;

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

impl Draws {
    /// Mean, sd, quantiles and diagnostics of every scalar, and the warnings: print it.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// What speaks against these draws, the gravest first; empty when nothing does.
    pub fn warnings(&self) -> Vec<Warning> {
        self.summary().warnings
    }
}

impl Summary {
    fn of(draws: &Draws) -> Self {
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
