//! Drift-diffusion trials of one subject and of ten.

use crate::options::Options;
use crate::report::{Fit, nuts, timed};
use mynah::prelude::*;
use rand::RngExt;

const SUBJECTS: usize = 10;

/// What a single subject's likelihood is learned under, and its model's prior.
#[model]
fn box_prior() {
    sample!(v ~ Uniform(-3.0, 3.0));
    sample!(a ~ Uniform(0.6, 3.0));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, 0.5));
}

#[model]
fn single_learned(ddm: &NeuralLikelihood, trials: &[Response]) {
    sample!(v ~ Uniform(-3.0, 3.0));
    sample!(a ~ Uniform(0.6, 3.0));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, 0.5));
    plate!(trials = trials.len(), {
        sample!(response ~ ddm.given(v, a, w, t0), observed = trials);
    });
}

#[model]
fn single_exact(trials: &[Response]) {
    sample!(v ~ Uniform(-3.0, 3.0));
    sample!(a ~ Uniform(0.6, 3.0));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, 0.5));
    plate!(trials = trials.len(), {
        sample!(response ~ Wiener(v, a, w, t0), observed = trials);
    });
}

/// The parameters of one subject as the hierarchy has them.
#[model]
fn one_subject() {
    sample!(v ~ Normal(0.0, 1.5));
    sample!(a ~ LogNormal(0.5, 0.4));
    sample!(w ~ Beta(10.0, 10.0));
    sample!(t0 ~ Uniform(0.0, 0.5));
}

#[model]
fn hierarchy_learned(ddm: &NeuralLikelihood, subject: &[usize], trials: &[Response]) {
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
fn hierarchy_exact(subject: &[usize], trials: &[Response]) {
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

/// A plain likelihood, with the defaults of `Nle`.
fn learn(prior: &Model, simulations: usize, seed: u64) -> mynah::Result<NeuralLikelihood> {
    let options = mynah::simulate::SimulationOptions::default().progress(Progress::Hidden);
    let pairs = options.run(prior, &Ddm::default(), simulations, seed)?.simulations;
    timed("learned", || Nle::default().shift("t0").progress(Progress::Hidden).seed(seed).fit(&pairs))
}

/// 500 trials of parameters in the inner part of the box.
pub(crate) fn single(simulations: usize, options: &Options, seed: u64) -> mynah::Result<Fit> {
    let mut stream = Seed(seed).stream(Domain::User, 1);
    let mut between = |low: f64, high: f64| low + (high - low) * stream.random::<f64>();
    let truth = Wiener(between(-2.0, 2.0), between(0.9, 2.2), between(0.35, 0.65), between(0.1, 0.4));
    let trials: Vec<Response> =
        (0..if options.quick { 50 } else { 500 }).map(|_| truth.sample(&mut stream)).collect();
    let ddm = learn(&box_prior()?, simulations, seed)?;
    let nuts = nuts(options, seed);
    let learned = timed("fitted", || single_learned(&ddm, &trials)?.sample(&nuts))?;
    let exact = timed("exact", || single_exact(&trials)?.sample(&nuts))?;
    Fit::of(format!("single {seed}"), simulations, &learned, &exact)
}

/// Ten subjects with 100 trials each.
pub(crate) fn hierarchy(simulations: usize, options: &Options, seed: u64) -> mynah::Result<Fit> {
    let mut stream = Seed(seed).stream(Domain::User, 2);
    let a = LogNormal(0.5, 0.2).sample(&mut stream);
    let w = Beta(30.0, 30.0).sample(&mut stream);
    let drifts: Vec<f64> = (0..SUBJECTS).map(|_| Normal(0.6, 0.6).sample(&mut stream)).collect();
    let each = if options.quick { 20 } else { 100 };
    let subject: Vec<usize> = (0..SUBJECTS * each).map(|trial| trial / each).collect();
    let trials: Vec<Response> =
        subject.iter().map(|&s| Wiener(drifts[s], a, w, 0.3).sample(&mut stream)).collect();
    let ddm = learn(&one_subject()?, simulations, seed)?;
    let nuts = nuts(options, seed);
    let learned = timed("fitted", || hierarchy_learned(&ddm, &subject, &trials)?.sample(&nuts))?;
    let exact = timed("exact", || hierarchy_exact(&subject, &trials)?.sample(&nuts))?;
    Fit::of(format!("hierarchy {seed}"), simulations, &learned, &exact)
}
