//! Some draws of many.

use crate::draws::Draws;
use crate::graph::Replay;

/// Some draws, spread evenly over all.
pub(super) struct Places {
    /// Chain and draw.
    pub(super) at: Vec<(usize, usize)>,
}

impl Places {
    pub(super) fn spread(draws: &Draws, count: usize) -> Self {
        let (total, lengths) = (draws.total_draws(), draws.chain_lengths());
        let place = |k: usize| {
            let mut index = k * total / count;
            let chain = lengths.iter().position(|length| {
                let here = index < *length;
                index -= if here { 0 } else { *length };
                here
            });
            (chain.unwrap_or(0), index)
        };
        Self { at: (0..count).map(place).collect() }
    }

    /// The parameters of learned statements at each of the draws.
    pub(super) fn parameters(
        &self,
        replay: &mut Replay,
        draws: &Draws,
        terms: &[usize],
    ) -> Vec<Vec<Vec<f64>>> {
        let at = |row: &Vec<f64>| {
            replay.restore(row);
            terms.iter().map(|term| replay.learned_parameters(*term)).collect()
        };
        self.rows(draws).iter().map(at).collect()
    }

    /// A scalar at these draws.
    pub(super) fn column(&self, draws: &Draws, label: usize) -> Vec<f64> {
        let columns = draws.column_at(label);
        self.at.iter().map(|(chain, draw)| columns[*chain][*draw]).collect()
    }

    /// One of the draws.
    pub(super) fn row(&self, draws: &Draws, index: usize) -> Vec<f64> {
        let (chain, draw) = self.at[index];
        (0..draws.labels().len()).map(|k| draws.column_at(k)[chain][draw]).collect()
    }

    /// The draws.
    pub(super) fn rows(&self, draws: &Draws) -> Vec<Vec<f64>> {
        let columns: Vec<Vec<&[f64]>> = (0..draws.labels().len()).map(|k| draws.column_at(k)).collect();
        let row =
            |(chain, draw): &(usize, usize)| columns.iter().map(|column| column[*chain][*draw]).collect();
        self.at.iter().map(row).collect()
    }
}
