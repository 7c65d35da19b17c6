//! One member of a learned likelihood bound to data, and its evaluation.
//!
//! *Outside the range of the training parameters* a network makes something up, which can beat the truth: a sampler that starts
//! outside may never come back. So parameters outside are read as the nearest ones inside, and each datum loses `2 d^2` nats
//! per parameter that lies d widths of the region outside. The density is continuous, flat but for that loss, and leads back;
//! draws that lie outside all the same are counted ([`crate::graph::RowDensity::rows_outside`]). Inside the ranges, where no simulation was
//! ([`super::coverage`]), the network is read as it is, and such draws are counted too.

use super::classes::{ClassData, ClassWorkspace};
use super::expected_error;
use super::frozen::Parts;
use super::predictive::Observed;
use super::times::{TimeData, TimeWorkspace};
use super::wide::{WideData, WideWorkspace};
use crate::graph::{RowEvaluator, WeightedEvaluator};
use crate::simulate::Outcome;
use std::sync::Arc;

/// The data, in the form each part of the density wants them.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) parts: Arc<Parts>,
    pub(crate) rows: usize,
    pub(crate) row_of_datum: Vec<u32>,
    /// The number of data of each row.
    pub(crate) data_of_row: Vec<f64>,
    /// The data as they came, row by row.
    pub(crate) data: Arc<[f64]>,
    /// What is doubtful about the data.
    pub(crate) doubts: Vec<String>,
    /// What the numbers of its simulations let one expect.
    pub(crate) unchecked: Vec<String>,
    pub(crate) classes: Option<ClassData>,
    pub(crate) times: Option<TimeData>,
    pub(crate) wide: Option<WideData>,
}

/// The nats a datum loses per squared width outside the training region.
const LOSS_OUTSIDE: f64 = 2.0;

impl Bound {
    /// Binds checked data: row by row, datum i belonging to row `row_of_datum[i]` of `rows`.
    pub(super) fn new(parts: &Arc<Parts>, data: &[f64], row_of_datum: &[u32], rows: usize) -> Self {
        let width = parts.outcome.width();
        let column = |c: usize| data.iter().skip(c).step_by(width).copied();
        let whole = |c: usize| column(c).map(|x| x as u32).collect::<Vec<u32>>();
        let values: Vec<f64> = column(0).collect();
        let class_data = |classes| {
            let network = parts.classes.as_ref()?;
            Some(ClassData::new(classes, row_of_datum, rows, network.shape.outputs()))
        };
        let times = |choices| {
            let flow = parts.flow.as_ref()?;
            Some(TimeData::new(&flow.data, &values, choices, row_of_datum))
        };
        let (classes, times) = match parts.outcome {
            Outcome::Count => (class_data(whole(0)), None),
            Outcome::TimeAndChoice => {
                let choices = whole(1);
                let times = times(Some(&choices[..]));
                (class_data(choices), times)
            }
            Outcome::Real { width: 1 } => (None, times(None)),
            Outcome::Real { .. } => (None, None),
        };
        let mut data_of_row = vec![0.0; rows];
        row_of_datum.iter().for_each(|row| data_of_row[*row as usize] += 1.0);
        let wide = parts.wide.as_ref().map(|flow| WideData::new(data, row_of_datum, flow));
        let mut doubts = parts.seen.doubts(data, parts.outcome, parts.shift.is_some());
        // What training said of few simulations in general is said below of these data.
        let few = expected_error::few(&parts.provenance);
        doubts.extend(parts.report.messages.iter().filter(|message| Some(*message) != few.as_ref()).cloned());
        let unchecked = expected_error::doubts(&parts.provenance, row_of_datum.len(), rows);
        let row_of_datum = row_of_datum.to_vec();
        let data = data.into();
        Self {
            parts: parts.clone(),
            rows,
            row_of_datum,
            data_of_row,
            data,
            doubts,
            unchecked,
            classes,
            times,
            wide,
        }
    }

    /// The number of parameters of a row.
    pub(crate) fn parameters(&self) -> usize {
        self.parts.names.len()
    }

    /// Whether these are as many as its parameters times its rows.
    pub(crate) fn takes(&self, parameters: &[f64]) -> bool {
        parameters.len() == self.parameters() * self.rows
    }

    /// How many rows lie outside the training region; all of them, where there is another number of parameters.
    pub(crate) fn rows_outside(&self, parameters: &[f64]) -> usize {
        let rows = self.rows;
        if !self.takes(parameters) {
            return rows;
        }
        let inside = |row: usize| self.parts.region.holds(|p| parameters[p * rows + row]);
        (0..rows).filter(|row| !inside(*row)).count()
    }

    /// The data for a check, with the members of the density.
    pub(crate) fn observed<'a>(&'a self, members: &'a [&'a Parts]) -> Observed<'a> {
        Observed { members, data: &self.data, row_of_datum: &self.row_of_datum, rows: self.rows }
    }

    /// Parameter p of a row, moved into the training region.
    #[inline]
    fn inside(&self, parameters: &[f64], p: usize, row: usize) -> f64 {
        self.parts.region.project(p, parameters[p * self.rows + row]).0
    }

    /// What one datum of a row loses for parameters outside the training region.
    fn loss(&self, parameters: &[f64], row: usize) -> f64 {
        let distance = |p: usize| self.parts.region.project(p, parameters[p * self.rows + row]).1;
        (0..self.parts.names.len()).map(|p| LOSS_OUTSIDE * distance(p).powi(2)).sum()
    }

    /// What all data lose.
    fn total_loss(&self, parameters: &[f64]) -> f64 {
        (0..self.rows).map(|row| self.data_of_row[row] * self.loss(parameters, row)).sum()
    }

    /// Carries the gradient by the features of each row to the parameters.
    fn add_by_parameters(&self, parameters: &[f64], by_features: &[f32], gradient: &mut [f64]) {
        let inputs = &self.parts.inputs;
        for (row, by_features) in by_features.chunks_exact(inputs.len()).enumerate() {
            let parameter = |p: usize| self.inside(parameters, p, row);
            inputs.chain(parameter, by_features, |p, slope| gradient[p * self.rows + row] += slope);
        }
    }

    /// Turns the gradient at the nearest parameters inside into that at the parameters given.
    pub(crate) fn lead_back(&self, parameters: &[f64], gradient: &mut [f64]) {
        self.lead_back_by(parameters, gradient, |row| self.data_of_row[row]);
    }

    /// The same with each datum counted `weights` times.
    pub(crate) fn lead_back_weighted(&self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]) {
        self.lead_back_by(parameters, gradient, |row| {
            let data = self.row_of_datum.iter().zip(weights);
            data.filter(|(of, _)| **of as usize == row).map(|(_, weight)| weight).sum()
        });
    }

    /// `weight_of_row` is what the data of a row count together; it is asked for rows outside alone.
    fn lead_back_by(&self, parameters: &[f64], gradient: &mut [f64], weight_of_row: impl Fn(usize) -> f64) {
        for p in 0..self.parts.names.len() {
            for row in 0..self.rows {
                let distance = self.parts.region.project(p, parameters[p * self.rows + row]).1;
                if distance != 0.0 {
                    let width = self.parts.region.width(p);
                    gradient[p * self.rows + row] =
                        -2.0 * LOSS_OUTSIDE * distance / width * weight_of_row(row);
                }
            }
        }
    }
}

/// The workspace of one chain: everything is allocated here.
pub(crate) struct Evaluator {
    bound: Arc<Bound>,
    features: Vec<f32>,
    by_features: Vec<f32>,
    classes: Option<ClassWorkspace>,
    times: Option<TimeWorkspace>,
    wide: Option<WideWorkspace>,
}

impl Evaluator {
    /// A workspace; `keep` says whether pointwise values are followed by weighted gradients.
    pub(crate) fn new(bound: Arc<Bound>, keep: bool) -> Self {
        let (parts, width) = (&bound.parts, bound.parts.inputs.len());
        let classes =
            bound.classes.as_ref().zip(parts.classes.as_ref()).map(|(data, net)| data.workspace(net));
        let times = bound.times.as_ref().zip(parts.flow.as_ref()).map(|(data, flow)| data.workspace(flow));
        let wide =
            bound.wide.as_ref().zip(parts.wide.as_ref()).map(|(data, flow)| data.workspace(flow, keep));
        let room = vec![0.0; bound.rows * width];
        Self { features: room.clone(), by_features: room, classes, times, wide, bound }
    }

    /// Computes the features of every row.
    fn read(&mut self, parameters: &[f64]) {
        let inputs = &self.bound.parts.inputs;
        for (row, out) in self.features.chunks_exact_mut(inputs.len()).enumerate() {
            inputs.apply(|p| self.bound.inside(parameters, p, row), out);
        }
    }

    /// After [`RowEvaluator::pointwise`] at the same parameters: adds the gradient of the sum in which each datum counts
    /// `weights` times, but for what parameters outside the training region lose.
    pub(crate) fn add_weighted_gradient(
        &mut self,
        parameters: &[f64],
        weights: &[f64],
        gradient: &mut [f64],
    ) {
        let Self { bound, features, by_features, classes, times, wide } = self;
        let (parts, rows) = (&bound.parts, bound.rows);
        by_features.fill(0.0);
        if let (Some(data), Some(work)) = (&bound.times, times) {
            let shift = shift_of(bound, parameters);
            data.backward_weighted(parts, shift, weights, work, by_features, |row, by_shift| {
                if let Some(p) = parts.shift {
                    gradient[p * rows + row] += by_shift;
                }
            });
        }
        if let (Some(data), Some(work)) = (&bound.classes, classes) {
            data.backward_weighted(parts, features, weights, work, by_features);
        }
        if let (Some(data), Some(work), Some(flow)) = (&bound.wide, wide, &parts.wide) {
            data.log_prob_and_gradient(flow, features, Some(weights), work, by_features);
        }
        bound.add_by_parameters(parameters, by_features, gradient);
    }
}

/// The shift of each row.
fn shift_of<'a>(bound: &'a Bound, parameters: &'a [f64]) -> impl Fn(usize) -> f64 + 'a {
    move |row| bound.parts.shift.map_or(0.0, |p| parameters[p * bound.rows + row])
}

impl RowEvaluator for Evaluator {
    fn log_prob(&mut self, parameters: &[f64]) -> f64 {
        self.read(parameters);
        let Self { bound, features, classes, times, wide, .. } = self;
        let mut sum = -bound.total_loss(parameters);
        if let (Some(data), Some(work)) = (&bound.classes, classes) {
            sum += data.forward(&bound.parts, features, work);
        }
        if let (Some(data), Some(work)) = (&bound.times, times) {
            sum += data.log_prob(&bound.parts, features, shift_of(bound, parameters), work);
        }
        if let (Some(data), Some(work), Some(flow)) = (&bound.wide, wide, &bound.parts.wide) {
            data.visit(flow, features, work, |_, log_prob| sum += log_prob);
        }
        sum
    }

    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        self.read(parameters);
        let Self { bound, features, by_features, classes, times, wide } = self;
        let (parts, rows) = (&bound.parts, bound.rows);
        gradient.fill(0.0);
        by_features.fill(0.0);
        let mut sum = -bound.total_loss(parameters);
        if let (Some(data), Some(work)) = (&bound.times, times) {
            sum += data.forward(parts, features, shift_of(bound, parameters), work);
            if sum == f64::NEG_INFINITY {
                return sum;
            }
            data.backward(parts, work, by_features, |row, by_shift| {
                if let Some(p) = parts.shift {
                    gradient[p * rows + row] += by_shift;
                }
            });
        }
        if let (Some(data), Some(work)) = (&bound.classes, classes) {
            sum += data.forward(parts, features, work);
            data.backward(parts, features, work, by_features);
        }
        if let (Some(data), Some(work), Some(flow)) = (&bound.wide, wide, &parts.wide) {
            sum += data.log_prob_and_gradient(flow, features, None, work, by_features);
        }
        bound.add_by_parameters(parameters, by_features, gradient);
        bound.lead_back(parameters, gradient);
        sum
    }

    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]) {
        self.read(parameters);
        let Self { bound, features, classes, times, wide, .. } = self;
        out.fill(0.0);
        for (out, row) in out.iter_mut().zip(&bound.row_of_datum) {
            *out -= bound.loss(parameters, *row as usize);
        }
        if let (Some(data), Some(work)) = (&bound.classes, classes) {
            data.forward(&bound.parts, features, work);
            data.pointwise(work, out);
        }
        if let (Some(data), Some(work)) = (&bound.times, times) {
            data.pointwise(&bound.parts, features, shift_of(bound, parameters), work, out);
        }
        if let (Some(data), Some(work), Some(flow)) = (&bound.wide, wide, &bound.parts.wide) {
            data.visit(flow, features, work, |datum, log_prob| out[datum] += log_prob);
        }
    }
}

impl WeightedEvaluator for Evaluator {
    fn weighted_gradient(&mut self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        self.add_weighted_gradient(parameters, weights, gradient);
        self.bound.lead_back_weighted(parameters, weights, gradient);
    }
}
