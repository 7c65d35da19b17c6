//! Chips in cookies: counts of one rate, and of rates from a population.

use crate::options::Options;
use crate::report::{Fit, nuts};
use mynah::prelude::*;
use rand::RngExt;

const BAKERIES: usize = 5;

#[model]
fn pooled_learned(chips: &NeuralLikelihood, counts: &[u64]) {
    sample!(rate ~ Gamma(2.0, 0.2));
    plate!(cookies = counts.len(), {
        sample!(count ~ chips.given(rate), observed = counts);
    });
}

#[model]
fn pooled_exact(counts: &[u64]) {
    sample!(rate ~ Gamma(2.0, 0.2));
    plate!(cookies = counts.len(), {
        sample!(count ~ Poisson(rate), observed = counts);
    });
}

#[model]
fn bakeries_learned(chips: &NeuralLikelihood, bakery: &[usize], counts: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    sample!(sigma ~ Exponential(1.0));
    plate!(bakeries = BAKERIES, {
        sample!(rate ~ Gamma(mu.powi(2) / sigma.powi(2), mu / sigma.powi(2)));
    });
    plate!(cookies = counts.len(), {
        sample!(count ~ chips.given(rate: rate.at(bakery)), observed = counts);
    });
}

#[model]
fn bakeries_exact(bakery: &[usize], counts: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    sample!(sigma ~ Exponential(1.0));
    plate!(bakeries = BAKERIES, {
        sample!(rate ~ Gamma(mu.powi(2) / sigma.powi(2), mu / sigma.powi(2)));
    });
    plate!(cookies = counts.len(), {
        sample!(count ~ Poisson(rate.at(bakery)), observed = counts);
    });
}

fn learn(simulations: usize, seed: u64) -> mynah::Result<NeuralLikelihood> {
    let prior = BoxPrior::new([("rate", 1.0, 25.0)])?;
    let chips = Counts(|theta, stream| Poisson(theta[0]).sample(stream) as u64);
    let options = mynah::simulate::SimulationOptions::default().progress(Progress::Hidden);
    let pairs = options.run(&prior, &chips, simulations, seed)?.simulations;
    Nle::default().progress(Progress::Hidden).seed(seed).fit(&pairs)?.simulator(chips)
}

/// A hundred cookies of one rate.
pub(crate) fn pooled(simulations: usize, options: &Options, seed: u64) -> mynah::Result<Fit> {
    let mut stream = Seed(seed).stream(Domain::User, 3);
    let rate = 4.0 + 10.0 * stream.random::<f64>();
    let counts: Vec<u64> = (0..100).map(|_| Poisson(rate).sample(&mut stream) as u64).collect();
    let chips = learn(simulations, seed)?;
    let nuts = nuts(options, seed);
    let (learned, exact) =
        (pooled_learned(&chips, &counts)?.sample(&nuts)?, pooled_exact(&counts)?.sample(&nuts)?);
    Fit::of(format!("cookies {seed}"), simulations, &learned, &exact)
}

/// Twenty cookies of each of five bakeries.
pub(crate) fn bakeries(simulations: usize, options: &Options, seed: u64) -> mynah::Result<Fit> {
    let mut stream = Seed(seed).stream(Domain::User, 4);
    let rates: Vec<f64> = (0..BAKERIES).map(|_| Gamma(16.0, 2.0).sample(&mut stream)).collect();
    let bakery: Vec<usize> = (0..20 * BAKERIES).map(|cookie| cookie / 20).collect();
    let counts: Vec<u64> = bakery.iter().map(|&b| Poisson(rates[b]).sample(&mut stream) as u64).collect();
    let chips = learn(simulations, seed)?;
    let nuts = nuts(options, seed);
    let learned = bakeries_learned(&chips, &bakery, &counts)?.sample(&nuts)?;
    let exact = bakeries_exact(&bakery, &counts)?.sample(&nuts)?;
    Fit::of(format!("bakeries {seed}"), simulations, &learned, &exact)
}
