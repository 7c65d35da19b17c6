//! What simulations that failed may have moved.
//!
//! Where failing depends on the outcome, the data that remain have the density `p(x | theta) s(x) / s(theta)`, with `s(theta)` the share that succeeds. That is
//! what is learned, in training and in the check alike, and the log likelihood of n data then has `n log s(theta)` too little: posterior
//! means of h lie `-Cov(h, sum_r n_r log s(theta_r))` too high. The slope of `log s` by the parameters is found by least squares over all rows and
//! draws that were simulated at.

use super::moved::{Pulled, Series, center};
use super::places::Places;
use super::symmetric::eigen;
use crate::draws::Draws;
use crate::graph::{ExpectedScores, Replay};

/// A share of the simulations that is worth saying.
pub(super) const WORTH_SAYING: f64 = 0.001;
/// A shift that is worth saying, in posterior sds.
const SHIFT_WORTH_SAYING: f64 = 0.3;
/// The draws by which the covariances are found.
const DRAWS: usize = 1000;
/// Groups of draws, each left out once, from whose differences the error is found.
const GROUPS: usize = 8;
/// Eigenvalues below this share of the largest are taken for zero.
const SINGULAR: f64 = 1e-9;

/// A sentence about the failures of a statement's simulations; `at` are the parameters of all rows that were simulated at.
pub(super) fn about_failures(
    replay: &mut Replay,
    draws: &Draws,
    pulled: &Pulled,
    scores: &ExpectedScores,
    at: &[Vec<f64>],
) -> Option<String> {
    let share = scores.failed as f64 / scores.simulations.max(1) as f64;
    if !(share > WORTH_SAYING) {
        return None;
    }
    let failed = pulled.with(pull(scores, at, None), groups(scores, at));
    let places = Places::spread(draws, draws.total_draws().min(DRAWS));
    let series = Series::of(replay, draws, std::slice::from_ref(&failed), &places, GROUPS);
    let shifts: Vec<(f64, f64)> =
        (0..draws.labels().len()).map(|k| series.shift(&places.column(draws, k))).collect();
    let beyond = |k: &usize| shifts[*k].0.abs() - shifts[*k].1;
    let worst = (0..shifts.len())
        .filter(|k| shifts[*k].0.is_finite())
        .max_by(|i, j| beyond(i).total_cmp(&beyond(j)))?;
    let (shift, error) = shifts[worst];
    if !(shift.abs() + error > SHIFT_WORTH_SAYING) {
        return None;
    }
    let reason = scores.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
    let what = match shift.abs() > 2.0 * error {
        true => format!(
            "the mean of {} is off by some {shift:+.1} posterior sds (standard error {error:.1})",
            draws.labels()[worst]
        ),
        false => format!("means may be off by some {:.1} posterior sds", shift.abs() + error),
    };
    Some(format!(
        "{}: {:.1} % of the simulations at the posterior failed{reason}, and were left out as in training; if failing depends on the \
         outcome, {what}: mend the simulator, or let it return every outcome.",
        pulled.place(),
        100.0 * share
    ))
}

/// The estimates by all but one group each, as numbers whose mean is the one by all.
fn groups(scores: &ExpectedScores, at: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (all, count) = (pull(scores, at, None), GROUPS as f64);
    let of_group = |group: usize| {
        let without = pull(scores, at, Some(group));
        all.iter().zip(&without).map(|(all, without)| count * all - (count - 1.0) * without).collect()
    };
    (0..GROUPS).map(of_group).collect()
}

/// `-n_r d log s / d theta_p` for every parameter of every row.
fn pull(scores: &ExpectedScores, at: &[Vec<f64>], left_out: Option<usize>) -> Vec<f64> {
    let rows = scores.data.len();
    let parameters = at[0].len() / rows;
    // One line for each row at each draw: weight, parameters, log share.
    let mut lines: Vec<(f64, Vec<f64>, f64)> = vec![];
    for (k, (theta, log_success)) in at.iter().zip(&scores.log_success).enumerate() {
        if Some(k % GROUPS) != left_out {
            let line = |row: usize| {
                (scores.data[row], (0..parameters).map(|p| theta[p * rows + row]).collect(), log_success[row])
            };
            lines.extend((0..rows).map(line));
        }
    }
    let slopes = least_squares(&lines, parameters);
    (0..parameters * rows).map(|at| -scores.data[at % rows] * slopes[at / rows]).collect()
}

/// The slopes of a weighted regression with an intercept; parameters that do not vary, or only with others, have as small ones as fit.
fn least_squares(lines: &[(f64, Vec<f64>, f64)], parameters: usize) -> Vec<f64> {
    let column = |p: usize| {
        let mut values: Vec<f64> = lines.iter().map(|(_, x, _)| x[p]).collect();
        let spread = center(&mut values);
        values.iter_mut().for_each(|x| *x /= if spread > 0.0 { spread } else { 1.0 });
        (values, spread)
    };
    let (columns, spreads): (Vec<Vec<f64>>, Vec<f64>) = (0..parameters).map(column).unzip();
    let total: f64 = lines.iter().map(|(weight, ..)| weight).sum();
    let mean = |of: &dyn Fn(usize) -> f64| {
        lines.iter().enumerate().map(|(i, (weight, ..))| weight * of(i)).sum::<f64>() / total
    };
    let means: Vec<f64> = columns.iter().map(|column| mean(&|i| column[i])).collect();
    let middle = mean(&|i| lines[i].2);
    let mut matrix = vec![0.0; parameters * parameters];
    for p in 0..parameters {
        for q in 0..parameters {
            matrix[p * parameters + q] = mean(&|i| (columns[p][i] - means[p]) * (columns[q][i] - means[q]));
        }
    }
    let products: Vec<f64> =
        (0..parameters).map(|p| mean(&|i| (columns[p][i] - means[p]) * (lines[i].2 - middle))).collect();
    let (values, vectors) = eigen(&matrix, parameters);
    let least = SINGULAR * values.iter().copied().fold(0.0, f64::max);
    let mut slopes = vec![0.0; parameters];
    for (value, vector) in
        values.iter().zip(vectors.chunks_exact(parameters)).filter(|(value, _)| **value > least)
    {
        let along = vector.iter().zip(&products).map(|(v, y)| v * y).sum::<f64>() / value;
        slopes.iter_mut().zip(vector).for_each(|(slope, v)| *slope += along * v);
    }
    let unscaled =
        slopes.iter().zip(&spreads).map(|(slope, spread)| if *spread > 0.0 { slope / spread } else { 0.0 });
    unscaled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `log s = 0.5 - 2 a + b` at points where b moves freely, c with a, and d not at all.
    #[test]
    fn slopes_of_what_varies_are_found() {
        let line = |i: usize| {
            let (a, b) = (i as f64 / 10.0, ((i * 7) % 5) as f64);
            (1.0 + (i % 3) as f64, vec![a, b, 3.0 * a, 4.0], 0.5 - 2.0 * a + b)
        };
        let lines: Vec<(f64, Vec<f64>, f64)> = (0..40).map(line).collect();
        let slopes = least_squares(&lines, 4);
        assert!((slopes[0] + 3.0 * slopes[2] + 2.0).abs() < 1e-9, "{slopes:?}");
        assert!((slopes[1] - 1.0).abs() < 1e-9 && slopes[3] == 0.0, "{slopes:?}");
    }
}
