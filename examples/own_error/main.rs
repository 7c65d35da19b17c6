//! Does a learned posterior know its own error? Predicted beside actual shifts of posterior means.
//!
//! Likelihoods are learned from 10 000 and from 100 000 plain simulations, fitted to data sets beside the exact likelihood, and what the
//! score check ([`mynah::infer::ScoreCheck`]) says of each parameter is set beside where it lies. For each of `--seeds` seeds:
//!
//! - `single`: 500 trials of a drift-diffusion model with four parameters;
//! - `hierarchy`: 10 subjects x 100 trials, drift by subject;
//! - `cookies`: counts of one Poisson rate, 100 of them;
//! - `bakeries`: counts of 5 rates from a population, 20 each.
//!
//! Each seed and number of simulations has its own simulations and training, each seed and task its own data.
//!
//! ```sh
//! cargo run --release --example own_error -- --seeds 5 --json own_error.json
//! ```
//!
//! | flag | default | meaning |
//! |---|---|---|
//! | `--quick` | | everything once and small, in seconds; its figures mean nothing |
//! | `--seeds K`, `--first N` | 5, 2001 | how many seeds, and the first |
//! | `--tasks LIST` | all four | some of `single,hierarchy,cookies,bakeries` |
//! | `--simulations LIST` | 10000,100000 | simulations to learn from |
//! | `--data PATH` | | real trials (`subj_idx,rt,response` and more columns): a hierarchy of them instead, from 100 000 simulations, and again from 1 000 000 where the first posterior is |
//! | `--alarms` | | instead: faults of simulations and training, and whether their posteriors are warned of |
//! | `--json PATH` | | the figures, as JSON |

mod alarms;
mod cookies;
mod drift;
mod options;
mod real;
mod report;

use options::Options;
use report::Report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse()?;
    if options.alarms {
        return alarms::run(&options);
    }
    let mut report = Report::new();
    for seed in options.seeds() {
        if let Some(path) = &options.data {
            real::fits(path, &options, seed)?.into_iter().for_each(|fit| report.add(fit));
            continue;
        }
        for simulations in &options.simulations {
            for task in &options.tasks {
                report.add(match task.as_str() {
                    "single" => drift::single(*simulations, &options, seed)?,
                    "hierarchy" => drift::hierarchy(*simulations, &options, seed)?,
                    "cookies" => cookies::pooled(*simulations, &options, seed)?,
                    _ => cookies::bakeries(*simulations, &options, seed)?,
                });
            }
        }
    }
    report.end(&options)
}
