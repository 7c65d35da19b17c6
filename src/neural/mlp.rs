//! A multilayer perceptron on plain slices, forward and backward.
//!
//! `h_0 = x`, `h_l = a(h_{l-1} W_l + b_l)` for the hidden layers, and the same without activation for the last.
//! All weights of a network stand in one vector, layer by layer: `W_l` (`inputs x outputs`, row by row), then `b_l`.
//! With `g_l` the gradient by the pre-activations of layer l: `dW_l = h_{l-1}' g_l`, `db_l` the column sums of `g_l`,
//! `g_{l-1} = (g_l W_l') * a'`.

use super::activation::Activation;
use super::lanes;
use super::product::{Lhs, Stairs, Start, multiply};
use crate::seed::Stream;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// The sizes of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MlpShape {
    /// Inputs, hidden layers, outputs.
    pub(crate) sizes: Vec<usize>,
    pub(crate) activation: Activation,
    /// Whether the last matrix holds fixed basis functions: then the layer before gives their coefficients, without
    /// activation, and only the last biases are trained.
    pub(crate) basis: bool,
}

/// Where a layer stands in the vector of weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) weights_at: usize,
    pub(crate) bias_at: usize,
}

impl MlpShape {
    /// A network with these hidden sizes.
    pub(crate) fn new(inputs: usize, hidden: &[usize], outputs: usize, activation: Activation) -> Self {
        let sizes = [&[inputs], hidden, &[outputs]].concat();
        Self { sizes, activation, basis: false }
    }

    /// The same network with the outputs as coefficients of fixed functions of more outputs: `functions x outputs`
    /// values are to be put in place of the last matrix.
    pub(crate) fn with_basis(mut self, outputs: usize) -> Self {
        self.sizes.push(outputs);
        self.basis = true;
        self
    }

    /// The activation of a layer.
    pub(crate) fn activation_of(&self, index: usize) -> Activation {
        match index + 2 + usize::from(self.basis) < self.sizes.len() {
            true => self.activation,
            false => Activation::Identity,
        }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.sizes[0]
    }

    pub(crate) fn outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// The layers, first to last.
    pub(crate) fn layers(&self) -> impl DoubleEndedIterator<Item = (usize, Layer)> + ExactSizeIterator {
        let mut at = 0;
        let layers: Vec<Layer> = self
            .sizes
            .windows(2)
            .map(|pair| {
                let (inputs, outputs) = (pair[0], pair[1]);
                let layer = Layer { inputs, outputs, weights_at: at, bias_at: at + inputs * outputs };
                at = layer.bias_at + outputs;
                layer
            })
            .collect();
        layers.into_iter().enumerate()
    }

    /// The length of the vector of weights.
    pub(crate) fn weights_len(&self) -> usize {
        self.sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
    }

    /// Normal weights that keep the variance of a layer's values (He et al. 2015, arXiv:1502.01852; Glorot & Bengio 2010),
    /// zero biases; the last layer is small, so that training starts near the density that raw zeros give.
    pub(crate) fn initial(&self, stream: &mut Stream) -> Vec<f32> {
        let gain = match self.activation {
            Activation::Silu => 1.6,
            _ => 1.0,
        };
        let mut weights = vec![0.0; self.weights_len()];
        for (index, layer) in self.layers() {
            let hidden = self.activation_of(index) != Activation::Identity;
            let sd = if hidden { gain } else { 0.1 } / (layer.inputs as f64).sqrt();
            for weight in &mut weights[layer.weights_at..layer.bias_at] {
                let z: f64 = StandardNormal.sample(stream);
                *weight = (sd * z) as f32;
            }
        }
        weights
    }

    /// The weight matrices transposed (`outputs x inputs`), one after the other: what the backward pass multiplies with.
    pub(crate) fn transposed(&self, weights: &[f32]) -> Vec<f32> {
        let mut transposed = vec![0.0; self.layers().map(|(_, layer)| layer.inputs * layer.outputs).sum()];
        let mut rest = &mut transposed[..];
        for (_, layer) in self.layers() {
            let (out, after) = rest.split_at_mut(layer.inputs * layer.outputs);
            for (i, row) in weights[layer.weights_at..layer.bias_at].chunks_exact(layer.outputs).enumerate() {
                for (out, weight) in out.chunks_exact_mut(layer.inputs).zip(row) {
                    out[i] = *weight;
                }
            }
            rest = after;
        }
        transposed
    }
}

/// The values of a network on a number of rows, with what the backward pass needs. Nothing is allocated after `new`.
#[derive(Clone, Debug)]
pub(crate) struct MlpRows {
    layers: Vec<Layer>,
    activations: Vec<Activation>,
    /// Whether the last matrix is fixed.
    basis: bool,
    /// The first output that each input of a layer feeds, where the layer is masked and its inputs are so ordered that it does
    /// not fall; else empty.
    stairs: Vec<Vec<usize>>,
    /// The output of each layer, `rows x outputs`.
    values: Vec<Vec<f32>>,
    /// The derivative of each hidden layer's activation.
    derivatives: Vec<Vec<f32>>,
    /// The gradient by the pre-activations of each layer but the last.
    gradients: Vec<Vec<f32>>,
}

impl MlpRows {
    /// Room for a number of rows.
    pub(crate) fn new(shape: &MlpShape, rows: usize) -> Self {
        Self::masked(shape, vec![vec![]; shape.sizes.len() - 1], rows)
    }

    /// The same for a masked network (see [`super::made::stairs`]).
    pub(crate) fn masked(shape: &MlpShape, stairs: Vec<Vec<usize>>, rows: usize) -> Self {
        let layers: Vec<Layer> = shape.layers().map(|(_, layer)| layer).collect();
        let room = |layer: &Layer| vec![0.0; rows * layer.outputs];
        let hidden = &layers[..layers.len() - 1];
        Self {
            values: layers.iter().map(room).collect(),
            derivatives: hidden.iter().map(room).collect(),
            gradients: hidden.iter().map(room).collect(),
            activations: (0..layers.len()).map(|index| shape.activation_of(index)).collect(),
            basis: shape.basis,
            stairs,
            layers,
        }
    }

    /// Runs the network on `inputs` (`rows x inputs`).
    pub(crate) fn forward(&mut self, weights: &[f32], inputs: &[f32]) {
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, from) = self.values.split_at_mut(index);
            let (input, out) = (before.last().map_or(inputs, |v| v), &mut from[0]);
            let matrix = &weights[layer.weights_at..layer.bias_at];
            let bias = &weights[layer.bias_at..][..layer.outputs];
            let stairs = Stairs::Forward(&self.stairs[index]);
            multiply(out, layer.outputs, Lhs::Rows(input), matrix, Start::Row(bias), stairs);
            if index < last {
                self.activations[index].apply(out, &mut self.derivatives[index]);
            }
        }
    }

    /// The outputs of the last forward pass, `rows x outputs`.
    pub(crate) fn outputs(&self) -> &[f32] {
        self.values.last().expect("a network has a layer")
    }

    /// From the gradient by the outputs to the gradient by the inputs, *added* to `by_inputs` unless that is empty, and to
    /// that by the weights, written to `by_weights` unless that is empty (0 where the weights are fixed).
    pub(crate) fn backward(
        &mut self,
        transposed: &[f32],
        inputs: &[f32],
        by_outputs: &[f32],
        by_weights: &mut [f32],
        by_inputs: &mut [f32],
    ) {
        let mut transposed_end = transposed.len();
        for index in (0..self.layers.len()).rev() {
            let layer = self.layers[index];
            let (before, after) = self.gradients.split_at_mut(index);
            let gradient: &[f32] = after.first().map_or(by_outputs, |g| g);
            if !by_weights.is_empty() {
                let input = if index == 0 { inputs } else { &self.values[index - 1] };
                let fixed = self.basis && index + 1 == self.layers.len();
                weight_gradient(layer, fixed, input, gradient, &self.stairs[index], by_weights);
            }
            let matrix = &transposed[transposed_end - layer.inputs * layer.outputs..transposed_end];
            transposed_end -= matrix.len();
            let (left, stairs) = (Lhs::Rows(gradient), Stairs::Backward(&self.stairs[index]));
            if let Some(out) = before.last_mut() {
                multiply(out, layer.inputs, left, matrix, Start::Zero, stairs);
                lanes::scale(out, &self.derivatives[index - 1]);
            } else if !by_inputs.is_empty() {
                multiply(by_inputs, layer.inputs, left, matrix, Start::Out, stairs);
            }
        }
    }
}

/// Writes the gradient by one layer's weights (0 where they are fixed) and biases.
fn weight_gradient(
    layer: Layer,
    fixed: bool,
    input: &[f32],
    gradient: &[f32],
    stairs: &[usize],
    by_weights: &mut [f32],
) {
    let matrix = &mut by_weights[layer.weights_at..layer.bias_at];
    match fixed {
        true => matrix.fill(0.0),
        false => {
            let stairs = Stairs::Weights(stairs);
            multiply(matrix, layer.outputs, Lhs::Transposed(input), gradient, Start::Zero, stairs);
        }
    }
    lanes::sum_rows(&mut by_weights[layer.bias_at..][..layer.outputs], gradient);
}
