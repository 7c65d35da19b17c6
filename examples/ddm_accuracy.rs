//! How accurate is a drift-diffusion likelihood learned from simulations? Error per trial against the exact density.
//!
//! Protocol: 400 parameter rows drawn from the training prior x 100 trials drawn from each; the error of a trial is
//! log q - log p in nats. Reported: mean absolute error, root mean square, 99th percentile of the absolute error.
//!
//! ```sh
//! cargo run --release --example ddm_accuracy -- --simulations 100000 --seeds 3 --json accuracy.json
//! ```

use mynah::prelude::*;
use mynah::simulate::BoxPrior;
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

fn accuracy(simulations: usize, seed: u64) -> mynah::Result<Accuracy> {
    let start = Instant::now();
    let pairs = Simulations::draw(&prior()?, &Ddm::default(), simulations, Seed(seed))?;
    let ddm = Nle::default().shift("t0").seed(seed).fit(&pairs)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut errors: Vec<f64> = errors(&ddm, seed)?.into_iter().map(f64::abs).collect();
    errors.sort_by(f64::total_cmp);
    let count = errors.len() as f64;
    Ok(Accuracy {
        seed,
        simulations,
        seconds,
        epochs: ddm.report().epochs,
        validation_loss: ddm.report().best_loss(),
        mean_absolute: errors.iter().sum::<f64>() / count,
        root_mean_square: (errors.iter().map(|error| error * error).sum::<f64>() / count).sqrt(),
        percentile_99: errors[errors.len() * 99 / 100],
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use lexopt::prelude::*;
    let (mut simulations, mut seeds, mut json) = (100_000, 1, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("simulations") => simulations = arguments.value()?.parse()?,
            Long("seeds") => seeds = arguments.value()?.parse()?,
            Long("json") => json = Some(arguments.value()?),
            Long("quick") => simulations = 3000,
            other => return Err(other.unexpected().into()),
        }
    }
    println!("seed  simulations  seconds  epochs  validation  mean abs   rmse    99 %");
    let mut table = vec![];
    for seed in 1..=seeds {
        let row = accuracy(simulations, seed)?;
        println!(
            "{seed:>4}  {simulations:>11}  {:>7.1}  {:>6}  {:>10.4}  {:>8.4}  {:>6.4}  {:>6.4}",
            row.seconds,
            row.epochs,
            row.validation_loss,
            row.mean_absolute,
            row.root_mean_square,
            row.percentile_99
        );
        table.push(row);
    }
    if let Some(path) = json {
        std::fs::write(path, serde_json::to_string_pretty(&table)?)?;
    }
    Ok(())
}
