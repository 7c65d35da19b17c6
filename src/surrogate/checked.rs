//! An evaluator that anybody may be given: slices of the wrong length make NaN, not a panic in the middle of a run.

use crate::graph::{RowEvaluator, WeightedEvaluator};

/// An evaluator with the lengths that it takes.
pub(super) struct Checked<E> {
    evaluator: E,
    /// Parameters times rows.
    parameters: usize,
    data: usize,
}

impl<E> Checked<E> {
    /// An evaluator for so many parameters and data.
    pub(super) fn boxed(evaluator: E, parameters: usize, data: usize) -> Box<Self> {
        Box::new(Self { evaluator, parameters, data })
    }
}

impl<E: RowEvaluator> RowEvaluator for Checked<E> {
    fn log_prob(&mut self, parameters: &[f64]) -> f64 {
        match parameters.len() == self.parameters {
            true => self.evaluator.log_prob(parameters),
            false => f64::NAN,
        }
    }

    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        if parameters.len() != self.parameters || gradient.len() != self.parameters {
            gradient.fill(f64::NAN);
            return f64::NAN;
        }
        self.evaluator.log_prob_and_gradient(parameters, gradient)
    }

    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]) {
        match parameters.len() == self.parameters && out.len() == self.data {
            true => self.evaluator.pointwise(parameters, out),
            false => out.fill(f64::NAN),
        }
    }
}

impl<E: WeightedEvaluator> WeightedEvaluator for Checked<E> {
    fn weighted_gradient(&mut self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]) {
        let right = parameters.len() == self.parameters && weights.len() == self.data;
        match right && gradient.len() == self.parameters {
            true => self.evaluator.weighted_gradient(parameters, weights, gradient),
            false => gradient.fill(f64::NAN),
        }
    }
}
