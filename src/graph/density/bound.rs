//! Densities given by more than a formula, bound to their data: as a term of the log density, and as a node with a value per datum.

use super::learned::{Learned, RowDensity, RowEvaluator, WeightedEvaluator};
use super::term::{Plan, Sink, Slot};
use crate::error::Result;
use std::sync::Arc;

/// A distribution given by a network, bound to its data.
pub(crate) struct Bound {
    pub(crate) density: Arc<dyn RowDensity>,
    pub(crate) plan: Plan,
    /// Every datum bound alone; empty unless data must be weighed and the density does not do so itself.
    alone: Vec<Arc<dyn RowDensity>>,
}

/// The scratch space of one chain for one [`Bound`]: of a term, or of a node, whose data are weighed.
pub(crate) struct BoundScratch<E: ?Sized> {
    parameters: Vec<f64>,
    gradient: Vec<f64>,
    evaluator: Box<E>,
}

impl Bound {
    /// Data bound as a term: all count once.
    pub(crate) fn once(density: &dyn Learned, data: &[f64], plan: Plan) -> Result<Bound> {
        let density = density.bind(data, &plan.row_of_element(), plan.rows)?;
        Ok(Bound { density, plan, alone: vec![] })
    }

    /// Data bound as a node: each has a weight of its own.
    pub(crate) fn weighted(learned: &dyn Learned, data: &[f64], plan: Plan) -> Result<Bound> {
        let mut bound = Bound::once(learned, data, plan)?;
        if bound.density.weighted_evaluator().is_none() {
            let rows = data.chunks_exact(learned.width());
            bound.alone = rows.map(|row| learned.bind(row, &[0], 1)).collect::<Result<_>>()?;
        }
        Ok(bound)
    }

    pub(crate) fn scratch(&self) -> BoundScratch<dyn RowEvaluator> {
        self.scratch_with(self.density.evaluator())
    }

    pub(crate) fn weighted_scratch(&self) -> BoundScratch<dyn WeightedEvaluator> {
        let alone = || -> Box<dyn WeightedEvaluator> {
            Box::new(EachAlone {
                evaluators: self.alone.iter().map(|density| density.evaluator()).collect(),
                row_of_datum: self.plan.row_of_element(),
                rows: self.plan.rows,
                row: vec![0.0; self.density.parameters()],
                slopes: vec![0.0; self.density.parameters()],
            })
        };
        self.scratch_with(self.density.weighted_evaluator().unwrap_or_else(alone))
    }

    fn scratch_with<E: ?Sized>(&self, evaluator: Box<E>) -> BoundScratch<E> {
        let size = self.plan.rows * self.density.parameters();
        BoundScratch { parameters: vec![0.0; size], gradient: vec![0.0; size], evaluator }
    }

    /// The distinct rows of parameters, column by column.
    pub(crate) fn parameters(&self, values: &[f64], slots: &[Slot]) -> Vec<f64> {
        let mut parameters = vec![0.0; self.plan.rows * self.density.parameters()];
        self.gather(values, slots, &mut parameters);
        parameters
    }

    /// Gathers the distinct rows of parameters, column by column.
    fn gather(&self, values: &[f64], slots: &[Slot], parameters: &mut [f64]) {
        for (slot, column) in slots.iter().zip(parameters.chunks_exact_mut(self.plan.rows)) {
            for (r, out) in column.iter_mut().enumerate() {
                *out = values[slot.offset + slot.map.at(r)];
            }
        }
    }

    /// Whether any row lies outside the region in which the density may be trusted.
    pub(crate) fn is_outside(&self, values: &[f64], slots: &[Slot]) -> bool {
        self.density.rows_outside(&self.parameters(values, slots)) > 0
    }
}

impl BoundScratch<dyn RowEvaluator> {
    pub(crate) fn log_prob(&mut self, bound: &Bound, values: &[f64], slots: &[Slot]) -> f64 {
        bound.gather(values, slots, &mut self.parameters);
        self.evaluator.log_prob(&self.parameters)
    }

    pub(crate) fn accumulate(
        &mut self,
        bound: &Bound,
        values: &[f64],
        slots: &[Slot],
        sink: &mut Sink<'_>,
    ) -> f64 {
        bound.gather(values, slots, &mut self.parameters);
        let total = self.evaluator.log_prob_and_gradient(&self.parameters, &mut self.gradient);
        send(&self.gradient, bound.plan.rows, slots, sink);
        total
    }

    pub(crate) fn pointwise(&mut self, bound: &Bound, values: &[f64], slots: &[Slot], out: &mut [f64]) {
        bound.gather(values, slots, &mut self.parameters);
        self.evaluator.pointwise(&self.parameters, out);
    }
}

impl BoundScratch<dyn WeightedEvaluator> {
    /// The log density of each datum.
    pub(crate) fn forward(&mut self, bound: &Bound, values: &[f64], slots: &[Slot], out: &mut [f64]) {
        bound.gather(values, slots, &mut self.parameters);
        self.evaluator.pointwise(&self.parameters, out);
    }

    /// After [`BoundScratch::forward`] at the same values: the partial derivatives of the weighted sum.
    pub(crate) fn backward(&mut self, bound: &Bound, slots: &[Slot], weights: &[f64], sink: &mut Sink<'_>) {
        self.evaluator.weighted_gradient(&self.parameters, weights, &mut self.gradient);
        send(&self.gradient, bound.plan.rows, slots, sink);
    }
}

/// Sends the gradient by the rows of parameters to where they come from.
fn send(gradient: &[f64], rows: usize, slots: &[Slot], sink: &mut Sink<'_>) {
    for (slot, column) in slots.iter().zip(gradient.chunks_exact(rows)) {
        for (r, derivative) in column.iter().enumerate() {
            sink.add(slot, r, *derivative);
        }
    }
}

/// Weighs data that are bound one by one: what a density of sums alone can be asked.
struct EachAlone {
    evaluators: Vec<Box<dyn RowEvaluator>>,
    row_of_datum: Vec<u32>,
    rows: usize,
    /// The parameters of one row, and the gradient by them.
    row: Vec<f64>,
    slopes: Vec<f64>,
}

impl EachAlone {
    fn read(&mut self, parameters: &[f64], row: usize) {
        let rows = self.rows;
        self.row.iter_mut().enumerate().for_each(|(p, out)| *out = parameters[p * rows + row]);
    }
}

impl EachAlone {
    /// Writes the gradient of the sum in which each datum counts so many times; returns the sum of all log densities.
    fn gradient(&mut self, parameters: &[f64], weight: impl Fn(usize) -> f64, gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let mut total = 0.0;
        for datum in (0..self.evaluators.len()).filter(|datum| weight(*datum) != 0.0) {
            let row = self.row_of_datum[datum] as usize;
            self.read(parameters, row);
            total += self.evaluators[datum].log_prob_and_gradient(&self.row, &mut self.slopes);
            for (p, slope) in self.slopes.iter().enumerate() {
                gradient[p * self.rows + row] += weight(datum) * slope;
            }
        }
        total
    }
}

impl RowEvaluator for EachAlone {
    fn log_prob(&mut self, parameters: &[f64]) -> f64 {
        let data = self.evaluators.len();
        let each = |datum: usize| {
            self.read(parameters, self.row_of_datum[datum] as usize);
            self.evaluators[datum].log_prob(&self.row)
        };
        (0..data).map(each).sum()
    }

    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        self.gradient(parameters, |_| 1.0, gradient)
    }

    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]) {
        for (datum, out) in out.iter_mut().enumerate() {
            self.read(parameters, self.row_of_datum[datum] as usize);
            *out = self.evaluators[datum].log_prob(&self.row);
        }
    }
}

impl WeightedEvaluator for EachAlone {
    fn weighted_gradient(&mut self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]) {
        self.gradient(parameters, |datum| weights[datum], gradient);
    }
}
