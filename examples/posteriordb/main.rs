//! The 17 posteriors of posteriordb in this language, beside their reference posteriors.
//!
//! One file for each model. The data come from a folder with one folder per posterior (`data.json`, `reference_summary.csv`):
//!
//! ```sh
//! cargo run --release --example posteriordb -- --data DIR
//! ```
//!
//! | flag | default | meaning |
//! |---|---|---|
//! | `--data DIR` | | where the posteriors are; without it nothing is run |
//! | `--only NAME` | all | posteriors whose name holds this |
//! | `--seed N` | 1 | the root of all random numbers |
//! | `--draws N` | 4000 | draws of each of the four chains |
//! | `--target-acceptance X` | 0.95 | what the step size is tuned to |
//! | `--quick` | | a run of seconds that shows that everything works; its figures mean nothing |
//! | `--json PATH` | | the report, as that of the other examples |

#[path = "../common/mod.rs"]
mod common;
mod data;
mod judge;

mod arma;
mod blr;
mod dogs;
mod earnings;
mod eight_schools;
mod falcons;
mod garch;
mod gaussian_process;
mod hidden_markov;
mod kidiq;
mod mesquite;
mod mixture;
mod nes;
mod radon;
mod rates;
mod seeds;
mod wells;

use common::Report;
use data::Data;
use judge::{Options, judge};
use mynah::prelude::*;
use std::time::Instant;

type Build = fn(&Data) -> mynah::Result<Model>;

/// A posterior's name, and its model.
const POSTERIORS: [(&str, Build); 17] = [
    ("GLMM_Poisson_data-GLMM_Poisson_model", falcons::model),
    ("Rate_2_data-Rate_2_model", rates::model),
    ("arK-arK", arma::model),
    ("dogs-dogs", dogs::model),
    ("earnings-logearn_interaction", earnings::model),
    ("eight_schools-eight_schools_noncentered", eight_schools::model),
    ("garch-garch11", garch::model),
    ("gp_pois_regr-gp_regr", gaussian_process::model),
    ("hmm_example-hmm_example", hidden_markov::model),
    ("kidiq-kidscore_interaction", kidiq::model),
    ("low_dim_gauss_mix-low_dim_gauss_mix", mixture::model),
    ("mesquite-logmesquite_logvash", mesquite::model),
    ("nes1980-nes", nes::model),
    ("radon_mn-radon_hierarchical_intercept_noncentered", radon::model),
    ("sblri-blr", blr::model),
    ("seeds_data-seeds_stanified_model", seeds::model),
    ("wells_data-wells_dist", wells::model),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse()?;
    let Some(folder) = &options.data else {
        println!("no posteriors to run: give their folder with --data DIR");
        return Ok(());
    };
    let start = Instant::now();
    let mut report = Report::new("posteriordb", options.seed);
    judge::print_head();
    let mut held = true;
    for (name, model) in POSTERIORS.into_iter().filter(|(name, _)| name.contains(&options.only)) {
        let model = model(&Data::read(&folder.join(name).join("data.json"))?)?;
        let posterior = model.sample(&options.nuts())?;
        held &= judge(name, &posterior, &folder.join(name).join("reference_summary.csv"))?;
        report.add(name, &posterior, judge::stan_name);
    }
    report.seconds.total = start.elapsed().as_secs_f64();
    report.write(options.json.as_deref())?;
    match held || options.quick {
        true => Ok(()),
        false => Err("some posteriors are not those of the reference".into()),
    }
}
