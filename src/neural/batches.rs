//! Which rows are trained on, which are held out, and in what order.

use crate::seed::Stream;
use rand::seq::SliceRandom;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A random split of the rows into training and validation.
pub(crate) struct Split {
    pub(crate) training: Vec<u32>,
    pub(crate) validation: Vec<u32>,
}

impl Split {
    /// Holds out `fraction` of the groups of rows, at least one; at least one is left to train on (there are 2 or more). Rows of one
    /// group, copies of one simulation, stay together: a held-out row whose copy was trained on tells nothing of
    /// rows never seen. `groups` holds the group of each row; without it each row is a group of its own.
    pub(crate) fn new(rows: usize, groups: Option<&[u64]>, fraction: f64, stream: &mut Stream) -> Self {
        let members = Members::of(rows, groups);
        let mut order: Vec<u32> = (0..members.count() as u32).collect();
        order.shuffle(stream);
        let held_out = ((order.len() as f64 * fraction).round() as usize).clamp(1, order.len() - 1);
        let rows_of =
            |groups: &[u32]| groups.iter().flat_map(|group| members.of_group(*group)).copied().collect();
        Self { validation: rows_of(&order[..held_out]), training: rows_of(&order[held_out..]) }
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

/// The hash of a number that is one already, as the numbers of groups are ([`crate::simulate::Simulations::groups`]).
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The rows of each group; groups are numbered as they appear.
struct Members {
    /// Sorted by group.
    rows: Vec<u32>,
    /// Where the rows of each group start, and the end.
    starts: Vec<usize>,
}

impl Members {
    fn of(rows: usize, groups: Option<&[u64]>) -> Self {
        let mut numbers: HashMap<u64, usize, BuildHasherDefault<Mixed>> = HashMap::default();
        numbers.reserve(rows);
        let number_of: Vec<usize> = match groups {
            None => (0..rows).collect(),
            Some(groups) => groups
                .iter()
                .map(|group| {
                    let next = numbers.len();
                    *numbers.entry(*group).or_insert(next)
                })
                .collect(),
        };
        let count = number_of.iter().max().map_or(0, |last| last + 1);
        let mut starts = vec![0; count + 1];
        number_of.iter().for_each(|number| starts[number + 1] += 1);
        (0..count).for_each(|number| starts[number + 1] += starts[number]);
        let (mut next, mut sorted) = (starts.clone(), vec![0; rows]);
        for (row, number) in number_of.into_iter().enumerate() {
            sorted[next[number]] = row as u32;
            next[number] += 1;
        }
        Self { rows: sorted, starts }
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    fn of_group(&self, group: u32) -> &[u32] {
        &self.rows[self.starts[group as usize]..self.starts[group as usize + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Domain, Seed};
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_used_once_and_short_batches_are_joined() {
        let mut stream = Seed(1).stream(Domain::Training, 0);
        for (rows, batch, count) in [(1000, 100, 9), (1111, 100, 10), (2, 100, 1), (1010, 1000, 1)] {
            let mut split = Split::new(rows, None, 0.1, &mut stream);
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

    /// Four copies of each of 50 simulations, in the order in which `augment` writes them.
    #[test]
    fn copies_stand_on_one_side() {
        let groups: Vec<u64> = (0..50).chain((0..150).map(|i| i / 3)).map(|group| 1000 - group).collect();
        let split = Split::new(200, Some(&groups), 0.1, &mut Seed(3).stream(Domain::Training, 1));
        let of = |rows: &[u32]| rows.iter().map(|row| groups[*row as usize]).collect::<BTreeSet<u64>>();
        assert_eq!((split.validation.len(), split.training.len()), (20, 180));
        assert!(of(&split.validation).is_disjoint(&of(&split.training)));
    }

    #[test]
    fn a_group_for_each_row_is_the_split_without_groups() {
        let rows = |groups: Option<&[u64]>| {
            let split = Split::new(100, groups, 0.2, &mut Seed(3).stream(Domain::Training, 1));
            (split.training, split.validation)
        };
        let own: Vec<u64> = (0..100).map(|row| row * 7 % 101).collect();
        assert_eq!(rows(None), rows(Some(&own)));
    }
}
