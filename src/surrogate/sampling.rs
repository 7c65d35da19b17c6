//! Data drawn from a learned density: the networks once per distinct row of parameters, then the inverse of the flow for each datum.
//!
//! A member of an ensemble is drawn for each datum with equal weights, because the ensemble's density is the mean of its members'. Outside the
//! training region the draws are those of the nearest parameters inside, as the density is (but for the loss that leads back).

use super::frozen::{FrozenFlow, FrozenWide, Parts};
use super::times::choice_input;
use crate::neural::categorical::probabilities;
use crate::neural::flow_inverse::FlowInverse;
use crate::neural::mlp::MlpRows;
use crate::neural::spline::Spline;
use crate::seed::Stream;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

/// The most rows that a network over several columns is run on at once.
const BLOCK: usize = 128;

/// Draws a datum for each entry of `row_of_datum` from the mixture of the members.
pub(super) fn sample_mixture(
    members: &[&Parts],
    parameters: &[f64],
    row_of_datum: &[u32],
    rows: usize,
    stream: &mut Stream,
) -> Vec<f64> {
    let width = members[0].outcome.width();
    let mut out = vec![0.0; row_of_datum.len() * width];
    let member_of: Vec<usize> = match members.len() {
        1 => vec![0; row_of_datum.len()],
        count => row_of_datum.iter().map(|_| stream.random_range(0..count)).collect(),
    };
    for (index, parts) in members.iter().enumerate() {
        let own: Vec<usize> = (0..row_of_datum.len()).filter(|datum| member_of[*datum] == index).collect();
        Sampler::new(parts, parameters, rows).draw(&own, row_of_datum, &mut out, stream);
    }
    out
}

/// One member at some rows of parameters.
struct Sampler<'a> {
    parts: &'a Parts,
    parameters: &'a [f64],
    rows: usize,
    /// `rows x features`.
    features: Vec<f32>,
}

impl<'a> Sampler<'a> {
    fn new(parts: &'a Parts, parameters: &'a [f64], rows: usize) -> Self {
        let mut features = vec![0.0; rows * parts.inputs.len()];
        for (row, out) in features.chunks_exact_mut(parts.inputs.len()).enumerate() {
            parts.inputs.apply(|p| parts.region.project(p, parameters[p * rows + row]).0, out);
        }
        Self { parts, parameters, rows, features }
    }

    /// Draws the data of these numbers.
    fn draw(&self, data: &[usize], row_of_datum: &[u32], out: &mut [f64], stream: &mut Stream) {
        let width = self.parts.outcome.width();
        let row = |datum: usize| row_of_datum[datum] as usize;
        if let Some(wide) = &self.parts.wide {
            return self.draw_wide(wide, data, row_of_datum, out, stream);
        }
        let classes = self.parts.classes.as_ref().map(|network| {
            let mut rows = MlpRows::new(&network.shape, self.rows);
            rows.forward(&network.weights, &self.features);
            let mut shares = vec![0.0; rows.outputs().len()];
            let classes = network.shape.outputs();
            for (logits, shares) in rows.outputs().chunks_exact(classes).zip(shares.chunks_exact_mut(classes))
            {
                probabilities(logits, shares);
            }
            data.iter()
                .map(|datum| draw_class(&shares[row(*datum) * classes..][..classes], stream))
                .collect::<Vec<u32>>()
        });
        let values = self.parts.flow.as_ref().map(|flow| {
            let choices = classes.as_deref();
            self.draw_reals(flow, data, choices, row_of_datum, stream)
        });
        for (i, datum) in data.iter().enumerate() {
            let first = match (&values, &classes) {
                (Some(values), _) => values[i],
                (None, Some(classes)) => f64::from(classes[i]),
                (None, None) => unreachable!("a density has a network"),
            };
            out[datum * width] = first;
            if let (2, Some(classes)) = (width, &classes) {
                out[datum * width + 1] = f64::from(classes[i]);
            }
        }
    }

    /// Times given choices, or reals.
    fn draw_reals(
        &self,
        flow: &FrozenFlow,
        data: &[usize],
        choices: Option<&[u32]>,
        row_of_datum: &[u32],
        stream: &mut Stream,
    ) -> Vec<f64> {
        let normals: Vec<f64> = data.iter().map(|_| StandardNormal.sample(stream)).collect();
        let mut values = vec![0.0; data.len()];
        let (inputs, features) = (flow.network.shape.inputs(), self.parts.inputs.len());
        for choice in 0..if choices.is_some() { 2 } else { 1 } {
            let mut read = vec![choice_input(choice); self.rows * inputs];
            for (read, features) in read.chunks_exact_mut(inputs).zip(self.features.chunks_exact(features)) {
                read[..features.len()].copy_from_slice(features);
            }
            let mut network = MlpRows::new(&flow.network.shape, self.rows);
            network.forward(&flow.network.weights, &read);
            let mut order: Vec<usize> =
                (0..data.len()).filter(|i| choices.is_none_or(|choices| choices[*i] == choice)).collect();
            order.sort_by_key(|i| row_of_datum[data[*i]]);
            let mut spline = Spline::new(flow.spline);
            let mut set = None;
            for i in order {
                let row = row_of_datum[data[i]] as usize;
                if set != Some(row) {
                    let width = flow.spline.raw_len();
                    spline.set(&network.outputs()[row * width..][..width]);
                    set = Some(row);
                }
                let shift = self.parts.shift.map_or(0.0, |p| self.parameters[p * self.rows + row]);
                values[i] = after(shift, flow.data.invert(spline.invert(normals[i])), flow.data.log);
            }
        }
        values
    }

    fn draw_wide(
        &self,
        wide: &FrozenWide,
        data: &[usize],
        row_of_datum: &[u32],
        out: &mut [f64],
        stream: &mut Stream,
    ) {
        let (width, features) = (wide.shape.width, wide.shape.context());
        for block in data.chunks(BLOCK) {
            let mut values: Vec<f64> =
                (0..block.len() * width).map(|_| StandardNormal.sample(stream)).collect();
            let row = |datum: &usize| row_of_datum[*datum] as usize;
            let context: Vec<f32> = block
                .iter()
                .flat_map(|datum| &self.features[row(datum) * features..][..features])
                .copied()
                .collect();
            FlowInverse::new(&wide.shape, block.len()).run(&wide.weights, &context, &mut values);
            for (datum, values) in block.iter().zip(values.chunks_exact(width)) {
                let place = out[datum * width..][..width].iter_mut().zip(values.iter().zip(&wide.data));
                place.for_each(|(out, (u, scale))| *out = scale.invert(*u));
            }
        }
    }
}

/// A class by its probabilities.
fn draw_class(shares: &[f64], stream: &mut Stream) -> u32 {
    let mut left: f64 = stream.random();
    for (class, share) in shares.iter().enumerate() {
        left -= share;
        if left < 0.0 {
            return class as u32;
        }
    }
    // What rounding leaves goes to the last class that has any.
    shares.iter().rposition(|share| *share > 0.0).unwrap_or(0) as u32
}

/// A value moved by the shift; a time so short that rounding loses it still comes after.
fn after(shift: f64, value: f64, is_time: bool) -> f64 {
    let moved = (shift + value).clamp(-f64::MAX, f64::MAX);
    if is_time && moved <= shift { shift.next_up() } else { moved }
}
