//! Reading a file of weights: everything is checked before anything is used.

use super::coverage::Coverage;
use super::frozen::{FrozenFlow, FrozenWide, Parts};
use super::likelihood::NeuralLikelihood;
use super::region::Region;
use super::seen::Seen;
use super::stored_numbers::{broken, finite, network, numbers};
use super::weights_header::{ENTRY, FORMAT, Header, StoredReport};
use crate::error::Result;
use crate::file;
use crate::neural::mlp::MlpShape;
use crate::neural::scale::Scale;
use crate::neural::scaler::{DataScaler, Feature, InputScaler};
use crate::neural::spline::SplineShape;
use safetensors::tensor::{Dtype, SafeTensors};

/// Everything a file holds, checked.
pub(super) fn read(bytes: &[u8]) -> Result<NeuralLikelihood> {
    let (_, metadata) =
        SafeTensors::read_metadata(bytes).map_err(|e| broken("a safetensors file").with_source(e))?;
    let entries = metadata.metadata().as_ref();
    let entry = entries
        .and_then(|entries| entries.get(ENTRY))
        .ok_or_else(|| broken("a likelihood saved by this library (the header has no entry `mynah`)"))?;
    let header = header(entry)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| broken("complete tensors").with_source(e))?;
    let file = Opened { header: &header, tensors: &tensors };
    let shared = file.shared()?;
    let first = file.member(&shared, &header.report, "")?;
    let others = header.others.iter().enumerate();
    let others = others.map(|(index, report)| file.member(&shared, report, &format!(".{}", index + 1)));
    let others = others.collect::<Result<_>>()?;
    // Last, so that a file from elsewhere is told what is wrong with it.
    if !file::is_whole(bytes) {
        return Err(broken("a file as it was written, got a damaged one (its checksum does not match)"));
    }
    Ok(NeuralLikelihood::ensemble(first, others))
}

/// The header, of a format that is known and of parts that fit together.
fn header(entry: &str) -> Result<Header> {
    let format = serde_json::from_str::<serde_json::Value>(entry).ok().and_then(|v| v["format"].as_u64());
    match format {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) if format < u64::from(FORMAT) => {
            return Err(broken(&format!(
                "format {FORMAT}, got format {format}, which an earlier version of this library wrote and this one cannot read"
            )));
        }
        Some(format) => {
            return Err(broken(&format!(
                "format {FORMAT}, got format {format}, which a later version of this library wrote: load it with that version"
            )));
        }
        None => return Err(broken(&format!("format {FORMAT}, got a header without a format"))),
    }
    let header: Header =
        serde_json::from_str(entry).map_err(|e| broken("a complete header").with_source(e))?;
    header.check()?;
    Ok(header)
}

/// A file whose header is known.
struct Opened<'a> {
    header: &'a Header,
    tensors: &'a SafeTensors<'a>,
}

/// What the members of an ensemble have in common.
struct Shared {
    inputs: InputScaler,
    region: Region,
    seen: Seen,
    /// The scale of each of several columns, four numbers each.
    columns: Vec<f64>,
}

impl Opened<'_> {
    /// Finite f64 numbers.
    fn numbers(&self, name: &str, count: Option<usize>) -> Result<Vec<f64>> {
        finite(numbers(self.tensors, name, Dtype::F64, count, f64::from_le_bytes)?)
    }

    fn shared(&self) -> Result<Shared> {
        let header = self.header;
        let numbers = self.numbers("inputs", Some(4 * header.features.len()))?;
        let feature = |((parameter, log), numbers): (&(usize, bool), &[f64])| {
            let scale = Scale::of_numbers(numbers)
                .ok_or_else(|| broken("scales of the features with a positive spread"))?;
            Ok(Feature { parameter: *parameter, log: *log, scale })
        };
        let features = header.features.iter().zip(numbers.chunks_exact(4)).map(feature);
        let inputs = InputScaler { features: features.collect::<Result<_>>()? };
        let sides = self.numbers("region", Some(2 * header.names.len()))?;
        header.check_region(&sides)?;
        let (low, high) = sides.chunks_exact(2).map(|side| (side[0], side[1])).unzip();
        let columns = match &header.wide {
            Some(wide) => self.numbers("columns", Some(4 * wide.width()))?,
            None => vec![],
        };
        let region = Region { low, high, free: header.shift, coverage: self.coverage()? };
        Ok(Shared { inputs, region, seen: self.seen()?, columns })
    }

    fn coverage(&self) -> Result<Coverage> {
        let cells = numbers(self.tensors, "visited", Dtype::U8, None, u8::from_le_bytes)?;
        let columns = (0..self.header.names.len()).filter(|p| Some(*p) != self.header.shift).collect();
        Coverage::of_stored(columns, &self.numbers("coverage", None)?, &cells)
            .ok_or_else(|| broken("where the training parameters were dense, for each of them and each pair"))
    }

    fn seen(&self) -> Result<Seen> {
        let classes = self.header.classes.as_ref().map_or(0, MlpShape::outputs);
        let columns = self.header.columns();
        let numbers = self.numbers("seen", Some(2 * columns + classes))?;
        Seen::of_numbers(&numbers, columns)
            .ok_or_else(|| broken("ranges of the simulated data, and 0 or 1 for each class"))
    }

    /// A member, whose tensors' names end in `suffix`.
    fn member(&self, shared: &Shared, report: &StoredReport, suffix: &str) -> Result<Parts> {
        let (header, name) = (self.header, |name: &str| format!("{name}{suffix}"));
        let classes = header.classes.clone();
        let classes = classes.map(|shape| network(self.tensors, &name("classes"), shape)).transpose()?;
        let flow = header.flow.clone().map(|shape| self.flow(&name("flow"), shape)).transpose()?;
        // Losses may be infinite: those of an epoch that went wrong.
        let losses = numbers(self.tensors, &name("losses"), Dtype::F64, None, f64::from_le_bytes)?;
        Ok(Parts {
            names: header.names.clone(),
            outcome: header.outcome(),
            region: shared.region.clone(),
            seen: shared.seen.clone(),
            inputs: shared.inputs.clone(),
            shift: header.shift,
            classes,
            flow,
            wide: self.wide(&name("wide"), &shared.columns)?,
            report: report.with_losses(&losses)?,
            provenance: header.simulations.clone(),
        })
    }

    fn flow(&self, name: &str, shape: MlpShape) -> Result<FrozenFlow> {
        let numbers = self.numbers("scale", Some(6))?;
        let scale = Scale::of_numbers(&numbers[..4]).filter(|_| numbers[4] > 0.0 && numbers[5] >= 0.0);
        let scale = scale.ok_or_else(|| broken("a positive scale of the data"))?;
        Ok(FrozenFlow {
            network: network(self.tensors, name, shape)?,
            spline: SplineShape { bins: self.header.bins, bound: numbers[4], curvature: numbers[5] },
            data: DataScaler::new(self.header.log_data, scale),
        })
    }

    fn wide(&self, name: &str, columns: &[f64]) -> Result<Option<FrozenWide>> {
        let Some(wide) = &self.header.wide else { return Ok(None) };
        let count = wide.shape().weights_len();
        let weights = numbers(self.tensors, name, Dtype::F32, Some(count), f32::from_le_bytes)?;
        wide.freeze(weights, columns).map(Some).map_err(broken)
    }
}
