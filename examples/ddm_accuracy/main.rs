//! How accurate is a drift-diffusion likelihood learned from simulations?
//!
//! *Per trial* (`trial`): 400 parameter rows drawn from the box x 100 trials drawn from each; the error of a trial is
//! log q - log p in nats. Reported: mean absolute error, root mean square, 99th percentile of the absolute error.
//!
//! *Hierarchy* (`hierarchy`): a data set of 10 subjects x 100 trials (drift by subject; a, w, t0 shared), fitted with a
//! likelihood trained on parameters from the model's own prior, and with the exact density. Reported over all 15 parameters: the
//! largest distance of the means in exact posterior sds, and the smallest and largest ratio of sds.
//!
//! *Single subject* (`single`): data sets of 1, 10, 100 and 1000 trials under a uniform prior on the box, fitted both ways.
//! Reported by number of trials: distances of means, ratio of sds, and the accuracy of a classifier that tells draws of
//! both posteriors apart (0.5: it cannot).
//!
//! ```sh
//! cargo run --release --example ddm_accuracy -- --seeds 5 --json accuracy.json
//! ```
//!
//! Each seed has its own simulations, training and data sets.
//!
//! | flag | default | meaning |
//! |---|---|---|
//! | `--simulations N` | 100000 | simulated trials to learn from |
//! | `--copies N` | 19 | moved copies of each (`Ddm::augment`) |
//! | `--epochs N` | 2 | passes over simulations and copies |
//! | `--ensemble N` | 4 | networks whose densities are averaged |
//! | `--batch N`, `--rate X`, `--decay X` | 256, 0.002, 0.03 | batch, learning rate, weight decay of `Nle` |
//! | `--plain` | | no copies, one network, the defaults of `Nle`; flags after it still count |
//! | `--box peers` or `narrow` | peers | a 0.6-5, w 0.1-0.9, t0 0-2, or a 0.6-3, w 0.2-0.8, t0 0-0.5; v within 3 in both |
//! | `--first N`, `--seeds K` | 1, 1 | the first seed and how many |
//! | `--sets N` | 5 | data sets of a single subject, per seed and number of trials |
//! | `--trials LIST` | 1,10,100,1000 | numbers of trials of a single subject |
//! | `--parts LIST` | all | some of `trial,hierarchy,single` |
//! | `--json PATH` | | the figures, as JSON |
//! | `--quick` | | everything once, in seconds; its figures mean nothing |

mod hierarchy;
mod learn;
mod options;
mod per_trial;
mod single;

use hierarchy::{Hierarchy, hierarchy};
use learn::learn;
use options::Options;
use per_trial::{PerTrial, per_trial};
use serde::Serialize;
use single::{Single, average, single};

/// All figures of a seed.
#[derive(Serialize)]
struct Accuracy {
    seed: u64,
    simulations: usize,
    trial: Option<PerTrial>,
    hierarchy: Option<Hierarchy>,
    single: Vec<Vec<Single>>,
}

fn measure(options: &Options, seed: u64) -> mynah::Result<Accuracy> {
    let mut accuracy =
        Accuracy { seed, simulations: options.simulations, trial: None, hierarchy: None, single: vec![] };
    if options.wants("trial") || options.wants("single") {
        let learned = learn(&options.region.prior()?, options, seed)?;
        println!("seed {seed}: {} simulations, learned in {:.1} s", options.simulations, learned.seconds);
        if options.wants("trial") {
            let errors = per_trial(&learned.ddm, options, seed)?;
            println!(
                "  per trial: mean absolute {:.4}, rmse {:.4}, 99 % {:.4}",
                errors.mean_absolute, errors.root_mean_square, errors.percentile_99
            );
            accuracy.trial = Some(errors);
        }
        if options.wants("single") {
            for &trials in &options.trials {
                let sets = single(&learned.ddm, trials, options, seed)?;
                print_single(&average(&sets));
                accuracy.single.push(sets);
            }
        }
    }
    if options.wants("hierarchy") {
        let fit = hierarchy(options, seed)?;
        println!(
            "  seed {seed}, hierarchy: learned in {:.1} s, farthest mean {:.2} sd ({}), sd ratios {:.2}-{:.2}",
            fit.seconds, fit.farthest, fit.farthest_name, fit.least_ratio, fit.largest_ratio
        );
        accuracy.hierarchy = Some(fit);
    }
    Ok(accuracy)
}

fn print_single(row: &Single) {
    println!(
        "  {:>4} trials: distance of means {:.3} sd, farthest {:.3}, sd ratio {:.3}, c2st {:.3}",
        row.trials, row.mean_distance, row.farthest, row.sd_ratio, row.c2st
    );
}

/// The averages over all seeds.
fn print_averages(table: &[Accuracy]) {
    println!("over {} seeds:", table.len());
    let trials: Vec<&PerTrial> = table.iter().filter_map(|row| row.trial.as_ref()).collect();
    if !trials.is_empty() {
        let mean = trials.iter().map(|row| row.mean_absolute).sum::<f64>() / trials.len() as f64;
        println!("  per trial: mean absolute {mean:.4}");
    }
    let fits: Vec<&Hierarchy> = table.iter().filter_map(|row| row.hierarchy.as_ref()).collect();
    if let Some(farthest) = fits.iter().map(|fit| fit.farthest).max_by(f64::total_cmp) {
        println!("  hierarchy: farthest mean {farthest:.2} sd");
    }
    for k in 0..table.iter().map(|row| row.single.len()).max().unwrap_or(0) {
        let sets: Vec<Single> = table.iter().filter_map(|row| row.single.get(k)).flatten().cloned().collect();
        if !sets.is_empty() {
            print_single(&average(&sets));
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse()?;
    let mut table = vec![];
    for seed in options.first..options.first + options.seeds {
        table.push(measure(&options, seed)?);
    }
    if table.len() > 1 {
        print_averages(&table);
    }
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&table)?)?;
    }
    Ok(())
}
