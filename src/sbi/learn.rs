//! From pairs to the trained networks of one member of a likelihood.

use super::Nle;
use super::pairs::{decision_times, with_choice};
use crate::error::Result;
use crate::neural::estimator::{self, Classes, Estimator};
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::DataScaler;
use crate::neural::spline::SplineShape;
use crate::neural::{TrainingReport, failed, train};
use crate::seed::Domain;
use crate::simulate::{Outcome, Simulations};
use crate::surrogate::{FrozenFlow, FrozenMlp, FrozenWide};
use std::sync::Arc;

/// The networks of one member.
#[derive(Default)]
pub(super) struct Networks {
    pub(super) classes: Option<FrozenMlp>,
    pub(super) flow: Option<FrozenFlow>,
    pub(super) wide: Option<FrozenWide>,
}

impl Nle {
    /// Trains the networks of one member.
    pub(super) fn learn(
        &self,
        simulations: &Simulations,
        shift: Option<usize>,
        features: &Arc<Vec<f32>>,
    ) -> Result<(Networks, TrainingReport)> {
        if matches!(simulations.outcome, Outcome::Real { width } if width > 1) {
            let (wide, report) = self.learn_wide(simulations, features)?;
            return Ok((Networks { wide: Some(wide), ..Networks::default() }, report));
        }
        let (estimator, data) = self.estimator(simulations, shift, features.to_vec())?;
        let report = train(&estimator, Some(simulations.groups()), &self.training(simulations.len()))?;
        let [classes, flow] = estimator.weights().map_err(failed)?;
        let freeze = |(shape, weights)| FrozenMlp::new(shape, weights);
        let flow = flow.zip(data).map(|(network, data)| FrozenFlow {
            network: freeze(network),
            spline: self.spline(&data),
            data,
        });
        Ok((Networks { classes: classes.map(freeze), flow, wide: None }, report))
    }

    /// The density to train, with the scale of the flow's data.
    fn estimator(
        &self,
        simulations: &Simulations,
        shift: Option<usize>,
        features: Vec<f32>,
    ) -> Result<(Estimator, Option<DataScaler>)> {
        let mut stream = self.seed.stream(Domain::Training, 0);
        let rows = simulations.len();
        let inputs = features.len() / rows;
        let network = |inputs: usize, outputs| MlpShape::new(inputs, &self.hidden, outputs, self.activation);
        let column = |c: usize| simulations.data.iter().skip(c).step_by(simulations.outcome.width()).copied();
        let mut estimator = Estimator::default();
        let (values, flow_features) = match simulations.outcome {
            Outcome::Count => {
                let counts: Vec<u32> = column(0).map(|x| x as u32).collect();
                let classes = counts.iter().max().map_or(1, |largest| *largest as usize + 1);
                let network = |outputs| network(inputs, outputs);
                let part = Classes::counts(network, classes.max(2), features, counts, &mut stream);
                estimator.classes = Some(part.map_err(failed)?);
                return Ok((estimator, None));
            }
            Outcome::TimeAndChoice => {
                let choices: Vec<u32> = column(1).map(|x| x as u32).collect();
                let with_choice = with_choice(&features, inputs, &choices);
                let part = Classes::free(network(inputs, 2), features, choices, &mut stream);
                estimator.classes = Some(part.map_err(failed)?);
                (decision_times(simulations, shift), with_choice)
            }
            Outcome::Real { .. } => (column(0).collect(), features),
        };
        let data = DataScaler::fit(&values, simulations.outcome == Outcome::TimeAndChoice)?;
        let spline = self.spline(&data);
        let shape = network(flow_features.len() / rows, spline.raw_len());
        let scaled = values.iter().map(|y| data.apply(*y));
        let flow = estimator::Flow::new(shape, spline, flow_features, scaled, &mut stream).map_err(failed)?;
        estimator.flow = Some(flow);
        Ok((estimator, Some(data)))
    }

    /// The spline for data on a scale; for times, with the curvature that gives first-passage tails.
    fn spline(&self, data: &DataScaler) -> SplineShape {
        let curvature = if data.log { 0.5 * data.scale.spread } else { 0.0 };
        SplineShape { bins: self.bins, bound: self.bound, curvature }
    }
}
