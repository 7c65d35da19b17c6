//! The classifier two-sample test: can a network tell two samples apart?
//!
//! Rows of both samples, as many of each, are split into folds; a classifier is trained on all folds but one to tell the
//! samples apart, and its share of right answers on the fold left out is averaged over the folds (Lopez-Paz & Oquab 2017,
//! arXiv:1610.06545). One half means that nothing distinguishes them, one that they lie apart. With equal shares the best
//! classifier reaches
//!
//! `1/2 + 1/4 integral |p - q|`,
//!
//! half of one plus the total variation distance, and a trained one a little less.
//!
//! The conventions are those of the benchmark of Lueckmann et al. (2021, arXiv:2101.04653), so that figures can be set beside
//! published ones: columns in units of the first sample's standard deviation around its mean, two hidden layers of ten
//! units per column, five folds.

use crate::error::{Error, ErrorKind, Result};
use crate::neural::estimator::{Classes, Estimator};
use crate::neural::mlp::{MlpRows, MlpShape};
use crate::neural::scale::moments;
use crate::neural::{Activation, Schedule, TrainingOptions, failed, train};
use crate::progress::Progress;
use crate::seed::{Domain, Seed};
use crate::stop::Stop;
use rand::seq::SliceRandom;

const FOLDS: usize = 5;
/// Fewest rows of a sample.
const FEWEST: usize = 50;
/// Units of each of the two hidden layers, per column.
const UNITS_PER_COLUMN: usize = 10;

/// How well two samples can be told apart.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct C2st {
    /// The share of held-out rows that were assigned to the right sample: 0.5 for samples of one distribution, 1 for
    /// samples that lie apart; a little below 0.5 by chance.
    pub accuracy: f64,
    /// The same for each fold.
    pub folds: Vec<f64>,
    /// The rows taken of each sample: those of the smaller one.
    pub rows: usize,
}

impl C2st {
    /// The standard error that the accuracy has for samples of one distribution, `1 / (2 sqrt(2 rows))`: each of the
    /// `2 rows` answers is then a fair coin. Rows of a Markov chain must be thinned until they are nearly independent.
    pub fn null_error(&self) -> f64 {
        0.5 / ((2 * self.rows) as f64).sqrt()
    }
}

/// The classifier two-sample test of two tables of `width` columns, row by row. Of the larger sample, the first rows count.
///
/// # Errors
/// [`ErrorKind::Shape`] when a table has no whole number of rows or fewer than 50; [`ErrorKind::Value`] for a number
/// that is not finite, or a column of the first sample that never varies.
///
/// # Examples
/// ```
/// use mynah::check::c2st;
/// use mynah::prelude::*;
/// let mut stream = Seed(1).stream(Domain::User, 0);
/// let mut normal = |mean: f64| (0..200).map(|_| Normal(mean, 1.0).sample(&mut stream)).collect::<Vec<f64>>();
/// let (here, there) = (normal(0.0), normal(8.0));
/// assert!(c2st(&here, &there, 1, 1)?.accuracy > 0.95);
/// # Ok::<(), mynah::Error>(())
/// ```
pub fn c2st(first: &[f64], second: &[f64], width: usize, seed: impl Into<Seed>) -> Result<C2st> {
    let seed = seed.into();
    check(first, width, "first")?;
    check(second, width, "second")?;
    let rows = (first.len() / width).min(second.len() / width);
    let scales = scales(first, width)?;
    let table = standardised(first, rows, &scales).chain(standardised(second, rows, &scales)).collect();
    let data = Labelled { table, width, labels: (0..2 * rows).map(|row| u32::from(row >= rows)).collect() };
    let mut order: Vec<usize> = (0..2 * rows).collect();
    order.shuffle(&mut seed.stream(Domain::Training, 0));
    let fold = |k: usize| data.fold_accuracy(&order, k, seed.derive(k as u64));
    let folds = (0..FOLDS).map(fold).collect::<Result<Vec<(usize, usize)>>>()?;
    let right: usize = folds.iter().map(|(right, _)| right).sum();
    Ok(C2st {
        accuracy: right as f64 / order.len() as f64,
        folds: folds.iter().map(|(right, of)| *right as f64 / *of as f64).collect(),
        rows,
    })
}

/// Rows of both samples, with 0 or 1 for the sample.
struct Labelled {
    table: Vec<f32>,
    width: usize,
    labels: Vec<u32>,
}

impl Labelled {
    /// Trains on all folds but one: how many of the rows left out were assigned to the right sample, and of how many.
    fn fold_accuracy(&self, order: &[usize], fold: usize, seed: Seed) -> Result<(usize, usize)> {
        let place = |fold: usize| order.len() * fold / FOLDS;
        let held_out = place(fold)..place(fold + 1);
        let training = [&order[..held_out.start], &order[held_out.end..]].concat();
        let held_out = &order[held_out];
        let (shape, weights) = self.train(&training, seed)?;
        let mut network = MlpRows::new(&shape, held_out.len());
        network.forward(&weights, &self.rows(held_out));
        let answers = network.outputs().chunks_exact(2).map(|logits| u32::from(logits[1] > logits[0]));
        let right = answers.zip(held_out).filter(|(answer, row)| *answer == self.labels[**row]).count();
        Ok((right, held_out.len()))
    }

    /// The classifier: its shape and weights.
    fn train(&self, rows: &[usize], seed: Seed) -> Result<(MlpShape, Vec<f32>)> {
        let hidden = [UNITS_PER_COLUMN * self.width; 2];
        let shape = MlpShape::new(self.width, &hidden, 2, Activation::Silu);
        let labels = rows.iter().map(|row| self.labels[*row]).collect();
        let mut stream = seed.stream(Domain::Training, 2);
        let classes = Classes::free(shape, self.rows(rows), labels, &mut stream).map_err(failed)?;
        let estimator = Estimator { classes: Some(classes), flow: None };
        train(&estimator, None, &options(rows.len(), seed))?;
        let [classes, _] = estimator.weights().map_err(failed)?;
        Ok(classes.expect("the estimator has classes"))
    }

    fn rows(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().flat_map(|row| &self.table[row * self.width..][..self.width]).copied().collect()
    }
}

/// Ten steps or more in each epoch, enough for a hundred rows and for some thousands; the held-out tenth decides which epoch's
/// weights are kept.
fn options(rows: usize, seed: Seed) -> TrainingOptions {
    TrainingOptions {
        batch: (rows / 10).clamp(8, 200),
        learning_rate: 3e-3,
        schedule: Schedule::Cosine,
        averaging: 0.0,
        max_epochs: 60,
        patience: 20,
        validation_fraction: 0.1,
        largest_norm: 5.0,
        weight_decay: 0.01,
        seed,
        progress: Progress::Hidden,
        stop: Stop::new(),
    }
}

/// Mean and standard deviation of each column.
fn scales(table: &[f64], width: usize) -> Result<Vec<(f64, f64)>> {
    let scale = |column: usize| {
        let (mean, sd) = moments(table.iter().skip(column).step_by(width).copied());
        let varies = sd > 1e-12 * mean.abs(); // false for NaN too
        if varies {
            return Ok((mean, sd));
        }
        let message = format!(
            "expected columns of the first sample that vary, got {mean} in all rows of column {column}; leave it out"
        );
        Err(Error::new(ErrorKind::Value, message))
    };
    (0..width).map(scale).collect()
}

/// The first rows in units of the scales.
fn standardised(table: &[f64], rows: usize, scales: &[(f64, f64)]) -> impl Iterator<Item = f32> {
    let values = table[..rows * scales.len()].iter().zip(scales.iter().cycle());
    values.map(|(value, (mean, sd))| ((value - mean) / sd) as f32)
}

fn check(table: &[f64], width: usize, which: &str) -> Result<()> {
    if width == 0 || !table.len().is_multiple_of(width) || table.len() / width < FEWEST {
        let message = format!(
            "expected {FEWEST} or more rows of 1 or more columns in the {which} sample, got {} numbers for {width} \
             columns; pass whole rows",
            table.len()
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    match table.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => {
            let (value, row) = (table[at], at / width);
            let message = format!(
                "expected finite numbers in the {which} sample, got {value} in row {row}; take such rows out"
            );
            Err(Error::new(ErrorKind::Value, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{Normal, Univariate};
    use crate::math::normal_cdf;

    const ROWS: usize = 2000;

    fn normals(mean: f64, width: usize, index: u64) -> Vec<f64> {
        let mut stream = Seed(17).stream(Domain::User, index);
        (0..ROWS * width).map(|_| Normal(mean, 1.0).sample(&mut stream)).collect()
    }

    /// Four standard errors of 4000 fair coins: 0.032.
    #[test]
    fn samples_of_one_distribution_are_not_told_apart() {
        for width in [1, 4] {
            let test = c2st(&normals(0.0, width, 0), &normals(0.0, width, 1), width, 5).unwrap();
            assert!((test.accuracy - 0.5).abs() < 4.0 * test.null_error(), "{test:?}");
            assert!((test.null_error() - 0.5 / 4000f64.sqrt()).abs() < 1e-15 && test.folds.len() == FOLDS);
        }
    }

    /// Two unit normals a distance d apart: the best accuracy is Phi(d / 2). The test has four standard errors above it, of
    /// 4000 answers, and below it the same and 0.01 for what was not learned.
    #[test]
    fn shifted_normals_are_told_apart_as_well_as_can_be() {
        for shift in [0.5, 1.0, 2.0] {
            let best = normal_cdf(0.5 * shift);
            let test = c2st(&normals(0.0, 1, 2), &normals(shift, 1, 3), 1, 5).unwrap();
            let error = 4.0 * (best * (1.0 - best) / 4000.0).sqrt();
            assert!(test.accuracy < best + error && test.accuracy > best - error - 0.01, "{best} {test:?}");
        }
    }

    /// Same mean and variance in each column, but correlated: a test of columns one by one would see nothing.
    #[test]
    fn correlations_are_seen() {
        let (independent, mut correlated) = (normals(0.0, 2, 4), normals(0.0, 2, 5));
        for row in correlated.chunks_exact_mut(2) {
            row[1] = 0.9 * row[0] + 0.19f64.sqrt() * row[1];
        }
        // 1/2 + 1/4 integral |p - q|: the sum over 1201 x 1201 points of [-6, 6]^2, in plain Python. Four standard errors of
        // 4000 answers are 0.027; 0.01 for what was not learned.
        let best = 0.7574;
        let test = c2st(&independent, &correlated, 2, 5).unwrap();
        assert!(test.accuracy < best + 0.027 && test.accuracy > best - 0.037, "{test:?}");
    }

    #[test]
    fn samples_far_apart_are_told_apart() {
        let test = c2st(&normals(0.0, 3, 6), &normals(6.0, 3, 7), 3, 5).unwrap();
        assert!(test.accuracy > 0.99, "{test:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_accuracy_and_rows_are_those_of_the_smaller_sample() {
        let (a, b) = (normals(0.0, 1, 8), normals(0.3, 1, 9));
        let test = c2st(&a, &b[..500], 1, 5).unwrap();
        assert_eq!(test, c2st(&a, &b[..500], 1, 5).unwrap());
        assert_eq!(test.rows, 500);
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        let (fine, mut broken) = (normals(0.0, 2, 0), normals(0.0, 2, 1));
        let message = |a: &[f64], b: &[f64], width| c2st(a, b, width, 1).unwrap_err().to_string();
        broken[7] = f64::NAN;
        assert!(message(&fine, &broken, 2).contains("finite numbers in the second sample, got NaN in row 3"));
        assert!(message(&fine, &fine[..51], 2).contains("got 51 numbers for 2 columns"));
        assert!(message(&fine[..10], &fine, 1).contains("50 or more rows of 1 or more columns in the first"));
        assert!(message(&fine, &fine, 0).contains("for 0 columns"));
        assert!(message(&[3.0; 100], &fine, 1).contains("got 3 in all rows of column 0"));
    }
}
