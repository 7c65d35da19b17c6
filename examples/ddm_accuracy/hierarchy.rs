//! Hierarchical fits: drift by subject, boundary separation, starting point and non-decision time shared.

use super::learn::{Learned, learn};
use super::options::Options;
use mynah::draws::SummaryRow;
use mynah::prelude::*;
use serde::Serialize;

const SUBJECTS: usize = 10;

/// What the likelihood is trained on: the parameters of one subject as the model's prior has them (a normal drift of about the
/// sd that a mean and a spread of sd 1 add up to). The non-decision time is the shift, which need not be learned.
#[model]
fn one_subject() {
    sample!(v ~ Normal(0.0, 1.5));
    sample!(a ~ LogNormal(0.5, 0.4));
    sample!(w ~ Beta(10.0, 10.0));
    sample!(t0 ~ Uniform(0.0, 0.5));
}

#[model]
fn learned(ddm: &NeuralLikelihood, subject: &[usize], trials: &[Response]) {
    sample!(v_mu ~ Normal(0.0, 1.0));
    sample!(v_sigma ~ HalfNormal(1.0));
    plate!(subjects = SUBJECTS, {
        sample!(v ~ Normal(v_mu, v_sigma));
    });
    sample!(a ~ LogNormal(0.5, 0.4));
    sample!(w ~ Beta(10.0, 10.0));
    sample!(t0 ~ Uniform(0.0, 0.5));
    plate!(trials = trials.len(), {
        sample!(response ~ ddm.given(v: v.at(subject), a, w, t0), observed = trials);
    });
}

#[model]
fn exact(subject: &[usize], trials: &[Response]) {
    sample!(v_mu ~ Normal(0.0, 1.0));
    sample!(v_sigma ~ HalfNormal(1.0));
    plate!(subjects = SUBJECTS, {
        sample!(v ~ Normal(v_mu, v_sigma));
    });
    sample!(a ~ LogNormal(0.5, 0.4));
    sample!(w ~ Beta(10.0, 10.0));
    sample!(t0 ~ Uniform(0.0, 0.5));
    plate!(trials = trials.len(), {
        sample!(response ~ Wiener(v.at(subject), a, w, t0), observed = trials);
    });
}

/// One simulated data set.
struct Data {
    subject: Vec<usize>,
    trials: Vec<Response>,
}

impl Data {
    /// Ten subjects with so many trials each.
    fn simulate(trials_each: usize, seed: u64) -> Self {
        let mut stream = Seed(seed).stream(Domain::User, 1);
        let a = LogNormal(0.5, 0.2).sample(&mut stream);
        let w = Beta(30.0, 30.0).sample(&mut stream);
        let drifts: Vec<f64> = (0..SUBJECTS).map(|_| Normal(0.6, 0.6).sample(&mut stream)).collect();
        let subject: Vec<usize> = (0..SUBJECTS * trials_each).map(|trial| trial / trials_each).collect();
        let trials = subject.iter().map(|&s| Wiener(drifts[s], a, w, 0.3).sample(&mut stream)).collect();
        Self { subject, trials }
    }
}

/// Where the learned posterior lies beside the exact one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Hierarchy {
    /// Simulation and training.
    pub(crate) seconds: f64,
    /// The largest distance of the means in exact posterior sds, and whose it is.
    pub(crate) farthest: f64,
    pub(crate) farthest_name: String,
    pub(crate) least_ratio: f64,
    pub(crate) largest_ratio: f64,
    pub(crate) parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// Learned less exact mean, in exact posterior sds.
    pub(crate) distance: f64,
    /// The learned sd in exact sds.
    pub(crate) ratio: f64,
}

/// Learns, and fits one data set both ways.
pub(crate) fn hierarchy(options: &Options, seed: u64) -> mynah::Result<Hierarchy> {
    let Learned { ddm, seconds } = learn(&one_subject()?, options, seed)?;
    let parameters =
        compare(&ddm, &Data::simulate(if options.quick { 20 } else { 100 }, seed), options, seed)?;
    let ratios = || parameters.iter().map(|parameter| parameter.ratio);
    let farthest = parameters.iter().max_by(|a, b| a.distance.abs().total_cmp(&b.distance.abs()));
    let farthest = farthest.expect("a model has parameters");
    Ok(Hierarchy {
        seconds,
        farthest: farthest.distance.abs(),
        farthest_name: farthest.name.clone(),
        least_ratio: ratios().fold(f64::INFINITY, f64::min),
        largest_ratio: ratios().fold(0.0, f64::max),
        parameters,
    })
}

fn compare(
    ddm: &NeuralLikelihood,
    data: &Data,
    options: &Options,
    seed: u64,
) -> mynah::Result<Vec<Parameter>> {
    let draws = if options.quick { 100 } else { 2000 };
    let nuts = Nuts::default().target_acceptance(0.9).warmup(draws / 2).draws(draws).seed(seed);
    let learned = learned(ddm, &data.subject, &data.trials)?.sample(&nuts)?.summary();
    let exact = exact(&data.subject, &data.trials)?.sample(&nuts)?.summary();
    let parameter = |(learned, exact): (&SummaryRow, &SummaryRow)| Parameter {
        name: exact.name.clone(),
        distance: (learned.mean - exact.mean) / exact.sd,
        ratio: learned.sd / exact.sd,
    };
    Ok(learned.rows.iter().zip(&exact.rows).map(parameter).collect())
}
