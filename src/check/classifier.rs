//! The classifier of the two-sample test: a small network that tells two classes apart, trained as scikit-learn's
//! `MLPClassifier` is by default, because published figures were made with it (Pedregosa et al. 2011; the settings are those of its
//! documentation, <https://scikit-learn.org/stable/modules/generated/sklearn.neural_network.MLPClassifier.html>).
//!
//! Two hidden layers with `max(0, z)`, one logit `f(x)`; for labels y in {0, 1} and a batch of n rows the loss is
//!
//! `1/n sum [ln(1 + exp f) - y f] + decay / (2 n) sum W^2`,
//!
//! minimised by Adam (Kingma & Ba 2015, arXiv:1412.6980) over shuffled batches, with weights and biases that start uniform within
//! `sqrt(6 / (inputs + outputs))` (Glorot & Bengio 2010). Training ends once the mean loss of an epoch has not been `TOLERANCE`
//! below the best one for more than `PATIENCE` epochs in a row. Nothing is held out: with few rows and many columns the network
//! overfits, which lowers its accuracy, and belongs to the definition.

use crate::neural::lanes::sum_rows;
use crate::neural::product::{Lhs, Stairs, Start, multiply};
use crate::seed::Stream;
use rand::RngExt;
use rand::seq::SliceRandom;

const BATCH: usize = 200;
const LEARNING_RATE: f64 = 1e-3;
const DECAY: f32 = 1e-4;
const MOST_EPOCHS: usize = 10_000;
const TOLERANCE: f64 = 1e-4;
const PATIENCE: usize = 10;
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;
/// No matrix here is masked.
const DENSE: Stairs<'static> = Stairs::Forward(&[]);

/// One layer: `inputs x outputs` weights row by row, and biases.
struct Layer {
    inputs: usize,
    outputs: usize,
    weights: Moving,
    biases: Moving,
}

/// Numbers with their gradient and Adam's two moments of it.
struct Moving {
    values: Vec<f32>,
    gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

/// The network.
pub(super) struct Classifier {
    layers: Vec<Layer>,
    steps: i32,
}

/// Rows of `width` numbers with the class of each, 0 or 1.
pub(super) struct Labelled {
    pub(super) table: Vec<f32>,
    pub(super) width: usize,
    pub(super) labels: Vec<f32>,
}

impl Labelled {
    /// The rows at these places.
    pub(super) fn rows(&self, places: &[usize]) -> Self {
        let row = |place: &usize| &self.table[place * self.width..][..self.width];
        Self {
            table: places.iter().flat_map(row).copied().collect(),
            width: self.width,
            labels: places.iter().map(|place| self.labels[*place]).collect(),
        }
    }
}

impl Classifier {
    /// A network with two hidden layers of this size, trained on the rows.
    pub(super) fn train(data: &Labelled, hidden: usize, stream: &mut Stream) -> Self {
        let sizes = [data.width, hidden, hidden, 1];
        let layers = sizes.windows(2).map(|pair| Layer::new(pair[0], pair[1], stream)).collect();
        let mut network = Self { layers, steps: 0 };
        let mut order: Vec<usize> = (0..data.labels.len()).collect();
        let (mut best, mut waited) = (f64::INFINITY, 0);
        for _ in 0..MOST_EPOCHS {
            order.shuffle(stream);
            let batches = order.chunks(BATCH);
            let sum: f64 = batches.map(|batch| batch.len() as f64 * network.step(&data.rows(batch))).sum();
            let loss = sum / order.len() as f64;
            waited = if loss > best - TOLERANCE { waited + 1 } else { 0 };
            best = best.min(loss);
            if waited > PATIENCE || !loss.is_finite() {
                break;
            }
        }
        network
    }

    /// How many of the rows are assigned to their own class.
    pub(super) fn right(&self, data: &Labelled) -> usize {
        let values = self.forward(&data.table);
        let logits = values.last().expect("a network has layers");
        logits.iter().zip(&data.labels).filter(|(logit, label)| (**logit > 0.0) == (**label == 1.0)).count()
    }

    /// The values of every layer.
    fn forward(&self, table: &[f32]) -> Vec<Vec<f32>> {
        let rows = table.len() / self.layers[0].inputs;
        let mut values: Vec<Vec<f32>> = vec![];
        for (index, layer) in self.layers.iter().enumerate() {
            let mut out = vec![0.0; rows * layer.outputs];
            let input = values.last().map_or(table, |values| values);
            let start = Start::Row(&layer.biases.values);
            multiply(&mut out, layer.outputs, Lhs::Rows(input), &layer.weights.values, start, DENSE);
            if index + 1 < self.layers.len() {
                out.iter_mut().for_each(|z| *z = z.max(0.0));
            }
            values.push(out);
        }
        values
    }

    /// One step on a batch; returns the loss before it.
    fn step(&mut self, batch: &Labelled) -> f64 {
        let values = self.forward(&batch.table);
        let logits = &values[values.len() - 1];
        let rows = batch.labels.len() as f32;
        let loss = cross_entropy(logits, &batch.labels) + self.penalty() / f64::from(rows);
        let mut gradient: Vec<f32> =
            logits.iter().zip(&batch.labels).map(|(f, y)| (1.0 / (1.0 + (-f).exp()) - y) / rows).collect();
        for index in (0..self.layers.len()).rev() {
            let input = if index == 0 { &batch.table } else { &values[index - 1] };
            let layer = &mut self.layers[index];
            layer.take_gradient(input, &gradient, rows);
            if index > 0 {
                gradient = layer.send_back(&gradient, input);
            }
        }
        self.steps += 1;
        let (first, second) = (1.0 - BETA_1.powi(self.steps), 1.0 - BETA_2.powi(self.steps));
        let rate = (LEARNING_RATE * second.sqrt() / first) as f32;
        for layer in &mut self.layers {
            layer.weights.step(rate);
            layer.biases.step(rate);
        }
        loss
    }

    /// `decay / 2 sum W^2`.
    fn penalty(&self) -> f64 {
        let squares = |layer: &Layer| layer.weights.values.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>();
        0.5 * f64::from(DECAY) * self.layers.iter().map(squares).sum::<f64>()
    }
}

impl Layer {
    fn new(inputs: usize, outputs: usize, stream: &mut Stream) -> Self {
        let bound = (6.0 / (inputs + outputs) as f32).sqrt();
        let mut uniform = |count: usize| {
            let values: Vec<f32> = (0..count).map(|_| stream.random_range(-bound..bound)).collect();
            let zeros = vec![0.0; count];
            Moving { values, gradient: zeros.clone(), first: zeros.clone(), second: zeros }
        };
        Self { inputs, outputs, weights: uniform(inputs * outputs), biases: uniform(outputs) }
    }

    /// The gradients by weights and biases from that by the layer's values before its activation.
    fn take_gradient(&mut self, input: &[f32], gradient: &[f32], rows: f32) {
        let Moving { values, gradient: by_weights, .. } = &mut self.weights;
        multiply(
            by_weights,
            self.outputs,
            Lhs::Transposed(input),
            gradient,
            Start::Zero,
            Stairs::Weights(&[]),
        );
        by_weights.iter_mut().zip(values).for_each(|(by, w)| *by += DECAY / rows * *w);
        self.biases.gradient.fill(0.0);
        sum_rows(&mut self.biases.gradient, gradient);
    }

    /// The gradient by the values of the layer before, before their activation.
    fn send_back(&self, gradient: &[f32], input: &[f32]) -> Vec<f32> {
        let mut transposed = vec![0.0; self.weights.values.len()];
        for (i, row) in self.weights.values.chunks_exact(self.outputs).enumerate() {
            row.iter().enumerate().for_each(|(j, w)| transposed[j * self.inputs + i] = *w);
        }
        let mut out = vec![0.0; input.len()];
        multiply(&mut out, self.inputs, Lhs::Rows(gradient), &transposed, Start::Zero, Stairs::Backward(&[]));
        out.iter_mut().zip(input).filter(|(_, h)| **h <= 0.0).for_each(|(out, _)| *out = 0.0);
        out
    }
}

impl Moving {
    /// Adam's step with the rate corrected for the moments' start at zero.
    fn step(&mut self, rate: f32) {
        let (keep_1, keep_2) = (BETA_1 as f32, BETA_2 as f32);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((value, gradient), (first, second)) in self.values.iter_mut().zip(&self.gradient).zip(moments) {
            *first = keep_1 * *first + (1.0 - keep_1) * gradient;
            *second = keep_2 * *second + (1.0 - keep_2) * gradient * gradient;
            *value -= rate * *first / (second.sqrt() + EPSILON);
        }
    }
}

/// The mean of `ln(1 + exp f) - y f`, which overflows nowhere.
fn cross_entropy(logits: &[f32], labels: &[f32]) -> f64 {
    let terms = logits.iter().zip(labels).map(|(f, y)| {
        let f = f64::from(*f);
        f.max(0.0) + (-f.abs()).exp().ln_1p() - f64::from(*y) * f
    });
    terms.sum::<f64>() / labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Domain, Seed};

    /// The gradient of the loss with its penalty against central differences; f32 sums of 60 products leave 1e-3.
    #[test]
    fn gradients_meet_differences() {
        let mut stream = Seed(3).stream(Domain::User, 0);
        let table: Vec<f32> = (0..60).map(|i| ((i * 37 % 61) as f32 / 20.0) - 1.5).collect();
        let labels: Vec<f32> = (0..20).map(|i| (i % 2) as f32).collect();
        let data = Labelled { table, width: 3, labels };
        let layer = |sizes: [usize; 2], stream: &mut Stream| Layer::new(sizes[0], sizes[1], stream);
        let layers = vec![layer([3, 8], &mut stream), layer([8, 8], &mut stream), layer([8, 1], &mut stream)];
        let mut network = Classifier { layers, steps: 0 };
        let loss = |network: &Classifier| {
            let logits = network.forward(&data.table).pop().unwrap();
            cross_entropy(&logits, &data.labels) + network.penalty() / 20.0
        };
        let before: Vec<Vec<f32>> = network.layers.iter().map(|layer| layer.weights.values.clone()).collect();
        let biases: Vec<Vec<f32>> = network.layers.iter().map(|layer| layer.biases.values.clone()).collect();
        network.step(&data);
        for index in 0..3 {
            network.layers[index].weights.values.clone_from(&before[index]);
            network.layers[index].biases.values.clone_from(&biases[index]);
        }
        for index in 0..3 {
            for at in 0..before[index].len() {
                let step = 2f32.powi(-7);
                let mut side = |sign: f32| {
                    network.layers[index].weights.values[at] = before[index][at] + sign * step;
                    loss(&network)
                };
                let slope = (side(1.0) - side(-1.0)) / f64::from(2.0 * step);
                network.layers[index].weights.values[at] = before[index][at];
                let got = f64::from(network.layers[index].weights.gradient[at]);
                assert!((got - slope).abs() < 4e-3, "layer {index}, weight {at}: {got}, {slope}");
            }
        }
    }
}
