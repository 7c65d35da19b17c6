//! A masked autoregressive flow: a conditional density of several real numbers, on plain slices, forward and backward
//! (Papamakarios, Pavlakou & Murray 2017, arXiv:1705.07057).
//!
//! T transforms carry the data `u^0` (D numbers) to a standard normal. In each, a masked network ([`super::made`]) that reads
//! `u` and the context `c` gives dimension j its raw numbers from `u_1 .. u_{j-1}` and `c` alone, and a step of one dimension,
//! affine ([`super::affine_step`]) or a spline ([`super::spline_step`]), gives `y_j = f(u_j)`; the next transform reads the
//! dimensions in reverse order. The Jacobian is triangular, so that
//!
//! `log q(u | c) = log N(u^T; 0, I) + sum_t sum_j log f'_{t,j}(u^t_j)`,
//!
//! in one pass and without an inverse: the direction of training and of likelihoods. A network reads `u` cut to `[-R, R]`
//! ([`FARTHEST_READ`]): what it makes of a number far out is then what it learned to make of large ones, the density stays one, and no
//! product of such numbers overflows. The weights of all transforms stand in one vector. Masked weights are zero there ([`super::made::thin`]) and stay zero, because the gradient is masked too.

use super::affine_step::AffineStep;
use super::cells::Cells;
use super::made;
use super::mlp::{MlpRows, MlpShape};
use super::spline::SplineShape;
use super::spline_step::SplineStep;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};

/// `ln(sqrt(2 pi))`.
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_7;

/// The largest size R of a number as a network reads it; of standard normal numbers one in 10^23 is larger.
pub(super) const FARTHEST_READ: f32 = 10.0;

/// How a masked autoregressive flow transforms one dimension: the density family of data with several real columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flow {
    /// A location and a scale (Papamakarios et al. 2017, arXiv:1705.07057): the fastest, and enough for data whose
    /// conditional distributions are near normal.
    AffineAutoregressive,
    /// A location, a scale and a monotone rational-quadratic spline (Durkan et al. 2019, arXiv:1906.04032): skew, heavy-tailed and
    /// multimodal conditional distributions too.
    #[default]
    SplineAutoregressive,
}

/// The step of one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Affine,
    Spline(SplineShape),
}

impl Step {
    /// The raw numbers that it takes.
    pub(crate) fn raw_len(self) -> usize {
        match self {
            Step::Affine => 2,
            Step::Spline(spline) => spline.raw_len(),
        }
    }
}

/// The sizes of a flow.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FlowShape {
    /// The number D of dimensions.
    pub(crate) width: usize,
    pub(crate) transforms: usize,
    /// The network of each transform: reads `width` numbers and the context, writes `width x raw_len` raw numbers.
    pub(crate) network: MlpShape,
    pub(crate) step: Step,
}

impl FlowShape {
    pub(crate) fn context(&self) -> usize {
        self.network.inputs() - self.width
    }

    /// The length of the vector of weights.
    pub(crate) fn weights_len(&self) -> usize {
        self.transforms * self.network.weights_len()
    }

    /// A 0 or 1 for every weight.
    pub(crate) fn mask(&self) -> Vec<f32> {
        made::mask(&self.network, self.width).repeat(self.transforms)
    }

    /// Weights to start from: near the standard normal, masked.
    pub(crate) fn initial(&self, stream: &mut Stream) -> Vec<f32> {
        let mask = made::mask(&self.network, self.width);
        let mut weights = Vec::with_capacity(self.weights_len());
        for _ in 0..self.transforms {
            let mut transform = self.network.initial(stream);
            made::thin(&self.network, &mask, &mut transform);
            weights.extend(transform);
        }
        weights
    }

    /// The matrices of every transform transposed: what the way back multiplies with.
    pub(crate) fn transposed(&self, weights: &[f32]) -> Vec<Vec<f32>> {
        let transforms = weights.chunks_exact(self.network.weights_len());
        transforms.map(|weights| self.network.transposed(weights)).collect()
    }
}

/// The values of a flow on a number of rows, with what the backward pass needs. Nothing is allocated after `new`.
#[derive(Clone, Debug)]
pub(crate) struct FlowRows {
    width: usize,
    context: usize,
    rows: usize,
    transforms: Vec<TransformRows>,
    /// The data, and after each transform its `y`, `rows x width`.
    u: Vec<f32>,
    /// Gradients by `y`, by the raw numbers and by a network's inputs.
    by_y: Vec<f32>,
    by_raw: Vec<f32>,
    by_inputs: Vec<f32>,
    log_slope: Vec<f32>,
    log_prob: Vec<f64>,
}

/// One transform.
#[derive(Clone, Debug)]
struct TransformRows {
    network: MlpRows,
    /// What the network reads: `u` and the context, row by row.
    inputs: Vec<f32>,
    cells: StepCells,
}

#[derive(Clone, Debug)]
enum StepCells {
    Affine(Cells<AffineStep>),
    Spline(Cells<SplineStep>),
}

impl FlowRows {
    /// Room for a number of rows.
    pub(crate) fn new(shape: &FlowShape, rows: usize) -> Self {
        let cells = rows * shape.width;
        let stairs = made::stairs(&shape.network, shape.width);
        let transform = || TransformRows {
            network: MlpRows::masked(&shape.network, stairs.clone(), rows),
            inputs: vec![0.0; rows * shape.network.inputs()],
            cells: match shape.step {
                Step::Affine => StepCells::Affine(Cells::new(AffineStep, cells)),
                Step::Spline(spline) => StepCells::Spline(Cells::new(SplineStep::new(spline), cells)),
            },
        };
        Self {
            width: shape.width,
            context: shape.context(),
            rows,
            transforms: (0..shape.transforms).map(|_| transform()).collect(),
            u: vec![0.0; cells],
            by_y: vec![0.0; cells],
            by_raw: vec![0.0; rows * shape.network.outputs()],
            by_inputs: vec![0.0; rows * shape.network.inputs()],
            log_slope: vec![0.0; cells],
            log_prob: vec![0.0; rows],
        }
    }

    /// The log densities of the last forward pass.
    pub(crate) fn log_prob(&self) -> &[f64] {
        &self.log_prob
    }

    /// The number of rows there is room for.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Computes the log density of every row of `data` (`rows x width`) given its `context` (`rows x context`).
    pub(crate) fn forward(&mut self, weights: &[f32], context: &[f32], data: &[f32]) -> &[f64] {
        let (width, inputs) = (self.width, self.width + self.context);
        self.u.copy_from_slice(data);
        self.log_prob.fill(0.0);
        let each = weights.len() / self.transforms.len();
        for (index, transform) in self.transforms.iter_mut().enumerate() {
            if index > 0 {
                self.u.chunks_exact_mut(width).for_each(|u| u.reverse());
            }
            for (row, out) in transform.inputs.chunks_exact_mut(inputs).enumerate() {
                for (out, u) in out[..width].iter_mut().zip(&self.u[row * width..][..width]) {
                    *out = u.clamp(-FARTHEST_READ, FARTHEST_READ);
                }
                out[width..].copy_from_slice(&context[row * self.context..][..self.context]);
            }
            transform.network.forward(&weights[index * each..][..each], &transform.inputs);
            let raw = transform.network.outputs();
            match &mut transform.cells {
                StepCells::Affine(cells) => cells.forward(raw, &mut self.u, &mut self.log_slope),
                StepCells::Spline(cells) => cells.forward(raw, &mut self.u, &mut self.log_slope),
            }
            for (sum, slopes) in self.log_prob.iter_mut().zip(self.log_slope.chunks_exact(width)) {
                *sum += slopes.iter().map(|slope| f64::from(*slope)).sum::<f64>();
            }
        }
        for (sum, y) in self.log_prob.iter_mut().zip(self.u.chunks_exact(width)) {
            *sum += y.iter().map(|y| -0.5 * f64::from(*y) * f64::from(*y) - LN_SQRT_2PI).sum::<f64>();
        }
        &self.log_prob
    }

    /// From the gradient by each row's log density (`factors`) to that by the context, *added* to `by_context` unless that
    /// is empty, and by the weights, written to `by_weights` unless that is empty; those of masked weights are to be
    /// discarded.
    pub(crate) fn backward(
        &mut self,
        transposed: &[Vec<f32>],
        factors: &[f32],
        by_weights: &mut [f32],
        by_context: &mut [f32],
    ) {
        let (width, inputs) = (self.width, self.width + self.context);
        for (row, factor) in factors.iter().enumerate() {
            for i in row * width..(row + 1) * width {
                self.by_y[i] = -factor * self.u[i];
            }
        }
        let each = by_weights.len() / self.transforms.len();
        for (index, transform) in self.transforms.iter_mut().enumerate().rev() {
            let by_u = &mut self.log_slope; // free on the way back
            match &mut transform.cells {
                StepCells::Affine(cells) => {
                    cells.backward(width, &self.by_y, factors, &mut self.by_raw, by_u)
                }
                StepCells::Spline(cells) => {
                    cells.backward(width, &self.by_y, factors, &mut self.by_raw, by_u)
                }
            }
            let first_of_training = index == 0 && by_context.is_empty();
            for (out, by_u) in self.by_inputs.chunks_exact_mut(inputs).zip(by_u.chunks_exact(width)) {
                out[..width].copy_from_slice(by_u);
                out[width..].fill(0.0);
            }
            let by_inputs = if first_of_training { &mut [][..] } else { &mut self.by_inputs[..] };
            let weights = &mut by_weights[index * each..][..each];
            let network = &mut transform.network;
            network.backward(&transposed[index], &transform.inputs, &self.by_raw, weights, by_inputs);
            for (row, by_inputs) in self.by_inputs.chunks_exact(inputs).enumerate() {
                if index > 0 {
                    let (read, by_u) = (&transform.inputs[row * inputs..], &by_u[row * width..]);
                    let by_y = &mut self.by_y[row * width..][..width];
                    for (j, by_y) in by_y.iter_mut().rev().enumerate() {
                        *by_y = if read[j].abs() < FARTHEST_READ { by_inputs[j] } else { by_u[j] };
                    }
                }
                if !by_context.is_empty() {
                    let by_context = &mut by_context[row * self.context..][..self.context];
                    by_context.iter_mut().zip(&by_inputs[width..]).for_each(|(sum, g)| *sum += g);
                }
            }
        }
    }
}
