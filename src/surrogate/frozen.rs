//! Networks whose weights no longer change, and the density they make together.

use crate::neural::TrainingReport;
use crate::neural::autoregressive::FlowShape;
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::{DataScaler, InputScaler};
use crate::neural::spline::SplineShape;
use crate::simulate::{Outcome, Provenance};
use crate::surrogate::{Region, Seen};

/// A network with its weights, and their transposes for the way back.
#[derive(Clone, Debug)]
pub(crate) struct FrozenMlp {
    pub(crate) shape: MlpShape,
    pub(crate) weights: Vec<f32>,
    pub(crate) transposed: Vec<f32>,
}

impl FrozenMlp {
    pub(crate) fn new(shape: MlpShape, weights: Vec<f32>) -> Self {
        let transposed = shape.transposed(&weights);
        Self { shape, weights, transposed }
    }
}

/// The conditional density of one real number.
#[derive(Clone, Debug)]
pub(crate) struct FrozenFlow {
    pub(crate) network: FrozenMlp,
    pub(crate) spline: SplineShape,
    pub(crate) data: DataScaler,
}

/// The conditional density of several real numbers.
#[derive(Clone, Debug)]
pub(crate) struct FrozenWide {
    pub(crate) shape: FlowShape,
    pub(crate) weights: Vec<f32>,
    /// Per transform.
    pub(crate) transposed: Vec<Vec<f32>>,
    /// The scale of each column.
    pub(crate) data: Vec<DataScaler>,
}

impl FrozenWide {
    pub(crate) fn new(shape: FlowShape, weights: Vec<f32>, data: Vec<DataScaler>) -> Self {
        let transposed = shape.transposed(&weights);
        Self { shape, weights, transposed, data }
    }
}

/// Everything a learned likelihood is made of: one member of an ensemble.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// The parameters' names, in the order of the columns of the training table.
    pub(crate) names: Vec<String>,
    pub(crate) outcome: Outcome,
    pub(crate) inputs: InputScaler,
    pub(crate) region: Region,
    /// The data of the simulations.
    pub(crate) seen: Seen,
    /// The parameter that only shifts the time.
    pub(crate) shift: Option<usize>,
    /// The density of a count or a choice.
    pub(crate) classes: Option<FrozenMlp>,
    /// The density of a real number or a time.
    pub(crate) flow: Option<FrozenFlow>,
    /// The density of several real numbers.
    pub(crate) wide: Option<FrozenWide>,
    pub(crate) report: TrainingReport,
    /// The simulations it learned from, in numbers.
    pub(crate) provenance: Provenance,
}

impl Parts {
    /// The least and the greatest value of each parameter in training.
    pub(crate) fn trained_ranges(&self) -> Vec<(String, f64, f64)> {
        let ranges = self.region.low.iter().zip(&self.region.high);
        self.names.iter().zip(ranges).map(|(name, (low, high))| (name.clone(), *low, *high)).collect()
    }
}
