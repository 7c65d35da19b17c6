//! What a run of simulations says about itself.

use super::Simulations;
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
    /// How long it took.
    pub elapsed: Duration,
}

impl SimulationRun {
    /// The share of the rows run that failed, from 0 to 1.
    pub fn failed_share(&self) -> f64 {
        self.simulations.failed as f64 / self.drawn.max(1) as f64
    }
}

impl fmt::Display for SimulationRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kept, seconds) = (self.simulations.len(), self.elapsed.as_secs_f64());
        write!(f, "{kept} of {} simulations in {seconds:.2} s", self.requested)?;
        if self.stopped {
            write!(f, "; stopped after {}", self.drawn)?;
        }
        if let Some(failure) = &self.first_failure {
            let (failed, share) = (self.simulations.failed, 100.0 * self.failed_share());
            let theta = describe(&self.simulations.names, &failure.theta);
            write!(
                f,
                "; {failed} failed ({share:.2} %), the first at row {} ({theta}): {}",
                failure.row, failure.reason
            )?;
        }
        Ok(())
    }
}

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

/// `v = 1.5, a = 2`, for messages.
pub(super) fn describe(names: &[String], theta: &[f64]) -> String {
    let pairs: Vec<String> =
        names.iter().zip(theta).map(|(name, value)| format!("{name} = {value}")).collect();
    pairs.join(", ")
}
