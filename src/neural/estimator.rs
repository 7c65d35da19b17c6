//! Conditional densities to be trained: classes, one real number, or a class and a real number.
//!
//! `log q(k, u | c) = log Cat(k; f(c)) + log Spline(u; g(c, k))`, either term alone where the data have only one part. The
//! loss is the mean of `-log q` over a batch; the two networks share no weights, so that each term has its own optimum.

use super::count_basis::{FEWEST, count_basis};
use super::mlp::MlpShape;
use super::scale::Scaled;
use super::spline::SplineShape;
use super::train::Objective;
use super::{categorical, mlp_op, plain, spline_op};
use crate::seed::Stream;
use candle_core::{Device, Result, Tensor, Var};
use std::sync::Arc;

/// A network in training.
struct Trainee {
    shape: Arc<MlpShape>,
    weights: Var,
    /// What it reads, one row per simulation.
    inputs: Vec<f32>,
}

impl Trainee {
    fn new(shape: MlpShape, weights: Vec<f32>, inputs: Vec<f32>) -> Result<Self> {
        let weights = Var::from_vec(weights, shape.weights_len(), &Device::Cpu)?;
        Ok(Self { shape: Arc::new(shape), weights, inputs })
    }

    /// The outputs for some of the rows.
    fn outputs(&self, rows: &[u32]) -> Result<Tensor> {
        let width = self.shape.inputs();
        let mut inputs = Vec::with_capacity(rows.len() * width);
        for row in rows {
            inputs.extend_from_slice(&self.inputs[*row as usize * width..][..width]);
        }
        let inputs = Tensor::from_vec(inputs, (rows.len(), width), self.weights.device())?;
        match inputs.device().is_cpu() {
            true => mlp_op::mlp(&self.shape, &self.weights, &inputs),
            false => plain::mlp(&self.shape, &self.weights, &inputs),
        }
    }
}

/// The density of a class given the parameters.
pub(crate) struct Classes {
    network: Trainee,
    classes: Vec<u32>,
}

/// The density of a real number given the parameters (and the class, where there is one).
pub(crate) struct Flow {
    network: Trainee,
    spline: SplineShape,
    data: Vec<f32>,
    /// `ln du / dy` of each datum, so that losses are those of the data themselves, in nats.
    log_slopes: Vec<f32>,
}

/// The shape of a network and its weights.
pub(crate) type TrainedNetwork = (MlpShape, Vec<f32>);

/// A conditional density in training.
#[derive(Default)]
pub(crate) struct Estimator {
    pub(crate) classes: Option<Classes>,
    pub(crate) flow: Option<Flow>,
}

impl Classes {
    /// Every class has a logit of its own.
    pub(crate) fn free(
        shape: MlpShape,
        inputs: Vec<f32>,
        classes: Vec<u32>,
        stream: &mut Stream,
    ) -> Result<Self> {
        let weights = shape.initial(stream);
        Ok(Self { network: Trainee::new(shape, weights, inputs)?, classes })
    }

    /// Counts below `outputs`, whose logits are smooth where there are many of them; `network(outputs)` is a shape.
    pub(crate) fn counts(
        network: impl Fn(usize) -> MlpShape,
        outputs: usize,
        inputs: Vec<f32>,
        counts: Vec<u32>,
        stream: &mut Stream,
    ) -> Result<Self> {
        if outputs < FEWEST {
            return Self::free(network(outputs), inputs, counts, stream);
        }
        let (basis, functions) = count_basis(outputs);
        let shape = network(functions).with_basis(outputs);
        let mut weights = shape.initial(stream);
        let bias_at = weights.len() - outputs;
        weights[bias_at - basis.len()..bias_at].copy_from_slice(&basis);
        Ok(Self { network: Trainee::new(shape, weights, inputs)?, classes: counts })
    }

    fn log_prob(&self, rows: &[u32]) -> Result<Tensor> {
        let logits = self.network.outputs(rows)?;
        let classes: Vec<u32> = rows.iter().map(|row| self.classes[*row as usize]).collect();
        match logits.device().is_cpu() {
            true => categorical::categorical_log_prob(&logits, classes),
            false => {
                let classes = Tensor::from_vec(classes, rows.len(), logits.device())?;
                plain::categorical_log_prob(&logits, &classes)
            }
        }
    }
}

impl Flow {
    pub(crate) fn new(
        shape: MlpShape,
        spline: SplineShape,
        inputs: Vec<f32>,
        data: impl Iterator<Item = Scaled>,
        stream: &mut Stream,
    ) -> Result<Self> {
        let (data, log_slopes) = data.map(|scaled| (scaled.u as f32, scaled.log_slope as f32)).unzip();
        let weights = shape.initial(stream);
        Ok(Self { network: Trainee::new(shape, weights, inputs)?, spline, data, log_slopes })
    }

    fn log_prob(&self, rows: &[u32]) -> Result<Tensor> {
        let raw = self.network.outputs(rows)?;
        let pick = |values: &[f32]| rows.iter().map(|row| values[*row as usize]).collect::<Vec<f32>>();
        let data = pick(&self.data);
        let log_prob = match raw.device().is_cpu() {
            true => spline_op::spline_log_prob(self.spline, &raw, data)?,
            false => {
                let data = Tensor::from_vec(data, rows.len(), raw.device())?;
                plain::spline_log_prob(self.spline, &raw, &data)?
            }
        };
        log_prob + Tensor::from_vec(pick(&self.log_slopes), rows.len(), raw.device())?
    }
}

impl Estimator {
    fn networks(&self) -> impl Iterator<Item = &Trainee> {
        let classes = self.classes.iter().map(|part| &part.network);
        classes.chain(self.flow.iter().map(|part| &part.network))
    }

    /// Shape and weights of the network for the classes and of the one for the flow.
    pub(crate) fn weights(&self) -> Result<[Option<TrainedNetwork>; 2]> {
        let copy = |network: &Trainee| -> Result<_> {
            Ok(((*network.shape).clone(), network.weights.to_vec1::<f32>()?))
        };
        let classes = self.classes.as_ref().map(|part| copy(&part.network)).transpose()?;
        let flow = self.flow.as_ref().map(|part| copy(&part.network)).transpose()?;
        Ok([classes, flow])
    }
}

impl Objective for Estimator {
    fn rows(&self) -> usize {
        self.networks().next().map_or(0, |network| network.inputs.len() / network.shape.inputs())
    }

    fn variables(&self) -> Vec<Var> {
        self.networks().map(|network| network.weights.clone()).collect()
    }

    fn loss(&self, rows: &[u32]) -> Result<Tensor> {
        let (classes, flow) = rayon::join(
            || self.classes.as_ref().map(|part| part.log_prob(rows)).transpose(),
            || self.flow.as_ref().map(|part| part.log_prob(rows)).transpose(),
        );
        let log_prob = match (classes?, flow?) {
            (Some(classes), Some(flow)) => (classes + flow)?,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => candle_core::bail!("an estimator has a part"),
        };
        log_prob.mean_all()?.neg()
    }
}
