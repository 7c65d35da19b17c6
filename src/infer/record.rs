//! What a chain has done so far.

use super::reasons::Reasons;
use crate::draws::{ChainDraws, Statistic, number};
use serde::{Deserialize, Serialize};

/// The draws of a chain, or of a piece of it, with what is noted of them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// The complete draws.
    pub(super) made: usize,
    pub(super) draws: ChainDraws,
    /// In how many draws a learned density was asked outside the region it was trained on, if there is one.
    pub(super) outside: Option<usize>,
    pub(super) reasons: Reasons,
    /// Unconstrained draws with the gradients there, spread over the chain.
    #[serde(with = "number::list")]
    pub(super) positions: Vec<f64>,
    #[serde(with = "number::list")]
    pub(super) gradients: Vec<f64>,
}

impl Record {
    /// An empty record of draws with these statistics.
    pub(super) fn with_columns(names: &[&str]) -> Self {
        let statistics = Statistic::empty(names.iter().copied(), 0);
        Self { draws: ChainDraws { values: vec![], statistics }, ..Self::default() }
    }

    /// Leaves complete draws alone.
    pub(super) fn cut(&mut self, width: usize) {
        let Self { made, draws, .. } = self;
        draws.values.truncate(*made * width);
        draws.statistics.iter_mut().for_each(|column| column.values.truncate(*made));
    }

    /// Adds what the same chain did afterwards.
    pub(super) fn append(&mut self, mut later: Record, chain: usize) {
        self.made += later.made;
        self.draws.append(later.draws);
        self.outside = match (self.outside, later.outside) {
            (Some(before), Some(after)) => Some(before + after),
            (before, after) => before.or(after),
        };
        self.reasons.append(later.reasons, chain);
        self.positions.append(&mut later.positions);
        self.gradients.append(&mut later.gradients);
    }

    /// Whether the numbers are as many as a chain of this width in so many dimensions has.
    pub(super) fn is_sound(&self, width: usize, dim: usize, columns: &[&str]) -> bool {
        let Self { made, draws, .. } = self;
        let names: Vec<&str> = draws.statistics.iter().map(|column| column.name.as_str()).collect();
        made.checked_mul(width) == Some(draws.values.len())
            && (names == columns || *made == 0)
            && draws.statistics.iter().all(|column| column.values.len() == *made)
            && self.positions.len().is_multiple_of(dim)
            && (self.gradients.is_empty() || self.gradients.len() == self.positions.len())
            && self
                .reasons
                .kept
                .iter()
                .all(|divergence| divergence.draw < *made && [0, width].contains(&divergence.position.len()))
    }
}
