//! Several real columns: `q(x | theta)` is a masked autoregressive flow over the standardised columns
//! ([`crate::neural::Flow`]).

use super::Nle;
use crate::error::Result;
use crate::neural::autoregressive::{FlowShape, Step};
use crate::neural::flow_objective::FlowObjective;
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::DataScaler;
use crate::neural::spline::SplineShape;
use crate::neural::{Flow, TrainingReport, failed, train};
use crate::seed::Domain;
use crate::simulate::Simulations;
use crate::surrogate::FrozenWide;
use std::sync::Arc;

impl Nle {
    /// Learns the density of all columns given the features of each row.
    pub(super) fn learn_wide(
        &self,
        simulations: &Simulations,
        features: &Arc<Vec<f32>>,
    ) -> Result<(FrozenWide, TrainingReport)> {
        let width = simulations.outcome.width();
        let columns = columns(simulations, width)?;
        let scaled = simulations.data.iter().zip(columns.iter().cycle());
        let scaled = scaled.map(|(x, scale)| scale.apply(*x).0 as f32).collect();
        let log_slope = columns.iter().map(|scale| scale.apply(0.0).1).sum();
        let shape = self.flow_shape(width, features.len() / simulations.len());
        let mut stream = self.seed.stream(Domain::Training, 0);
        let objective = FlowObjective::new(shape.clone(), features.clone(), scaled, log_slope, &mut stream)
            .map_err(failed)?;
        let report = train(&objective, Some(simulations.groups()), &self.training(simulations.len()))?;
        Ok((FrozenWide::new(shape, objective.weights().map_err(failed)?, columns), report))
    }

    fn flow_shape(&self, width: usize, features: usize) -> FlowShape {
        let step = match self.flow {
            Flow::AffineAutoregressive => Step::Affine,
            Flow::SplineAutoregressive => {
                Step::Spline(SplineShape { bins: self.bins, bound: self.bound, curvature: 0.0 })
            }
        };
        let outputs = width * step.raw_len();
        let network = MlpShape::new(width + features, &self.flow_hidden, outputs, self.activation);
        FlowShape { width, transforms: self.transforms, network, step }
    }
}

/// The scale of each column.
fn columns(simulations: &Simulations, width: usize) -> Result<Vec<DataScaler>> {
    let column = |c: usize| simulations.data.iter().skip(c).step_by(width).copied().collect::<Vec<f64>>();
    let scale = |c: usize| {
        DataScaler::fit(&column(c), false).map_err(|error| error.context(format!("column {c} of the data")))
    };
    (0..width).map(scale).collect()
}
