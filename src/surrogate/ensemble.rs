//! Several learned likelihoods of the same data as one: the mixture of their densities.
//!
//! `log q(x) = log (1/M sum_m q_m(x | theta))` per datum. The mean is that of densities, not of log densities, because a mixture of
//! densities is a density, whereas `exp` of a mean of logarithms integrates to less than one, by an amount that depends on theta, which would
//! bias a posterior. With the shares `w_m = q_m / sum_l q_l` of a datum: `d log q = sum_m w_m d log q_m`.
//!
//! Each member runs its networks once per distinct row, as it does alone.

use super::bound::{Bound, Evaluator};
use super::checked::Checked;
use crate::graph::{RowEvaluator, WeightedEvaluator};
use std::sync::Arc;

/// The evaluator of members bound to the same data: of their mixture, or of the only one.
pub(super) fn evaluator(members: &[Arc<Bound>]) -> Box<dyn RowEvaluator> {
    match members {
        [only] => checked(only, Evaluator::new(only.clone(), false)),
        _ => checked(&members[0], EnsembleEvaluator::new(members)),
    }
}

/// The same for data that are weighed.
pub(super) fn weighted_evaluator(members: &[Arc<Bound>]) -> Box<dyn WeightedEvaluator> {
    match members {
        [only] => checked(only, Evaluator::new(only.clone(), true)),
        _ => checked(&members[0], EnsembleEvaluator::new(members)),
    }
}

fn checked<E>(bound: &Bound, evaluator: E) -> Box<Checked<E>> {
    Checked::boxed(evaluator, bound.parameters() * bound.rows, bound.row_of_datum.len())
}

/// The workspace of one chain.
struct EnsembleEvaluator {
    members: Vec<Evaluator>,
    bound: Arc<Bound>,
    /// The log density of each datum by each member, `members x data`; on the way back, the shares.
    log_probs: Vec<f64>,
    mixture: Vec<f64>,
}

/// `log (1/M sum_m exp(l_m))`.
pub(crate) fn log_mean_exp(values: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = values.len() as f64;
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return if values.clone().any(f64::is_nan) { f64::NAN } else { largest };
    }
    largest + (values.map(|value| (value - largest).exp()).sum::<f64>() / count).ln()
}

impl EnsembleEvaluator {
    fn new(members: &[Arc<Bound>]) -> Self {
        let data = members[0].row_of_datum.len();
        Self {
            members: members.iter().map(|member| Evaluator::new(member.clone(), true)).collect(),
            bound: members[0].clone(),
            log_probs: vec![0.0; data * members.len()],
            mixture: vec![0.0; data],
        }
    }

    /// Computes the log density of each datum by each member and by the mixture.
    fn read(&mut self, parameters: &[f64]) {
        let data = self.mixture.len();
        if data == 0 {
            return;
        }
        for (member, out) in self.members.iter_mut().zip(self.log_probs.chunks_exact_mut(data)) {
            member.pointwise(parameters, out);
        }
        for (datum, out) in self.mixture.iter_mut().enumerate() {
            let members = 0..self.members.len();
            *out = log_mean_exp(members.map(|member| self.log_probs[member * data + datum]));
        }
    }

    /// After a reading at the same parameters: adds the gradient of the sum in which each datum counts so many times, but for what
    /// parameters outside the training region lose. What the members were read as is lost.
    fn add_gradient(&mut self, parameters: &[f64], weight: impl Fn(usize) -> f64, gradient: &mut [f64]) {
        let (data, count) = (self.mixture.len(), (self.members.len() as f64).ln());
        for (member, shares) in self.members.iter_mut().zip(self.log_probs.chunks_exact_mut(data)) {
            for (datum, (share, mixture)) in shares.iter_mut().zip(&self.mixture).enumerate() {
                let weight = weight(datum);
                *share = if weight == 0.0 { 0.0 } else { weight * (*share - mixture - count).exp() };
            }
            member.add_weighted_gradient(parameters, shares, gradient);
        }
    }
}

impl RowEvaluator for EnsembleEvaluator {
    fn log_prob(&mut self, parameters: &[f64]) -> f64 {
        self.read(parameters);
        self.mixture.iter().sum()
    }

    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        let sum = self.log_prob(parameters);
        gradient.fill(0.0);
        if sum == f64::NEG_INFINITY || self.mixture.is_empty() {
            return sum;
        }
        self.add_gradient(parameters, |_| 1.0, gradient);
        self.bound.lead_back(parameters, gradient);
        sum
    }

    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]) {
        self.read(parameters);
        out.copy_from_slice(&self.mixture);
    }
}

impl WeightedEvaluator for EnsembleEvaluator {
    fn weighted_gradient(&mut self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        if !weights.is_empty() {
            self.add_gradient(parameters, |datum| weights[datum], gradient);
        }
        self.bound.lead_back_weighted(parameters, weights, gradient);
    }
}
