//! A likelihood learned from simulations, as a value.

use super::bound::{Bound, BoundLikelihood};
use super::classes::ClassData;
use super::ensemble::BoundEnsemble;
use super::expected_error;
use super::frozen::Parts;
use super::region::Region;
use super::score::KnownSimulator;
use super::times::TimeData;
use super::wide::WideData;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::RowDensity;
use crate::neural::TrainingReport;
use crate::simulate::Outcome;
use std::fmt;
use std::sync::Arc;

/// A trained conditional density `q(x | theta)`, frozen. Cloning is cheap.
///
/// The networks compute in f32; log densities of data and their sum are f64. Gradients agree with the f32 network's own
/// to about 1e-5 of the size of the terms that make them up.
#[derive(Clone)]
pub struct NeuralLikelihood {
    /// The first member, or the only one.
    pub(crate) parts: Arc<Parts>,
    /// The other members of an ensemble.
    pub(crate) others: Arc<[Arc<Parts>]>,
    /// What its data come from, where that is known.
    pub(super) simulator: Option<KnownSimulator>,
}

impl fmt::Debug for NeuralLikelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { names, outcome, region, .. } = &*self.parts;
        let mut out = f.debug_struct("NeuralLikelihood");
        out.field("names", names)
            .field("outcome", outcome)
            .field("region", &region.bounds())
            .finish_non_exhaustive()
    }
}

impl NeuralLikelihood {
    pub(crate) fn new(parts: Parts) -> Self {
        let simulator =
            parts.provenance.simulator.and_then(|known| KnownSimulator::built_in(known, &parts.names));
        Self { parts: Arc::new(parts), others: Arc::new([]), simulator }
    }

    /// An ensemble of likelihoods of the same data (one at least), or the only one.
    pub(crate) fn ensemble(first: Parts, others: Vec<Parts>) -> Self {
        Self { others: others.into_iter().map(Arc::new).collect(), ..Self::new(first) }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Parts>> {
        std::iter::once(&self.parts).chain(self.others.iter())
    }

    /// The members of an ensemble, each as a likelihood of its own; a likelihood that is none has itself as the only
    /// member. The density of an ensemble is the mean of its members' densities, per datum.
    pub fn members(&self) -> Vec<NeuralLikelihood> {
        self.all().map(|parts| Self { parts: parts.clone(), others: Arc::new([]), ..self.clone() }).collect()
    }

    /// The names of the parameters, in the order in which they are passed.
    pub fn names(&self) -> &[String] {
        &self.parts.names
    }

    /// What a row of data means.
    pub fn outcome(&self) -> Outcome {
        self.parts.outcome
    }

    /// Where the training parameters lay. Beyond their ranges the density is that of the nearest point inside, less a loss
    /// ([`NeuralLikelihood::log_prob`]).
    pub fn region(&self) -> &Region {
        &self.parts.region
    }

    /// How training went; of an ensemble, that of its first member ([`NeuralLikelihood::members`] has the others').
    pub fn report(&self) -> &TrainingReport {
        &self.parts.report
    }

    /// The name of the parameter that only shifts the time, where one was declared.
    pub fn shift(&self) -> Option<&str> {
        self.parts.shift.map(|p| self.parts.names[p].as_str())
    }

    /// The log density of one row of data `x` (length `outcome().width()`) given `theta` (length `names().len()`). Minus infinity
    /// for a time at or before the shift. Beyond the ranges of the training parameters it is the density at the nearest parameters inside,
    /// less 2 nats per squared width that a parameter lies outside.
    ///
    /// For many rows use [`NeuralLikelihood::bind`].
    ///
    /// # Errors
    /// As [`NeuralLikelihood::bind`]; [`ErrorKind::Shape`] when `theta` has another length; [`ErrorKind::Value`] when it is
    /// not finite.
    pub fn log_prob(&self, theta: &[f64], x: &[f64]) -> Result<f64> {
        if theta.len() != self.names().len() {
            let (expected, got) = (self.names().len(), theta.len());
            let names = self.names().join(", ");
            return Err(Error::new(
                ErrorKind::Shape,
                format!("expected {expected} parameters ({names}), got {got}; pass one number for each name"),
            ));
        }
        if let Some(p) = theta.iter().position(|x| !x.is_finite()) {
            let message = format!("expected finite parameters, got {} = {}", self.names()[p], theta[p]);
            return Err(Error::new(ErrorKind::Value, message));
        }
        Ok(self.bind(x, &[0], 1)?.evaluator().log_prob(theta))
    }

    /// Binds data to rows of parameters: `data` is `n x outcome().width()` row by row, datum i belongs to row
    /// `row_of_datum[i]` of `rows`. The parameters come in the order of [`NeuralLikelihood::names`].
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] and [`ErrorKind::Index`] when lengths and indices do not fit; [`ErrorKind::Value`] for data that are
    /// not finite, times that are not positive, choices other than 0 and 1 or never made in training, and counts that are
    /// not whole numbers or above the largest one seen in training (the categorical density gives them probability zero).
    ///
    /// Times and reals outside of the range of the simulations, and counts inside it that no simulation reached, are
    /// accepted: [`RowDensity::doubts`] tells of them, and so does the report of a sampler's run
    /// ([`SamplerReport::messages`](crate::draws::SamplerReport::messages)).
    pub fn bind(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Arc<dyn RowDensity>> {
        let width = self.outcome().width();
        check_rows(data, row_of_datum, rows, width)?;
        for (i, row) in data.chunks_exact(width).enumerate() {
            self.check_datum(row).map_err(|error| error.context(format!("datum {i}")))?;
        }
        let bound = |parts| Arc::new(bind_one(parts, data, row_of_datum, rows));
        let likelihood = self.clone();
        if self.others.is_empty() {
            return Ok(Arc::new(BoundLikelihood { bound: bound(&self.parts), likelihood }));
        }
        Ok(Arc::new(BoundEnsemble { members: self.all().map(bound).collect(), likelihood }))
    }

    /// Whether a row of data is one that this density knows.
    pub(super) fn check_datum(&self, row: &[f64]) -> Result<()> {
        let wrong = |expected: &str, got: f64, advice: &str| {
            Err(Error::new(ErrorKind::Value, format!("expected {expected}, got {got}; {advice}")))
        };
        if let Some(x) = row.iter().find(|x| !x.is_finite()) {
            return wrong("a finite number", *x, "take missing data out first");
        }
        match self.outcome() {
            Outcome::Real { .. } => Ok(()),
            Outcome::TimeAndChoice if row[0] <= 0.0 => {
                wrong("a response time above 0 (seconds)", row[0], "a row of data is [rt, choice]")
            }
            Outcome::TimeAndChoice if row[1] != 0.0 && row[1] != 1.0 => {
                wrong("a choice of 0 (lower) or 1 (upper)", row[1], "a row of data is [rt, choice]")
            }
            Outcome::TimeAndChoice => self.parts.seen.check_choice(row[1]),
            Outcome::Count if !(row[0] >= 0.0 && row[0].fract() == 0.0) => {
                wrong("a count (0, 1, 2, ...)", row[0], "counts are whole numbers")
            }
            Outcome::Count => {
                let largest = self.parts.seen.largest_count();
                match row[0] <= largest {
                    true => Ok(()),
                    false => wrong(
                        &format!("a count of at most {largest}, the largest one seen in training"),
                        row[0],
                        "train on a prior that reaches such counts",
                    ),
                }
            }
        }
    }
}

/// Rows without data, of which there may be so many, take memory too.
const MOST_EMPTY_ROWS: usize = 1_000_000;

/// Whether lengths and indices fit.
fn check_rows(data: &[f64], row_of_datum: &[u32], rows: usize, width: usize) -> Result<()> {
    let n = row_of_datum.len();
    if !data.len().is_multiple_of(width.max(1)) || data.len() / width.max(1) != n {
        let got = data.len();
        return Err(Error::new(
            ErrorKind::Shape,
            format!(
                "expected {n} data of {width} columns ({} numbers), got {got}; pass whole rows",
                n * width
            ),
        ));
    }
    if rows > n.max(MOST_EMPTY_ROWS) {
        let message = format!(
            "expected at most as many rows as data or {MOST_EMPTY_ROWS}, got {rows} rows for {n} data"
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    match row_of_datum.iter().position(|row| *row as usize >= rows) {
        None => Ok(()),
        Some(i) => Err(Error::new(
            ErrorKind::Index,
            format!(
                "expected rows below {rows}, got row {} for datum {i}; indices count from 0",
                row_of_datum[i]
            ),
        )),
    }
}

/// Binds checked data to one member.
fn bind_one(parts: &Arc<Parts>, data: &[f64], row_of_datum: &[u32], rows: usize) -> Bound {
    let width = parts.outcome.width();
    let column = |c: usize| data.iter().skip(c).step_by(width).copied();
    let whole = |c: usize| column(c).map(|x| x as u32).collect::<Vec<u32>>();
    let values: Vec<f64> = column(0).collect();
    let class_data = |classes| {
        let network = parts.classes.as_ref()?;
        Some(ClassData::new(classes, row_of_datum, rows, network.shape.outputs()))
    };
    let times = |choices| {
        let flow = parts.flow.as_ref()?;
        Some(TimeData::new(&flow.data, &values, choices, row_of_datum))
    };
    let (classes, times) = match parts.outcome {
        Outcome::Count => (class_data(whole(0)), None),
        Outcome::TimeAndChoice => {
            let choices = whole(1);
            let times = times(Some(&choices[..]));
            (class_data(choices), times)
        }
        Outcome::Real { width: 1 } => (None, times(None)),
        Outcome::Real { .. } => (None, None),
    };
    let mut data_of_row = vec![0.0; rows];
    row_of_datum.iter().for_each(|row| data_of_row[*row as usize] += 1.0);
    let wide = parts.wide.as_ref().map(|flow| WideData::new(data, row_of_datum, flow));
    let mut doubts = parts.seen.doubts(data, parts.outcome, parts.shift.is_some());
    // What training said of few simulations in general is said below of these data.
    let few = expected_error::few(&parts.provenance);
    doubts.extend(parts.report.messages.iter().filter(|message| Some(*message) != few.as_ref()).cloned());
    let unchecked = expected_error::doubts(&parts.provenance, row_of_datum.len(), rows);
    let row_of_datum = row_of_datum.to_vec();
    let data = data.into();
    Bound {
        parts: parts.clone(),
        rows,
        row_of_datum,
        data_of_row,
        data,
        doubts,
        unchecked,
        classes,
        times,
        wide,
    }
}
