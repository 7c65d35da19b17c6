//! What stands in a file of weights beside its tensors: a JSON object in the header's entry `mynah`.

use super::frozen::Parts;
use super::likelihood::NeuralLikelihood;
use super::stored_numbers::{broken, possible};
use super::stored_wide::StoredWide;
use crate::error::Result;
use crate::neural::TrainingReport;
use crate::neural::mlp::MlpShape;
use crate::simulate::{Outcome, Provenance};
use serde::{Deserialize, Serialize};

/// The name of the header's entry.
pub(super) const ENTRY: &str = "mynah";
/// The name of the entry that holds the checksum of the file.
pub(super) const CHECKSUM: &str = "checksum";
/// Raised when older versions could no longer read what is written.
pub(super) const FORMAT: u32 = 4;
/// The most bins of a spline that can be trained.
const MOST_BINS: usize = 128;

/// What stands beside the tensors.
#[derive(Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: u32,
    /// The version of the library that wrote the file.
    pub(super) version: String,
    pub(super) names: Vec<String>,
    pub(super) outcome: StoredOutcome,
    pub(super) shift: Option<usize>,
    /// The parameter of each feature, and whether its logarithm is taken.
    pub(super) features: Vec<(usize, bool)>,
    pub(super) classes: Option<MlpShape>,
    pub(super) flow: Option<MlpShape>,
    #[serde(default)]
    pub(super) wide: Option<StoredWide>,
    pub(super) bins: usize,
    pub(super) log_data: bool,
    pub(super) simulations: Provenance,
    #[serde(flatten)]
    pub(super) report: StoredReport,
    /// The reports of an ensemble's other members.
    #[serde(default)]
    pub(super) others: Vec<StoredReport>,
}

/// A report but for the losses.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredReport {
    pub(super) best_epoch: usize,
    pub(super) steps: usize,
    pub(super) skipped: usize,
    pub(super) stopped: bool,
    pub(super) seconds: f64,
    pub(super) messages: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredOutcome {
    Count,
    TimeAndChoice,
    Real,
}

impl Header {
    pub(super) fn of(likelihood: &NeuralLikelihood) -> Self {
        let Parts { names, outcome, inputs, shift, classes, flow, wide, report, provenance, .. } =
            &*likelihood.parts;
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            names: names.clone(),
            outcome: match outcome {
                Outcome::Count => StoredOutcome::Count,
                Outcome::TimeAndChoice => StoredOutcome::TimeAndChoice,
                Outcome::Real { .. } => StoredOutcome::Real,
            },
            shift: *shift,
            features: inputs.features.iter().map(|feature| (feature.parameter, feature.log)).collect(),
            classes: classes.as_ref().map(|network| network.shape.clone()),
            flow: flow.as_ref().map(|flow| flow.network.shape.clone()),
            wide: wide.as_ref().map(StoredWide::of),
            bins: flow.as_ref().map_or(0, |flow| flow.spline.bins),
            log_data: flow.as_ref().is_some_and(|flow| flow.data.log),
            simulations: provenance.clone(),
            report: StoredReport::of(report),
            others: likelihood.others.iter().map(|parts| StoredReport::of(&parts.report)).collect(),
        }
    }

    /// The outcome in full.
    pub(super) fn outcome(&self) -> Outcome {
        match self.outcome {
            StoredOutcome::Count => Outcome::Count,
            StoredOutcome::TimeAndChoice => Outcome::TimeAndChoice,
            StoredOutcome::Real => Outcome::Real { width: self.columns() },
        }
    }

    /// The columns of real numbers.
    pub(super) fn columns(&self) -> usize {
        self.wide.as_ref().map_or(1, StoredWide::width)
    }

    /// Whether the parts fit together.
    pub(super) fn check(&self) -> Result<()> {
        let complete = |shape: &MlpShape| shape.sizes.len() >= 3 && possible(shape);
        if !self.classes.iter().chain(&self.flow).all(complete) {
            return Err(broken("networks with a hidden layer and 1 unit or more in each layer"));
        }
        let parameters = self.names.len();
        let (classes, flow) = match self.outcome {
            StoredOutcome::Count => (true, false),
            StoredOutcome::TimeAndChoice => (true, true),
            StoredOutcome::Real => (false, self.wide.is_none()),
        };
        let choice = usize::from(self.outcome == StoredOutcome::TimeAndChoice);
        let width = self.features.len();
        let rules = [
            (parameters > 0 && width > 0, "at least one parameter"),
            (self.features.iter().all(|(p, _)| *p < parameters), "features of the parameters named"),
            (
                self.shift.is_none_or(|p| p < parameters && choice == 1),
                "a shift that is a parameter of a response time",
            ),
            (self.classes.is_some() == classes && self.flow.is_some() == flow, "the networks of its outcome"),
            (
                self.classes.as_ref().is_none_or(|shape| shape.inputs() == width),
                "a network for the classes that reads the features",
            ),
            (choice == 0 || self.classes.as_ref().is_none_or(|shape| shape.outputs() == 2), "two choices"),
            (
                self.flow.as_ref().is_none_or(|shape| shape.inputs() == width + choice),
                "a flow that reads the features",
            ),
            (
                self.flow.as_ref().is_none_or(|shape| {
                    (2..=MOST_BINS).contains(&self.bins) && shape.outputs() == 3 * self.bins + 3
                }),
                "a flow with its bins",
            ),
            (
                self.wide.is_none() || self.outcome == StoredOutcome::Real,
                "several columns of real numbers alone",
            ),
            (
                self.wide.as_ref().is_none_or(|wide| wide.fits(width)),
                "a flow over several columns that reads the features",
            ),
        ];
        rules.into_iter().find(|rule| !rule.0).map_or(Ok(()), |rule| Err(broken(rule.1)))
    }

    /// Whether the training region has ranges from low to high.
    pub(super) fn check_region(&self, region: &[f64]) -> Result<()> {
        let range =
            |(p, pair): (usize, &[f64])| pair[0] < pair[1] || (self.shift == Some(p) && pair[0] == pair[1]);
        match region.chunks_exact(2).enumerate().all(range) {
            true => Ok(()),
            false => Err(broken("a training region whose ranges are not empty")),
        }
    }
}

impl StoredReport {
    pub(super) fn of(report: &TrainingReport) -> Self {
        let TrainingReport { best_epoch, steps, skipped, stopped, seconds, .. } = *report;
        Self { best_epoch, steps, skipped, stopped, seconds, messages: report.messages.clone() }
    }

    pub(super) fn with_losses(&self, losses: &[f64]) -> Result<TrainingReport> {
        if !(losses.len().is_multiple_of(2) && self.best_epoch <= losses.len() / 2) {
            return Err(broken("two losses for each epoch"));
        }
        Ok(TrainingReport {
            epochs: losses.len() / 2,
            best_epoch: self.best_epoch,
            steps: self.steps,
            skipped: self.skipped,
            training_loss: losses.iter().copied().step_by(2).collect(),
            validation_loss: losses.iter().copied().skip(1).step_by(2).collect(),
            stopped: self.stopped,
            seconds: self.seconds,
            messages: self.messages.clone(),
        })
    }
}
