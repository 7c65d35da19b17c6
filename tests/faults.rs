//! Faults: what a user, a simulator, a file or a disk can do wrong, the message each gives, and that nothing is lost by it.
//!
//! | fault | message | where it is tested |
//! |---|---|---|
//! | weights truncated, foreign, of a newer format, inconsistent | error of kind `Format`, what was expected | `src/surrogate/tests.rs`, here |
//! | weights with a flipped bit, at any place | error of kind `Format`: damaged | here, `tests/fuzz.rs` |
//! | a file of simulations damaged in any way | error of kind `Format` | `tests/simulations.rs`, `tests/fuzz.rs` |
//! | a file of draws damaged in any way, or foreign | error of kind `Format` | `tests/draws.rs`, `tests/fuzz.rs` |
//! | a simulator or prior panics or returns NaN | counted by reason, with the first place; other rows kept; said with the posterior | `tests/simulate/faults.rs`, here |
//! | most simulations fail for one reason | error that holds the run | `tests/simulate/faults.rs` |
//! | copies of one simulation on both sides of the split, a run appended twice | kept together; refused | `src/neural/batches.rs`, `tests/simulations.rs` |
//! | few simulations, training cut short | said by the fit and with the posterior | here |
//! | tables of simulations made longer or shorter by hand | error of kind `Shape`, `Training` | `tests/simulations.rs`, `src/sbi/nle_tests.rs` |
//! | a simulator returns a row of the wrong length | counted likewise | `tests/simulate.rs` |
//! | all simulations invalid | error with an example | `tests/simulate.rs` |
//! | constant data column: reals, times | error of kind `Training` | `src/sbi/nle_tests.rs` |
//! | constant data column: counts | error of kind `Training` | here |
//! | a count above all simulated, a choice never simulated | error with site and datum | here |
//! | data outside the range simulated, counts skipped by it | bound; the report of the run names site, number and range | here |
//! | invalid constants in a prior | error with site, parameter and number | `tests/errors.rs`, here for a box |
//! | no finite starting point | error with site, element, datum and parameters | here |
//! | empty plate | error | `tests/errors.rs` |
//! | index outside its plate or of another length | error with site, plate and entry | `tests/errors.rs` |
//! | zero draws, chains, threads, simulations; more simulations or threads than any machine has | error of kind `Options` | `tests/errors.rs`, `tests/simulate.rs` |
//! | a panic in a density or a custom node | the chain ends, its draws and the message are kept | `src/infer/tests.rs` |
//! | a panic in a progress callback | not called again; the report says so | `src/infer/tests.rs` |
//! | more chains, draws or warm-up than there is memory or time for | error of kind `Options` | `src/infer/tests.rs` |
//! | an unknown that nothing uses | error with its site | `src/infer/tests.rs` |
//! | a wrong start | error with site, what was expected and what came | `src/infer/tests.rs` |
//! | trajectories that diverge | their reasons with site and values in the report | `src/infer/tests.rs` |
//! | full disk | error of kind `Io` with the path; the old file stays | here, `tests/files.rs` |
//! | a process killed while it saves; two that save to one path | the file is one of those saved, whole | `tests/files.rs` |
//! | a folder or file that may not be written, a name that is a folder's | error of kind `Io` with the remedy | `tests/files.rs` |
//! | stop in simulation, training, sampling | what is done is kept | `tests/simulate.rs`, `src/sbi/nle_tests.rs`, `tests/errors.rs` |
//! | Ctrl-C | likewise; a second one ends the program | `tests/interrupt.rs` |
#![cfg(feature = "neural")]

use mynah::model;
use mynah::prelude::*;
use mynah::simulate::{BoxPrior, Outcome, SimulationOptions};
use mynah::{ErrorKind, LogDensity};
use rand::RngExt;
use std::path::{Path, PathBuf};

/// A file of this test's own.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{name}"))
}

fn nle() -> Nle {
    Nle::default().hidden(&[8]).max_epochs(2).seed(1).progress(Progress::Hidden)
}

/// Pairs of one parameter `p` in (0, 1) and what `data(p, i)` makes of it.
fn pairs<const W: usize>(outcome: Outcome, data: impl Fn(f64, usize) -> [f64; W]) -> Simulations {
    let parameters: Vec<f64> = (0..400).map(|i| (i as f64 + 0.5) / 400.0).collect();
    let data = parameters.iter().enumerate().flat_map(|(i, p)| data(*p, i)).collect();
    Simulations::new(["p"], parameters, outcome, data).unwrap()
}

/// A model of data observed through a learned likelihood of `p`.
#[model]
fn learned(likelihood: &NeuralLikelihood, x: &[f64]) {
    sample!(p ~ Uniform(0.1, 0.9));
    plate!(rows = x.len(), {
        sample!(x ~ likelihood.given(p: p), observed = x);
    });
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

// --- Data unlike the simulations ------------------------------------------------------------------------------------

#[test]
fn a_constant_count_teaches_nothing() {
    let error = nle().fit(&pairs(Outcome::Count, |_, _| [3.0])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Training);
    says(&error.to_string(), &["the count 3 in all 400 simulations", "depends on its parameters"]);
}

#[test]
fn a_count_above_all_simulated_is_refused_and_one_between_them_reported() {
    // Counts 1, 3, 5, 7, and 0 never.
    let odd = nle().fit(&pairs(Outcome::Count, |_, i| [(1 + 2 * (i % 4)) as f64])).unwrap();
    let error = learned(&odd, &[3.0, 8.0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    says(
        &error.to_string(),
        &["site `x`", "datum 1", "at most 7, the largest one seen in training", "got 8"],
    );

    let posterior = sampled(&learned(&odd, &[3.0, 4.0, 0.0, 6.0]).unwrap());
    let messages = about_data(&posterior);
    assert_eq!(messages.len(), 2, "{messages:?}");
    says(&messages[0], &["site `x`: 1 of 4 data lie outside 1 to 7", "the farthest: 0 at position 2"]);
    says(
        &messages[1],
        &["site `x`: 2 of 4 data are counts that no simulation reached", "one: 4 at position 1"],
    );
}

#[test]
fn a_choice_never_simulated_is_refused() {
    let upper =
        nle().fit(&pairs(Outcome::TimeAndChoice, |p, i| [0.3 + p + (i % 7) as f64 / 10.0, 1.0])).unwrap();
    let error = upper.bind(&[0.5, 1.0, 0.6, 0.0], &[0, 0], 1).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Value);
    says(
        &error.to_string(),
        &["datum 1", "a choice seen in training, got 0", "train on a prior under which it is made"],
    );
    assert!(upper.bind(&[0.5, 1.0], &[0], 1).is_ok());
}

fn sampled(model: &Model) -> Draws {
    model.sample(&Nuts::default().chains(1).warmup(50).draws(20).progress(Progress::Hidden)).unwrap()
}

/// What a run has to say of its data. That 400 simulations are few, which it says too, is not meant here.
fn about_data(posterior: &Draws) -> Vec<String> {
    let about =
        |message: &&String| message.contains("data lie outside") || message.contains("data are counts");
    posterior.report().messages.iter().filter(about).cloned().collect()
}

#[test]
fn data_outside_the_simulated_range_are_reported_with_their_site() {
    let reals = nle().fit(&pairs(Outcome::Real { width: 1 }, |p, i| [p + (i % 9) as f64])).unwrap();
    assert!(about_data(&sampled(&learned(&reals, &[0.5, 3.0, 8.0]).unwrap())).is_empty());
    let posterior = sampled(&learned(&reals, &[0.5, 9.5, 3.0, -40.0]).unwrap());
    let (messages, summary) = (about_data(&posterior), posterior.summary().to_string());
    assert_eq!(messages.len(), 1, "{messages:?}");
    let parts = ["site `x`: 2 of 4 data lie outside 0.", "the farthest: -40 at position 3", "wider prior"];
    says(&messages[0], &parts);
    says(&summary, &["2 of 4 data lie outside"]);

    // The range belongs to the weights: a program that loads them says the same.
    let path = file("range.safetensors");
    reals.save(&path).unwrap();
    let loaded = NeuralLikelihood::load(&path).unwrap();
    let doubts = |x: f64| loaded.bind(&[x], &[0], 1).unwrap().doubts();
    assert!(doubts(-40.0)[0].contains("1 of 1 data lie outside") && doubts(-40.0)[1..] == doubts(4.0));
}

// --- Simulations that failed, were few, or were hardly looked at ------------------------------------------------------

/// Exponential times; those above a limit come out as NaN.
fn times(count: usize, limit: f64) -> Simulations {
    let prior = BoxPrior::new([("p", 0.05, 0.95)]).unwrap();
    let options = SimulationOptions::default().progress(Progress::Hidden);
    options.run(&prior, &simulator(limit), count, 1).unwrap().simulations
}

fn simulator(limit: f64) -> impl Simulator + Send + 'static {
    move |theta: &[f64], stream: &mut Stream| {
        let time = -theta[0] * stream.random::<f64>().ln();
        vec![if time > limit { f64::NAN } else { time.ln() }]
    }
}

/// What the report of a posterior of ten data says.
fn said(likelihood: &NeuralLikelihood) -> Vec<String> {
    let x: Vec<f64> = (0..10).map(|i| f64::from(i) / 5.0 - 2.0).collect();
    sampled(&learned(likelihood, &x).unwrap()).summary().messages
}

#[test]
fn failed_simulations_are_told_with_every_posterior() {
    let fitted = Nle::default().progress(Progress::Hidden).max_epochs(40).fit(&times(6_000, 1.5)).unwrap();
    let provenance = fitted.provenance().clone();
    assert!(provenance.failed > 200 && provenance.independent + provenance.failed == 6_000);
    let path = file("failed.safetensors");
    fitted.save(&path).unwrap();
    let loaded = NeuralLikelihood::load(&path).unwrap();
    assert_eq!((loaded.provenance(), loaded.report()), (&provenance, fitted.report()));
    let share = format!("{:.1} % of the simulations", 100.0 * provenance.failed_share());
    let messages = said(&loaded);
    says(
        &messages.join(" "),
        &["was not checked: its simulator is not known", "`NeuralLikelihood::simulator`"],
    );
    let failures: Vec<&String> = messages.iter().filter(|text| text.contains("failed")).collect();
    assert_eq!(failures.len(), 1, "{messages:?}");
    says(failures[0], &["site `x`", &share, "the simulator returned NaN", "depends on the outcome"]);
}

#[test]
fn a_sound_run_is_not_accused() {
    let fitted = Nle::default().progress(Progress::Hidden).fit(&times(20_000, f64::INFINITY)).unwrap();
    assert_eq!(fitted.report().messages, Vec::<String>::new());
    let fitted = fitted.simulator(simulator(f64::INFINITY)).unwrap();
    let [note] = &said(&fitted)[..] else { panic!("one note: {:?}", said(&fitted)) };
    says(note, &["site `x`: data drawn from the posterior are like those observed: 50% quantile of data"]);
}

#[test]
fn few_simulations_and_short_training_are_told() {
    let few = Nle::default().progress(Progress::Hidden).fit(&times(300, f64::INFINITY)).unwrap();
    let messages = said(&few).join(" ");
    says(
        &messages,
        &["site `x`: posterior means may be off by about", "learned from 300 simulations with 10 data"],
    );

    let simulations = times(2_000, f64::INFINITY);
    let short = Nle::default().progress(Progress::Hidden).max_epochs(2).fit(&simulations).unwrap();
    says(&short.report().messages.join(" "), &["still falling", "2 epochs", "max_epochs"]);
    says(&said(&short).join(" "), &["site `x`: ", "still falling"]);
    assert_eq!(short.report().validation_loss.len(), 2);
}

// --- No place to start ----------------------------------------------------------------------------------------------

#[model]
fn late(ddm: &NeuralLikelihood, responses: &[Response]) {
    sample!(p ~ Uniform(0.0, 1.0));
    plate!(trials = responses.len(), {
        sample!(response ~ ddm.given(p: p, t0: p * 0.0 + 0.4), observed = responses);
    });
}

/// Times with a shift: 0.1 to 0.3.
fn shifted() -> NeuralLikelihood {
    let theta: Vec<f64> =
        (0..400).flat_map(|i| [(i as f64 + 0.5) / 400.0, 0.1 + 0.2 * (i % 20) as f64 / 20.0]).collect();
    let data =
        theta.chunks(2).enumerate().flat_map(|(i, t)| [t[1] + 0.2 + (i % 7) as f64 / 10.0, (i % 2) as f64]);
    let simulations =
        Simulations::new(["p", "t0"], theta.clone(), Outcome::TimeAndChoice, data.collect()).unwrap();
    nle().shift("t0").fit(&simulations).unwrap()
}

#[test]
fn a_density_that_is_nowhere_finite_names_the_datum_and_its_parameters() {
    let responses = [Response { rt: 0.9, choice: 1 }, Response { rt: 0.3, choice: 0 }];
    let model = late(&shifted(), &responses).unwrap();
    let error = model.sample(&Nuts::default().progress(Progress::Hidden)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sampling);
    let parts =
        ["site `response`, element 1", "data [0.3, 0.0]", "p = 0.", "t0 = 0.4", "possible under the prior"];
    says(&error.to_string(), &parts);
}

#[model]
fn gathered(group: &[usize], y: &[f64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    plate!(groups = 2, {
        sample!(scale ~ HalfNormal(1.0));
        deterministic!(broken = scale - 1e6);
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(mu, broken.at(group)), observed = y);
    });
}

/// Data sorted by group inside, elements numbered as the user did outside.
#[test]
fn the_values_named_are_those_of_the_element_named() {
    let model = gathered(&[1, 0, 1], &[0.5, -0.25, 2.0]).unwrap();
    let z = [0.75, 0.0, 1.0];
    let error = model.density().log_density(&z).unwrap_err().to_string();
    let scale = 1.0_f64.exp() - 1e6;
    says(&error, &["the log density is NaN at site `y`, element 0", "(data 0.5, loc = 0.75, "]);
    says(&error, &[&format!("scale = {scale}")]);
}

#[test]
fn a_box_of_wrong_numbers() {
    for (low, high) in [(1.0, 0.0), (0.0, f64::NAN), (0.0, f64::INFINITY)] {
        let error = BoxPrior::new([("rate", low, high)]).unwrap_err().to_string();
        says(&error, &["rate", &format!("{high}")]);
    }
}

// --- Files ----------------------------------------------------------------------------------------------------------

fn draws() -> Draws {
    use mynah::draws::{ChainDraws, Parameter};
    let chain = ChainDraws { values: (0..5000).map(f64::from).collect(), statistics: vec![] };
    Draws::new(vec![Parameter::new("mu", [])], vec![chain]).unwrap()
}

type Save<'a> = (&'a str, Box<dyn Fn(&Path) -> Result<()> + 'a>);

#[test]
fn a_flipped_bit_in_weights_is_damage() {
    let path = file("flipped.safetensors");
    shifted().save(&path).unwrap();
    let good = std::fs::read(&path).unwrap();
    let start = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    // The low bits of numbers all over the tensors: each is a number like any other.
    for at in (start..good.len()).step_by(64) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&path, bad).unwrap();
        let error = NeuralLikelihood::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
        says(&error.to_string(), &["flipped.safetensors", "expected"]);
    }
    // One in the middle of the flow's weights, so that the message is known.
    let mut bad = good.clone();
    bad[start + (good.len() - start) / 2] ^= 1;
    std::fs::write(&path, bad).unwrap();
    says(&NeuralLikelihood::load(&path).unwrap_err().to_string(), &["damaged", "checksum does not match"]);
}

/// `/dev/full` takes no byte and is not replaced; a disk that fills up under a file is in `tests/files.rs`.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    let (likelihood, draws) = (shifted(), draws());
    let simulations = pairs(Outcome::Count, |_, i| [(i % 5) as f64]);
    let saves: [Save<'_>; 3] = [
        ("weights", Box::new(|path: &Path| likelihood.save(path))),
        ("draws", Box::new(|path: &Path| draws.save(path))),
        ("simulations", Box::new(|path: &Path| simulations.save(path))),
    ];
    for (name, save) in saves {
        let error = save(Path::new("/dev/full")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{name}");
        says(&error.to_string(), &["expected to write /dev/full", "space left on the disk", "No space left"]);
    }
    assert!(!std::fs::metadata("/dev/full").unwrap().is_file());
}
