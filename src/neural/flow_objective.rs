//! A masked autoregressive flow in training: the loss is the mean of `-log q(x | c)` over a batch, in nats of the data themselves.

use super::autoregressive::FlowShape;
use super::flow_op::{FlowPool, flow_log_prob};
use super::plain_flow;
use super::train::Objective;
use crate::seed::Stream;
use candle_core::{Device, Result, Tensor, Var};
use std::sync::Arc;

/// A flow with the rows it learns from.
pub(crate) struct FlowObjective {
    pool: Arc<FlowPool>,
    weights: Var,
    /// `rows x context`.
    context: Arc<Vec<f32>>,
    /// On their scales, `rows x width`.
    data: Vec<f32>,
    /// The log Jacobian of the scales, for each row.
    log_slopes: Vec<f64>,
}

impl FlowObjective {
    pub(crate) fn new(
        shape: FlowShape,
        context: Arc<Vec<f32>>,
        data: Vec<f32>,
        log_slopes: Vec<f64>,
        stream: &mut Stream,
    ) -> Result<Self> {
        let weights = Var::from_vec(shape.initial(stream), shape.weights_len(), &Device::Cpu)?;
        Ok(Self { pool: Arc::new(FlowPool::new(shape)), weights, context, data, log_slopes })
    }

    /// The weights as they are now.
    pub(crate) fn weights(&self) -> Result<Vec<f32>> {
        self.weights.to_vec1::<f32>()
    }
}

/// Some rows of a table.
fn gather(table: &[f32], width: usize, rows: &[u32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(rows.len() * width);
    for row in rows {
        out.extend_from_slice(&table[*row as usize * width..][..width]);
    }
    out
}

impl Objective for FlowObjective {
    fn rows(&self) -> usize {
        self.data.len() / self.pool.shape.width
    }

    fn variables(&self) -> Vec<Var> {
        vec![self.weights.clone()]
    }

    fn loss(&self, rows: &[u32]) -> Result<Tensor> {
        let shape = &self.pool.shape;
        let context = gather(&self.context, shape.context(), rows);
        let data = gather(&self.data, shape.width, rows);
        let device = self.weights.device();
        let log_prob = match device.is_cpu() {
            true => flow_log_prob(&self.pool, &self.weights, context, data)?,
            false => {
                let mask = Tensor::from_slice(&self.pool.mask, self.pool.mask.len(), device)?;
                let context = Tensor::from_vec(context, (rows.len(), shape.context()), device)?;
                let data = Tensor::from_vec(data, (rows.len(), shape.width), device)?;
                plain_flow::flow_log_prob(shape, &mask, &self.weights, &context, &data)?
            }
        };
        let log_slopes: f64 = rows.iter().map(|row| self.log_slopes[*row as usize]).sum();
        log_prob.mean_all()?.affine(-1.0, -log_slopes / rows.len() as f64)
    }
}
