//! Several real columns, frozen: a masked autoregressive flow reads each datum beside the features of its row, so that it runs once
//! per datum, in blocks whose workspace stays in the cache.
//!
//! `log q(x) = log Flow(u(x)) + sum_j ln du_j/dx_j` with each column on its scale ([`crate::neural::scale`]).

use super::frozen::FrozenWide;
use crate::neural::autoregressive::FlowRows;
use crate::neural::scaler::scale_row;

/// The most data per block.
const BLOCK: usize = 128;
/// The most blocks whose values are kept from a visit to the gradient that follows it.
const KEPT: usize = 8;

/// The data, on their scales.
#[derive(Clone, Debug)]
pub(crate) struct WideData {
    /// `n x width`.
    values: Vec<f32>,
    row_of_datum: Vec<u32>,
    /// The log Jacobian of each datum's scale.
    log_slopes: Vec<f64>,
}

/// The workspace of one chain.
pub(crate) struct WideWorkspace {
    /// One for all blocks, or one for each.
    flows: Vec<FlowRows>,
    context: Vec<f32>,
    values: Vec<f32>,
    factors: Vec<f32>,
    by_context: Vec<f32>,
}

impl WideData {
    /// Data of `n x width` numbers.
    pub(crate) fn new(data: &[f64], row_of_datum: &[u32], flow: &FrozenWide) -> Self {
        let mut values = Vec::with_capacity(data.len());
        let mut log_slopes = Vec::with_capacity(row_of_datum.len());
        for row in data.chunks_exact(flow.shape.width) {
            log_slopes.push(scale_row(row, &flow.data, &mut values));
        }
        Self { values, row_of_datum: row_of_datum.to_vec(), log_slopes }
    }

    /// A workspace; `keep` says whether visits are followed by gradients at the same parameters.
    pub(crate) fn workspace(&self, flow: &FrozenWide, keep: bool) -> WideWorkspace {
        let data = self.row_of_datum.len().max(1);
        let blocks = data.div_ceil(BLOCK);
        let rows = data.div_ceil(blocks); // blocks of about the same size: little is computed in vain
        let context = vec![0.0; rows * flow.shape.context()];
        WideWorkspace {
            flows: vec![FlowRows::new(&flow.shape, rows); if keep && blocks <= KEPT { blocks } else { 1 }],
            values: vec![0.0; rows * flow.shape.width],
            factors: vec![0.0; rows],
            by_context: context.clone(),
            context,
        }
    }

    /// The data of each block: first and one beyond the last.
    fn blocks(&self, work: &WideWorkspace) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (n, rows) = (self.row_of_datum.len(), work.flows[0].rows());
        (0..n).step_by(rows).map(move |start| (start, n.min(start + rows)))
    }

    /// Runs a flow on the data from `start` to `end`; the rest of the block repeats the last datum. Returns its place.
    fn run(
        &self,
        flow: &FrozenWide,
        features: &[f32],
        (start, end): (usize, usize),
        work: &mut WideWorkspace,
    ) -> usize {
        let (width, context) = (flow.shape.width, flow.shape.context());
        let places = work.values.chunks_exact_mut(width).zip(work.context.chunks_exact_mut(context));
        for (i, (values, inputs)) in places.enumerate() {
            let datum = (start + i).min(end - 1);
            values.copy_from_slice(&self.values[datum * width..][..width]);
            inputs.copy_from_slice(&features[self.row_of_datum[datum] as usize * context..][..context]);
        }
        let place = place(work, start);
        work.flows[place].forward(&flow.weights, &work.context, &work.values);
        place
    }

    /// Calls `each(datum, log density)`.
    pub(crate) fn visit(
        &self,
        flow: &FrozenWide,
        features: &[f32],
        work: &mut WideWorkspace,
        mut each: impl FnMut(usize, f64),
    ) {
        for (start, end) in self.blocks(work) {
            let place = self.run(flow, features, (start, end), work);
            for (datum, log_prob) in (start..end).zip(work.flows[place].log_prob()) {
                each(datum, log_prob + self.log_slopes[datum]);
            }
        }
    }

    /// The sum of the log densities; adds its gradient by the features of each row. With `weights`, each datum counts that many times,
    /// and the flow must have visited the data with the same features before.
    pub(crate) fn log_prob_and_gradient(
        &self,
        flow: &FrozenWide,
        features: &[f32],
        weights: Option<&[f64]>,
        work: &mut WideWorkspace,
        by_features: &mut [f32],
    ) -> f64 {
        let context = flow.shape.context();
        let weight = |datum: usize| weights.map_or(1.0, |weights| weights[datum]);
        let kept = weights.is_some() && work.flows.len() * work.flows[0].rows() >= self.row_of_datum.len();
        let mut sum = 0.0;
        for (start, end) in self.blocks(work) {
            let place = if kept { place(work, start) } else { self.run(flow, features, (start, end), work) };
            work.factors.fill(0.0);
            for (i, datum) in (start..end).enumerate() {
                sum += weight(datum) * (work.flows[place].log_prob()[i] + self.log_slopes[datum]);
                work.factors[i] = weight(datum) as f32;
            }
            work.by_context.fill(0.0);
            work.flows[place].backward(&flow.transposed, &work.factors, &mut [], &mut work.by_context);
            for (datum, by_context) in (start..end).zip(work.by_context.chunks_exact(context)) {
                let row = self.row_of_datum[datum] as usize;
                let sums = &mut by_features[row * context..][..context];
                sums.iter_mut().zip(by_context).for_each(|(sum, g)| *sum += g);
            }
        }
        sum
    }
}

/// The place of the flow for the block that starts at a datum.
fn place(work: &WideWorkspace, start: usize) -> usize {
    start / work.flows[0].rows() % work.flows.len()
}
