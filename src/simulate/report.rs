//! What a run of simulations says about itself.

use super::failures::in_words;
use super::parameter_names::describe;
use super::{FailureReason, Simulations};
use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::time::Duration;

/// The outcome of [`SimulationOptions::run`](super::SimulationOptions::run): the pairs, and what became of the budget.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SimulationRun {
    /// The pairs of the rows that succeeded, in the order of the rows.
    pub simulations: Simulations,
    /// The number of rows asked for.
    pub requested: usize,
    /// The number of rows that were run: all, unless the run was stopped.
    pub drawn: usize,
    /// The first row that failed, if any.
    pub first_failure: Option<Failure>,
    /// Whether the run was stopped before it was through.
    pub stopped: bool,
    /// Whether a simulator without names read two or more parameters, in the order of the prior's names.
    pub order_assumed: bool,
    /// How long it took.
    pub elapsed: Duration,
}

impl SimulationRun {
    /// The share of the rows run that failed, from 0 to 1.
    pub fn failed_share(&self) -> f64 {
        self.simulations.failed as f64 / self.drawn.max(1) as f64
    }

    /// What is to be said of the failures: their number and share, the commonest reasons, the first of them, and what they may
    /// mean; `None` where none failed. A run with [`Progress::Auto`](crate::Progress::Auto) prints it to standard error.
    pub fn failure_warning(&self) -> Option<String> {
        let first = self.first_failure.as_ref()?;
        Some(format!(
            "{} of {} simulations failed ({}): {}. The first is row {} ({}): {}. Failed rows are left out; if failing depends on \
             the outcome, what is learned from the others is biased: let the simulator return every outcome, or exclude \
             the same ones from the data and say so",
            self.simulations.failed,
            self.drawn,
            percent(self.failed_share()),
            in_words(self.simulations.failure_reasons()),
            first.row,
            describe(&self.simulations.names, &first.theta),
            first.reason
        ))
    }

    /// The run, unless more than this share of its rows failed for one reason.
    pub(super) fn unless_failing(self, most: f64) -> Result<Self> {
        let commonest = self.simulations.failure_reasons().first();
        let Some(FailureReason { reason, count }) =
            commonest.filter(|reason| reason.count as f64 > most * self.drawn as f64)
        else {
            return Ok(self);
        };
        let share = *count as f64 / self.drawn as f64;
        let message = format!(
            "expected at most {} of the simulations to fail for one reason, got {count} failures of {} ({}) for this one: \
             {reason}; mend the simulator or the prior, or, if they are meant to fail, say `.allow_failures(1.0)`; the run is \
             the source of this error, a `FailedRun`",
            percent(most),
            self.drawn,
            percent(share)
        );
        Err(Error::new(ErrorKind::Simulation, message).with_source(FailedRun { run: self }))
    }
}

/// A share in percent, with as many digits as tell it from 0.
fn percent(share: f64) -> String {
    if share >= 0.01 || share == 0.0 {
        format!("{:.1} %", 100.0 * share)
    } else {
        format!("{:.1e} %", 100.0 * share)
    }
}

impl fmt::Display for SimulationRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kept, seconds) = (self.simulations.len(), self.elapsed.as_secs_f64());
        write!(f, "{kept} of {} simulations in {seconds:.2} s", self.requested)?;
        if self.stopped {
            write!(f, "; stopped after {}", self.drawn)?;
        }
        if self.order_assumed {
            let names = self.simulations.names.join(", ");
            write!(f, "; the simulator, without names, was given {names}, in this order")?;
        }
        if let Some(failure) = &self.first_failure {
            let (failed, share) = (self.simulations.failed, 100.0 * self.failed_share());
            let theta = describe(&self.simulations.names, &failure.theta);
            let reasons = in_words(self.simulations.failure_reasons());
            write!(
                f,
                "; {failed} failed ({share:.2} %): {reasons}, the first at row {} ({theta}): {}",
                failure.row, failure.reason
            )?;
        }
        Ok(())
    }
}

/// The source of the error of a run in which more simulations failed for one reason than were allowed: what was simulated is
/// not lost.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
/// use mynah::simulate::{FailedRun, SimulationOptions};
/// use std::error::Error;
/// let prior = BoxPrior::new([("p", 0.0, 1.0)])?;
/// let simulator = |theta: &[f64], _: &mut Stream| vec![if theta[0] < 0.9 { f64::NAN } else { theta[0] }];
/// let options = SimulationOptions::default().progress(Progress::Hidden);
/// let error = options.run(&prior, &simulator, 1000, 1).unwrap_err();
/// let failed = error.source().and_then(|source| source.downcast_ref::<FailedRun>()).unwrap();
/// assert_eq!(failed.run.simulations.len() + failed.run.simulations.failed, 1000);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedRun {
    /// The run.
    pub run: SimulationRun,
}

impl fmt::Display for FailedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.run.fmt(f)
    }
}

impl std::error::Error for FailedRun {}

/// A simulation that failed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// Its row, from 0; `seed.stream(Domain::Row, row)` is the stream that its parameters and its data came from.
    pub row: u64,
    /// Its parameters, in the order of [`Simulations::names`].
    pub theta: Vec<f64>,
    /// What went wrong.
    pub reason: String,
}
