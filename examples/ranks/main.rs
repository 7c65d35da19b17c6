//! Whether this language's models, gradients and sampler are right together: simulation-based ranks.
//!
//! For each model, many times: parameters from the prior and data from the parameters, by simulators in plain Rust that share nothing with
//! the model; a fit; the rank of each true value among the draws. If all is right, ranks are uniform. A model holds where no
//! quantity's chi-square is beyond what has a probability of 1 % over all its quantities: a correct model fails once in 100 runs.
//!
//! ```sh
//! cargo run --release --example ranks
//! ```
//!
//! | flag | default | meaning |
//! |---|---|---|
//! | `--only NAME` | all | models whose name holds this |
//! | `--replications N` | 200 | replications of each model |
//! | `--seed N` | 1 | the root of all random numbers |
//! | `--quick` | | a run of seconds that shows that everything works; its figures mean nothing |
//! | `--large` | | more data: 200 points of the Gaussian process, which then takes hours |
//! | `--json PATH` | | histograms of all ranks |
//!
//! Replications run beside each other on all cores, each with one chain; what is drawn does not depend on how many there are.

mod draw;
mod options;
mod rank;

mod censored;
mod gaussian_process;
mod hidden_markov;
mod missing;
mod mixture;
mod ragged;
mod slopes;
mod truncated;

use mynah::prelude::*;
use options::Options;
use rank::{Histogram, Ranks, Replication, Size};
use rayon::prelude::*;
use serde::Serialize;
use std::time::Instant;

/// The probability that a correct model is said not to hold.
const FALSE_POSITIVES: f64 = 0.01;

struct Study {
    name: &'static str,
    replicate: fn(&mut Stream, Size) -> mynah::Result<Replication>,
    /// Every so many draws one is used.
    thin: usize,
}

const STUDIES: [Study; 8] = [
    Study { name: "random slopes", replicate: slopes::replicate, thin: 6 },
    Study { name: "Gaussian process", replicate: gaussian_process::replicate, thin: 4 },
    Study { name: "ordered mixture", replicate: mixture::replicate, thin: 4 },
    Study { name: "hidden Markov", replicate: hidden_markov::replicate, thin: 4 },
    Study { name: "missing covariates", replicate: missing::replicate, thin: 6 },
    Study { name: "truncated regression", replicate: truncated::replicate, thin: 4 },
    Study { name: "censored regression", replicate: censored::replicate, thin: 4 },
    Study { name: "ragged hierarchy", replicate: ragged::replicate, thin: 8 },
];

#[derive(Serialize)]
struct Row {
    model: &'static str,
    replications: usize,
    adjusted_p: f64,
    divergences: f64,
    seconds: f64,
    held: bool,
    quantities: Vec<Histogram>,
}

impl Study {
    fn run(&self, options: &Options) -> mynah::Result<Row> {
        let start = Instant::now();
        let one = |index: usize| -> mynah::Result<Ranks> {
            let seed = Seed(options.seed).derive(index as u64);
            let replication = (self.replicate)(&mut seed.stream(Domain::User, 0), options.size)?;
            rank::rank(&replication, &options.nuts().seed(seed), self.thin)
        };
        let fits = (0..options.replications).into_par_iter().map(one).collect::<mynah::Result<Vec<_>>>()?;
        let quantities = rank::histograms(&fits);
        let smallest = quantities.iter().map(|quantity| quantity.p).fold(1.0, f64::min);
        let adjusted_p = (smallest * quantities.len() as f64).min(1.0);
        Ok(Row {
            model: self.name,
            replications: fits.len(),
            adjusted_p,
            divergences: fits.iter().map(|fit| fit.divergences as f64).sum::<f64>() / fits.len() as f64,
            seconds: start.elapsed().as_secs_f64(),
            held: adjusted_p >= FALSE_POSITIVES,
            quantities,
        })
    }
}

impl Row {
    fn print(&self) {
        let least = |a: f64, quantity: &Histogram| a.min(quantity.effective);
        println!(
            "| {} | {} | {} | {:.3} | {:.2} | {:.0} | {:.1} | {} |",
            self.model,
            self.quantities.len(),
            self.replications,
            self.adjusted_p,
            self.divergences,
            self.quantities.iter().fold(f64::INFINITY, least),
            self.seconds,
            if self.held { "yes" } else { "NO" }
        );
        if !self.held {
            for quantity in self.quantities.iter().filter(|quantity| quantity.p < 0.05) {
                eprintln!("  {}: p {:.1e}, ranks {:?}", quantity.quantity, quantity.p, quantity.counts);
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse()?;
    println!(
        "| model | quantities | replications | smallest p, adjusted | mean divergences | least mean bulk ESS | seconds | held |"
    );
    println!("|---|{}---|", "---:|".repeat(6));
    let mut rows = vec![];
    for study in STUDIES.iter().filter(|study| study.name.contains(&options.only)) {
        let row = study.run(&options).map_err(|error| format!("{}: {error}", study.name))?;
        row.print();
        rows.push(row);
    }
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&rows)?)?;
    }
    match rows.iter().all(|row| row.held) || options.size == Size::Quick {
        true => Ok(()),
        false => Err("some ranks are not uniform".into()),
    }
}
