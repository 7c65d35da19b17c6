//! The cookie factory: how many chocolate chips do five bakeries put in a cookie, if all follow one recipe?
//!
//! Three models of the same 150 cookies (one rate for all; one for each; one for each, drawn from a common recipe), each
//! with two likelihoods: the Poisson formula, and a network that learned p(chips | rate) from simulated cookies alone.
//!
//! ```sh
//! cargo run --release --example 01_cookie_factory
//! ```
//!
//! Ctrl-C ends it with what it has: the summaries so far, and the report if one was asked for.

mod common;
#[path = "common/cookies.rs"]
mod cookies;

use common::{Options, Report};
use mynah::prelude::*;
use mynah::simulate::SimulationOptions;
use std::time::Instant;

// --- With the formula ---------------------------------------------------------------------------------------------

#[model]
fn pooled(chips: &[u64]) {
    sample!(lam ~ Gamma(2.0, 0.2));
    plate!(cookies = chips.len(), {
        sample!(count ~ Poisson(lam), observed = chips);
    });
}

#[model]
fn unpooled(bakery: &[usize], chips: &[u64]) {
    plate!(bakeries = 5, {
        sample!(lam ~ Gamma(2.0, 0.2));
    });
    plate!(cookies = chips.len(), {
        sample!(count ~ Poisson(lam.at(bakery)), observed = chips);
    });
}

#[model]
fn hierarchical(bakery: &[usize], chips: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    sample!(sigma ~ Exponential(1.0));
    plate!(bakeries = 5, {
        sample!(lam ~ Gamma(mu.powi(2) / sigma.powi(2), mu / sigma.powi(2)));
    });
    plate!(cookies = chips.len(), {
        sample!(count ~ Poisson(lam.at(bakery)), observed = chips);
    });
}

// --- With a learned likelihood ------------------------------------------------------------------------------------

/// Where the simulated cookies' rates come from: a wide interval around the bakeries' average counts (6 to 12), so that no
/// simulation is spent on rates that these cookies rule out.
#[model]
fn rate_prior() {
    sample!(rate ~ Uniform(3.0, 16.0));
}

#[model]
fn pooled_neural(baker: &NeuralLikelihood, chips: &[u64]) {
    sample!(lam ~ Gamma(2.0, 0.2));
    plate!(cookies = chips.len(), {
        sample!(count ~ baker.given(rate: lam), observed = chips);
    });
}

#[model]
fn unpooled_neural(baker: &NeuralLikelihood, bakery: &[usize], chips: &[u64]) {
    plate!(bakeries = 5, {
        sample!(lam ~ Gamma(2.0, 0.2));
    });
    plate!(cookies = chips.len(), {
        sample!(count ~ baker.given(rate: lam.at(bakery)), observed = chips);
    });
}

#[model]
fn hierarchical_neural(baker: &NeuralLikelihood, bakery: &[usize], chips: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    sample!(sigma ~ Exponential(1.0));
    plate!(bakeries = 5, {
        sample!(lam ~ Gamma(mu.powi(2) / sigma.powi(2), mu / sigma.powi(2)));
    });
    plate!(cookies = chips.len(), {
        sample!(count ~ baker.given(rate: lam.at(bakery)), observed = chips);
    });
}

/// Learns p(chips | rate) from simulated cookies.
fn learn(options: &Options, stop: &Stop, report: &mut Report) -> mynah::Result<NeuralLikelihood> {
    let simulations = if options.quick { 5_000 } else { 50_000 };
    let bake = Counts(|theta: &[f64], stream: &mut Stream| Poisson(theta[0]).sample(stream) as u64);
    let start = Instant::now();
    let run = SimulationOptions::default().stop(stop).run(
        &rate_prior()?,
        &bake,
        simulations,
        Seed(options.seed),
    )?;
    println!("\n{run}");
    let pairs = run.simulations;
    report.seconds.simulate = start.elapsed().as_secs_f64();
    // One parameter, and counts that change smoothly with it: a small network learns less of the noise. With 50 000
    // simulations the noise that is left moves the means by 0.05 to 0.3 posterior sds, depending on the seed.
    let nle = Nle::default().hidden(&[16]).learning_rate(0.01).seed(options.seed).stop(stop);
    let start = Instant::now();
    let baker = if options.quick { nle.max_epochs(5) } else { nle }.fit(&pairs)?;
    report.seconds.train = start.elapsed().as_secs_f64();
    report.simulations = pairs.len();
    report.epochs = baker.report().epochs;
    report.validation_loss = Some(baker.report().best_loss());
    Ok(baker)
}

/// Fits all models, one after the other.
fn fit(options: &Options, stop: &Stop, report: &mut Report) -> mynah::Result<()> {
    let (bakery, chips) = (cookies::bakery(), cookies::chips());
    let draws = if options.quick { 200 } else { 1000 };
    let nuts =
        Nuts::default().target_acceptance(0.9).warmup(draws).draws(draws).seed(options.seed).stop(stop);

    report.fit("pooled/formula", &pooled(&chips)?.sample(&nuts)?);
    report.fit("unpooled/formula", &unpooled(&bakery, &chips)?.sample(&nuts)?);
    report.fit("hierarchical/formula", &hierarchical(&bakery, &chips)?.sample(&nuts)?);

    let baker = learn(options, stop, report)?;
    report.fit("pooled/neural", &pooled_neural(&baker, &chips)?.sample(&nuts)?);
    report.fit("unpooled/neural", &unpooled_neural(&baker, &bakery, &chips)?.sample(&nuts)?);
    report.fit("hierarchical/neural", &hierarchical_neural(&baker, &bakery, &chips)?.sample(&nuts)?);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse(&[])?;
    let stop = Stop::on_interrupt()?;
    let mut report = Report::new("01_cookie_factory", options.seed);
    let start = Instant::now();
    let outcome = fit(&options, &stop, &mut report);
    report.seconds.total = start.elapsed().as_secs_f64();
    report.end(&options, &stop, outcome)
}
