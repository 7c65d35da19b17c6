//! The classifier two-sample test: can a network tell two samples apart?
//!
//! Rows of both samples, as many of each, are split into folds; a classifier is trained on all folds but one to tell the
//! samples apart, and its share of right answers on the fold left out is averaged over the folds (Lopez-Paz & Oquab 2017,
//! arXiv:1610.06545). One half means that nothing distinguishes them, one that they lie apart. With equal shares the best
//! classifier reaches
//!
//! `1/2 + 1/4 integral |p - q|`,
//!
//! half of one plus half the total variation distance. A trained one reaches less: the less, the fewer rows there are per column.
//!
//! The test is that of the benchmark of Lueckmann et al. (2021, arXiv:2101.04653), so that figures can be set beside published ones
//! made with as many rows (theirs: 10 000 of each): columns in units of the first sample's standard deviation around its mean,
//! two hidden layers of ten units per column trained as in [`super::classifier`], five folds. Figures of the same samples by its
//! definition are in `tests/reference/c2st/expected.csv`.
//!
//! It departs from it only where that would break down: a column whose standard deviation is more than [`OUTLYING`] times what its
//! quartiles say (a few numbers far away decide it) is scaled by the quartiles, and what then lies beyond [`FAR`] units is drawn nearer by a
//! logarithm, so that no number leaves the range of the network's arithmetic.

use super::classifier::{Classifier, Labelled};
use crate::error::{Error, ErrorKind, Result};
use crate::seed::{Domain, Seed, Stream};
use rand::seq::SliceRandom;
use rayon::prelude::*;

const FOLDS: usize = 5;
/// Fewest rows of a sample.
const FEWEST: usize = 50;
/// Most columns: the network has (10 columns)^2 weights.
const MOST_COLUMNS: usize = 256;
/// Units of each of the two hidden layers, per column.
const UNITS_PER_COLUMN: usize = 10;
/// A standard deviation this many times that of a normal with the same quartiles is one of outliers.
const OUTLYING: f64 = 30.0;
/// So many units from the centre distances become logarithmic.
const FAR: f64 = 1000.0;

/// How well two samples can be told apart.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct C2st {
    /// The share of held-out rows that were assigned to the right sample: 0.5 for samples of one distribution, 1 for
    /// samples that lie apart; a little below 0.5 by chance.
    pub accuracy: f64,
    /// The same for each fold.
    pub folds: Vec<f64>,
    /// The rows taken of each sample: as many as the smaller one has.
    pub rows: usize,
}

impl C2st {
    /// The standard error that the accuracy has for samples of one distribution, `1 / (2 sqrt(2 rows))`: each of the
    /// `2 rows` answers is then a fair coin. Rows of a Markov chain must be thinned until they are nearly independent.
    pub fn null_error(&self) -> f64 {
        0.5 / ((2 * self.rows) as f64).sqrt()
    }
}

/// The classifier two-sample test of two tables of `width` columns, row by row. Of the larger sample as many rows as the smaller one
/// has are drawn at random; the seed decides which, and the folds and the networks' starts. Folds are trained side by side on all threads.
///
/// # Errors
/// [`ErrorKind::Shape`] when a table has no whole number of rows or fewer than 50, or more than 256 columns; [`ErrorKind::Value`]
/// for a number that is not finite, or a column of the first sample that never varies.
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
    let scales = (0..width).map(|column| Scale::of(first, width, column)).collect::<Result<Vec<Scale>>>()?;
    let mut stream = seed.stream(Domain::Training, 0);
    let mut table = drawn(first, rows, &scales, &mut stream);
    table.extend(drawn(second, rows, &scales, &mut stream));
    let labels = (0..2 * rows).map(|row| if row < rows { 0.0 } else { 1.0 }).collect();
    let data = Labelled { table, width, labels };
    let mut order: Vec<usize> = (0..2 * rows).collect();
    order.shuffle(&mut stream);
    let fold = |k: usize| accuracy_of_fold(&data, &order, k, seed.derive(k as u64));
    let folds: Vec<f64> = (0..FOLDS).into_par_iter().map(fold).collect();
    Ok(C2st { accuracy: folds.iter().sum::<f64>() / FOLDS as f64, folds, rows })
}

/// Trains on all folds but one: the share of the rows left out that is assigned to the right sample.
fn accuracy_of_fold(data: &Labelled, order: &[usize], fold: usize, seed: Seed) -> f64 {
    let place = |fold: usize| order.len() * fold / FOLDS;
    let held_out = place(fold)..place(fold + 1);
    let training = [&order[..held_out.start], &order[held_out.end..]].concat();
    let mut stream = seed.stream(Domain::Training, 2);
    let network = Classifier::train(&data.rows(&training), UNITS_PER_COLUMN * data.width, &mut stream);
    network.right(&data.rows(&order[held_out.clone()])) as f64 / held_out.len() as f64
}

/// So many rows in units of the scales: all of them, or some drawn at random.
fn drawn(table: &[f64], rows: usize, scales: &[Scale], stream: &mut Stream) -> Vec<f32> {
    let width = scales.len();
    let mut places: Vec<usize> = (0..table.len() / width).collect();
    if places.len() > rows {
        places = places.partial_shuffle(stream, rows).0.to_vec();
    }
    let row = |place: usize| table[place * width..][..width].iter().zip(scales);
    places.into_iter().flat_map(row).map(|(value, scale)| scale.units(*value)).collect()
}

/// How a column is standardised: `(x / unit - center) / spread`.
struct Scale {
    /// The greatest absolute value, so that no square overflows.
    unit: f64,
    center: f64,
    spread: f64,
}

impl Scale {
    fn of(table: &[f64], width: usize, column: usize) -> Result<Self> {
        let values = || table.iter().skip(column).step_by(width);
        let unit = values().fold(0.0, |most: f64, x| most.max(x.abs()));
        let mut sorted: Vec<f64> = values().map(|x| x / unit).collect();
        let count = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / count;
        let sd = (sorted.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
        let varies = sd > 1e-12 * mean.abs(); // false for NaN too
        if !varies {
            let message = format!(
                "expected columns of the first sample that vary, got {} in all rows of column {column}; leave it out",
                table[column]
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        sorted.sort_unstable_by(f64::total_cmp);
        let quartile = |k: usize| sorted[k * (sorted.len() - 1) / 4];
        // The quartiles of a normal lie 1.349 sd apart.
        let (median, robust) = (quartile(2), (quartile(3) - quartile(1)) / 1.349);
        match robust > 0.0 && sd > OUTLYING * robust {
            true => Ok(Self { unit, center: median, spread: robust }),
            false => Ok(Self { unit, center: mean, spread: sd }),
        }
    }

    fn units(&self, value: f64) -> f32 {
        let z = (value / self.unit - self.center) / self.spread;
        let distance = z.abs().min(f64::MAX);
        let near = if distance > FAR { FAR + (distance / FAR).ln() } else { distance };
        near.copysign(z) as f32
    }
}

fn check(table: &[f64], width: usize, which: &str) -> Result<()> {
    if width > MOST_COLUMNS {
        let message =
            format!("expected 1 to {MOST_COLUMNS} columns, got {width}; test some of them at a time");
        return Err(Error::new(ErrorKind::Shape, message));
    }
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
#[path = "c2st_tests.rs"]
mod tests;
