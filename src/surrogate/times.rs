//! Times and other real numbers, frozen: the network runs once per distinct (row, choice) that has data, the spline once per
//! datum.
//!
//! `log q(y) = log Spline((ln t - m) / s) - ln s - ln t` with `t = y - shift` for times, and without the logarithms for other
//! reals. The derivative by the shift is minus that by y. A time at or before the shift has density zero. Beyond the ends of the scale the
//! place of a datum is bent ([`crate::neural::scale`]); reals, which no shift moves, are put on their scale once, when they are bound.

use super::frozen::{FrozenFlow, Parts};
use crate::neural::mlp::MlpRows;
use crate::neural::scale::Scaled;
use crate::neural::scaler::DataScaler;
use crate::neural::spline::{Spline, SplineGradient};
use crate::neural::spline_sum::{SplineSums, Total, log_probs};

/// The data of one (row, choice).
#[derive(Clone, Copy, Debug)]
struct Group {
    row: usize,
    /// What the network reads beside the features of the row: -1 or 1 for the choice.
    choice: Option<f32>,
    start: usize,
    end: usize,
    /// What the scale adds to the log densities of its data.
    log_slope: f64,
}

/// The data, sorted by group.
#[derive(Clone, Debug)]
pub(crate) struct TimeData {
    groups: Vec<Group>,
    /// How the values are still to be scaled.
    scaler: DataScaler,
    /// Times; places of reals.
    values: Vec<f64>,
    /// What the scale adds to the log density of each real; empty for times.
    log_slopes: Vec<f64>,
    /// The place of each value among the bound data.
    datum: Vec<usize>,
}

/// The workspace of one chain.
pub(crate) struct TimeWorkspace {
    network: MlpRows,
    inputs: Vec<f32>,
    spline: Spline,
    sums: SplineGradient,
    totals: SplineSums,
    /// A number for each place: a log density or a weight.
    by_place: Vec<f64>,
    /// The data that have a weight.
    kept: Vec<f64>,
    by_raw: Vec<f32>,
    by_inputs: Vec<f32>,
    by_shift: Vec<f64>,
}

/// The network's input for a choice.
pub(crate) fn choice_input(choice: u32) -> f32 {
    if choice == 0 { -1.0 } else { 1.0 }
}

impl TimeData {
    /// The first column of data, the choices made where there are any, and the row of each datum.
    pub(crate) fn new(
        scaler: &DataScaler,
        values: &[f64],
        choices: Option<&[u32]>,
        row_of_datum: &[u32],
    ) -> Self {
        let key = |i: usize| (row_of_datum[i] as usize, choices.map(|choices| choices[i]));
        let mut datum: Vec<usize> = (0..values.len()).collect();
        datum.sort_by_key(|i| key(*i)); // stable: the order within a group is that of the data
        let mut groups: Vec<Group> = vec![];
        for (place, i) in datum.iter().enumerate() {
            let (row, choice) = key(*i);
            let choice = choice.map(choice_input);
            match groups.last_mut() {
                Some(group) if group.row == row && group.choice == choice => group.end = place + 1,
                _ => groups.push(Group { row, choice, start: place, end: place + 1, log_slope: 0.0 }),
            }
        }
        let values = datum.iter().map(|i| values[*i]);
        if scaler.log {
            return Self { groups, scaler: *scaler, values: values.collect(), log_slopes: vec![], datum };
        }
        let (values, log_slopes): (_, Vec<f64>) = values
            .map(|x| {
                let Scaled { u, log_slope } = scaler.apply(x);
                (u, log_slope)
            })
            .unzip();
        for group in &mut groups {
            group.log_slope = log_slopes[group.start..group.end].iter().sum();
        }
        Self { groups, scaler: DataScaler::IDENTITY, values, log_slopes, datum }
    }

    pub(crate) fn workspace(&self, flow: &FrozenFlow) -> TimeWorkspace {
        let (shape, groups) = (&flow.network.shape, self.groups.len());
        TimeWorkspace {
            network: MlpRows::new(shape, groups),
            inputs: vec![0.0; groups * shape.inputs()],
            spline: Spline::new(flow.spline),
            sums: SplineGradient::new(flow.spline),
            totals: SplineSums::new(flow.spline),
            by_place: vec![0.0; self.values.len()],
            kept: vec![0.0; self.values.len()],
            by_raw: vec![0.0; groups * shape.outputs()],
            by_inputs: vec![0.0; groups * shape.inputs()],
            by_shift: vec![0.0; groups],
        }
    }

    /// Runs the network for every group.
    fn condition(&self, flow: &FrozenFlow, features: &[f32], work: &mut TimeWorkspace) {
        let inputs = flow.network.shape.inputs();
        for (group, out) in self.groups.iter().zip(work.inputs.chunks_exact_mut(inputs)) {
            let width = inputs - usize::from(group.choice.is_some());
            out[..width].copy_from_slice(&features[group.row * width..][..width]);
            if let Some(choice) = group.choice {
                out[width] = choice;
            }
        }
        work.network.forward(&flow.network.weights, &work.inputs);
    }

    /// Calls `each(place, log density)` for every datum; `shift(row)` is the shift of a row.
    fn visit(
        &self,
        parts: &Parts,
        features: &[f32],
        shift: impl Fn(usize) -> f64,
        work: &mut TimeWorkspace,
        mut each: impl FnMut(usize, f64),
    ) {
        let Some(flow) = &parts.flow else { return };
        self.condition(flow, features, work);
        for (group, raw) in self.groups.iter().zip(work.network.outputs().chunks_exact(flow.spline.raw_len()))
        {
            work.spline.set(raw);
            let (values, out) =
                (&self.values[group.start..group.end], &mut work.by_place[group.start..group.end]);
            log_probs(&work.spline, &self.scaler, values, shift(group.row), out);
            for (place, log_prob) in (group.start..group.end).zip(out) {
                each(place, *log_prob + self.log_slopes.get(place).copied().unwrap_or(0.0));
            }
        }
    }

    /// The sum of the log densities.
    pub(crate) fn log_prob(
        &self,
        parts: &Parts,
        features: &[f32],
        shift: impl Fn(usize) -> f64,
        work: &mut TimeWorkspace,
    ) -> f64 {
        let mut sum = 0.0;
        self.visit(parts, features, shift, work, |_, log_prob| sum += log_prob);
        sum
    }

    /// Adds the log density of each datum.
    pub(crate) fn pointwise(
        &self,
        parts: &Parts,
        features: &[f32],
        shift: impl Fn(usize) -> f64,
        work: &mut TimeWorkspace,
        out: &mut [f64],
    ) {
        self.visit(parts, features, shift, work, |place, log_prob| out[self.datum[place]] += log_prob);
    }

    /// The sum of the log densities; leaves in the workspace what [`TimeData::backward`] needs. Ends early, with minus infinity,
    /// at a datum of density zero.
    pub(crate) fn forward(
        &self,
        parts: &Parts,
        features: &[f32],
        shift: impl Fn(usize) -> f64,
        work: &mut TimeWorkspace,
    ) -> f64 {
        let Some(flow) = &parts.flow else { return 0.0 };
        self.condition(flow, features, work);
        let width = flow.spline.raw_len();
        let mut sum = 0.0;
        for (index, group) in self.groups.iter().enumerate() {
            work.spline.set(&work.network.outputs()[index * width..][..width]);
            work.sums.clear();
            let values = &self.values[group.start..group.end];
            let Total { log_prob, by_datum } = work.totals.total(
                &work.spline,
                &self.scaler,
                (values, &[]),
                shift(group.row),
                &mut work.sums,
            );
            sum += log_prob + group.log_slope;
            if log_prob == f64::NEG_INFINITY {
                return log_prob;
            }
            work.by_shift[index] = -by_datum;
            work.spline.raw_gradient(&work.sums, 1.0, &mut work.by_raw[index * width..][..width]);
        }
        sum
    }

    /// Adds the gradient by the features of each row, and calls `add_shift(row, gradient)` with that by the shift.
    pub(crate) fn backward(
        &self,
        parts: &Parts,
        work: &mut TimeWorkspace,
        by_features: &mut [f32],
        mut add_shift: impl FnMut(usize, f64),
    ) {
        let Some(flow) = &parts.flow else { return };
        work.by_inputs.fill(0.0);
        work.network.backward(
            &flow.network.transposed,
            &work.inputs,
            &work.by_raw,
            &mut [],
            &mut work.by_inputs,
        );
        let inputs = flow.network.shape.inputs();
        for (index, group) in self.groups.iter().enumerate() {
            let width = inputs - usize::from(group.choice.is_some());
            let sums = by_features[group.row * width..][..width].iter_mut();
            for (sum, gradient) in sums.zip(&work.by_inputs[index * inputs..][..width]) {
                *sum += gradient;
            }
            add_shift(group.row, work.by_shift[index]);
        }
    }

    /// After a visit: as [`TimeData::backward`], with each datum counted `weights` times.
    pub(crate) fn backward_weighted(
        &self,
        parts: &Parts,
        shift: impl Fn(usize) -> f64,
        weights: &[f64],
        work: &mut TimeWorkspace,
        by_features: &mut [f32],
        add_shift: impl FnMut(usize, f64),
    ) {
        let Some(flow) = &parts.flow else { return };
        let width = flow.spline.raw_len();
        for (index, group) in self.groups.iter().enumerate() {
            work.spline.set(&work.network.outputs()[index * width..][..width]);
            work.sums.clear();
            // What has no weight plays no part: of a mixture it may be a time that is impossible here.
            let mut kept = group.start;
            for place in group.start..group.end {
                let weight = weights[self.datum[place]];
                if weight != 0.0 {
                    (work.kept[kept], work.by_place[kept]) = (self.values[place], weight);
                    kept += 1;
                }
            }
            let places = group.start..kept;
            let data = (&work.kept[places.clone()], &work.by_place[places]);
            let (spline, sums) = (&work.spline, &mut work.sums);
            let Total { by_datum, .. } =
                work.totals.total(spline, &self.scaler, data, shift(group.row), sums);
            work.by_shift[index] = -by_datum;
            work.spline.raw_gradient(&work.sums, 1.0, &mut work.by_raw[index * width..][..width]);
        }
        self.backward(parts, work, by_features, add_shift);
    }
}
