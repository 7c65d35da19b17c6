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

use super::pairs::{check_pairs, decision_times, with_choice};
use crate::error::{Error, ErrorKind, Result};
use crate::neural::estimator::{Classes, Estimator, Flow};
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::{DataScaler, InputScaler};
use crate::neural::spline::SplineShape;
use crate::neural::{Activation, TrainingOptions, failed, train};
use crate::progress::Progress;
use crate::seed::{Domain, Seed};
use crate::simulate::{Outcome, Simulations};
use crate::stop::Stop;
use crate::surrogate::{FrozenFlow, FrozenMlp, NeuralLikelihood, Parts, Region, Seen};

/// How a likelihood is learned.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `hidden` | `[48, 48, 48]` | units of each hidden layer | 1 or more each |
/// | `activation` | [`Activation::Silu`] | applied to hidden units | Silu, Tanh |
/// | `bins` | 8 | bins K of the spline of a real number or time | 2 to 128 |
/// | `bound` | 6 | half-width B of the spline's interval, in standard deviations of the base | above 0 |
/// | `batch` | 256 | simulations per optimiser step | 1 or more |
/// | `learning_rate` | 0.001 | largest rate of Adam; falls to 0 along a cosine | above 0 |
/// | `max_epochs` | 20 | passes over the simulations, and the length of the cosine | 1 or more |
/// | `patience` | 20 | epochs without a better validation loss before an early end | 1 or more |
/// | `validation_fraction` | 0.1 | share of simulations held out | above 0, below 1 |
/// | `clip` | 5 | largest norm of the gradient | above 0 |
/// | `weight_decay` | 0.1 | share of each weight taken off per step, times the learning rate | 0 or more |
/// | `log_inputs` | [`LogInputs::Auto`] | whether the network also reads logarithms of positive parameters | |
/// | `shift` | none | the parameter that does nothing but add to the response time | a parameter's name |
/// | `seed` | 0 | of weights, split and order: same seed, same weights on any number of threads | |
/// | `progress` | [`Progress::Auto`] | how to show how far it is | |
/// | `stop` | a flag nobody raises | ends training and keeps the best weights | |
///
/// The defaults come from a study of drift-diffusion trials and of counts: 100 000 trials are learned to 0.04 nats per trial (mean
/// absolute error), 1 000 000 (with `batch(512)`, `max_epochs(10)`,
/// `learning_rate(0.002)`, `weight_decay(0.01)`) to 0.015. Errors of a density add
/// up over data: the more data an analysis has, the more simulations its likelihood needs.
///
/// # Examples
/// ```
/// use mynah::sbi::Nle;
/// use mynah::simulate::{Outcome, Simulations};
/// // Fair and unfair coins: the parameter is the probability of a one.
/// let parameters: Vec<f64> = (0..400).map(|i| f64::from(i % 20) / 20.0).collect();
/// let data = (0..400).map(|i| f64::from(u8::from(i / 20 < i % 20))).collect();
/// let pairs = Simulations { names: vec!["p".into()], parameters, outcome: Outcome::Count, data, failed: 0 };
/// let coin = Nle::default().max_epochs(5).seed(1).fit(&pairs)?;
/// assert!(coin.log_prob(&[0.9], &[1.0])? < 0.0);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Nle {
    hidden: Vec<usize>,
    activation: Activation,
    bins: usize,
    bound: f64,
    batch: usize,
    learning_rate: f64,
    max_epochs: usize,
    patience: usize,
    validation_fraction: f64,
    clip: f64,
    weight_decay: f64,
    log_inputs: LogInputs,
    shift: Option<String>,
    seed: Seed,
    progress: Progress,
    stop: Stop,
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
            batch: 256,
            learning_rate: 1e-3,
            max_epochs: 20,
            patience: 20,
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
    /// Simulations per optimiser step.
    batch: usize = batch;
    /// Largest learning rate.
    learning_rate: f64 = learning_rate;
    /// Most passes over the simulations.
    max_epochs: usize = max_epochs;
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
    /// Learns the likelihood of one datum: a categorical density for counts, a spline flow for a real number, both for a
    /// choice with its time.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] for an option out of range; [`ErrorKind::Site`] when the shift is not a parameter;
    /// [`ErrorKind::Training`] for fewer than 20 simulations, data that their outcome does not allow, a parameter that never
    /// varies, more than one column of reals, a shift at or after a time, or training that does not converge.
    pub fn fit(&self, simulations: &Simulations) -> Result<NeuralLikelihood> {
        self.check()?;
        let shift = self.shift_column(simulations)?;
        check_pairs(simulations, shift)?;
        let Simulations { names, parameters, outcome, .. } = simulations;
        let logs = self.log_inputs == LogInputs::Auto;
        let inputs = InputScaler::fit(names, parameters, shift, logs)?;
        let mut features = vec![0.0; simulations.len() * inputs.len()];
        for (out, theta) in features.chunks_exact_mut(inputs.len()).zip(parameters.chunks_exact(names.len()))
        {
            inputs.apply(|p| theta[p], out);
        }
        let (estimator, data) = self.estimator(simulations, shift, features)?;
        let report = train(&estimator, &self.training())?;
        let [classes, flow] = estimator.weights().map_err(failed)?;
        let freeze = |(shape, weights)| FrozenMlp::new(shape, weights);
        let flow = flow.zip(data).map(|(network, data)| FrozenFlow {
            network: freeze(network),
            spline: self.spline(&data),
            data,
        });
        Ok(NeuralLikelihood::new(Parts {
            names: names.clone(),
            outcome: *outcome,
            region: Region::of(parameters, names.len(), shift),
            seen: Seen::of(simulations, classes.as_ref().map_or(0, |(shape, _)| shape.outputs())),
            inputs,
            shift,
            classes: classes.map(freeze),
            flow,
            report,
        }))
    }

    /// The density to train, with the scale of the flow's data.
    fn estimator(
        &self,
        simulations: &Simulations,
        shift: Option<usize>,
        features: Vec<f32>,
    ) -> Result<(Estimator, Option<DataScaler>)> {
        let mut stream = self.seed.stream(Domain::Training, 0);
        let rows = simulations.len();
        let inputs = features.len() / rows;
        let network = |inputs: usize, outputs| MlpShape::new(inputs, &self.hidden, outputs, self.activation);
        let column = |c: usize| simulations.data.iter().skip(c).step_by(simulations.outcome.width()).copied();
        let mut estimator = Estimator::default();
        let (values, flow_features) = match simulations.outcome {
            Outcome::Count => {
                let counts: Vec<u32> = column(0).map(|x| x as u32).collect();
                let classes = counts.iter().max().map_or(1, |largest| *largest as usize + 1);
                let network = |outputs| network(inputs, outputs);
                let part = Classes::counts(network, classes.max(2), features, counts, &mut stream);
                estimator.classes = Some(part.map_err(failed)?);
                return Ok((estimator, None));
            }
            Outcome::TimeAndChoice => {
                let choices: Vec<u32> = column(1).map(|x| x as u32).collect();
                let with_choice = with_choice(&features, inputs, &choices);
                let part = Classes::free(network(inputs, 2), features, choices, &mut stream);
                estimator.classes = Some(part.map_err(failed)?);
                (decision_times(simulations, shift), with_choice)
            }
            Outcome::Real { .. } => (column(0).collect(), features),
        };
        let data = DataScaler::fit(&values, simulations.outcome == Outcome::TimeAndChoice)?;
        let spline = self.spline(&data);
        let shape = network(flow_features.len() / rows, spline.raw_len());
        let scaled = values.iter().map(|y| data.apply(*y));
        let flow = Flow::new(shape, spline, flow_features, scaled, &mut stream).map_err(failed)?;
        estimator.flow = Some(flow);
        Ok((estimator, Some(data)))
    }

    /// The spline for data on a scale; for times, with the curvature that gives first-passage tails.
    fn spline(&self, data: &DataScaler) -> SplineShape {
        let curvature = if data.log { 0.5 * data.sd } else { 0.0 };
        SplineShape { bins: self.bins, bound: self.bound, curvature }
    }

    fn training(&self) -> TrainingOptions {
        TrainingOptions {
            batch: self.batch,
            learning_rate: self.learning_rate,
            max_epochs: self.max_epochs,
            patience: self.patience,
            validation_fraction: self.validation_fraction,
            largest_norm: self.clip,
            weight_decay: self.weight_decay,
            seed: self.seed,
            progress: self.progress.clone(),
            stop: self.stop.clone(),
        }
    }

    /// The column of the shift.
    fn shift_column(&self, simulations: &Simulations) -> Result<Option<usize>> {
        let Some(name) = &self.shift else { return Ok(None) };
        let names = simulations.names.join(", ");
        if simulations.outcome != Outcome::TimeAndChoice {
            return Err(Error::new(
                ErrorKind::Options,
                format!(
                    "expected simulations of response times for the shift `{name}`, got {:?}; leave the shift out",
                    simulations.outcome
                ),
            ));
        }
        match simulations.names.iter().position(|n| n == name) {
            Some(p) => Ok(Some(p)),
            None => Err(Error::new(
                ErrorKind::Site,
                format!(
                    "expected the shift to be one of the parameters ({names}), got `{name}`; pass one of these names"
                ),
            )),
        }
    }

    /// The one place where options are checked.
    fn check(&self) -> Result<()> {
        let rules = [
            (
                !self.hidden.is_empty() && !self.hidden.contains(&0),
                "hidden",
                "one or more layers of 1 or more units",
                format!("{:?}", self.hidden),
            ),
            (
                self.activation != Activation::Identity,
                "activation",
                "Silu or Tanh",
                format!("{:?}", self.activation),
            ),
            ((2..=128).contains(&self.bins), "bins", "2 to 128", self.bins.to_string()),
            (self.bound > 0.0 && self.bound.is_finite(), "bound", "a number above 0", self.bound.to_string()),
            (self.batch >= 1, "batch", "1 or more", self.batch.to_string()),
            (
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "learning_rate",
                "a number above 0",
                self.learning_rate.to_string(),
            ),
            (self.max_epochs >= 1, "max_epochs", "1 or more", self.max_epochs.to_string()),
            (self.patience >= 1, "patience", "1 or more", self.patience.to_string()),
            (
                self.validation_fraction > 0.0 && self.validation_fraction < 1.0,
                "validation_fraction",
                "a number between 0 and 1",
                self.validation_fraction.to_string(),
            ),
            (
                self.weight_decay >= 0.0 && self.weight_decay.is_finite(),
                "weight_decay",
                "0 or more",
                self.weight_decay.to_string(),
            ),
            (self.clip > 0.0, "clip", "a number above 0", self.clip.to_string()),
        ];
        match rules.into_iter().find(|rule| !rule.0) {
            None => Ok(()),
            Some((_, option, expected, got)) => Err(Error::new(
                ErrorKind::Options,
                format!("Nle: expected `{option}` to be {expected}, got {got}; set it with .{option}(...)"),
            )),
        }
    }
}

#[cfg(test)]
#[path = "nle_tests.rs"]
mod tests;
