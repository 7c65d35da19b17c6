//! Neural likelihood estimation: learn `p(x | theta)` from pairs.
//!
//! From pairs `(theta, x)` drawn from any proposal over parameters and the simulator, minimise
//!
//! `L(w) = -E log q_w(x | theta)`
//!
//! whose minimum over all densities is `q = p(x | theta)` wherever the proposal has mass (Papamakarios, Sterratt & Murray
//! 2019, arXiv:1805.07226). For a choice `k` with a time `t`, `q(k, t | theta) = q(k | theta) q(t | theta, k)` (Boelts, Lueckmann,
//! Gao & Macke 2022, doi:10.7554/eLife.77220). What is learned is the density of *one* datum, so that one network serves
//! any number of data and any hierarchy over them.
//!
//! *The shift.* Where a parameter `t0` does nothing but add to the time, `p(t | theta, t0) = p(t - t0 | theta)` exactly: the flow then
//! learns the density of `t - t0` given the other parameters, and need not find the edge at `t0` by itself.

use crate::neural::{Activation, Flow, Schedule, TrainingOptions};
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;

/// The optimiser steps that training takes by default, where they are more than 20 epochs and fewer than 400.
const STEPS: f64 = 7000.0;

/// How a likelihood is learned.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `hidden` | `[48, 48, 48]` | units of each hidden layer | 1 to 4096 each, 1 to 16 layers |
/// | `activation` | [`Activation::Silu`] | applied to hidden units | Silu, Tanh |
/// | `bins` | 8 | bins K of the spline of a real number or time | 2 to 128 |
/// | `bound` | 6 | half-width B of the spline's interval, in standard deviations of the base | above 0, at most 1000 |
/// | `flow` | chosen, see below | the density of data with two or more real columns | see [`Flow`] |
/// | `transforms` | chosen; 5 | transforms of that flow | 1 to 100 |
/// | `flow_hidden` | chosen; `[48, 48, 48]` | units of each hidden layer of each of its transforms | 1 to 4096 each, 1 to 16 layers |
/// | `ensemble` | 1 | networks trained from different seeds, whose densities are averaged | 1 to 100 |
/// | `batch` | 256 | simulations per optimiser step | 1 or more |
/// | `learning_rate` | 0.003 | largest rate of Adam | above 0 |
/// | `schedule` | [`Schedule::Cosine`] | the learning rate over the steps, after a rise over the first 100 | see [`Schedule`] |
/// | `averaging` | 0.99 | what a moving average of the weights, which is then what is kept, keeps of itself per step; 0: none | 0 or more, below 1 |
/// | `max_epochs` | those of 7000 steps, 20 to 400 | passes over the simulations, and the length of the cosine | 1 to 1 000 000 |
/// | `patience` | 50 | epochs without a better validation loss before an early end | 1 or more |
/// | `validation_fraction` | 0.1 | share of simulations held out | above 0, below 1 |
/// | `clip` | 5 | largest norm of the gradient | above 0 |
/// | `weight_decay` | 0.1 | share of each weight taken off per step, times the learning rate | 0 or more |
/// | `log_inputs` | [`LogInputs::Auto`] | whether the network also reads logarithms of positive parameters | |
/// | `shift` | none | the parameter that does nothing but add to the response time | a parameter's name |
/// | `seed` | 0 | of weights, split and order: same seed, same weights on any number of threads | |
/// | `progress` | [`Progress::Auto`] | how to show how far it is | |
/// | `stop` | a flag nobody raises | ends training and keeps the best weights | |
///
/// *The flow over several columns* is chosen by its held-out loss, unless `flow`, `transforms` or `flow_hidden` is set: a small affine flow (2
/// transforms of `[32, 32]`), which wins where there are few simulations for the number of columns or the data are near normal, or one of splines
/// (5 transforms of `[48, 48, 48]`). Set one of them and what is not set is that of the latter.
///
/// An ensemble costs as much more as it has members, in training and in every gradient. Its density is the mixture of the members'
/// densities, a density itself, whose errors are smaller where the members' own are independent.
///
/// The defaults come from a study of drift-diffusion trials and of the two moons, in which one option at a time was changed
/// (`examples/study_of_defaults.rs`, tables in `benches/DEFAULTS.md`). What they reach on drift-diffusion trials, and which options suit
/// 1 000 000 simulations or the copies of [`Ddm::augment`](crate::simulate::Ddm::augment) (fewer epochs, less decay), is in
/// `benches/RESULTS.md`: mean absolute errors of 0.02 to 0.05 nats per trial.
///
/// Errors of a density add up over data: with n data and N simulations spread over a prior, posterior means come out about `4 sqrt(n / N)`
/// posterior sds off (root mean square, measured with these defaults;
/// [`NeuralLikelihood::expected_shift`](crate::surrogate::NeuralLikelihood::expected_shift)). The report of every run of a sampler says so where that is
/// more than 0.3, as it repeats what share of the simulations failed and what speaks against the training
/// ([`TrainingReport::messages`](crate::neural::TrainingReport::messages)).
///
/// # Examples
/// ```
/// use mynah::sbi::Nle;
/// use mynah::simulate::{Outcome, Simulations};
/// // Fair and unfair coins: the parameter is the probability of a one.
/// let parameters: Vec<f64> = (0..400).map(|i| f64::from(i % 20) / 20.0).collect();
/// let data = (0..400).map(|i| f64::from(u8::from(i / 20 < i % 20))).collect();
/// let pairs = Simulations::new(["p"], parameters, Outcome::Count, data)?;
/// let coin = Nle::default().max_epochs(5).seed(1).fit(&pairs)?;
/// assert!(coin.log_prob(&[0.9], &[1.0])? < 0.0);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Nle {
    pub(super) hidden: Vec<usize>,
    pub(super) activation: Activation,
    pub(super) bins: usize,
    pub(super) bound: f64,
    pub(super) flow: Option<Flow>,
    pub(super) transforms: Option<usize>,
    pub(super) flow_hidden: Option<Vec<usize>>,
    pub(super) ensemble: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: f64,
    pub(super) schedule: Schedule,
    pub(super) averaging: f64,
    pub(super) max_epochs: Option<usize>,
    pub(super) patience: usize,
    pub(super) validation_fraction: f64,
    pub(super) clip: f64,
    pub(super) weight_decay: f64,
    pub(super) log_inputs: LogInputs,
    pub(super) shift: Option<String>,
    pub(super) seed: Seed,
    pub(super) progress: Progress,
    pub(super) stop: Stop,
}

/// Whether a network reads the logarithms of positive parameters beside the parameters themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LogInputs {
    /// Those of every parameter that is positive in all simulations.
    #[default]
    Auto,
    /// None.
    Never,
}

impl Default for Nle {
    fn default() -> Self {
        Self {
            hidden: vec![48, 48, 48],
            activation: Activation::Silu,
            bins: 8,
            bound: 6.0,
            flow: None,
            transforms: None,
            flow_hidden: None,
            ensemble: 1,
            batch: 256,
            learning_rate: 3e-3,
            schedule: Schedule::Cosine,
            averaging: 0.99,
            max_epochs: None,
            patience: 50,
            validation_fraction: 0.1,
            clip: 5.0,
            weight_decay: 0.1,
            log_inputs: LogInputs::Auto,
            shift: None,
            seed: Seed(0),
            progress: Progress::Auto,
            stop: Stop::new(),
        }
    }
}

/// Setters of the options in the table above, one line each.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        impl Nle {
            $($(#[$doc])* #[must_use] pub fn $name(mut self, $name: $type) -> Self {
                self.$name = $value;
                self
            })*
        }
    };
}

setters! {
    /// Units of each hidden layer.
    hidden: &[usize] = hidden.to_vec();
    /// What is applied to hidden units.
    activation: Activation = activation;
    /// Bins of the spline.
    bins: usize = bins;
    /// Half-width of the spline's interval.
    bound: f64 = bound;
    /// The density of data with two or more real columns.
    flow: Flow = Some(flow);
    /// Transforms of the flow over several columns.
    transforms: usize = Some(transforms);
    /// Units of each hidden layer of each of its transforms.
    flow_hidden: &[usize] = Some(flow_hidden.to_vec());
    /// Members trained from different seeds: the likelihood is the mean of their densities.
    ensemble: usize = ensemble;
    /// Simulations per optimiser step.
    batch: usize = batch;
    /// Largest learning rate.
    learning_rate: f64 = learning_rate;
    /// The learning rate over the steps.
    schedule: Schedule = schedule;
    /// What a moving average of the weights keeps of itself per step.
    averaging: f64 = averaging;
    /// Most passes over the simulations.
    max_epochs: usize = Some(max_epochs);
    /// Epochs without a better validation loss before an early end.
    patience: usize = patience;
    /// Share of simulations held out.
    validation_fraction: f64 = validation_fraction;
    /// Largest norm of the gradient.
    clip: f64 = clip;
    /// Share of each weight taken off per step, times the learning rate.
    weight_decay: f64 = weight_decay;
    /// Whether the network also reads logarithms.
    log_inputs: LogInputs = log_inputs;
    /// The parameter that does nothing but add to the response time: an exact symmetry that the network then need not learn.
    shift: &str = Some(shift.to_owned());
    /// The seed of weights, split and order of batches.
    seed: impl Into<Seed> = seed.into();
    /// How to show how far it is.
    progress: Progress = progress;
    /// The flag that ends training.
    stop: &Stop = stop.clone();
}

impl Nle {
    /// The options of one member: a seed of its own, but for the first; one bar for all.
    pub(super) fn member(&self, index: usize) -> Self {
        match index {
            0 => self.clone(),
            index => {
                let (seed, progress) = (self.seed.derive(index as u64), Progress::Hidden);
                Self { seed, progress, ..self.clone() }
            }
        }
    }

    /// How to train on a number of rows.
    pub(super) fn training(&self, rows: usize) -> TrainingOptions {
        let steps_of_epoch = rows as f64 * (1.0 - self.validation_fraction) / self.batch as f64;
        let epochs = (STEPS / steps_of_epoch.max(1.0)).round().clamp(20.0, 400.0) as usize;
        TrainingOptions {
            batch: self.batch.min(rows),
            learning_rate: self.learning_rate,
            schedule: self.schedule,
            averaging: self.averaging,
            max_epochs: self.max_epochs.unwrap_or(epochs),
            patience: self.patience,
            validation_fraction: self.validation_fraction,
            largest_norm: self.clip,
            weight_decay: self.weight_decay,
            seed: self.seed,
            progress: self.progress.clone(),
            stop: self.stop.clone(),
        }
    }
}

#[cfg(test)]
#[path = "nle_tests.rs"]
mod tests;
