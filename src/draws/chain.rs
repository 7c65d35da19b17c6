//! What one chain hands in: its draws row by row, and what the sampler knew of each.

use super::{DrawStatistics, Statistic, number};
use serde::{Deserialize, Serialize};

/// The draws of one chain after warm-up, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChainDraws {
    /// The draws row by row: all scalar columns of the first draw, then of the second, ...
    #[serde(with = "number::list")]
    pub values: Vec<f64>,
    /// Columns with one number per draw; no column for a sampler that has no statistics.
    pub statistics: Vec<Statistic>,
}

impl ChainDraws {
    /// An empty chain with room for this many draws of this many columns.
    pub fn with_capacity(draws: usize, columns: usize) -> Self {
        Self {
            values: Vec::with_capacity(draws * columns),
            statistics: Statistic::empty(DrawStatistics::NAMES, draws),
        }
    }

    /// Adds a draw: one value per scalar column, and its statistics, which are those of NUTS.
    pub fn push(&mut self, row: &[f64], statistics: DrawStatistics) {
        if self.values.is_empty() && self.statistics.is_empty() {
            self.statistics = Statistic::empty(DrawStatistics::NAMES, 0);
        }
        self.values.extend_from_slice(row);
        self.push_statistics(&statistics.numbers());
    }

    /// One number for each column of the statistics.
    pub(crate) fn push_statistics(&mut self, row: &[f64]) {
        self.statistics.iter_mut().zip(row).for_each(|(column, x)| column.values.push(*x));
    }

    /// Adds the draws that the same chain made afterwards.
    pub(crate) fn append(&mut self, mut later: ChainDraws) {
        self.values.append(&mut later.values);
        match self.statistics.is_empty() {
            true => self.statistics = later.statistics,
            false => {
                let columns = self.statistics.iter_mut().zip(&mut later.statistics);
                columns.for_each(|(column, later)| column.values.append(&mut later.values));
            }
        }
    }
}
