//! Reading a file of weights: everything is checked before anything is used.

use super::frozen::{FrozenFlow, FrozenWide, Parts};
use super::likelihood::NeuralLikelihood;
use super::region::Region;
use super::seen::Seen;
use super::stored_numbers::{broken, finite, network, numbers};
use super::weights::ENTRY;
use super::weights_header::{FORMAT, Header, StoredReport};
use crate::error::Result;
use crate::file;
use crate::neural::mlp::MlpShape;
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
    if format != Some(u64::from(FORMAT)) {
        return Err(broken(&format!("format {FORMAT} (this file says {format:?})")));
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
    /// Mean and standard deviation of each of several columns.
    columns: Vec<f64>,
}

impl Opened<'_> {
    /// Finite f64 numbers.
    fn numbers(&self, name: &str, count: Option<usize>) -> Result<Vec<f64>> {
        finite(numbers(self.tensors, name, Dtype::F64, count, f64::from_le_bytes)?)
    }

    fn shared(&self) -> Result<Shared> {
        let header = self.header;
        let moments = self.numbers("inputs", Some(2 * header.features.len()))?;
        let feature = |((parameter, log), moments): (&(usize, bool), &[f64])| Feature {
            parameter: *parameter,
            log: *log,
            mean: moments[0],
            sd: moments[1],
        };
        let features = header.features.iter().zip(moments.chunks_exact(2)).map(feature);
        let inputs = InputScaler { features: features.collect() };
        let sides = self.numbers("region", Some(2 * header.names.len()))?;
        header.check_numbers(&inputs, &sides)?;
        let (low, high) = sides.chunks_exact(2).map(|side| (side[0], side[1])).unzip();
        let columns = match &header.wide {
            Some(wide) => self.numbers("columns", Some(2 * wide.width()))?,
            None => vec![],
        };
        Ok(Shared { inputs, region: Region { low, high, free: header.shift }, seen: self.seen()?, columns })
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
        let scale = self.numbers("scale", Some(4))?;
        if !(scale[1] > 0.0 && scale[2] > 0.0 && scale[3] >= 0.0) {
            return Err(broken("a positive scale of the data"));
        }
        Ok(FrozenFlow {
            network: network(self.tensors, name, shape)?,
            spline: SplineShape { bins: self.header.bins, bound: scale[2], curvature: scale[3] },
            data: DataScaler { log: self.header.log_data, mean: scale[0], sd: scale[1] },
        })
    }

    fn wide(&self, name: &str, columns: &[f64]) -> Result<Option<FrozenWide>> {
        let Some(wide) = &self.header.wide else { return Ok(None) };
        let count = wide.shape().weights_len();
        let weights = numbers(self.tensors, name, Dtype::F32, Some(count), f32::from_le_bytes)?;
        wide.freeze(weights, columns).map(Some).map_err(broken)
    }
}
