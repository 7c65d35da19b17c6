//! Pairs of parameters and simulated data.

use super::failures::joined;
use super::parameter_names::{check_names, describe};
use super::{BuiltIn, FailureReason, Outcome};
use crate::error::{Error, ErrorKind, Result};
use crate::seed::Seed;
use std::collections::HashSet;

/// Pairs of parameters and data drawn from a prior and a simulator: what a surrogate is trained on.
///
/// Both tables are stored row by row; row `i` of one belongs to row `i` of the other. Every number is finite.
///
/// Each row knows the independent simulation that it comes from ([`Simulations::groups`]): copies of one simulation share it, so that
/// training holds out all of them or none. Rows may be changed in place, but a table that was made longer or shorter by hand is
/// refused by whoever uses it next: take rows with [`Simulations::subset`] and add them with [`Simulations::append`].
#[derive(Clone, Debug, PartialEq)]
pub struct Simulations {
    /// The names of the parameters, in the order of the columns of `parameters`.
    pub names: Vec<String>,
    /// The parameters, `len() x names.len()`.
    pub parameters: Vec<f64>,
    /// What a row of `data` means.
    pub outcome: Outcome,
    /// The data, `len() x outcome.width()`.
    pub data: Vec<f64>,
    /// How many simulations were run but failed (numbers that are not finite, rows of the wrong length, panics), and are not in the tables.
    pub failed: usize,
    /// Why they failed, the commonest reason first.
    pub(crate) reasons: Vec<FailureReason>,
    /// For each row, the independent simulation that it comes from.
    pub(crate) groups: Vec<u64>,
    /// The simulator that made the table, if it is one of this library, with the table's identity then.
    pub(crate) origin: Option<(BuiltIn, Seed)>,
}

impl Simulations {
    /// Pairs that come from elsewhere: `parameters` is `rows x names.len()` and `data` `rows x outcome.width()`, both row by
    /// row. Set [`Simulations::failed`] to the number of simulations that were run but are not in the table, and say with
    /// [`Simulations::grouped`] which rows are copies of one simulation; without it every row is one of its own.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for names that are missing or repeated; [`ErrorKind::Shape`] for lengths that do not fit together;
    /// [`ErrorKind::Value`] for a number that is not finite or a row that is no value of the outcome.
    ///
    /// # Examples
    /// A table of another program, with the parameters and the response of one simulation per line:
    /// ```
    /// use mynah::simulate::{Outcome, Simulations};
    /// let table = "drift,boundary,rt,choice\n1.5,1.2,0.61,1\n-0.3,0.9,0.48,0\n0.2,2.0,1.97,1\n";
    /// let mut lines = table.lines();
    /// let names: Vec<&str> = lines.next().unwrap().split(',').take(2).collect();
    /// let (mut parameters, mut data) = (vec![], vec![]);
    /// for line in lines {
    ///     let row: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
    ///     parameters.extend(&row[..2]);
    ///     data.extend(&row[2..]);
    /// }
    /// let mut pairs = Simulations::new(names, parameters, Outcome::TimeAndChoice, data)?;
    /// pairs.failed = 1; // a fourth one never ended
    /// assert_eq!((pairs.len(), pairs.independent()), (3, 3));
    /// assert_eq!(pairs.provenance().failed_share(), 0.25);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn new<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        parameters: Vec<f64>,
        outcome: Outcome,
        data: Vec<f64>,
    ) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut simulations = Self {
            names,
            parameters,
            outcome,
            data,
            failed: 0,
            reasons: vec![],
            groups: vec![],
            origin: None,
        };
        let table = simulations.identity();
        simulations.groups = (0..simulations.len() as u64).map(|row| table.derive(row).0).collect();
        simulations.check()?;
        Ok(simulations)
    }

    /// The same with rows that are copies of one simulation marked as such: rows of the same number in `groups` (one for each row) are
    /// kept on one side of the split into training and validation, and count as one simulation. The numbers
    /// mean something in this table alone; [`Simulations::groups`] are made of them and of the table's content.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when there is not one number for each row.
    ///
    /// # Examples
    /// ```
    /// use mynah::simulate::{Outcome, Simulations};
    /// // Two simulations, each followed by its mirror image.
    /// let pairs = Simulations::new(["v"], vec![1.0, -1.0, 0.5, -0.5], Outcome::Real { width: 1 }, vec![0.9, -0.9, 0.1, -0.1])?;
    /// assert_eq!(pairs.grouped([0, 0, 1, 1])?.independent(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn grouped(mut self, groups: impl IntoIterator<Item = u64>) -> Result<Self> {
        let table = self.identity();
        let groups: Vec<u64> = groups.into_iter().map(|group| table.derive(group).0).collect();
        if groups.len() != self.len() {
            let message = format!(
                "expected one group for each of {} rows, got {}; give copies of one simulation the same number",
                self.len(),
                groups.len()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        self.groups = groups;
        Ok(self)
    }

    /// For each row, the independent simulation that it comes from: equal numbers are copies of one. The number of a simulation run
    /// here follows from its seed and its row.
    pub fn groups(&self) -> &[u64] {
        &self.groups
    }

    /// Why simulations failed, the commonest reason first; at most five. Their numbers add up to at most [`Simulations::failed`].
    pub fn failure_reasons(&self) -> &[FailureReason] {
        &self.reasons
    }

    /// The simulator of this library that made these rows; `None` for another one, and when rows were changed by hand since.
    pub(crate) fn built_in(&self) -> Option<BuiltIn> {
        self.origin.filter(|(_, identity)| *identity == self.identity()).map(|(simulator, _)| simulator)
    }

    /// The same as made by this simulator.
    pub(super) fn made_by(mut self, simulator: Option<BuiltIn>) -> Self {
        self.origin = simulator.map(|simulator| (simulator, self.identity()));
        self
    }

    /// A number that stands for the content of the tables.
    fn identity(&self) -> Seed {
        let numbers = self.parameters.iter().chain(&self.data);
        numbers.fold(Seed(self.names.len() as u64), |hash, number| hash.derive(number.to_bits()))
    }

    /// Whether names, tables and groups fit together and every row is valid: fields are public, so that anything may have happened
    /// to them.
    pub(super) fn check(&self) -> Result<()> {
        check_names(&self.names)?;
        self.check_lengths()?;
        let (columns, width) = (self.names.len(), self.outcome.width());
        for (row, (theta, data)) in
            self.parameters.chunks_exact(columns).zip(self.data.chunks_exact(width)).enumerate()
        {
            let problem = if theta.iter().chain(data).all(|value| value.is_finite()) {
                self.outcome.problem(data)
            } else {
                Some("every number must be finite")
            };
            if let Some(problem) = problem {
                let theta = describe(&self.names, theta);
                let message = format!(
                    "expected valid pairs, got {data:?} at row {row} ({theta}): {problem}; drop the row"
                );
                return Err(Error::new(ErrorKind::Value, message));
            }
        }
        Ok(())
    }

    /// Whether tables and groups fit together.
    pub(crate) fn check_lengths(&self) -> Result<()> {
        let (columns, width) = (self.names.len(), self.outcome.width());
        let (parameters, data) = (self.parameters.len(), self.data.len());
        let fits = width > 0
            && columns > 0
            && parameters % columns == 0
            && data % width == 0
            && parameters / columns == data / width;
        if !fits {
            let message = format!(
                "expected as many rows of {columns} parameters as rows of {width} numbers of data (1 or more), got \
                 {parameters} parameters and {data} data; pass both tables row by row"
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if self.groups.len() != self.len() {
            let message = format!(
                "expected a table as long as it was made ({} rows), got one of {} rows; take rows with `subset` and add \
                 them with `append`, which know which rows are copies of one simulation",
                self.groups.len(),
                self.len()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        Ok(())
    }

    /// The pairs, one row of parameters and one of data at a time.
    pub fn rows(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        let (columns, width) = (self.names.len().max(1), self.outcome.width().max(1));
        self.parameters.chunks_exact(columns).zip(self.data.chunks_exact(width))
    }

    /// The least and the greatest value of each parameter, in the order of the names.
    pub fn bounds(&self) -> Vec<(f64, f64)> {
        let column = |p: usize| self.parameters.iter().skip(p).step_by(self.names.len()).copied();
        let bound =
            |p: usize| (column(p).fold(f64::INFINITY, f64::min), column(p).fold(f64::NEG_INFINITY, f64::max));
        (0..self.names.len()).map(bound).collect()
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.parameters.len() / self.names.len().max(1)
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The column of one parameter, by name.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for an unknown name.
    pub fn parameter(&self, name: &str) -> Result<Vec<f64>> {
        let Some(column) = self.names.iter().position(|other| other == name) else {
            let message = format!(
                "expected one of the parameters {}, got '{name}'; correct the name",
                self.names.join(", ")
            );
            return Err(Error::new(ErrorKind::Site, message));
        };
        Ok(self.parameters.iter().skip(column).step_by(self.names.len()).copied().collect())
    }

    /// Some of the rows, in the order given; copies stay known as such. Of the failed simulations it takes the share that it takes
    /// of the independent ones, rounded up.
    ///
    /// # Errors
    /// [`ErrorKind::Index`] for a row that is not there.
    ///
    /// # Examples
    /// ```
    /// use mynah::simulate::{Outcome, Simulations};
    /// let pairs = Simulations::new(["p"], vec![0.1, 0.2, 0.3], Outcome::Count, vec![1.0, 0.0, 4.0])?;
    /// let some = pairs.subset(&[2, 0])?;
    /// assert_eq!((some.parameters, some.data), (vec![0.3, 0.1], vec![4.0, 1.0]));
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn subset(&self, rows: &[usize]) -> Result<Simulations> {
        self.check_lengths()?;
        if let Some(row) = rows.iter().find(|row| **row >= self.len()) {
            let message = format!("expected rows below {}, got {row}; rows count from 0", self.len());
            return Err(Error::new(ErrorKind::Index, message));
        }
        let (columns, width) = (self.names.len(), self.outcome.width());
        let take = |table: &[f64], width: usize| {
            rows.iter().flat_map(|row| table[row * width..][..width].to_vec()).collect()
        };
        let mut subset = Self {
            names: self.names.clone(),
            parameters: take(&self.parameters, columns),
            outcome: self.outcome,
            data: take(&self.data, width),
            failed: 0,
            reasons: self.reasons.clone(),
            groups: rows.iter().map(|row| self.groups[*row]).collect(),
            origin: None,
        };
        let share = subset.independent() as f64 / self.independent().max(1) as f64;
        let part = |count: usize| ((count as f64 * share).ceil() as usize).min(count);
        subset.failed = part(self.failed);
        subset.reasons.iter_mut().for_each(|reason| reason.count = part(reason.count));
        Ok(subset.made_by(self.built_in()))
    }

    /// Adds the pairs of another run of the same simulator, with another seed; its failures are added too.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when names (in their order) or outcomes differ; [`ErrorKind::Value`] when rows of both come from the same
    /// simulation: runs of one seed draw from the same random numbers and tell the same twice, whatever their lengths and
    /// priors. Nothing is added then.
    pub fn append(&mut self, other: &Simulations) -> Result<()> {
        if self.names != other.names || self.outcome != other.outcome {
            let message = format!(
                "expected simulations of {:?} with parameters {}, got {:?} with {}; append runs of one simulator under \
                 priors with the same names in the same order",
                self.outcome,
                self.names.join(", "),
                other.outcome,
                other.names.join(", ")
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        self.check_lengths().map_err(|error| error.context("the table appended to"))?;
        other.check_lengths().map_err(|error| error.context("the table to append"))?;
        let shared = self.rows_shared(other);
        if shared > 0 {
            let message = format!(
                "expected other simulations than those that are here, got {shared} rows (of {}) that come from the same ones \
                 (same seed, or the same table twice); run them with another seed, or, if they are changed copies, make one \
                 table of all with `Simulations::new` and say so with `grouped`",
                other.len()
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        let maker = self.built_in().filter(|maker| Some(*maker) == other.built_in());
        self.parameters.extend_from_slice(&other.parameters);
        self.data.extend_from_slice(&other.data);
        self.groups.extend_from_slice(&other.groups);
        self.failed = self.failed.saturating_add(other.failed);
        self.reasons = joined(&self.reasons, &other.reasons);
        self.origin = maker.map(|maker| (maker, self.identity()));
        Ok(())
    }

    /// How many rows of another table come from simulations that are in this one.
    fn rows_shared(&self, other: &Simulations) -> usize {
        // The set is made of the shorter one: adding a row at a time then costs one scan each.
        let both: HashSet<u64> = match self.len() < other.len() {
            true => {
                let own: HashSet<u64> = self.groups.iter().copied().collect();
                other.groups.iter().copied().filter(|group| own.contains(group)).collect()
            }
            false => {
                let others: HashSet<u64> = other.groups.iter().copied().collect();
                self.groups.iter().copied().filter(|group| others.contains(group)).collect()
            }
        };
        other.groups.iter().filter(|group| both.contains(group)).count()
    }
}
