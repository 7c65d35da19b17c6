//! Counts and choices, frozen: per distinct row one pass of the network, whatever the number of data.
//!
//! With `n_k` data of class k in a row and `N` their sum: `log p = sum_k n_k z_k - N ln sum_j exp(z_j)`, and the derivative
//! by the logit `z_k` is `n_k - N p_k`.

use super::frozen::{FrozenMlp, Parts};
use crate::neural::categorical::probabilities;
use crate::neural::mlp::MlpRows;

/// The classes of the data, by row.
#[derive(Clone, Debug)]
pub(crate) struct ClassData {
    /// How often each class was seen in each row, `rows x K`.
    counts: Vec<f64>,
    /// The class of each datum.
    classes: Vec<u32>,
    row_of_datum: Vec<u32>,
}

/// The workspace of one chain.
pub(crate) struct ClassWorkspace {
    network: MlpRows,
    probabilities: Vec<f64>,
    log_totals: Vec<f64>,
    by_logits: Vec<f32>,
    /// Sums of the weights of each row's classes.
    weighted: Vec<f64>,
}

impl ClassData {
    pub(crate) fn new(classes: Vec<u32>, row_of_datum: &[u32], rows: usize, width: usize) -> Self {
        let mut counts = vec![0.0; rows * width];
        for (class, row) in classes.iter().zip(row_of_datum) {
            counts[*row as usize * width + *class as usize] += 1.0;
        }
        Self { counts, classes, row_of_datum: row_of_datum.to_vec() }
    }

    pub(crate) fn workspace(&self, network: &FrozenMlp) -> ClassWorkspace {
        let width = network.shape.outputs();
        let rows = self.counts.len() / width;
        ClassWorkspace {
            network: MlpRows::new(&network.shape, rows),
            probabilities: vec![0.0; width],
            log_totals: vec![0.0; rows],
            by_logits: vec![0.0; rows * width],
            weighted: vec![0.0; rows * width],
        }
    }

    /// The sum of the log densities; leaves in the workspace what [`ClassData::backward`] needs.
    pub(crate) fn forward(&self, parts: &Parts, features: &[f32], work: &mut ClassWorkspace) -> f64 {
        let Some(network) = &parts.classes else { return 0.0 };
        let width = network.shape.outputs();
        work.network.forward(&network.weights, features);
        let mut sum = 0.0;
        let rows = work.network.outputs().chunks_exact(width).zip(self.counts.chunks_exact(width));
        for (row, (logits, counts)) in rows.enumerate() {
            let log_total = probabilities(logits, &mut work.probabilities);
            let total: f64 = counts.iter().sum();
            work.log_totals[row] = log_total;
            let by_logits = &mut work.by_logits[row * width..][..width];
            for (k, (logit, count)) in logits.iter().zip(counts).enumerate() {
                sum += count * (f64::from(*logit) - log_total);
                by_logits[k] = (count - total * work.probabilities[k]) as f32;
            }
        }
        sum
    }

    /// Adds the gradient by the features of each row.
    pub(crate) fn backward(
        &self,
        parts: &Parts,
        features: &[f32],
        work: &mut ClassWorkspace,
        by_features: &mut [f32],
    ) {
        if let Some(network) = &parts.classes {
            work.network.backward(&network.transposed, features, &work.by_logits, &mut [], by_features);
        }
    }

    /// The same with each datum counted `weights` times.
    pub(crate) fn backward_weighted(
        &self,
        parts: &Parts,
        features: &[f32],
        weights: &[f64],
        work: &mut ClassWorkspace,
        by_features: &mut [f32],
    ) {
        let width = work.probabilities.len();
        work.weighted.fill(0.0);
        for ((class, row), weight) in self.classes.iter().zip(&self.row_of_datum).zip(weights) {
            work.weighted[*row as usize * width + *class as usize] += weight;
        }
        let rows = work.network.outputs().chunks_exact(width).zip(work.weighted.chunks_exact(width));
        for ((logits, counts), by_logits) in rows.zip(work.by_logits.chunks_exact_mut(width)) {
            probabilities(logits, &mut work.probabilities);
            let total: f64 = counts.iter().sum();
            for ((by_logit, count), p) in by_logits.iter_mut().zip(counts).zip(&work.probabilities) {
                *by_logit = (count - total * p) as f32;
            }
        }
        self.backward(parts, features, work, by_features);
    }

    /// Adds the log density of each datum, after a forward pass.
    pub(crate) fn pointwise(&self, work: &ClassWorkspace, out: &mut [f64]) {
        let width = work.probabilities.len();
        for ((out, class), row) in out.iter_mut().zip(&self.classes).zip(&self.row_of_datum) {
            let (class, row) = (*class as usize, *row as usize);
            *out += f64::from(work.network.outputs()[row * width + class]) - work.log_totals[row];
        }
    }
}
