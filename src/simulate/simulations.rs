//! Pairs of parameters and simulated data.

use super::prior::check_names;
use super::report::describe;
use super::{Prior, SimulationOptions, Simulator};
use crate::error::{Error, ErrorKind, Result};
use crate::seed::Seed;

/// What one simulation returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Outcome {
    /// A vector of real numbers of this width.
    Real {
        /// The number of columns.
        width: usize,
    },
    /// One count: 0, 1, 2, ...
    Count,
    /// A response time and a choice, as in [`crate::dist::Response`]: columns `[rt, choice]`.
    TimeAndChoice,
}

impl Outcome {
    /// The number of columns of a row of data.
    pub fn width(self) -> usize {
        match self {
            Outcome::Real { width } => width,
            Outcome::Count => 1,
            Outcome::TimeAndChoice => 2,
        }
    }

    /// Why a finite row of the right length is no value of this outcome; `None` if it is one.
    pub(super) fn problem(self, row: &[f64]) -> Option<&'static str> {
        let fine = match (self, row) {
            (Outcome::Count, &[count]) => count >= 0.0 && count.fract() == 0.0,
            (Outcome::TimeAndChoice, &[rt, choice]) => rt > 0.0 && (choice == 0.0 || choice == 1.0),
            _ => true,
        };
        match self {
            _ if fine => None,
            Outcome::Count => Some("a count must be a whole number, 0 or above"),
            _ => Some("a response must be a time above 0 and a choice that is 0 or 1"),
        }
    }
}

/// Pairs of parameters and data drawn from a prior and a simulator: what a surrogate is trained on.
///
/// Both tables are stored row by row; row `i` of one belongs to row `i` of the other. Every number is finite.
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
}

impl Simulations {
    /// Draws `count` rows of parameters from the prior and simulates data for each, on all threads, with a progress bar when
    /// standard error is a terminal. [`SimulationOptions`] chooses otherwise and reports more.
    ///
    /// Rows whose simulation fails are left out and counted in [`Simulations::failed`].
    ///
    /// # Errors
    /// Those of [`SimulationOptions::run`].
    pub fn draw(
        prior: &dyn Prior,
        simulator: &dyn Simulator,
        count: usize,
        seed: impl Into<Seed>,
    ) -> Result<Self> {
        Ok(SimulationOptions::default().run(prior, simulator, count, seed)?.simulations)
    }

    /// Pairs that come from elsewhere: `parameters` is `rows x names.len()` and `data` `rows x outcome.width()`, both row by
    /// row.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for names that are missing or repeated; [`ErrorKind::Shape`] for lengths that do not fit together;
    /// [`ErrorKind::Value`] for a number that is not finite or a row that is no value of the outcome.
    pub fn new<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        parameters: Vec<f64>,
        outcome: Outcome,
        data: Vec<f64>,
    ) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let simulations = Self { names, parameters, outcome, data, failed: 0 };
        simulations.check()?;
        Ok(simulations)
    }

    fn check(&self) -> Result<()> {
        check_names(&self.names)?;
        let (columns, width) = (self.names.len(), self.outcome.width());
        let (parameters, data) = (self.parameters.len(), self.data.len());
        let fits = width > 0
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

    /// The pairs, one row of parameters and one of data at a time.
    pub fn rows(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.parameters.chunks_exact(self.names.len()).zip(self.data.chunks_exact(self.outcome.width()))
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

    /// Adds the pairs of another run of the same simulator; its failures are added too.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when names (in their order) or outcomes differ; nothing is added then.
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
        self.parameters.extend_from_slice(&other.parameters);
        self.data.extend_from_slice(&other.data);
        self.failed += other.failed;
        Ok(())
    }
}
