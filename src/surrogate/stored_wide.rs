//! The part of a likelihood's file that belongs to a flow over several real columns.

use super::frozen::FrozenWide;
use crate::neural::Flow;
use crate::neural::autoregressive::{FlowShape, Step};
use crate::neural::mlp::MlpShape;
use crate::neural::scale::Scale;
use crate::neural::scaler::DataScaler;
use crate::neural::spline::SplineShape;
use serde::{Deserialize, Serialize};

/// No size in a file is taken to be larger: products of sizes then do not overflow.
const LARGEST: usize = 1 << 16;

/// The sizes of the flow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredWide {
    flow: Flow,
    transforms: usize,
    width: usize,
    network: MlpShape,
    /// Bins and half-width of the interval of each spline, the latter as bits.
    bins: usize,
    bound_bits: u64,
}

impl StoredWide {
    /// Those of a frozen flow.
    pub(super) fn of(wide: &FrozenWide) -> Self {
        let (flow, bins, bound) = match wide.shape.step {
            Step::Affine => (Flow::AffineAutoregressive, 0, 0.0),
            Step::Spline(spline) => (Flow::SplineAutoregressive, spline.bins, spline.bound),
        };
        let FlowShape { transforms, width, ref network, .. } = wide.shape;
        Self { flow, transforms, width, network: network.clone(), bins, bound_bits: bound.to_bits() }
    }

    /// The number of columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn shape(&self) -> FlowShape {
        let bound = f64::from_bits(self.bound_bits);
        let step = match self.flow {
            Flow::AffineAutoregressive => Step::Affine,
            Flow::SplineAutoregressive => {
                Step::Spline(SplineShape { bins: self.bins, bound, curvature: 0.0 })
            }
        };
        FlowShape { width: self.width, transforms: self.transforms, network: self.network.clone(), step }
    }

    /// Whether the sizes fit together and to a number of features.
    pub(super) fn fits(&self, features: usize) -> bool {
        let (sizes, spline) = (&self.network.sizes, self.flow == Flow::SplineAutoregressive);
        let allowed = |size: &usize| (1..=LARGEST).contains(size);
        let bound = f64::from_bits(self.bound_bits);
        sizes.len() >= 3
            && sizes.iter().chain([&self.width, &self.transforms]).all(allowed)
            && (!spline || (2..=LARGEST).contains(&self.bins) && bound > 0.0 && bound.is_finite())
            && !self.network.basis
            && self.width >= 2
            && self.network.inputs() == self.width + features
            && self.network.outputs() == self.width * self.shape().step.raw_len()
    }

    /// The flow with weights and the columns' scales, or what was expected instead.
    pub(super) fn freeze(&self, weights: Vec<f32>, columns: &[f64]) -> Result<FrozenWide, &'static str> {
        let shape = self.shape();
        if !weights.iter().all(|weight| weight.is_finite()) {
            return Err("finite weights in `wide`");
        }
        if weights.iter().zip(shape.mask()).any(|(weight, mask)| mask == 0.0 && *weight != 0.0) {
            return Err("masked weights of zero in `wide`");
        }
        let data = columns.chunks_exact(4).map(Scale::of_numbers);
        let data = data.map(|scale| Some(DataScaler::new(false, scale?))).collect::<Option<Vec<_>>>();
        data.map(|data| FrozenWide::new(shape, weights, data)).ok_or("positive scales of the columns")
    }
}
