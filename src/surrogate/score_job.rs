//! The work of finding a likelihood's error at posterior draws: data of its simulator at rows of parameters, and what they are compared
//! with.

use super::known_simulator::KnownSimulator;
use super::likelihood::NeuralLikelihood;
use super::predictive::Observed;
use crate::graph::ScoreEffort;
use crate::seed::Stream;

/// A job: the likelihood's simulator at rows of parameters.
pub(super) struct Job<'a> {
    pub(super) likelihood: &'a NeuralLikelihood,
    pub(super) simulator: &'a KnownSimulator,
    pub(super) data_of_row: &'a [f64],
    pub(super) observed: Observed<'a>,
    pub(super) effort: &'a ScoreEffort<'a>,
}

impl Job<'_> {
    /// The numbers of a datum.
    pub(super) fn width(&self) -> usize {
        self.likelihood.outcome().width()
    }

    /// One datum of a row; the error without a reason: one of density zero.
    pub(super) fn datum(
        &self,
        draw: &[f64],
        row: usize,
        width: usize,
        stream: &mut Stream,
        datum: &mut Vec<f64>,
    ) -> std::result::Result<(), Option<String>> {
        let rows = self.data_of_row.len();
        let theta: Vec<f64> = draw.iter().skip(row).step_by(rows).copied().collect();
        self.simulator.draw(&theta, width, stream, datum).map_err(Some)?;
        if let Some(problem) = self.likelihood.outcome().problem(datum) {
            return Err(Some(format!("the simulator returned {datum:?}: {problem}")));
        }
        let after_shift = self.likelihood.parts.shift.is_none_or(|p| datum[0] > theta[p]);
        match after_shift && self.likelihood.check_datum(datum).is_ok() {
            true => Ok(()),
            false => Err(None),
        }
    }
}
