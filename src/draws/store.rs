//! The draws of a run: chain x draw x named parameter arrays.
//!
//! Inside a chain the columns are contiguous, so that diagnostics, which walk one scalar at a time, copy nothing. Chains
//! may have different lengths (a run stopped early): all draws are kept, and diagnostics cut to the shortest.

use super::look_up::unknown_name;
use super::statistic::check_columns;
use super::{ChainDraws, Correction, Parameter, Provenance, SamplerReport, Statistic};
use crate::{Error, ErrorKind, Result};
use std::collections::HashSet;

/// Draws of more scalars than this are refused where no draw proves that there are so many.
const MOST_SCALARS_UNSEEN: usize = 1 << 20;

/// Draws from a posterior: chains of named parameter arrays, in the parameters' own space, after warm-up.
///
/// # Examples
/// ```
/// use mynah::draws::{ChainDraws, Draws, Parameter};
/// // Two chains of two draws of a scalar `mu` and an array `rate` of two.
/// let chain = |values: &[f64]| ChainDraws { values: values.to_vec(), statistics: vec![] };
/// let draws = Draws::new(
///     vec![Parameter::new("mu", []), Parameter::new("rate", [2])],
///     vec![chain(&[0.0, 1.0, 2.0, 4.0, 3.0, 6.0]), chain(&[1.0, 1.0, 2.0, 3.0, 3.0, 6.0])],
/// )?;
/// assert_eq!(draws.get("rate")?.mean(), [2.0, 4.0]);
/// assert_eq!(draws.column("mu")?, [[0.0, 4.0], [1.0, 3.0]]);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    parameters: Vec<Parameter>,
    labels: Vec<String>,
    chains: Vec<Chain>,
    /// One list per chain.
    pub(super) log_weights: Option<Vec<Vec<f64>>>,
    report: SamplerReport,
    provenance: Option<Provenance>,
    correction: Option<Correction>,
}

/// One chain, stored column by column.
#[derive(Clone, Debug, PartialEq)]
struct Chain {
    draws: usize,
    columns: Vec<f64>,
    statistics: Vec<Statistic>,
}

impl Draws {
    /// Draws of these parameters from what each chain hands in.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for a name that is empty or stands twice and for two scalars of one label (a parameter named `x[0]` beside an
    /// array `x`), [`ErrorKind::Shape`] without any scalar or with far more than the draws have numbers, without a chain, or when a chain's numbers do not fill whole rows or its statistics do not match its rows.
    pub fn new(parameters: Vec<Parameter>, chains: Vec<ChainDraws>) -> Result<Self> {
        check_width(&parameters, &chains)?;
        let labels = check_parameters(&parameters)?;
        if chains.is_empty() {
            return Err(Error::new(ErrorKind::Shape, "expected at least one chain of draws, got none"));
        }
        let chains = chains
            .into_iter()
            .enumerate()
            .map(|(c, chain)| Chain::new(chain, labels.len()).map_err(|e| e.context(format!("chain {c}"))))
            .collect::<Result<Vec<Chain>>>()?;
        check_alike(&chains)?;
        let (log_weights, provenance, correction) = (None, None, None);
        Ok(Self {
            parameters,
            labels,
            chains,
            log_weights,
            report: SamplerReport::default(),
            provenance,
            correction,
        })
    }

    /// The same draws with where they come from.
    pub fn with_provenance(mut self, provenance: impl Into<Option<Provenance>>) -> Self {
        self.provenance = provenance.into();
        self
    }

    /// Where the draws come from, if that is known.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_ref()
    }

    /// The same draws with the sampler's report on the run.
    pub fn with_report(mut self, report: SamplerReport) -> Self {
        self.report = report;
        self
    }

    /// The same draws with the way to correct them.
    pub(crate) fn with_correction(mut self, correction: Correction) -> Self {
        self.correction = Some(correction);
        self
    }

    pub(super) fn correction(&self) -> Option<&Correction> {
        self.correction.as_ref()
    }

    /// The number of chains, at least 1.
    pub fn chains(&self) -> usize {
        self.chains.len()
    }

    /// The number of draws per chain, after warm-up; of the shortest chain when a run was stopped early.
    pub fn draws(&self) -> usize {
        self.chains.iter().map(|chain| chain.draws).min().unwrap_or(0)
    }

    /// The number of draws of every chain.
    pub fn chain_lengths(&self) -> Vec<usize> {
        self.chains.iter().map(|chain| chain.draws).collect()
    }

    /// The number of draws of all chains together.
    pub fn total_draws(&self) -> usize {
        self.chains.iter().map(|chain| chain.draws).sum()
    }

    /// The parameters, in the order of the model.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The labels of all scalar columns, parameter by parameter: `mu`, `rate[0]`, `rate[1]`, ...
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// A scalar column by its label (`mu`, `rate[0]`, `x[2,1]`): one slice per chain.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when there is none of this label; the message lists those there are, the nearest first.
    pub fn column(&self, label: &str) -> Result<Vec<&[f64]>> {
        match self.labels.iter().position(|other| other == label) {
            Some(column) => Ok(self.column_at(column)),
            None => Err(unknown_name("scalar", label, self.labels.iter().map(String::as_str))),
        }
    }

    /// The sampler's report on the run.
    pub fn report(&self) -> &SamplerReport {
        &self.report
    }

    /// The draws of one chain, each a row of all scalars.
    pub(crate) fn rows_of(&self, chain: usize) -> Vec<Vec<f64>> {
        let columns: Vec<&[f64]> = (0..self.labels.len()).map(|k| self.chains[chain].column(k)).collect();
        (0..self.chains[chain].draws)
            .map(|draw| columns.iter().map(|column| column[draw]).collect())
            .collect()
    }

    /// The slices, one per chain, of the scalar column of this number.
    pub(crate) fn column_at(&self, column: usize) -> Vec<&[f64]> {
        self.chains.iter().map(|chain| chain.column(column)).collect()
    }

    /// The columns of one chain's statistics.
    pub(crate) fn columns_of(&self, chain: usize) -> &[Statistic] {
        &self.chains[chain].statistics
    }
}

impl Chain {
    /// Rows turned into columns.
    fn new(rows: ChainDraws, width: usize) -> Result<Self> {
        let ChainDraws { values, statistics } = rows;
        if !values.len().is_multiple_of(width) {
            let message = format!("expected whole rows of {width} columns, got {} numbers", values.len());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let draws = values.len() / width;
        check_columns(&statistics, draws)?;
        let columns = (0..width).flat_map(|c| values.iter().skip(c).step_by(width).copied()).collect();
        Ok(Self { draws, columns, statistics })
    }

    fn column(&self, column: usize) -> &[f64] {
        &self.columns[column * self.draws..][..self.draws]
    }
}

/// Whether all chains have statistics of the same names.
fn check_alike(chains: &[Chain]) -> Result<()> {
    let names =
        |chain: &Chain| chain.statistics.iter().map(|column| column.name.clone()).collect::<Vec<String>>();
    let first = names(&chains[0]);
    match chains.iter().map(names).find(|names| *names != first) {
        None => Ok(()),
        Some(other) => {
            let message = format!("expected the same statistics of every chain, got {first:?} and {other:?}");
            Err(Error::new(ErrorKind::Shape, message))
        }
    }
}

/// Whether there can be as many scalars as the shapes say: a shape is a few digits, its labels may fill the memory.
fn check_width(parameters: &[Parameter], chains: &[ChainDraws]) -> Result<()> {
    let width = parameters.iter().fold(0_usize, |sum, parameter| sum.saturating_add(parameter.width()));
    let seen = chains.iter().map(|chain| chain.values.len()).max().unwrap_or(0);
    if width <= seen.max(MOST_SCALARS_UNSEEN) {
        return Ok(());
    }
    let widest = parameters.iter().max_by_key(|parameter| parameter.width()).expect("a width above 0");
    let message = format!(
        "expected shapes that fit the draws, got `{}` of shape {:?} for at most {seen} numbers per chain; check the shape",
        widest.name, widest.shape
    );
    Err(Error::new(ErrorKind::Shape, message))
}

/// The labels of all scalars, once every name is known to be usable.
fn check_parameters(parameters: &[Parameter]) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    for Parameter { name, .. } in parameters {
        if name.is_empty() {
            return Err(Error::new(ErrorKind::Site, "expected a name for every parameter, got an empty one"));
        }
        if !seen.insert(name) {
            let message = format!("expected every parameter once, got `{name}` twice; rename one of them");
            return Err(Error::new(ErrorKind::Site, message));
        }
    }
    let labels: Vec<String> = parameters.iter().flat_map(Parameter::labels).collect();
    let mut seen = HashSet::with_capacity(labels.len());
    if let Some(twice) = labels.iter().find(|label| !seen.insert(*label)) {
        let message = format!(
            "expected scalars with labels of their own, got `{twice}` both as a parameter's name and as an element of an array; rename \
             the parameter"
        );
        return Err(Error::new(ErrorKind::Site, message));
    }
    if labels.is_empty() {
        let message = "expected at least one scalar to draw, got none; a model needs a latent site";
        return Err(Error::new(ErrorKind::Shape, message));
    }
    Ok(labels)
}
