//! Small trainings, each a second at most.

use super::*;
use crate::error::ErrorKind;
use crate::neural::Activation;
use crate::seed::{Domain, Stream};
use crate::simulate::{BoxPrior, Counts, Ddm, Outcome, Simulations};
use crate::surrogate::NeuralLikelihood;
use rand_distr::{Distribution, Normal, Poisson};

fn counts(n: usize) -> Simulations {
    let prior = BoxPrior::new([("rate", 2.0, 12.0)]).unwrap();
    let chips =
        Counts(|theta: &[f64], stream: &mut Stream| Poisson::new(theta[0]).unwrap().sample(stream) as u64);
    Simulations::draw(&prior, &chips, n, Seed(3)).unwrap()
}

fn responses(n: usize) -> Simulations {
    let sides = [("v", -2.0, 2.0), ("a", 0.8, 2.0), ("w", 0.3, 0.7), ("t0", 0.1, 0.4)];
    Simulations::draw(&BoxPrior::new(sides).unwrap(), &Ddm::default(), n, Seed(4)).unwrap()
}

/// y ~ Normal(m, s), m in (-1, 1), s in (0.5, 2).
fn reals(n: usize) -> Simulations {
    let mut stream = Seed(5).stream(Domain::User, 0);
    let parameters: Vec<f64> =
        (0..n).flat_map(|i| [(i % 97) as f64 / 48.0 - 1.0, 0.5 + (i % 61) as f64 / 40.0]).collect();
    let data = parameters.chunks(2).map(|t| Normal::new(t[0], t[1]).unwrap().sample(&mut stream)).collect();
    Simulations::new(["m", "s"], parameters, Outcome::Real { width: 1 }, data).unwrap()
}

fn quick() -> Nle {
    Nle::default()
        .hidden(&[24, 24])
        .max_epochs(12)
        .batch(128)
        .learning_rate(5e-3)
        .seed(1)
        .progress(Progress::Hidden)
}

/// Mean of `exact - learned` over data drawn at `theta`: a Kullback-Leibler divergence, in nats per datum.
fn divergence(learned: &NeuralLikelihood, theta: &[f64], x: &[f64], exact: impl Fn(f64) -> f64) -> f64 {
    let difference = |x: &f64| exact(*x) - learned.log_prob(theta, &[*x]).unwrap();
    x.iter().map(difference).sum::<f64>() / x.len() as f64
}

// 12 000 pairs and a network of about 30 effective numbers leave 30 / (2 * 12 000), about 0.002, nats; 0.02 is tenfold.
#[test]
fn learned_counts_are_poisson() {
    let learned = quick().fit(&counts(12_000)).unwrap();
    assert_eq!((learned.names(), learned.outcome()), (&["rate".to_owned()][..], Outcome::Count));
    for rate in [3.0, 6.0, 10.0f64] {
        let x: Vec<f64> = (0..400)
            .map(|i| Poisson::new(rate).unwrap().sample(&mut Seed(i).stream(Domain::User, 1)))
            .collect();
        let factorial = |k: f64| (1..=k as u32).map(|i| f64::from(i).ln()).sum::<f64>();
        let kl = divergence(&learned, &[rate], &x, |k| k * rate.ln() - rate - factorial(k));
        assert!(kl.abs() < 0.02, "rate {rate}: {kl}");
    }
    let report = learned.report();
    assert!(report.skipped == 0 && report.validation_loss.len() == report.epochs);
    assert_eq!(report.best_loss(), report.validation_loss[report.best_epoch - 1]);
}

#[test]
fn learned_reals_are_normal() {
    let learned = quick().fit(&reals(12_000)).unwrap();
    for theta in [[-0.8, 0.6], [0.0, 1.0], [0.7, 1.8]] {
        let normal = Normal::new(theta[0], theta[1]).unwrap();
        let x: Vec<f64> = (0..400).map(|i| normal.sample(&mut Seed(i).stream(Domain::User, 2))).collect();
        let log_prob =
            |x: f64| -0.5 * ((x - theta[0]) / theta[1]).powi(2) - theta[1].ln() - 0.918_938_533_204_672_7;
        let kl = divergence(&learned, &theta, &x, log_prob);
        assert!(kl.abs() < 0.03, "{theta:?}: {kl}"); // tenfold of about 60 effective numbers over 2 * 12 000 pairs
    }
}

// The mass of the learned joint density over both choices is one, and a shift moves it exactly.
#[test]
fn learned_responses_are_a_density_that_the_shift_moves() {
    let learned = quick().shift("t0").fit(&responses(4_000)).unwrap();
    let at = |t0: f64, rt: f64, choice: f64| learned.log_prob(&[0.5, 1.2, 0.5, t0], &[rt, choice]).unwrap();
    let step = 2e-3;
    let mass = |i: i32| {
        [0.0, 1.0].map(|choice| at(0.0, (f64::from(i) + 0.5) * step, choice).exp()).iter().sum::<f64>()
    };
    let total: f64 = (0..15_000).map(|i| mass(i) * step).sum();
    assert!((total - 1.0).abs() < 2e-3, "{total}"); // midpoint rule; 1e-3 of the mass may lie beyond 30 seconds
    for t0 in [-0.2, 0.25, 5.0] {
        assert!((at(t0, 0.7 + t0, 1.0) - at(0.0, 0.7, 1.0)).abs() < 1e-9, "rounding of rt - t0 alone");
    }
    assert_eq!(learned.shift(), Some("t0"));
    assert!(
        learned.region().contains(&[0.5, 1.2, 0.5, 5.0]) && !learned.region().contains(&[0.5, 9.0, 0.5, 0.2])
    );
}

#[test]
fn the_same_seed_gives_the_same_weights_on_any_number_of_threads() {
    let pairs = responses(2_000);
    let nle = quick().max_epochs(2).batch(400).shift("t0");
    let losses = |threads: usize, nle: &Nle| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let learned = pool.install(|| nle.fit(&pairs)).unwrap();
        let log_prob = learned.log_prob(&[0.5, 1.2, 0.5, 0.2], &[0.7, 1.0]).unwrap();
        (learned.report().validation_loss.clone(), log_prob.to_bits())
    };
    let one = losses(1, &nle);
    assert_eq!(one, losses(3, &nle));
    assert_ne!(one, losses(1, &nle.clone().seed(2)));
}

#[test]
fn a_stop_keeps_what_was_learned() {
    let stop = Stop::new();
    let seen = stop.clone();
    // Steps of the optimiser: ten epochs of them, or however many there are when the callback is first called.
    let progress = Progress::callback(move |step| {
        if step.done >= 20 {
            seen.request()
        }
    });
    let learned = quick()
        .max_epochs(100_000)
        .patience(100_000)
        .progress(progress)
        .stop(&stop)
        .fit(&counts(500))
        .unwrap();
    let report = learned.report();
    assert!(report.stopped && report.epochs >= 1 && report.epochs < 100_000);
    assert!(report.validation_loss.len() == report.epochs && report.best_epoch >= 1);
}

/// The fit fails with an error of this kind, whose message holds these words.
#[track_caller]
fn refused(nle: Nle, pairs: &Simulations, kind: ErrorKind, words: &str) {
    let error = nle.fit(pairs).unwrap_err();
    assert!(error.kind() == kind && error.to_string().contains(words), "{error:?}, not {words}");
}

#[test]
fn wrong_options_are_refused_in_words() {
    let layers = "to be 1 to 16 layers of 1 to 4096 units";
    let cases = [
        (quick().hidden(&[8, 0]), "hidden", layers),
        (quick().hidden(&[usize::MAX]), "hidden", layers),
        (quick().hidden(&[1; 99]), "hidden", layers),
        (quick().flow_hidden(&[]), "flow_hidden", layers),
        (quick().flow_hidden(&[48, usize::MAX]), "flow_hidden", layers),
        (quick().activation(Activation::Identity), "activation", "to be Silu or Tanh"),
        (quick().bins(1), "bins", "to be 2 to 128, got 1"),
        (quick().bins(usize::MAX), "bins", "to be 2 to 128"),
        (quick().bound(f64::MAX), "bound", "to be a number above 0"),
        (quick().learning_rate(f64::NAN), "learning_rate", "to be a number above 0, got NaN"),
        (quick().validation_fraction(1.0), "validation_fraction", "to be a number between 0 and 1, got 1"),
        (quick().batch(0), "batch", "to be 1 or more, got 0"),
        (quick().transforms(0), "transforms", "to be 1 to 100, got 0"),
        (quick().transforms(usize::MAX), "transforms", "to be 1 to 100"),
        (quick().ensemble(0), "ensemble", "to be 1 to 100, got 0"),
        (quick().ensemble(usize::MAX), "ensemble", "to be 1 to 100"),
        (quick().max_epochs(usize::MAX), "max_epochs", "to be 1 to 1000000"),
    ];
    for (nle, option, expected) in cases {
        refused(nle, &counts(50), ErrorKind::Options, &format!("expected `{option}` {expected}"));
    }
}

#[test]
fn wrong_shifts_are_refused_in_words() {
    use ErrorKind::{Options, Site, Training};
    let (counts, responses) = (counts(50), responses(50));
    let late = Simulations { data: responses.data.iter().map(|x| x * 0.2).collect(), ..responses.clone() };
    let shifts = responses.parameters.chunks(4).map(|theta| theta[3]).collect();
    let alone = Simulations::new(["t0"], shifts, Outcome::TimeAndChoice, responses.data.clone()).unwrap();
    let shift = |name: &str| quick().shift(name);
    refused(shift("rate"), &counts, Options, "expected simulations of response times for the shift `rate`");
    let names = "expected the shift to be one of the parameters (v, a, w, t0), got `ndt`";
    refused(shift("ndt"), &responses, Site, names);
    refused(shift("t0"), &late, Training, "times above 0 and after the shift");
    refused(shift("t0"), &alone, Options, "expected a parameter beside the shift, got none");
}

#[test]
fn wrong_pairs_are_refused_in_words() {
    use ErrorKind::Training;
    let counts = counts(50);
    let with = |outcome, data: Vec<f64>| Simulations { outcome, data, ..counts.clone() };
    let empty = with(Outcome::Real { width: 0 }, vec![]);
    let flat = (0..100).map(|i| if i % 2 == 0 { f64::from(i) } else { 0.5 }).collect();
    let flat = with(Outcome::Real { width: 2 }, flat);
    let constant = Simulations { parameters: vec![3.0; 50], ..counts.clone() };
    let few = counts.subset(&[0, 1]).unwrap();
    let longer = Simulations { parameters: vec![3.0; 60], data: vec![3.0; 60], ..counts.clone() };
    let copies = counts.clone().grouped((0..50).map(|row| row / 5)).unwrap();
    let cases = [
        (&empty, "expected data of one column or more, got none"),
        (&flat, "column 1 of the data"),
        (&few, "expected at least 20 simulations, got 2"),
        (&copies, "expected at least 20 simulations, got 10 (in 50 rows"),
        (&longer, "expected a table as long as it was made (50 rows), got one of 60"),
        (&constant, "expected the parameter `rate` to vary"),
    ];
    for (pairs, words) in cases {
        refused(quick(), pairs, Training, words);
    }
    let error = quick().fit(&with(Outcome::Count, vec![0.5; 50])).unwrap_err();
    assert!(error.to_string().contains("simulation 0: expected"), "{error}");
    let error = quick().fit(&with(Outcome::Real { width: 1 }, vec![0.5; 50])).unwrap_err();
    assert!(error.to_string().contains("expected simulated data to vary"), "{error}");
}

// What is huge but means something is taken as that: one batch of all rows, patience without end.
#[test]
fn the_largest_numbers_are_options_too() {
    let nle = quick().max_epochs(2).batch(usize::MAX).patience(usize::MAX).clip(f64::INFINITY).seed(u64::MAX);
    assert!(nle.fit(&counts(50)).unwrap().log_prob(&[5.0], &[4.0]).unwrap().is_finite());
    for pairs in [counts(50), reals(50)] {
        for nle in
            [quick().weight_decay(1e300), quick().learning_rate(1e300), quick().validation_fraction(1e-300)]
        {
            // An error or a likelihood, but no panic.
            let _ = nle.max_epochs(2).fit(&pairs);
        }
    }
}

// A rate that no weights survive: every step then has an infinite loss or gradient.
#[test]
fn training_that_diverges_is_an_error() {
    let error = quick().learning_rate(1e30).clip(1e30).max_epochs(30).fit(&reals(2_000)).unwrap_err();
    assert!(
        error.kind() == ErrorKind::Training && error.to_string().contains("expected training to converge"),
        "{error}"
    );
}
