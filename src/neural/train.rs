//! The training loop: it knows no method's name.
//!
//! Adam over shuffled batches, with a [`Schedule`] of learning rates; gradients clipped by their global norm; the loss on held-out
//! rows after each epoch, of the weights or, where wanted, of their moving average over the steps (Polyak & Juditsky 1992,
//! doi:10.1137/0330046); the weights of the best epoch kept; an early end when `patience` epochs brought nothing better.
//! What speaks against the result is said in [`super::concerns`].

use super::adam::Adam;
use super::batches::Split;
use super::concerns::concerns;
use super::schedule::Schedule;
use super::training_report::TrainingReport;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Progress, Reporter};
use crate::seed::{Domain, Seed};
use crate::stop::Stop;
use candle_core::{Tensor, Var};
use std::time::Instant;

/// Steps in a row without a finite gradient after which training is given up.
const SKIPPED_IN_A_ROW: usize = 100;
/// Rows per batch when the loss is only looked at.
const LOOK: usize = 2048;

/// What is trained: a loss over rows, and the variables it depends on.
pub(crate) trait Objective {
    /// The number of rows there are.
    fn rows(&self) -> usize;

    /// The variables to be trained.
    fn variables(&self) -> Vec<Var>;

    /// The mean loss over some rows.
    fn loss(&self, rows: &[u32]) -> candle_core::Result<Tensor>;
}

/// How to train; the options of a method that the loop reads, checked by the method.
#[derive(Clone, Debug)]
pub(crate) struct TrainingOptions {
    pub(crate) batch: usize,
    pub(crate) learning_rate: f64,
    pub(crate) schedule: Schedule,
    /// What a moving average of the weights keeps of itself per step; 0 for none.
    pub(crate) averaging: f64,
    pub(crate) max_epochs: usize,
    pub(crate) patience: usize,
    pub(crate) validation_fraction: f64,
    pub(crate) largest_norm: f64,
    pub(crate) weight_decay: f64,
    pub(crate) seed: Seed,
    pub(crate) progress: Progress,
    pub(crate) stop: Stop,
}

/// Trains in place: afterwards the variables hold the best epoch's weights. `groups` says which rows are copies of one simulation and
/// stay on one side of the split.
pub(crate) fn train(
    objective: &dyn Objective,
    groups: Option<&[u64]>,
    options: &TrainingOptions,
) -> Result<TrainingReport> {
    let start = Instant::now();
    let mut stream = options.seed.stream(Domain::Training, 1);
    let mut split = Split::new(objective.rows(), groups, options.validation_fraction, &mut stream);
    let total_steps = split.batch_count(options.batch).saturating_mul(options.max_epochs);
    let reporter = options.progress.start("training", total_steps as u64);
    let mut run = Run::new(objective, options, total_steps, &reporter);
    for _ in 0..options.max_epochs {
        if run.epoch(&mut split, &mut stream)? {
            run.look(&split.validation)?;
        }
        reporter.note(format!("epoch {}, loss {:.4}", run.report.epochs, run.report.best_loss()));
        let waited = run.report.epochs - run.report.best_epoch;
        if run.report.stopped || waited >= options.patience {
            break;
        }
    }
    run.restore()?;
    if run.report.stopped && run.report.steps == 0 {
        let message =
            "expected to train, got a request to stop before the first step; train again with a new `Stop`";
        return Err(Error::new(ErrorKind::Training, message));
    }
    if run.report.best_epoch == 0 && !run.report.stopped {
        return Err(unusable("the loss on held-out simulations was never finite"));
    }
    let mut report = run.report;
    report.messages = concerns(&report, options.max_epochs);
    drop(reporter);
    report
        .messages
        .iter()
        .for_each(|message| options.progress.warn(&format!("of what was learned: {message}")));
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// The state of a run.
struct Run<'a> {
    objective: &'a dyn Objective,
    options: &'a TrainingOptions,
    total_steps: usize,
    reporter: &'a Reporter,
    adam: Adam,
    variables: Vec<Var>,
    best: Vec<Tensor>,
    skipped_in_a_row: usize,
    report: TrainingReport,
}

impl<'a> Run<'a> {
    fn new(
        objective: &'a dyn Objective,
        options: &'a TrainingOptions,
        total_steps: usize,
        reporter: &'a Reporter,
    ) -> Self {
        let variables = objective.variables();
        let report = TrainingReport {
            epochs: 0,
            best_epoch: 0,
            steps: 0,
            skipped: 0,
            training_loss: vec![],
            validation_loss: vec![],
            stopped: false,
            seconds: 0.0,
            messages: vec![],
        };
        let adam = Adam::new(variables.clone(), options.largest_norm, options.weight_decay);
        let adam = adam.averaging(options.averaging);
        Self {
            objective,
            options,
            total_steps,
            reporter,
            adam,
            variables,
            best: vec![],
            skipped_in_a_row: 0,
            report,
        }
    }

    /// One pass over the training rows; false when it was stopped on the way.
    fn epoch(&mut self, split: &mut Split, stream: &mut crate::seed::Stream) -> Result<bool> {
        let (mut sum, mut rows) = (0.0, 0);
        for batch in split.batches(self.options.batch, stream) {
            if self.options.stop.is_requested() {
                self.report.stopped = true;
                return Ok(false);
            }
            let loss = self.step(batch).map_err(failed)?;
            self.reporter.advance(1);
            if loss.is_finite() {
                sum += loss * batch.len() as f64;
                rows += batch.len();
            }
            if self.skipped_in_a_row >= SKIPPED_IN_A_ROW {
                return Err(unusable(&format!("{SKIPPED_IN_A_ROW} steps in a row had no finite gradient")));
            }
        }
        self.report.epochs += 1;
        self.report.training_loss.push(sum / rows as f64);
        Ok(true)
    }

    /// One step of the optimiser; returns the loss before it.
    fn step(&mut self, batch: &[u32]) -> candle_core::Result<f64> {
        let rate =
            self.options.learning_rate * self.options.schedule.share(self.report.steps, self.total_steps);
        let loss = self.objective.loss(batch)?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        let taken = value.is_finite() && self.adam.step(&loss.backward()?, rate)?;
        self.report.steps += 1;
        self.report.skipped += usize::from(!taken);
        self.skipped_in_a_row = if taken { 0 } else { self.skipped_in_a_row + 1 };
        Ok(value)
    }

    /// The loss on held-out rows, of the averaged weights where they are averaged; keeps them when it is the best so far.
    fn look(&mut self, rows: &[u32]) -> Result<()> {
        let averages = self.adam.averages().map_err(failed)?;
        let here = match averages.is_empty() {
            true => vec![],
            false => self.exchange(&averages).map_err(failed)?,
        };
        let loss = self.mean_loss(rows)?;
        if loss < self.report.best_loss() {
            self.report.best_epoch = self.report.epochs;
            self.best = self.copies().map_err(failed)?;
        }
        if !here.is_empty() {
            self.exchange(&here).map_err(failed)?;
        }
        self.report.validation_loss.push(loss);
        Ok(())
    }

    /// The mean loss over some rows.
    fn mean_loss(&self, rows: &[u32]) -> Result<f64> {
        let mut sum = 0.0;
        for rows in rows.chunks(LOOK) {
            let loss = self.objective.loss(rows).and_then(|loss| loss.to_scalar::<f32>()).map_err(failed)?;
            sum += f64::from(loss) * rows.len() as f64;
        }
        Ok(sum / rows.len() as f64)
    }

    fn copies(&self) -> candle_core::Result<Vec<Tensor>> {
        self.variables.iter().map(|variable| variable.as_tensor().copy()).collect()
    }

    /// Puts other values in place of the variables'; returns those.
    fn exchange(&self, values: &[Tensor]) -> candle_core::Result<Vec<Tensor>> {
        let here = self.copies()?;
        self.variables.iter().zip(values).try_for_each(|(variable, value)| variable.set(value))?;
        Ok(here)
    }

    /// Puts the best weights back.
    fn restore(&mut self) -> Result<()> {
        for (variable, best) in self.variables.iter().zip(&self.best) {
            variable.set(best).map_err(failed)?;
        }
        Ok(())
    }
}

/// A failure inside the tensor library.
pub(crate) fn failed(error: candle_core::Error) -> Error {
    Error::new(
        ErrorKind::Training,
        "expected the network to run on these simulations, got an error of the tensor library",
    )
    .with_source(error)
}

fn unusable(what: &str) -> Error {
    Error::new(
        ErrorKind::Training,
        format!(
            "expected training to converge, but {what}; lower the learning rate or look for extreme simulations"
        ),
    )
}
