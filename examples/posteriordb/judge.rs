//! The command line, and posteriors beside their references.

use mynah::prelude::*;
use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};

pub(crate) struct Options {
    pub(crate) data: Option<PathBuf>,
    pub(crate) only: String,
    pub(crate) seed: u64,
    draws: usize,
    target_acceptance: f64,
    pub(crate) quick: bool,
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse() -> Result<Self, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options = Self {
            data: None,
            only: String::new(),
            seed: 1,
            draws: 4000,
            target_acceptance: 0.95,
            quick: false,
            json: None,
        };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("data") => options.data = Some(arguments.value()?.into()),
                Long("only") => options.only = arguments.value()?.string()?,
                Long("seed") => options.seed = arguments.value()?.parse()?,
                Long("draws") => options.draws = arguments.value()?.parse()?,
                Long("target-acceptance") => options.target_acceptance = arguments.value()?.parse()?,
                Long("quick") => (options.quick, options.draws) = (true, 100),
                Long("json") => options.json = Some(arguments.value()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }

    pub(crate) fn nuts(&self) -> Nuts {
        let warmup = if self.quick { 100 } else { 1000 };
        Nuts::default()
            .target_acceptance(self.target_acceptance)
            .warmup(warmup)
            .draws(self.draws)
            .seed(self.seed)
            .progress(Progress::Hidden)
    }
}

/// Means may differ by so many standard errors, sds by this share, and R-hat lies below this.
const MOST_ERRORS: f64 = 4.5;
const MOST_SD: f64 = 0.12;
const MOST_R_HAT: f64 = 1.01;

struct Reference {
    mean: f64,
    sd: f64,
    mcse: f64,
}

fn references(path: &Path) -> Result<HashMap<String, Reference>, Box<dyn Error>> {
    let mut rows = csv::Reader::from_path(path)?;
    let mut all = HashMap::new();
    for row in rows.records() {
        let row = row?;
        let number = |k: usize| row[k].parse::<f64>();
        all.insert(row[0].to_string(), Reference { mean: number(1)?, sd: number(2)?, mcse: number(3)? });
    }
    Ok(all)
}

pub(crate) fn print_head() {
    println!(
        "| posterior | parameters | worst mean, standard errors | worst sd, share off | worst R-hat | divergences | least bulk ESS | seconds | held |"
    );
    println!("|---|{}---|", "---:|".repeat(7));
}

/// Prints one line; whether the posterior is that of the reference.
pub(crate) fn judge(name: &str, posterior: &Draws, reference: &Path) -> Result<bool, Box<dyn Error>> {
    let references = references(reference)?;
    let summary = posterior.summary();
    let (mut errors, mut sds, mut r_hat, mut ess) = (0.0f64, 0.0f64, 0.0f64, f64::INFINITY);
    let mut compared = 0;
    for row in &summary.rows {
        let Some(expected) = references.get(&stan_name(&row.name)) else { continue };
        errors = errors.max((row.mean - expected.mean).abs() / row.mcse_mean.hypot(expected.mcse));
        sds = sds.max((row.sd / expected.sd - 1.0).abs());
        r_hat = r_hat.max(row.r_hat);
        ess = ess.min(row.ess_bulk);
        compared += 1;
    }
    let held = compared == references.len() && errors < MOST_ERRORS && sds < MOST_SD && r_hat < MOST_R_HAT;
    println!(
        "| {name} | {compared} of {} | {errors:.2} | {sds:.3} | {r_hat:.4} | {} | {ess:.0} | {:.2} | {} |",
        references.len(),
        posterior.divergences(),
        posterior.report().seconds,
        if held { "yes" } else { "NO" }
    );
    Ok(held)
}

/// Elements count from 1 there: `x[0,1]` is `x[1,2]`.
pub(crate) fn stan_name(name: &str) -> String {
    let Some((site, index)) = name.split_once('[') else { return name.to_string() };
    let one =
        |position: &str| position.parse::<usize>().map_or(position.to_string(), |at| (at + 1).to_string());
    let index: Vec<String> = index.trim_end_matches(']').split(',').map(one).collect();
    format!("{site}[{}]", index.join(","))
}
