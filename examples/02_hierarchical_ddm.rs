//! A hierarchical drift-diffusion model whose likelihood was learned from simulations alone.
//!
//! Choices and response times of several subjects: a drift rate for each subject, drawn from a population; boundary
//! separation a, starting point w and non-decision time t0 shared. The likelihood of a trial is a network trained on
//! simulated trials; with `--exact` the exact first-passage density is fitted beside it.
//!
//! ```sh
//! cargo run --release --example 02_hierarchical_ddm
//! cargo run --release --example 02_hierarchical_ddm -- --data trials.csv --exact
//! ```
//!
//! Ctrl-C ends it with what it has: the summary of the draws so far, and the report if one was asked for.

mod common;
#[path = "common/trials.rs"]
mod trials;

use common::{Options, Report};
use mynah::prelude::*;
use mynah::simulate::SimulationOptions;
use std::time::Instant;
use trials::{Trials, Truth};

/// The region the likelihood is learned in.
#[model]
fn training_prior() {
    sample!(v ~ Uniform(-3.5, 3.5));
    sample!(a ~ Uniform(0.6, 3.5));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, 0.6));
}

#[model]
fn hierarchical_ddm(data: &Trials, ddm: &NeuralLikelihood) {
    sample!(v_mu ~ Normal(0.0, 2.0));
    sample!(v_sigma ~ HalfNormal(1.0));
    plate!(subjects = data.subjects(), {
        sample!(v ~ Normal(v_mu, v_sigma));
    });
    sample!(a ~ HalfNormal(2.0));
    sample!(w ~ Uniform(0.0, 1.0));
    sample!(t0 ~ Uniform(0.0, data.fastest()));
    plate!(trials = data.len(), {
        sample!(response ~ ddm.given(v: v.at(&data.subject), a, w, t0), observed = &data.responses);
    });
}

/// The same model with the exact density in place of the learned one.
#[model]
fn hierarchical_wiener(data: &Trials) {
    sample!(v_mu ~ Normal(0.0, 2.0));
    sample!(v_sigma ~ HalfNormal(1.0));
    plate!(subjects = data.subjects(), {
        sample!(v ~ Normal(v_mu, v_sigma));
    });
    sample!(a ~ HalfNormal(2.0));
    sample!(w ~ Uniform(0.0, 1.0));
    sample!(t0 ~ Uniform(0.0, data.fastest()));
    plate!(trials = data.len(), {
        sample!(response ~ Wiener(v.at(&data.subject), a, w, t0), observed = &data.responses);
    });
}

/// Simulates trials and learns p(choice, rt | v, a, w, t0) from them.
fn learn(options: &Options, stop: &Stop, report: &mut Report) -> mynah::Result<NeuralLikelihood> {
    let simulations = if options.quick { 5_000 } else { 100_000 };
    let start = Instant::now();
    let simulate = SimulationOptions::default().stop(stop);
    let run = simulate.run(&training_prior()?, &Ddm::default(), simulations, options.seed)?;
    println!("{run}");
    report.simulations = run.simulations.len();
    // Mirrored, rescaled, and with another drift drawn given the data, a simulated trial is one of other parameters: 19 more
    // of each for nothing.
    let pairs = Ddm::default().augment(&run.simulations, 19, options.seed)?;
    report.seconds.simulate = start.elapsed().as_secs_f64();
    let start = Instant::now();
    // The non-decision time shifts response times and does nothing else: that much of the simulator is known.
    // With many copies few passes are enough, in larger steps and with less decay.
    let nle = Nle::default().shift("t0").max_epochs(2).learning_rate(0.002).weight_decay(0.03);
    let ddm = nle.seed(options.seed).stop(stop).fit(&pairs)?;
    report.seconds.train = start.elapsed().as_secs_f64();
    report.epochs = ddm.report().epochs;
    report.validation_loss = Some(ddm.report().best_loss());
    println!(
        "learned the likelihood from {} simulated trials in {:.1} s ({} epochs, validation loss {:.4})",
        report.simulations,
        report.seconds.simulate + report.seconds.train,
        report.epochs,
        ddm.report().best_loss()
    );
    Ok(ddm)
}

/// Prints estimates beside the parameters the trials were simulated from.
fn beside_truth(name: &str, posterior: &Draws, truth: &Truth) {
    println!("\n{name}: estimate beside truth");
    for row in posterior.summary().rows {
        if let Some(true_value) = truth.of(&row.name) {
            let inside =
                if (row.q5..=row.q95).contains(&true_value) { "" } else { "  outside the 90 % interval" };
            println!("{:<8} {:>8.3} +- {:<7.3} true {:>8.3}{inside}", row.name, row.mean, row.sd, true_value);
        }
    }
}

/// Prints how far the learned posterior lies from the exact one.
fn beside_exact(learned: &Draws, exact: &Draws) {
    println!("\nlearned beside exact: distance of the means in exact posterior sds, ratio of sds");
    let mut farthest: f64 = 0.0;
    for (learned, exact) in learned.summary().rows.iter().zip(&exact.summary().rows) {
        let distance = (learned.mean - exact.mean) / exact.sd;
        farthest = farthest.max(distance.abs());
        println!("{:<8} {distance:>7.2} sd   {:>5.2}", exact.name, learned.sd / exact.sd);
    }
    println!("farthest mean: {farthest:.2} posterior sds");
}

/// Learns the likelihood and fits the models.
fn fit(
    options: &Options,
    data: &Trials,
    truth: &Truth,
    stop: &Stop,
    report: &mut Report,
) -> mynah::Result<()> {
    let ddm = learn(options, stop, report)?;

    let draws = if options.quick { 150 } else { 1000 };
    let nuts =
        Nuts::default().target_acceptance(0.9).warmup(draws).draws(draws).seed(options.seed).stop(stop);
    let learned = hierarchical_ddm(data, &ddm)?.sample(&nuts)?;
    report.fit("hierarchical/neural", &learned);
    if options.data.is_none() {
        beside_truth("hierarchical/neural", &learned, truth);
    }
    if options.exact {
        let exact = hierarchical_wiener(data)?.sample(&nuts)?;
        report.fit("hierarchical/exact", &exact);
        beside_exact(&learned, &exact);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse(&["data", "exact"])?;
    let stop = Stop::on_interrupt()?;
    let mut report = Report::new("02_hierarchical_ddm", options.seed);
    let start = Instant::now();
    let truth = Truth::draw(14, options.seed);
    let trials_each = if options.quick { 40 } else { 285 };
    let data = match &options.data {
        Some(path) => Trials::read(path)?,
        None => Trials::simulate(&truth, trials_each, options.seed),
    };
    println!("{} trials of {} subjects", data.len(), data.subjects());
    let outcome = fit(&options, &data, &truth, &stop, &mut report);
    report.seconds.total = start.elapsed().as_secs_f64();
    println!("\n{:.1} s in all", report.seconds.total);
    if options.quick {
        println!("(a quick run shows that everything works; its estimates mean nothing)");
    }
    report.end(&options, &stop, outcome)
}
