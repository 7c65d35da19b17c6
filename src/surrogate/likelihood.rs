//! A likelihood learned from simulations, as a value.

use super::bound::Bound;
use super::expected_error;
use super::frozen::Parts;
use super::known_simulator::KnownSimulator;
use super::region::Region;
use super::sampling::sample_mixture;
use crate::error::{Error, ErrorKind, Result};
use crate::neural::TrainingReport;
use crate::seed::Stream;
use crate::simulate::{Outcome, Provenance, Simulator};
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

    /// The simulations that it was learned from, in numbers.
    pub fn provenance(&self) -> &Provenance {
        &self.parts.provenance
    }

    /// The error to expect of posterior means from the number of simulations alone, in posterior sds (root mean square over
    /// parameters and data sets), for `data` observations in `rows` distinct rows of parameters (1 where all share them). About
    /// `4 sqrt(data / N)` from N independent simulations, as measured on simulators of one to four parameters with the defaults of
    /// [`Nle`](crate::sbi::Nle); a rule of thumb, of which a single parameter is off by three times as much now and then.
    pub fn expected_shift(&self, data: usize, rows: usize) -> f64 {
        expected_error::expected_shift(&self.parts.provenance, data, rows)
    }

    /// The same likelihood with the simulator that its data come from, by which the error that it brings into a posterior is
    /// found after every run ([`ScoreCheck`](crate::infer::ScoreCheck)).
    ///
    /// What was learned from simulations of [`Ddm`](crate::simulate::Ddm) knows it by itself, after loading too. A simulator of your own, or
    /// one that is nearer to the data than the one that was trained on (a finer time step), is handed over here, again after
    /// loading. Without [`Simulator::names`] it reads the parameters in the order of [`NeuralLikelihood::names`].
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when its parameters have other names; [`ErrorKind::Value`] when it declares another outcome.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// let prior = BoxPrior::new([("rate", 0.5, 20.0)])?;
    /// let chips = Counts(|theta, stream| Poisson(theta[0]).sample(stream) as u64);
    /// let pairs = Simulations::draw(&prior, &chips, 2_000, 1)?;
    /// let learned = Nle::default().max_epochs(3).fit(&pairs)?.simulator(chips)?;
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn simulator(mut self, simulator: impl Simulator + Send + 'static) -> Result<Self> {
        if let Some(outcome) = simulator.outcome().filter(|outcome| *outcome != self.outcome()) {
            let message = format!(
                "expected a simulator of the outcome that was learned, {:?}, got one of {outcome:?}; pass the simulator of these data",
                self.outcome()
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        self.simulator = Some(KnownSimulator::new(Arc::new(simulator), self.names())?);
        Ok(self)
    }

    /// Draws a datum for each entry of `row_of_datum`; `parameters` column by column.
    pub(super) fn sample_rows(
        &self,
        parameters: &[f64],
        row_of_datum: &[u32],
        rows: usize,
        stream: &mut Stream,
    ) -> Vec<f64> {
        let members: Vec<&Parts> = self.all().map(|parts| &**parts).collect();
        sample_mixture(&members, parameters, row_of_datum, rows, stream)
    }

    /// Its members, each bound to the same data; what they are and the errors are those of [`NeuralLikelihood::bind`].
    pub(super) fn bound(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Vec<Arc<Bound>>> {
        let width = self.outcome().width();
        check_rows(data, row_of_datum, rows, width)?;
        for (i, row) in data.chunks_exact(width).enumerate() {
            self.check_datum(row).map_err(|error| error.context(format!("datum {i}")))?;
        }
        Ok(self.all().map(|parts| Arc::new(Bound::new(parts, data, row_of_datum, rows))).collect())
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
