//! Pairs of parameters and data, as training wants them.

use crate::error::{Error, ErrorKind, Result};
use crate::simulate::{Outcome, Simulations};
use std::collections::HashSet;

/// Fewer simulations cannot be split into training and validation.
const FEWEST: usize = 20;
/// The most counts a categorical density is made for.
const LARGEST_COUNT: f64 = 4095.0;

/// Whether the pairs can be trained on.
pub(super) fn check_pairs(simulations: &Simulations, shift: Option<usize>) -> Result<()> {
    let wrong = |message: String| Err(Error::new(ErrorKind::Training, message));
    if simulations.outcome.width() == 0 {
        return wrong(
            "expected data of one column or more, got none; let the simulator return numbers".into(),
        );
    }
    simulations.check_lengths().map_err(|error| Error::new(ErrorKind::Training, error.to_string()))?;
    let (rows, width) = (simulations.len(), simulations.outcome.width());
    if !several(simulations.groups()) {
        let independent = simulations.independent();
        let copies = match independent == rows {
            true => String::new(),
            false => format!(" (in {rows} rows: copies of one simulation count once)"),
        };
        return wrong(format!(
            "expected at least {FEWEST} simulations, got {independent}{copies}; simulate more"
        ));
    }
    let theta = simulations.parameters.chunks_exact(simulations.names.len());
    for (i, (x, theta)) in simulations.data.chunks_exact(width).zip(theta).enumerate() {
        let fine = match simulations.outcome {
            Outcome::Real { .. } => true,
            Outcome::Count => (0.0..=LARGEST_COUNT).contains(&x[0]) && x[0].fract() == 0.0,
            Outcome::TimeAndChoice => {
                x[0] - shift.map_or(0.0, |p| theta[p]) > 0.0 && (x[1] == 0.0 || x[1] == 1.0)
            }
        };
        if !(fine && x.iter().chain(theta).all(|x| x.is_finite())) {
            return wrong(format!(
                "simulation {i}: expected finite numbers with counts of 0 to {LARGEST_COUNT}, choices of 0 or 1, times above 0 and after \
                 the shift, got {x:?} for parameters {theta:?}; correct the simulator or the shift"
            ));
        }
    }
    let first = simulations.data[0];
    if simulations.outcome == Outcome::Count && simulations.data.iter().all(|x| *x == first) {
        return wrong(format!(
            "expected simulated data that vary, got the count {first} in all {rows} simulations; check that the simulator \
             depends on its parameters, or widen the prior"
        ));
    }
    Ok(())
}

/// Whether there are as many groups of copies as training needs.
fn several(groups: &[u64]) -> bool {
    let mut seen = HashSet::new();
    groups.iter().any(|group| seen.insert(group) && seen.len() == FEWEST)
}

/// The times less the shift.
pub(super) fn decision_times(simulations: &Simulations, shift: Option<usize>) -> Vec<f64> {
    let width = simulations.names.len();
    let shift_of = |row: usize| shift.map_or(0.0, |p| simulations.parameters[row * width + p]);
    simulations.data.chunks_exact(2).enumerate().map(|(row, x)| x[0] - shift_of(row)).collect()
}

/// The features with the choice beside them.
pub(super) fn with_choice(features: &[f32], width: usize, choices: &[u32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(features.len() + choices.len());
    for (features, choice) in features.chunks_exact(width).zip(choices) {
        out.extend_from_slice(features);
        out.push(crate::surrogate::choice_input(*choice));
    }
    out
}
