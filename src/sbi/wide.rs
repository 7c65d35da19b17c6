//! Several real columns: `q(x | theta)` is a masked autoregressive flow over the columns, each on its scale
//! ([`crate::neural::Flow`]).

use super::Nle;
use crate::error::Result;
use crate::neural::autoregressive::{FlowShape, Step};
use crate::neural::flow_objective::FlowObjective;
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::{DataScaler, scale_row};
use crate::neural::spline::SplineShape;
use crate::neural::{Flow, TrainingReport, failed, train};
use crate::seed::Domain;
use crate::simulate::{Outcome, Simulations};
use crate::surrogate::FrozenWide;
use std::sync::Arc;

/// A flow that may be chosen: its kind, its transforms, and the hidden units of each.
type Candidate = (Flow, usize, &'static [usize]);

/// Of which the one with the lower held-out loss is kept (`benches/DEFAULTS.md`). Where there are few simulations for as many columns, splines
/// overfit and the small affine flow is better by whole nats; where the data are curved or have several modes, it is worse by as much. No rule
/// by numbers alone tells the two apart, and the first costs a seventh of the second.
const CANDIDATES: [Candidate; 2] =
    [(Flow::AffineAutoregressive, 2, &[32, 32]), (Flow::SplineAutoregressive, 5, &[48, 48, 48])];

/// A flow with the report of its training.
pub(super) type Trained = (FrozenWide, TrainingReport);

impl Nle {
    /// The options with the flow over several columns chosen, and that flow, trained, if it was.
    pub(super) fn choose_flow(
        &self,
        simulations: &Simulations,
        features: &Arc<Vec<f32>>,
    ) -> Result<(Self, Option<Trained>)> {
        let given = self.flow.is_some() || self.transforms.is_some() || self.flow_hidden.is_some();
        if given || simulations.outcome.width() < 2 || simulations.outcome == Outcome::TimeAndChoice {
            return Ok((self.clone(), None));
        }
        let mut best: Option<(Self, Trained)> = None;
        let mut seconds = 0.0;
        for (flow, transforms, hidden) in CANDIDATES {
            let options = self.clone().flow(flow).transforms(transforms).flow_hidden(hidden);
            let trained = options.learn_wide(simulations, features)?;
            seconds += trained.1.seconds;
            if best.as_ref().is_none_or(|(_, best)| trained.1.best_loss() < best.1.best_loss()) {
                best = Some((options, trained));
            }
        }
        let (options, (wide, report)) = best.expect("there are candidates");
        Ok((options, Some((wide, TrainingReport { seconds, ..report }))))
    }

    /// Learns the density of all columns given the features of each row.
    pub(super) fn learn_wide(
        &self,
        simulations: &Simulations,
        features: &Arc<Vec<f32>>,
    ) -> Result<(FrozenWide, TrainingReport)> {
        let width = simulations.outcome.width();
        let columns = columns(simulations, width)?;
        let mut scaled = Vec::with_capacity(simulations.data.len());
        let rows = simulations.data.chunks_exact(width);
        let log_slopes = rows.map(|row| scale_row(row, &columns, &mut scaled)).collect();
        let shape = self.flow_shape(width, features.len() / simulations.len());
        let mut stream = self.seed.stream(Domain::Training, 0);
        let objective = FlowObjective::new(shape.clone(), features.clone(), scaled, log_slopes, &mut stream)
            .map_err(failed)?;
        let report = train(&objective, Some(simulations.groups()), &self.training(simulations.len()))?;
        Ok((FrozenWide::new(shape, objective.weights().map_err(failed)?, columns), report))
    }

    fn flow_shape(&self, width: usize, features: usize) -> FlowShape {
        let step = match self.flow.unwrap_or_default() {
            Flow::AffineAutoregressive => Step::Affine,
            Flow::SplineAutoregressive => {
                Step::Spline(SplineShape { bins: self.bins, bound: self.bound, curvature: 0.0 })
            }
        };
        let outputs = width * step.raw_len();
        let hidden = self.flow_hidden.as_deref().unwrap_or(CANDIDATES[1].2);
        let network = MlpShape::new(width + features, hidden, outputs, self.activation);
        FlowShape { width, transforms: self.transforms.unwrap_or(CANDIDATES[1].1), network, step }
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
