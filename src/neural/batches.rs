//! Which rows are trained on, which are held out, and in what order.

use crate::seed::Stream;
use rand::seq::SliceRandom;

/// A random split of the rows into training and validation.
pub(crate) struct Split {
    pub(crate) training: Vec<u32>,
    pub(crate) validation: Vec<u32>,
}

impl Split {
    /// Holds out `fraction` of the rows, at least one; at least one is left to train on (`rows` is 2 or more).
    pub(crate) fn new(rows: usize, fraction: f64, stream: &mut Stream) -> Self {
        let mut all: Vec<u32> = (0..rows as u32).collect();
        all.shuffle(stream);
        let held_out = ((rows as f64 * fraction).round() as usize).clamp(1, rows - 1);
        let training = all.split_off(held_out);
        Self { training, validation: all }
    }

    /// Shuffles the training rows and cuts them into batches; a last one of less than half the size joins the one before.
    pub(crate) fn batches(&mut self, batch: usize, stream: &mut Stream) -> impl Iterator<Item = &[u32]> {
        self.training.shuffle(stream);
        let (count, rows) = (self.batch_count(batch), &self.training);
        (0..count).map(move |i| {
            let end = if i + 1 == count { rows.len() } else { (i + 1) * batch };
            &rows[i * batch..end]
        })
    }

    /// The number of batches of an epoch.
    pub(crate) fn batch_count(&self, batch: usize) -> usize {
        ((self.training.len() + batch / 2) / batch).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Domain, Seed};

    #[test]
    fn every_row_is_used_once_and_short_batches_are_joined() {
        let mut stream = Seed(1).stream(Domain::Training, 0);
        for (rows, batch, count) in [(1000, 100, 9), (1111, 100, 10), (2, 100, 1), (1010, 1000, 1)] {
            let mut split = Split::new(rows, 0.1, &mut stream);
            let validation = split.validation.clone();
            let mut seen: Vec<u32> = validation.clone();
            let mut batches = 0;
            for rows in split.batches(batch, &mut stream) {
                seen.extend(rows);
                batches += 1;
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..rows as u32).collect::<Vec<_>>());
            assert_eq!((batches, validation.len()), (count, ((rows as f64 * 0.1).round() as usize).max(1)));
        }
    }
}
