//! A learned likelihood in one file: safetensors, with everything that belongs to the weights inside.
//!
//! | tensor | type and shape | content |
//! |---|---|---|
//! | `classes`, `flow` | f32, one vector each | the weights of the networks there are |
//! | `inputs` | f64, features x 2 | mean and standard deviation of each feature |
//! | `region` | f64, parameters x 2 | least and greatest trained value |
//! | `seen` | f64, 2 per column + classes | least and greatest simulated number; 1 for each class simulated, else 0 |
//! | `columns` | f64, columns x 2 | mean and standard deviation of each of several real columns |
//! | `wide` | f32, one vector | the weights of their masked autoregressive flow |
//! | `scale` | f64, 3 | mean and standard deviation of the flow's data, half-width of its spline |
//! | `losses` | f64, epochs x 2 | training and validation loss |
//!
//! Of an ensemble, the members beside the first have weights and losses of their own, under the same names followed by `.1`, `.2`, ...
//!
//! The header's entry `mynah` is a JSON object ([`Header`]). Real numbers stand in the tensors, because decimal text need not
//! bring back the same bits. The entry `checksum` is a hash over that object and all tensors. Loading checks the format,
//! every shape, every number and the checksum before anything is used.

use super::damage::{checksum_of, is_whole};
use super::frozen::{FrozenFlow, Parts};
use super::likelihood::NeuralLikelihood;
use super::region::Region;
use super::seen::Seen;
use super::stored_numbers::{broken, finite, network, numbers, possible};
use super::stored_wide::StoredWide;
use crate::error::Result;
use crate::file;
use crate::neural::TrainingReport;
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::{DataScaler, Feature, InputScaler};
use crate::neural::spline::SplineShape;
use crate::simulate::Outcome;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

/// The name of the header's entry.
const ENTRY: &str = "mynah";
/// The name of the entry that holds the hash.
const CHECKSUM: &str = "checksum";
/// Raised when older versions could no longer read what is written.
const FORMAT: u32 = 2;
/// The most bins of a spline that can be trained.
const MOST_BINS: usize = 128;

/// What stands beside the tensors.
#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    /// The version of the library that wrote the file.
    version: String,
    names: Vec<String>,
    outcome: StoredOutcome,
    shift: Option<usize>,
    /// The parameter of each feature, and whether its logarithm is taken.
    features: Vec<(usize, bool)>,
    classes: Option<MlpShape>,
    flow: Option<MlpShape>,
    #[serde(default)]
    wide: Option<StoredWide>,
    bins: usize,
    log_data: bool,
    #[serde(flatten)]
    report: StoredReport,
    /// The reports of an ensemble's other members.
    #[serde(default)]
    others: Vec<StoredReport>,
}

/// A report but for the losses.
#[derive(Serialize, Deserialize)]
struct StoredReport {
    best_epoch: usize,
    steps: usize,
    skipped: usize,
    stopped: bool,
    seconds: f64,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredOutcome {
    Count,
    TimeAndChoice,
    Real,
}

impl NeuralLikelihood {
    /// Writes the likelihood to a safetensors file, with its names, scales, training region and report. A file already there is
    /// replaced once the new one is complete.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be written; a file already there is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let header = serde_json::to_string(&self.header()).map_err(|e| broken("a header").with_source(e))?;
        let tensors = self.tensors();
        let views = tensors.iter().map(|tensor| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
            view.map(|view| (tensor.name.as_str(), view))
        });
        let views = views.collect::<Result<Vec<_>, _>>().map_err(|e| broken("tensors").with_source(e))?;
        let sum = checksum_of(
            &header,
            tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.bytes.as_slice())),
        );
        let entry = HashMap::from([(ENTRY.to_owned(), header), (CHECKSUM.to_owned(), sum)]);
        let bytes = serialize(views, Some(entry)).map_err(|e| broken("a file").with_source(e))?;
        file::write(path.as_ref(), |file| file.write_all(&bytes))
    }

    /// Reads a likelihood that [`NeuralLikelihood::save`] wrote; its log densities are the same, bit for bit.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be read; [`ErrorKind::Format`](crate::ErrorKind::Format) when it is something else, was written by a later
    /// format, its parts do not fit together, or it is damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| file::unreadable(path, e))?;
        read(&bytes).map_err(|error| error.context(path.display()))
    }

    fn header(&self) -> Header {
        let Parts { names, outcome, inputs, shift, classes, flow, wide, report, .. } = &*self.parts;
        Header {
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
            report: StoredReport::of(report),
            others: self.others.iter().map(|parts| StoredReport::of(&parts.report)).collect(),
        }
    }

    fn tensors(&self) -> Vec<Stored> {
        let Parts { inputs, region, seen, flow, wide, .. } = &*self.parts;
        let moments = inputs.features.iter().map(|feature| [feature.mean, feature.sd]);
        let box_ = region.low.iter().zip(&region.high).map(|(low, high)| [*low, *high]);
        let mut tensors = vec![
            Stored::pairs("inputs", moments),
            Stored::pairs("region", box_),
            Stored::numbers("seen", &seen.numbers()),
        ];
        if let Some(flow) = flow {
            let scale = [flow.data.mean, flow.data.sd, flow.spline.bound, flow.spline.curvature];
            tensors.push(Stored::numbers("scale", &scale));
        }
        if let Some(wide) = wide {
            tensors.push(Stored::pairs("columns", wide.data.iter().map(|scale| [scale.mean, scale.sd])));
        }
        tensors.extend(member_tensors(&self.parts, ""));
        for (index, parts) in self.others.iter().enumerate() {
            tensors.extend(member_tensors(parts, &format!(".{}", index + 1)));
        }
        tensors
    }
}

/// What each member has of its own.
fn member_tensors(parts: &Parts, suffix: &str) -> Vec<Stored> {
    let Parts { classes, flow, wide, report, .. } = parts;
    let losses = report.training_loss.iter().zip(&report.validation_loss).map(|(a, b)| [*a, *b]);
    let weights = [
        ("classes", classes.as_ref().map(|network| &network.weights)),
        ("flow", flow.as_ref().map(|flow| &flow.network.weights)),
        ("wide", wide.as_ref().map(|wide| &wide.weights)),
    ];
    let mut tensors = vec![Stored::pairs(&format!("losses{suffix}"), losses)];
    let weights = weights.into_iter().filter_map(|(name, weights)| weights.map(|weights| (name, weights)));
    tensors.extend(weights.map(|(name, weights)| Stored::weights(&format!("{name}{suffix}"), weights)));
    tensors
}

/// A tensor to be written.
struct Stored {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    fn weights(name: &str, values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.into(), dtype: Dtype::F32, shape: vec![values.len()], bytes }
    }

    fn numbers(name: &str, values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.into(), dtype: Dtype::F64, shape: vec![values.len()], bytes }
    }

    fn pairs(name: &str, pairs: impl Iterator<Item = [f64; 2]>) -> Self {
        let values: Vec<f64> = pairs.flatten().collect();
        Self { shape: vec![values.len() / 2, 2], ..Self::numbers(name, &values) }
    }
}

/// Everything a file holds, checked.
fn read(bytes: &[u8]) -> Result<NeuralLikelihood> {
    let (_, metadata) =
        SafeTensors::read_metadata(bytes).map_err(|e| broken("a safetensors file").with_source(e))?;
    let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
    let entry = entry
        .ok_or_else(|| broken("a likelihood saved by this library (the header has no entry `mynah`)"))?;
    let format = serde_json::from_str::<serde_json::Value>(entry).ok().and_then(|v| v["format"].as_u64());
    if format != Some(u64::from(FORMAT)) {
        return Err(broken(&format!("format {FORMAT} (this file says {format:?})")));
    }
    let header: Header =
        serde_json::from_str(entry).map_err(|e| broken("a complete header").with_source(e))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| broken("complete tensors").with_source(e))?;
    header.check()?;
    let pairs = |name: &str, count: Option<usize>| {
        numbers(&tensors, name, Dtype::F64, count.map(|n| 2 * n), f64::from_le_bytes)
    };
    let inputs = finite(pairs("inputs", Some(header.features.len()))?)?;
    let features = header.features.iter().zip(inputs.chunks_exact(2));
    let features = features.map(|((parameter, log), m)| Feature {
        parameter: *parameter,
        log: *log,
        mean: m[0],
        sd: m[1],
    });
    let inputs = InputScaler { features: features.collect() };
    let region = finite(pairs("region", Some(header.names.len()))?)?;
    let (low, high): (Vec<f64>, Vec<f64>) = region.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip();
    header.check_numbers(&inputs, &region)?;
    let seen = header.seen(&tensors)?;
    let columns =
        header.wide.as_ref().map(|wide| finite(pairs("columns", Some(wide.width()))?)).transpose()?;
    let member = |report: &StoredReport, suffix: &str| -> Result<Parts> {
        let name = |name: &str| format!("{name}{suffix}");
        let classes =
            header.classes.clone().map(|shape| network(&tensors, &name("classes"), shape)).transpose()?;
        let flow =
            header.flow.clone().map(|shape| header.flow(&tensors, &name("flow"), shape)).transpose()?;
        let wide = header.wide.as_ref().zip(columns.as_ref());
        let wide = wide.map(|(wide, columns)| {
            let count = wide.shape().weights_len();
            let weights = numbers(&tensors, &name("wide"), Dtype::F32, Some(count), f32::from_le_bytes)?;
            wide.freeze(weights, columns).map_err(broken)
        });
        Ok(Parts {
            inputs: inputs.clone(),
            region: Region { low: low.clone(), high: high.clone(), free: header.shift },
            seen: seen.clone(),
            shift: header.shift,
            classes,
            flow,
            outcome: match header.outcome {
                StoredOutcome::Count => Outcome::Count,
                StoredOutcome::TimeAndChoice => Outcome::TimeAndChoice,
                StoredOutcome::Real => {
                    Outcome::Real { width: header.wide.as_ref().map_or(1, StoredWide::width) }
                }
            },
            wide: wide.transpose()?,
            report: report.with_losses(&pairs(&name("losses"), None)?)?,
            names: header.names.clone(),
        })
    };
    let first = member(&header.report, "")?;
    let others = header.others.iter().enumerate();
    let others = others.map(|(index, report)| member(report, &format!(".{}", index + 1)));
    let others = others.collect::<Result<_>>()?;
    // Last, so that a file from elsewhere is told what is wrong with it.
    if !is_whole(metadata.metadata().as_ref().and_then(|entries| entries.get(CHECKSUM)), entry, &tensors) {
        return Err(broken("a file as it was written, got a damaged one (its checksum does not match)"));
    }
    Ok(NeuralLikelihood::ensemble(first, others))
}

impl Header {
    /// Whether the parts fit together.
    fn check(&self) -> Result<()> {
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

    /// Whether the numbers mean something: standard deviations above 0, ranges from low to high.
    fn check_numbers(&self, inputs: &InputScaler, region: &[f64]) -> Result<()> {
        let range =
            |(p, pair): (usize, &[f64])| pair[0] < pair[1] || (self.shift == Some(p) && pair[0] == pair[1]);
        let rules = [
            (
                inputs.features.iter().all(|feature| feature.sd > 0.0),
                "features of positive standard deviation",
            ),
            (region.chunks_exact(2).enumerate().all(range), "a training region whose ranges are not empty"),
        ];
        rules.into_iter().find(|rule| !rule.0).map_or(Ok(()), |rule| Err(broken(rule.1)))
    }

    fn seen(&self, tensors: &SafeTensors<'_>) -> Result<Seen> {
        let classes = self.classes.as_ref().map_or(0, |shape| shape.outputs());
        let columns = self.wide.as_ref().map_or(1, StoredWide::width);
        let count = Some(2 * columns + classes);
        let numbers = finite(numbers(tensors, "seen", Dtype::F64, count, f64::from_le_bytes)?)?;
        Seen::of_numbers(&numbers, columns)
            .ok_or_else(|| broken("ranges of the simulated data, and 0 or 1 for each class"))
    }

    fn flow(&self, tensors: &SafeTensors<'_>, name: &str, shape: MlpShape) -> Result<FrozenFlow> {
        let scale = finite(numbers(tensors, "scale", Dtype::F64, Some(4), f64::from_le_bytes)?)?;
        if !(scale[1] > 0.0 && scale[2] > 0.0 && scale[3] >= 0.0) {
            return Err(broken("a positive scale of the data"));
        }
        Ok(FrozenFlow {
            network: network(tensors, name, shape)?,
            spline: SplineShape { bins: self.bins, bound: scale[2], curvature: scale[3] },
            data: DataScaler { log: self.log_data, mean: scale[0], sd: scale[1] },
        })
    }
}

impl StoredReport {
    fn of(report: &TrainingReport) -> Self {
        let TrainingReport { best_epoch, steps, skipped, stopped, seconds, .. } = *report;
        Self { best_epoch, steps, skipped, stopped, seconds }
    }

    fn with_losses(&self, losses: &[f64]) -> Result<TrainingReport> {
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
        })
    }
}

#[cfg(test)]
#[path = "weights_fuzz.rs"]
mod fuzz;
