//! The data a surrogate has seen in training, and what is to be said of data unlike them.
//!
//! *Impossible* under what was learned are a count above the largest one simulated (the categorical density has no class
//! for it) and a choice that no simulation made (its times were never learned): binding such data is an error. *Doubtful*
//! are a time or real number outside of the range simulated, where a spline goes on as a straight line, and a count in
//! the range that no simulation happened to reach: they are bound, and the report of a run says how many there are.

use crate::error::{Error, ErrorKind, Result};
use crate::simulate::{Outcome, Simulations};

/// The range of the simulated data and the classes (counts, choices) among them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// Least and greatest of each column of reals, or of the first column: counts, or times, less their shift where there is one.
    pub(crate) ranges: Vec<[f64; 2]>,
    /// Per class whether it was simulated; empty for reals.
    pub(crate) classes: Vec<bool>,
}

impl Seen {
    /// What these simulations hold, for a density of so many classes.
    pub(crate) fn of(simulations: &Simulations, shift: Option<usize>, classes: usize) -> Self {
        let width = simulations.outcome.width();
        let column = |c: usize| simulations.data.iter().skip(c).step_by(width).copied();
        let mut seen = vec![false; classes];
        let class_column = match simulations.outcome {
            Outcome::Count => Some(0),
            Outcome::TimeAndChoice => Some(1),
            Outcome::Real { .. } => None,
        };
        for class in class_column.into_iter().flat_map(column) {
            if let Some(seen) = seen.get_mut(class as usize) {
                *seen = true;
            }
        }
        let columns = if class_column.is_some() { 1 } else { width };
        let parameters = simulations.names.len();
        let shift_of = |row: usize| shift.map_or(0.0, |p| simulations.parameters[row * parameters + p]);
        let shifted = |c: usize| column(c).enumerate().map(move |(row, x)| x - shift_of(row));
        let range =
            |c| [shifted(c).fold(f64::INFINITY, f64::min), shifted(c).fold(f64::NEG_INFINITY, f64::max)];
        Self { ranges: (0..columns).map(range).collect(), classes: seen }
    }

    /// Refuses a choice that no simulation made.
    pub(crate) fn check_choice(&self, choice: f64) -> Result<()> {
        match self.classes.get(choice as usize) {
            Some(true) => Ok(()),
            _ => Err(Error::new(
                ErrorKind::Value,
                format!(
                    "expected a choice seen in training, got {choice}, which no simulation made: nothing is known of its \
                     times; train on a prior under which it is made"
                ),
            )),
        }
    }

    /// The largest count simulated.
    pub(crate) fn largest_count(&self) -> f64 {
        self.ranges[0][1]
    }

    /// What is doubtful about data (row by row): a sentence for each kind of doubt. Of times that are `shifted` what was learned is the time
    /// after the shift, which is known to be 0 or more and less than the shortest time: a time is doubtful if it is so for every such shift. At
    /// the shift of the posterior they are looked at again ([`super::predictive`]).
    pub(crate) fn doubts(&self, data: &[f64], outcome: Outcome, shifted: bool) -> Vec<String> {
        let mut doubts = vec![];
        let largest_shift = match shifted {
            true => data.iter().step_by(outcome.width()).copied().fold(f64::INFINITY, f64::min),
            false => 0.0,
        };
        for (c, [low, high]) in self.ranges.iter().enumerate() {
            let high = high + largest_shift;
            let column: Vec<f64> = data.iter().skip(c).step_by(outcome.width()).copied().collect();
            if let Some((count, farthest)) = worst(&column, |x| (low - x).max(x - high)) {
                let place = if self.ranges.len() > 1 { format!(" in column {c}") } else { String::new() };
                doubts.push(format!(
                    "{count} of {} data lie outside {low} to {high}, the range of the simulations it was trained on{place} (the \
                     farthest: {} at position {farthest}); its density there is a guess: check these data, or simulate \
                     under a wider prior",
                    column.len(), column[farthest]
                ));
            }
        }
        if outcome == Outcome::Count {
            doubts.extend(self.unreached(data));
        }
        doubts
    }

    /// The counts inside the range that no simulation reached.
    fn unreached(&self, counts: &[f64]) -> Option<String> {
        let unseen = |x: &f64| match self.classes.get(*x as usize) {
            Some(false) if *x > self.ranges[0][0] => 1.0,
            _ => 0.0,
        };
        let (count, first) = worst(counts, unseen)?;
        Some(format!(
            "{count} of {} data are counts that no simulation reached (one: {} at position {first}); their probability is a \
             guess between neighbours: simulate more",
            counts.len(),
            counts[first]
        ))
    }

    /// The numbers that are stored: the ranges, then 1 or 0 for each class.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let classes = self.classes.iter().map(|seen| f64::from(u8::from(*seen)));
        self.ranges.iter().flatten().copied().chain(classes).collect()
    }

    /// From the numbers stored, if they are such.
    pub(crate) fn of_numbers(numbers: &[f64], columns: usize) -> Option<Self> {
        let (ranges, classes) = numbers.split_at_checked(2 * columns)?;
        let ranges: Vec<[f64; 2]> = ranges.chunks_exact(2).map(|range| [range[0], range[1]]).collect();
        let fine =
            ranges.iter().all(|[low, high]| low <= high) && classes.iter().all(|x| *x == 0.0 || *x == 1.0);
        fine.then(|| Self { ranges, classes: classes.iter().map(|seen| *seen == 1.0).collect() })
    }
}

/// How many data have a badness above 0, and where the worst one is; `None` when there are none.
fn worst(data: &[f64], badness: impl Fn(&f64) -> f64) -> Option<(usize, usize)> {
    let bad = || data.iter().map(&badness).enumerate().filter(|(_, badness)| *badness > 0.0);
    let (at, _) = bad().reduce(|worst, other| if other.1 > worst.1 { other } else { worst })?;
    Some((bad().count(), at))
}
