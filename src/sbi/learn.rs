//! From pairs to a learned likelihood: the networks of each of its members, trained side by side.

use super::pairs::{check_pairs, decision_times, with_choice};
use super::{LogInputs, Nle};
use crate::error::{Error, ErrorKind, Result};
use crate::neural::estimator::{self, Classes, Estimator};
use crate::neural::mlp::MlpShape;
use crate::neural::scaler::{DataScaler, InputScaler};
use crate::neural::spline::SplineShape;
use crate::neural::{TrainingReport, failed, train};
use crate::seed::Domain;
use crate::simulate::{Outcome, Simulations};
use crate::surrogate::{FrozenFlow, FrozenMlp, FrozenWide, NeuralLikelihood, Parts, Region, Seen, few};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

/// The networks of one member.
#[derive(Default)]
struct Networks {
    classes: Option<FrozenMlp>,
    flow: Option<FrozenFlow>,
    wide: Option<FrozenWide>,
}

impl Nle {
    /// Learns the likelihood of one datum: a categorical density for counts, a spline flow for a real number, both for a
    /// choice with its time, a masked autoregressive flow for several real numbers.
    ///
    /// The members of an ensemble are trained side by side. A [`Stop`](crate::Stop) keeps those that finished an epoch.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] for an option out of range; [`ErrorKind::Site`] when the shift is not a parameter;
    /// [`ErrorKind::Training`] for fewer than 20 simulations, data that their outcome does not allow, a parameter that never
    /// varies, a column of data that never varies, a shift at or after a time, or training that does not converge.
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
        let region = Region::of(parameters, names.len(), shift);
        let (features, provenance) = (Arc::new(features), simulations.provenance());
        let few = few(&provenance);
        // On a thread of the pool, so that the parallel parts of a step need not wake one from outside.
        let (options, trained) = rayon::scope(|_| self.choose_flow(simulations, &features))?;
        let trained = Mutex::new(trained);
        let learn = |index: usize| -> Result<Parts> {
            let known =
                if index == 0 { trained.lock().ok().and_then(|mut trained| trained.take()) } else { None };
            let (networks, mut report) = match known {
                Some((wide, report)) => (Networks { wide: Some(wide), ..Networks::default() }, report),
                None => options.member(index).learn(simulations, shift, &features)?,
            };
            report.messages.extend(few.clone());
            let Networks { classes, flow, wide } = networks;
            let (names, inputs, region) = (names.clone(), inputs.clone(), region.clone());
            let seen =
                Seen::of(simulations, shift, classes.as_ref().map_or(0, |network| network.shape.outputs()));
            let (outcome, provenance) = (*outcome, provenance.clone());
            Ok(Parts { names, outcome, region, seen, inputs, shift, classes, flow, wide, report, provenance })
        };
        let members = (0..self.ensemble).into_par_iter().with_max_len(1).map(learn);
        let members = rayon::scope(|_| members.collect::<Result<Vec<Parts>>>())?;
        let (first, others) = finished(members);
        few.iter().for_each(|few| self.progress.warn(few));
        Ok(NeuralLikelihood::ensemble(first, others))
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

    /// Trains the networks of one member.
    fn learn(
        &self,
        simulations: &Simulations,
        shift: Option<usize>,
        features: &Arc<Vec<f32>>,
    ) -> Result<(Networks, TrainingReport)> {
        if matches!(simulations.outcome, Outcome::Real { width } if width > 1) {
            let (wide, report) = self.learn_wide(simulations, features)?;
            return Ok((Networks { wide: Some(wide), ..Networks::default() }, report));
        }
        let (estimator, data) = self.estimator(simulations, shift, features.to_vec())?;
        let report = train(&estimator, Some(simulations.groups()), &self.training(simulations.len()))?;
        let [classes, flow] = estimator.weights().map_err(failed)?;
        let freeze = |(shape, weights)| FrozenMlp::new(shape, weights);
        let flow = flow.zip(data).map(|(network, data)| FrozenFlow {
            network: freeze(network),
            spline: self.spline(&data),
            data,
        });
        Ok((Networks { classes: classes.map(freeze), flow, wide: None }, report))
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
        let flow = estimator::Flow::new(shape, spline, flow_features, scaled, &mut stream).map_err(failed)?;
        estimator.flow = Some(flow);
        Ok((estimator, Some(data)))
    }

    /// The spline for data on a scale; for times, with the curvature that gives first-passage tails.
    fn spline(&self, data: &DataScaler) -> SplineShape {
        let curvature = if data.log { 0.5 * data.scale.spread } else { 0.0 };
        SplineShape { bins: self.bins, bound: self.bound, curvature }
    }
}

/// The members that finished an epoch before they were stopped; the first, where none did.
fn finished(mut members: Vec<Parts>) -> (Parts, Vec<Parts>) {
    let first = members.iter().position(|member| member.report.best_epoch > 0).unwrap_or(0);
    let mut others = members.split_off(first + 1);
    others.retain(|member| member.report.best_epoch > 0);
    (members.swap_remove(first), others)
}
