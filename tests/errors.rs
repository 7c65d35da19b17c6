//! Bad models and bad data: each mistake has its message, given when the model is built, before any sampling.

#[path = "support/rejects.rs"]
mod rejects;

use mynah::model;
use mynah::prelude::*;
use mynah::{DensityError, ErrorKind, LogDensity};
use rejects::rejects;

#[model]
fn rows(length: usize, y: &[f64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    plate!(rows = length, {
        sample!(y ~ Normal(mu, 1.0), observed = y);
    });
}

#[test]
fn data_as_long_as_their_plate() {
    let parts =
        ["site `y`", "plate `rows`", "expected 3 observed values", "got 2", "give the plate the length"];
    rejects(rows(3, &[0.1, 0.2]), ErrorKind::Shape, &parts);
}

#[test]
fn no_empty_plate() {
    rejects(rows(0, &[]), ErrorKind::Shape, &["plate `rows`", "at least one element", "got 0"]);
}

#[test]
fn no_missing_data() {
    let parts = ["site `y`", "expected a finite number", "got NaN", "position 1"];
    rejects(rows(2, &[0.1, f64::NAN]), ErrorKind::Value, &parts);
}

#[model]
fn covariate(x: &[f64], y: &[f64]) {
    sample!(slope ~ Normal(0.0, 1.0));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(slope * x, 1.0), observed = y);
    });
}

#[test]
fn covariates_as_long_as_their_plate() {
    let parts = ["site `y`", "as long as plate `rows` (2)", "length 3"];
    rejects(covariate(&[1.0, 2.0, 3.0], &[0.1, 0.2]), ErrorKind::Shape, &parts);
}

#[model]
fn gathered(index: &[usize], y: &[f64]) {
    plate!(groups = 2, {
        sample!(group ~ Normal(0.0, 1.0));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(group.at(index), 1.0), observed = y);
    });
}

#[test]
fn positions_inside_the_plate() {
    let parts =
        ["site `y`", "below 2", "plate `groups` (2)", "position 2 (entry 1 of the index)", "count from 0"];
    rejects(gathered(&[0, 2], &[0.1, 0.2]), ErrorKind::Index, &parts);
}

#[test]
fn an_index_as_long_as_the_plate() {
    let parts = ["site `y`", "one entry per element", "plate `rows` (2)", "got 3 entries"];
    rejects(gathered(&[0, 1, 0], &[0.1, 0.2]), ErrorKind::Shape, &parts);
}

#[model]
fn ungathered(y: &[f64]) {
    plate!(groups = 2, {
        sample!(group ~ Normal(0.0, 1.0));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(group, 1.0), observed = y);
    });
}

/// Equal lengths do not make two plates one.
#[test]
fn arrays_of_other_plates_are_gathered() {
    let parts = ["site `y`", "parameter `loc`", "plate `groups` (2)", "plate `rows` (2)", ".at(index)"];
    rejects(ungathered(&[0.1, 0.2]), ErrorKind::Shape, &parts);
}

#[model]
fn duplicate(names: [&str; 2]) {
    for name in names {
        sample!(site ~ Normal(0.0, 1.0), name = name);
    }
}

#[test]
fn one_name_one_site() {
    assert!(duplicate(["a", "b"]).is_ok());
    rejects(duplicate(["a", "a"]), ErrorKind::Site, &["`a` is taken", "a name of its own"]);
}

#[model]
fn constants(scale: f64, count: &[f64]) {
    sample!(rate ~ HalfNormal(scale));
    plate!(rows = count.len(), {
        sample!(count ~ Poisson(rate), observed = count);
    });
}

#[test]
fn constants_in_the_domain() {
    for bad in [-1.0, 0.0, f64::NAN, f64::INFINITY] {
        let parts = ["site `rate`", "parameter `scale` of HalfNormal", &format!("got {bad}")];
        rejects(constants(bad, &[1.0]), ErrorKind::Value, &parts);
    }
}

#[test]
fn data_in_the_support() {
    for bad in [-1.0, 0.5, f64::NAN] {
        let parts = ["site `count`", "data of Poisson", &format!("got {bad}"), "position 1"];
        rejects(constants(1.0, &[1.0, bad]), ErrorKind::Value, &parts);
    }
}

#[model]
fn trials(n: &[f64], count: &[f64]) {
    sample!(p ~ Beta(1, 1));
    plate!(rows = n.len(), {
        sample!(count ~ Binomial(n, p), observed = count);
    });
}

#[model]
fn unknown_trials() {
    sample!(n ~ Exponential(0.1));
    sample!(count ~ BinomialLogit(n, 0.5), observed = 3);
}

#[model]
fn more_than_all(most: u64) {
    sample!(p ~ Beta(1, 1));
    sample!(count ~ Binomial(most, p), observed = 3);
}

#[test]
fn numbers_of_trials() {
    for bad in [-1.0, 2.5] {
        let parts =
            ["site `count`", "a count 0, 1, 2, ...", "parameter `n` of Binomial", &format!("got {bad}")];
        rejects(trials(&[3.0, bad], &[1.0, 1.0]), ErrorKind::Value, &parts);
    }
    let parts = ["site `count`", "a number or data", "`n` of BinomialLogit", "got a variable", "factor!"];
    rejects(unknown_trials(), ErrorKind::Value, &parts);
    let parts = ["site `count`", "a count 0, 1, ..., 2 for data of Binomial", "got 3 at position 0"];
    rejects(more_than_all(2), ErrorKind::Value, &parts);
    assert!(more_than_all(3).is_ok());
}

#[model]
fn bounds_out_of_order() {
    sample!(x ~ Uniform(2.0, 1.0));
}

#[model]
fn discrete_unknown() {
    sample!(k ~ Poisson(3.0));
}

#[model]
fn array_outside_a_plate(x: &[f64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    deterministic!(shifted = mu + x);
}

#[test]
fn unknowns_that_cannot_be_sampled() {
    rejects(
        bounds_out_of_order(),
        ErrorKind::Value,
        &["site `x`", "bounds low < high for Uniform, got 2 and 1"],
    );
    rejects(discrete_unknown(), ErrorKind::Site, &["site `k`", "must be continuous", "Poisson"]);
    rejects(array_outside_a_plate(&[1.0]), ErrorKind::Shape, &["site `shifted`", "outside of any plate"]);
}

#[test]
fn options_of_the_sampler() {
    let model = rows(1, &[0.3]).unwrap();
    let bad = [
        (Nuts::default().chains(0), "at least 1 chain, got 0"),
        (Nuts::default().draws(0), "at least 1 draw per chain, got 0"),
        (Nuts::default().warmup(5), "at least 20 warm-up draws"),
        (Nuts::default().target_acceptance(1.0), "target acceptance above 0.5 and below 1, got 1"),
        (Nuts::default().target_acceptance(f64::NAN), "got NaN"),
        (Nuts::default().max_depth(0), "depth from 1 to 20, got 0"),
        (Nuts::default().threads(0), "at least 1 thread"),
    ];
    for (nuts, part) in bad {
        let error = model.sample(&nuts).expect_err(part);
        assert_eq!(error.kind(), ErrorKind::Options);
        assert!(error.to_string().contains(part), "no `{part}` in: {error}");
    }
}

#[model]
fn impossible(y: &[f64]) {
    sample!(scale ~ HalfNormal(1.0));
    plate!(rows = y.len(), {
        sample!(y ~ Uniform(0.0, scale * 0.0 + 1.0), observed = y);
    });
}

#[test]
fn a_density_without_a_starting_point_names_the_site() {
    let error = impossible(&[3.0]).unwrap().sample(&Nuts::default().progress(Progress::Hidden)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sampling);
    for part in ["none at 200 random points", "site `y`", "element 0", "possible under the prior"] {
        assert!(error.to_string().contains(part), "no `{part}` in: {error}");
    }
}

/// A density that breaks down for good after a number of gradients.
#[derive(Clone)]
struct Breaks {
    left: usize,
}

impl LogDensity for Breaks {
    fn dim(&self) -> usize {
        1
    }
    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        Ok(-0.5 * z[0] * z[0])
    }
    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        if self.left == 0 {
            return Err(DensityError::fatal("the disk is on fire"));
        }
        self.left -= 1;
        gradient[0] = -z[0];
        self.log_density(z)
    }
}

#[test]
fn a_chain_that_fails_keeps_its_draws() {
    let nuts = Nuts::default().chains(2).progress(Progress::Hidden);
    let posterior = nuts.run(&Breaks { left: 4000 }).unwrap();
    assert!(posterior.draws() > 50 && posterior.draws() < 1000, "{}", posterior.draws());
    assert!(posterior.report().stopped_early);
    assert!(
        posterior.report().messages[0].contains("the disk is on fire"),
        "{:?}",
        posterior.report().messages
    );
}

#[test]
fn a_stopped_run_keeps_its_draws() {
    let stop = Stop::new();
    let (flag, nuts) = (stop.clone(), Nuts::default().draws(1_000_000).threads(2));
    let progress = Progress::callback(move |step| {
        if step.done > 10_000 {
            flag.request();
        }
    });
    let posterior = rows(1, &[0.3]).unwrap().sample(&nuts.stop(&stop).progress(progress)).unwrap();
    assert!(posterior.total_draws() > 1000, "{}", posterior.total_draws());
    assert!(posterior.report().stopped_early);
    assert!(posterior.summary().to_string().contains("early"), "{}", posterior.summary());
}
