//! How accurate is a drift-diffusion likelihood learned from simulations?
//!
//! *Per trial*: 400 parameter rows drawn from the training prior x 100 trials drawn from each; the error of a trial is
//! log q - log p in nats. Reported: mean absolute error, root mean square, 99th percentile of the absolute error.
//!
//! *Per posterior*: data sets of 10 subjects x 100 trials simulated from a hierarchy (drift by subject; a, w, t0 shared), fitted
//! with the learned and with the exact density. Reported over all parameters: the largest distance of the means in exact
//! posterior sds, and the smallest and largest ratio of sds.
//!
//! ```sh
//! cargo run --release --example ddm_accuracy -- --simulations 100000 --seeds 5 --json accuracy.json
//! ```
//!
//! Each seed trains one likelihood, measures it per trial, and fits one data set.

use mynah::draws::SummaryRow;
use mynah::prelude::*;
use serde::Serialize;
use std::time::Instant;

const ROWS: usize = 400;
const TRIALS: usize = 100;

/// The errors of one trained likelihood.
#[derive(Serialize)]
struct Accuracy {
    seed: u64,
    simulations: usize,
    seconds: f64,
    epochs: usize,
    validation_loss: f64,
    mean_absolute: f64,
    root_mean_square: f64,
    percentile_99: f64,
    farthest_mean: f64,
    least_sd_ratio: f64,
    largest_sd_ratio: f64,
}

const SUBJECTS: usize = 10;
const TRIALS_EACH: usize = 100;

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

/// Fits one simulated data set both ways: (distance of the means in exact sds, ratio of sds) of each parameter.
fn posterior_errors(ddm: &NeuralLikelihood, seed: u64) -> mynah::Result<Vec<(f64, f64)>> {
    let mut stream = Seed(seed).stream(Domain::User, 1);
    let a = LogNormal(0.5, 0.2).sample(&mut stream);
    let w = Beta(30.0, 30.0).sample(&mut stream);
    let drifts: Vec<f64> = (0..SUBJECTS).map(|_| Normal(0.6, 0.6).sample(&mut stream)).collect();
    let subject: Vec<usize> = (0..SUBJECTS * TRIALS_EACH).map(|trial| trial / TRIALS_EACH).collect();
    let trials: Vec<Response> =
        subject.iter().map(|&s| Wiener(drifts[s], a, w, 0.3).sample(&mut stream)).collect();
    let nuts = Nuts::default().target_acceptance(0.9).draws(2000).seed(seed);
    let learned = learned(ddm, &subject, &trials)?.sample(&nuts)?.summary();
    let exact = exact(&subject, &trials)?.sample(&nuts)?.summary();
    let compare = |(learned, exact): (&SummaryRow, &SummaryRow)| {
        ((learned.mean - exact.mean) / exact.sd, learned.sd / exact.sd)
    };
    Ok(learned.rows.iter().zip(&exact.rows).map(compare).collect())
}

fn prior() -> mynah::Result<BoxPrior> {
    BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)])
}

/// log q - log p of trials drawn from the model.
fn errors(ddm: &NeuralLikelihood, seed: u64) -> mynah::Result<Vec<f64>> {
    let rows = Simulations::draw(&prior()?, &Ddm::default(), ROWS, Seed(seed).derive(1))?;
    let mut stream = Seed(seed).stream(Domain::User, 0);
    let mut errors = vec![];
    for theta in rows.parameters.chunks(4) {
        let exact = Wiener(theta[0], theta[1], theta[2], theta[3]);
        let trials: Vec<Response> = (0..TRIALS).map(|_| exact.sample(&mut stream)).collect();
        let data: Vec<f64> = trials.iter().flat_map(|trial| trial.row()).collect();
        let mut learned = vec![0.0; TRIALS];
        ddm.bind(&data, &[0; TRIALS], 1)?.evaluator().pointwise(theta, &mut learned);
        errors.extend(learned.iter().zip(&trials).map(|(q, trial)| q - exact.log_prob(*trial)));
    }
    Ok(errors)
}

fn accuracy(simulations: usize, copies: usize, epochs: usize, seed: u64) -> mynah::Result<Accuracy> {
    let start = Instant::now();
    let pairs = Simulations::draw(&prior()?, &Ddm::default(), simulations, Seed(seed))?;
    let pairs = Ddm::default().augment(&pairs, copies, seed)?;
    let ddm = Nle::default().shift("t0").max_epochs(epochs).seed(seed).fit(&pairs)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut errors: Vec<f64> = errors(&ddm, seed)?.into_iter().map(f64::abs).collect();
    errors.sort_by(f64::total_cmp);
    let count = errors.len() as f64;
    let posterior = posterior_errors(&ddm, seed)?;
    let ratios = || posterior.iter().map(|(_, ratio)| *ratio);
    Ok(Accuracy {
        seed,
        simulations,
        seconds,
        epochs: ddm.report().epochs,
        validation_loss: ddm.report().best_loss(),
        mean_absolute: errors.iter().sum::<f64>() / count,
        root_mean_square: (errors.iter().map(|error| error * error).sum::<f64>() / count).sqrt(),
        percentile_99: errors[errors.len() * 99 / 100],
        farthest_mean: posterior.iter().map(|(distance, _)| distance.abs()).fold(0.0, f64::max),
        least_sd_ratio: ratios().fold(f64::INFINITY, f64::min),
        largest_sd_ratio: ratios().fold(0.0, f64::max),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use lexopt::prelude::*;
    let (mut simulations, mut copies, mut epochs, mut seeds, mut json) = (100_000, 0, 20, 1, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("simulations") => simulations = arguments.value()?.parse()?,
            Long("copies") => copies = arguments.value()?.parse()?,
            Long("epochs") => epochs = arguments.value()?.parse()?,
            Long("seeds") => seeds = arguments.value()?.parse()?,
            Long("json") => json = Some(arguments.value()?),
            Long("quick") => simulations = 3000,
            other => return Err(other.unexpected().into()),
        }
    }
    println!(
        "seed  simulations  seconds  epochs  validation  mean abs   rmse    99 %  farthest mean  sd ratios"
    );
    let mut table = vec![];
    for seed in 1..=seeds {
        let row = accuracy(simulations, copies, epochs, seed)?;
        println!(
            "{seed:>4}  {simulations:>11}  {:>7.1}  {:>6}  {:>10.4}  {:>8.4}  {:>6.4}  {:>6.4}  {:>10.2} sd  {:.2}-{:.2}",
            row.seconds,
            row.epochs,
            row.validation_loss,
            row.mean_absolute,
            row.root_mean_square,
            row.percentile_99,
            row.farthest_mean,
            row.least_sd_ratio,
            row.largest_sd_ratio
        );
        table.push(row);
    }
    if let Some(path) = json {
        std::fs::write(path, serde_json::to_string_pretty(&table)?)?;
    }
    Ok(())
}
