#![allow(dead_code, reason = "each program uses its part of this file")]
//! What the examples share: their options and the JSON report.

use mynah::Stop;
use mynah::draws::Draws;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The options every example takes.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// `--quick`: a run of seconds that shows that everything works, not good estimates.
    pub(crate) quick: bool,
    /// `--seed N`: the root of all random numbers.
    pub(crate) seed: u64,
    /// `--json PATH`: write the report there.
    pub(crate) json: Option<PathBuf>,
    /// `--data FILE`: trials to fit instead of simulated ones.
    pub(crate) data: Option<PathBuf>,
    /// `--exact`: fit the exact density as well.
    pub(crate) exact: bool,
}

impl Options {
    /// Reads the command line; `more` says which options besides the common ones the example takes.
    pub(crate) fn parse(more: &[&str]) -> Result<Self, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options = Options::default();
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("help") | Short('h') => help(more),
                Long("quick") => options.quick = true,
                Long("seed") => options.seed = arguments.value()?.parse()?,
                Long("json") => options.json = Some(arguments.value()?.into()),
                Long("data") if more.contains(&"data") => options.data = Some(arguments.value()?.into()),
                Long("exact") if more.contains(&"exact") => options.exact = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { quick: false, seed: 1, json: None, data: None, exact: false }
    }
}

/// Prints the options with their defaults and ends the program.
fn help(more: &[&str]) -> ! {
    println!("Options:");
    println!(
        "  --quick      a run of seconds that shows that everything works, not good estimates (default: off)"
    );
    println!("  --seed N     the root of all random numbers (default: {})", Options::default().seed);
    println!("  --json PATH  write a report there (default: none)");
    if more.contains(&"data") {
        println!("  --data FILE  trials to fit instead of simulated ones (default: none)");
    }
    if more.contains(&"exact") {
        println!("  --exact      fit the exact density as well (default: off)");
    }
    println!("  --help       print this");
    std::process::exit(0)
}

/// What an example did, for `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    example: &'static str,
    seed: u64,
    threads: usize,
    pub(crate) seconds: Seconds,
    pub(crate) simulations: usize,
    pub(crate) epochs: usize,
    pub(crate) validation_loss: Option<f64>,
    fits: Vec<Fit>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Seconds {
    pub(crate) simulate: f64,
    pub(crate) train: f64,
    pub(crate) sample: f64,
    pub(crate) total: f64,
}

#[derive(Debug, Serialize)]
struct Fit {
    name: String,
    seconds: f64,
    draws: usize,
    chains: usize,
    divergences: usize,
    outside_training_region: Option<f64>,
    parameters: Vec<mynah::draws::SummaryRow>,
}

impl Report {
    pub(crate) fn new(example: &'static str, seed: u64) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let seconds = Seconds::default();
        Self {
            example,
            seed,
            threads,
            seconds,
            simulations: 0,
            epochs: 0,
            validation_loss: None,
            fits: vec![],
        }
    }

    /// Prints a fit's summary and adds it to the report.
    pub(crate) fn fit(&mut self, name: &str, posterior: &Draws) {
        println!("\n{name} ({:.1} s)\n{}", posterior.report().seconds, posterior.summary());
        self.add(name, posterior, str::to_owned);
    }

    /// Adds a fit to the report, its scalars under other names.
    pub(crate) fn add(&mut self, name: &str, posterior: &Draws, rename: impl Fn(&str) -> String) {
        let (mut parameters, report) = (posterior.summary().rows, posterior.report());
        parameters.iter_mut().for_each(|row| row.name = rename(&row.name));
        self.seconds.sample += report.seconds;
        self.fits.push(Fit {
            name: name.to_string(),
            seconds: report.seconds,
            draws: posterior.draws(),
            chains: posterior.chains(),
            divergences: posterior.divergences(),
            outside_training_region: report.outside_training_region,
            parameters,
        });
    }

    /// Writes the report, however the run ended. What is left undone after Ctrl-C is no error.
    pub(crate) fn end(
        &self,
        options: &Options,
        stop: &Stop,
        outcome: mynah::Result<()>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        self.write(options.json.as_deref())?;
        match outcome {
            Err(unfinished) if stop.is_requested() => {
                println!("\nended by Ctrl-C; what is printed above is what there is ({unfinished})");
                Ok(())
            }
            outcome => Ok(outcome?),
        }
    }

    /// Writes the report, if a path is given.
    pub(crate) fn write(&self, path: Option<&Path>) -> std::io::Result<()> {
        if let Some(path) = path {
            std::fs::write(path, serde_json::to_string_pretty(self)?)?;
            println!("\nreport written to {}", path.display());
        }
        Ok(())
    }
}
