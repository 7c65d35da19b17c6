//! The score check from outside: what it predicts beside what is so, what it says when it cannot be made, and that draws are never lost.
#![cfg(feature = "neural")]

use mynah::draws::Warning;
use mynah::infer::ScoreCheck;
use mynah::prelude::*;
use mynah::simulate::SimulationOptions;
use rand::RngExt;

fn nle() -> Nle {
    Nle::default().progress(Progress::Hidden)
}

fn nuts() -> Nuts {
    Nuts::default().warmup(300).draws(1000).seed(3).progress(Progress::Hidden)
}

fn simulations(prior: &BoxPrior, simulator: &dyn Simulator, count: usize) -> Simulations {
    let options = SimulationOptions::default().progress(Progress::Hidden).allow_failures(1.0);
    options.run(prior, simulator, count, 1).unwrap().simulations
}

fn poisson(factor: f64) -> impl Simulator + Send + 'static {
    Counts(move |theta, stream| Poisson(factor * theta[0]).sample(stream) as u64)
}

/// Counts of `factor` times the rate.
fn chips(factor: f64) -> NeuralLikelihood {
    let prior = BoxPrior::new([("rate", 2.0, 20.0)]).unwrap();
    nle().hidden(&[24]).max_epochs(30).fit(&simulations(&prior, &poisson(factor), 20_000)).unwrap()
}

#[model]
fn bakeries(chips: &NeuralLikelihood, bakery: &[usize], counts: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    plate!(bakeries = 3, {
        sample!(rate ~ Gamma(mu, 1.0));
        deterministic!(double = 2.0 * rate);
    });
    plate!(cookies = counts.len(), {
        sample!(count ~ chips.given(rate: rate.at(bakery)), observed = counts);
    });
}

#[model]
fn exact_bakeries(bakery: &[usize], counts: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    plate!(bakeries = 3, {
        sample!(rate ~ Gamma(mu, 1.0));
        deterministic!(double = 2.0 * rate);
    });
    plate!(cookies = counts.len(), {
        sample!(count ~ Poisson(rate.at(bakery)), observed = counts);
    });
}

fn cookies() -> (Vec<usize>, Vec<u64>) {
    let mut stream = Seed(8).stream(Domain::User, 0);
    let bakery: Vec<usize> = (0..90).map(|cookie| cookie % 3).collect();
    let counts = bakery.iter().map(|b| Poisson([6.0, 9.0, 12.0][*b]).sample(&mut stream) as u64).collect();
    (bakery, counts)
}

/// Learned from a simulator that makes 8 % too many chips, rates come out 8 % too low: more than a posterior sd. The check, told of the right
/// simulator, finds that; the corrected draws are those of the exact posterior.
/// 0.35: three standard errors of predictions (a quarter of shifts of 1.2), 0.1 of which is that of both samplers and networks.
#[test]
fn a_biased_simulator_is_found_and_taken_back() {
    let (bakery, counts) = cookies();
    let learned = chips(1.08).simulator(poisson(1.0)).unwrap();
    let posterior = bakeries(&learned, &bakery, &counts).unwrap().sample(&nuts()).unwrap();
    let exact = exact_bakeries(&bakery, &counts).unwrap().sample(&nuts()).unwrap().summary();
    let (before, after) = (posterior.summary(), posterior.corrected().unwrap());
    println!("{before}");
    for (k, row) in exact.rows.iter().enumerate() {
        let off = (before.rows[k].mean - row.mean) / row.sd;
        let left = (after.summary().rows[k].mean - row.mean) / row.sd;
        let predicted = before.rows[k].moved.unwrap();
        assert!((predicted - off).abs() < 0.35, "{}: off {off}, predicted {predicted}", row.name);
        assert!(left.abs() < 0.35, "{}: {left} left of {off}", row.name);
        assert!(row.name == "mu" || off < -0.8, "{}: {off}", row.name);
    }
    let warned = |warning: &Warning| matches!(warning, Warning::SurrogateMoved { scalars, sites } if scalars.count >= 6 && sites == &["site `count`"]);
    assert!(before.warnings.iter().any(warned), "{before}");
    // Corrected draws keep what they are made of, know that they are corrected, and are not corrected twice.
    let (rate, double) = (after.get("rate").unwrap(), after.get("double").unwrap());
    for (rate, double) in rate.iter().zip(double.iter()) {
        assert!(rate.iter().zip(&double).all(|(rate, double)| *rate > 0.0 && 2.0 * rate == *double));
    }
    assert!(after.warnings().iter().all(|warning| !matches!(warning, Warning::SurrogateMoved { .. })));
    assert!(after.summary().to_string().contains("These draws are corrected"));
    assert!(after.corrected().unwrap_err().to_string().contains("correct them once"));
}

#[test]
fn a_sound_likelihood_is_not_accused() {
    let (bakery, counts) = cookies();
    let learned = chips(1.0).simulator(poisson(1.0)).unwrap();
    let posterior = bakeries(&learned, &bakery, &counts).unwrap().sample(&nuts()).unwrap();
    let moved = posterior.report().moved.clone().unwrap();
    assert!(moved.far().is_empty() && moved.shift.iter().all(|shift| shift.abs() < 0.3), "{moved:?}");
    assert!(moved.mcse.iter().all(|error| *error < 0.1), "{moved:?}");
    assert_eq!((moved.messages, moved.sites), (vec![], vec!["site `count`".to_owned()]));
}

/// Learned from a simulator that makes 6 % too few chips, the rate is pressed against the bound of its prior: moved back by one step in the
/// unconstrained space, its mean still moves by what the check says, inside of the bounds. 0.05: the step is found from 300 draws.
#[test]
fn a_posterior_at_a_bound_is_moved_by_its_shift() {
    #[model]
    fn bounded(chips: &NeuralLikelihood, counts: &[u64]) {
        sample!(rate ~ Uniform(2.0, 9.2));
        plate!(cookies = counts.len(), {
            sample!(count ~ chips.given(rate), observed = counts);
        });
    }
    let counts: Vec<u64> = cookies().1.iter().copied().filter(|count| *count > 4).collect();
    let learned = chips(0.94).simulator(poisson(1.0)).unwrap();
    let posterior = bounded(&learned, &counts).unwrap().sample(&nuts()).unwrap();
    let (before, after) = (posterior.summary().rows[0].clone(), posterior.corrected().unwrap());
    println!("{before:?}");
    assert!(before.q95 > 9.15 && before.moved.unwrap() > 0.3, "{before:?}");
    let taken_back = (before.mean - after.get("rate").unwrap().mean()[0]) / before.sd;
    assert!((taken_back - before.moved.unwrap()).abs() < 0.05, "{taken_back} of {before:?}");
    assert!(after.get("rate").unwrap().iter().all(|rate| rate[0] > 2.0 && rate[0] < 9.2));
}

#[test]
fn what_is_moved_too_far_is_not_corrected() {
    let (bakery, counts) = cookies();
    let learned = chips(1.4).simulator(poisson(1.0)).unwrap();
    let posterior = bakeries(&learned, &bakery, &counts).unwrap().sample(&nuts().draws(200)).unwrap();
    let error = posterior.corrected().unwrap_err().to_string();
    assert!(error.contains("at most 3 posterior sds, got -") && error.contains("simulate more"), "{error}");
    assert!(posterior.warnings().iter().any(|warning| matches!(warning, Warning::SurrogateMoved { .. })));
}

#[model]
fn two_sites(chips: &NeuralLikelihood, pairs: &NeuralLikelihood, counts: &[u64], points: &[[f64; 2]]) {
    sample!(m ~ Normal(8.0, 4.0));
    sample!(offset ~ Normal(0.0, 1.0));
    plate!(cookies = counts.len(), {
        sample!(count ~ chips.given(rate: m), observed = counts);
    });
    plate!(points = points.len(), {
        sample!(point ~ pairs.given(m: m * 0.1, offset), observed = points);
    });
}

#[model]
fn two_exact_sites(counts: &[u64], x: &[f64], y: &[f64]) {
    sample!(m ~ Normal(8.0, 4.0));
    sample!(offset ~ Normal(0.0, 1.0));
    plate!(cookies = counts.len(), {
        sample!(count ~ Poisson(m), observed = counts);
    });
    plate!(points = x.len(), {
        sample!(x ~ Normal(m * 0.1, 0.5), observed = x);
        sample!(y ~ Normal(offset - m * 0.1, 0.5), observed = y);
    });
}

/// An ensemble for counts and a flow over two columns, both from biased simulators, together: the shifts add up. 0.35 as above.
#[test]
fn several_sites_ensembles_and_columns_add_up() {
    let points = |bias: f64| {
        Reals(move |theta, stream| {
            let x = Normal(theta[0] + bias, 0.5).sample(stream);
            vec![x, Normal(theta[1] - theta[0], 0.5).sample(stream)]
        })
        .names(["m", "offset"])
    };
    let prior = BoxPrior::new([("m", 0.0, 2.0), ("offset", -2.0, 2.0)]).unwrap();
    let flow =
        nle().flow(mynah::neural::Flow::AffineAutoregressive).transforms(2).flow_hidden(&[24]).max_epochs(20);
    let pairs =
        flow.fit(&simulations(&prior, &points(0.08), 20_000)).unwrap().simulator(points(0.0)).unwrap();
    let prior = BoxPrior::new([("rate", 2.0, 20.0)]).unwrap();
    let ensemble = nle().hidden(&[24]).ensemble(2).max_epochs(20);
    let chips =
        ensemble.fit(&simulations(&prior, &poisson(1.04), 20_000)).unwrap().simulator(poisson(1.0)).unwrap();
    let mut stream = Seed(2).stream(Domain::User, 0);
    let counts: Vec<u64> = (0..60).map(|_| Poisson(8.0).sample(&mut stream) as u64).collect();
    let data: Vec<[f64; 2]> = (0..60)
        .map(|_| [Normal(0.8, 0.5).sample(&mut stream), Normal(-0.5, 0.5).sample(&mut stream)])
        .collect();
    let posterior = two_sites(&chips, &pairs, &counts, &data).unwrap().sample(&nuts()).unwrap();
    let [x, y] = [0, 1].map(|c| data.iter().map(|point| point[c]).collect::<Vec<f64>>());
    let exact = two_exact_sites(&counts, &x, &y).unwrap().sample(&nuts()).unwrap().summary();
    let moved = posterior.report().moved.clone().unwrap();
    assert_eq!(moved.sites, ["site `count`", "site `point`"]);
    let rows = posterior.summary().rows;
    for (row, exact) in rows.iter().zip(&exact.rows) {
        let off = (row.mean - exact.mean) / exact.sd;
        println!("{}: off {off:.2}, predicted {:.2}", row.name, row.moved.unwrap());
        assert!(
            (row.moved.unwrap() - off).abs() < 0.35,
            "{}: off {off}, predicted {:?}",
            row.name,
            row.moved
        );
    }
    assert!(rows.iter().any(|row| row.moved.unwrap().abs() > 0.4), "{rows:?}");
}

fn ddm() -> NeuralLikelihood {
    let prior =
        BoxPrior::new([("v", -2.0, 2.0), ("a", 0.6, 2.5), ("w", 0.3, 0.7), ("t0", 0.0, 0.5)]).unwrap();
    nle().shift("t0").max_epochs(3).fit(&simulations(&prior, &Ddm::default(), 4_000)).unwrap()
}

/// A regression of the drift on a number of each trial, so that every trial has a row of its own, and a site that is not centred.
#[model]
fn regression(ddm: &NeuralLikelihood, load: &[f64], trials: &[Response]) {
    sample!(effect ~ Normal(0.0, 1.0));
    plate!(blocks = 2, {
        sample!(base ~ Normal(0.5, 0.5).noncentered());
    });
    sample!(a ~ Uniform(0.6, 2.5));
    sample!(t0 ~ Uniform(0.0, 0.3));
    plate!(trials = trials.len(), {
        sample!(response ~ ddm.given(v: base.at(0) + base.at(1) + effect * load, a, w: 0.5, t0), observed = trials);
    });
}

fn loads() -> (Vec<f64>, Vec<Response>) {
    let mut stream = Seed(5).stream(Domain::User, 0);
    let load: Vec<f64> = (0..80).map(|_| stream.random::<f64>() - 0.5).collect();
    let trials = load.iter().map(|load| Wiener(0.8 + load, 1.4, 0.5, 0.3).sample(&mut stream)).collect();
    (load, trials)
}

#[test]
fn the_same_shift_on_one_thread_and_two_and_after_loading() {
    let (load, trials) = loads();
    let path = std::env::temp_dir().join(format!("mynah-score-{}.safetensors", std::process::id()));
    let learned = ddm();
    learned.save(&path).unwrap();
    let loaded = NeuralLikelihood::load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let check = ScoreCheck::default().simulations(64).seconds(f64::INFINITY);
    let sampled = |likelihood: &NeuralLikelihood, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let nuts = nuts().draws(100).threads(threads).score_check(check.clone());
        pool.install(|| regression(likelihood, &load, &trials).unwrap().sample(&nuts)).unwrap()
    };
    let (one, two, again) = (sampled(&learned, 1), sampled(&learned, 2), sampled(&loaded, 2));
    let shift = |draws: &Draws| draws.report().moved.as_ref().unwrap().shift.clone();
    assert_eq!(shift(&one).len(), 5);
    assert!(shift(&one).iter().all(|shift| shift.is_finite()), "{:?}", one.report().moved);
    assert_eq!((shift(&one), shift(&one)), (shift(&two), shift(&again)));
    // Draws from a file have the column, and are checked again to be corrected.
    let path = std::env::temp_dir().join(format!("mynah-score-{}.json", std::process::id()));
    one.save(&path).unwrap();
    let draws = Draws::load(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(draws.summary(), one.summary());
    let model = regression(&learned, &load, &trials).unwrap();
    println!("{}", one.summary());
    if one.corrected().is_ok() {
        assert!(draws.corrected().unwrap_err().to_string().contains("Model::score_check"));
        let checked = model.score_check(&draws, &check.seed(3)).unwrap();
        assert_eq!(shift(&checked), shift(&one));
        assert_eq!(
            checked.corrected().unwrap().get("a").unwrap().mean(),
            one.corrected().unwrap().get("a").unwrap().mean()
        );
    }
}

/// A likelihood whose simulator this is, fitted to a few counts.
fn with_simulator(simulator: impl Simulator + Send + 'static, check: Option<ScoreCheck>) -> Draws {
    let (bakery, counts) = cookies();
    let learned = chips(1.0).simulator(simulator).unwrap();
    bakeries(&learned, &bakery, &counts).unwrap().sample(&nuts().draws(100).score_check(check)).unwrap()
}

#[test]
fn a_check_that_cannot_be_made_says_so_and_keeps_the_draws() {
    let failing = Counts(|_: &[f64], _: &mut Stream| -> u64 { panic!("out of flour") });
    let nan = mynah::simulate::Reals(|_, _| vec![f64::NAN]);
    let slow = Counts(|theta, stream| {
        std::thread::sleep(std::time::Duration::from_millis(30));
        Poisson(theta[0]).sample(stream) as u64
    });
    let some = mynah::simulate::Reals(|theta, stream| {
        let chips = Poisson(theta[0]).sample(stream);
        vec![if stream.random::<f64>() < 0.8 { f64::INFINITY } else { chips }]
    });
    let default = || Some(ScoreCheck::default());
    let stopped = Stop::new();
    stopped.request();
    for (draws, says) in [
        (with_simulator(failing, default()), "fail (the simulator panicked: out of flour)"),
        (with_simulator(nan, default()), "fail (the simulator returned NaN)"),
        (
            with_simulator(some, default()),
            "% of its simulations at the posterior fail (the simulator returned inf)",
        ),
        (with_simulator(slow, default()), "s of simulations ("),
        (with_simulator(poisson(1.0), Some(ScoreCheck::default().stop(&stopped))), "it was stopped"),
    ] {
        let moved = draws.report().moved.clone().unwrap();
        assert!(moved.shift.is_empty() && draws.total_draws() == 400);
        assert!(
            moved.messages[0]
                .starts_with("site `count`: the error of the learned likelihood was not checked: "),
            "{moved:?}"
        );
        assert!(moved.messages[0].contains(says), "{says}: {:?}", moved.messages);
        assert!(draws.corrected().unwrap_err().to_string().contains("was not checked"));
        assert!(draws.summary().rows.iter().all(|row| row.moved.is_none()));
    }
    assert_eq!(with_simulator(poisson(1.0), None).report().moved, None);
}

/// Times above a limit fail: what is learned from the others is biased, and the check, which sees the same failures, says by how much at most.
#[test]
fn failures_at_the_posterior_are_told() {
    let limited = |limit: f64| {
        move |theta: &[f64], stream: &mut Stream| {
            let time = -theta[0] * stream.random::<f64>().ln();
            vec![if time > limit { f64::NAN } else { time }]
        }
    };
    #[model]
    fn times(learned: &NeuralLikelihood, x: &[f64]) {
        sample!(p ~ Uniform(0.2, 3.0));
        plate!(times = x.len(), {
            sample!(x ~ learned.given(p), observed = x);
        });
    }
    let prior = BoxPrior::new([("p", 0.2, 3.0)]).unwrap();
    let mut stream = Seed(4).stream(Domain::User, 0);
    let x: Vec<f64> = (0..300).map(|_| -stream.random::<f64>().ln()).filter(|x| *x < 2.5).collect();
    let fit = |limit: f64| {
        let learned = nle().max_epochs(20).fit(&simulations(&prior, &limited(limit), 20_000)).unwrap();
        let learned = learned.simulator(limited(limit)).unwrap();
        times(&learned, &x).unwrap().sample(&nuts()).unwrap().report().moved.clone().unwrap().messages
    };
    let said = fit(2.5).join(" ");
    assert!(
        said.contains("% of the simulations at the posterior failed (the simulator returned NaN)"),
        "{said}"
    );
    assert!(said.contains("the mean of p is off by some +"), "{said}");
    assert!(fit(f64::INFINITY).is_empty());
}

#[test]
fn wrong_simulators_options_and_draws_are_refused() {
    let learned = chips(1.0);
    let error = learned.clone().simulator(poisson(1.0).names(["speed"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Site);
    let error = learned.clone().simulator(Ddm::default()).unwrap_err();
    assert!(error.kind() == ErrorKind::Value && error.to_string().contains("TimeAndChoice"), "{error}");
    let (bakery, counts) = cookies();
    let model = bakeries(&learned, &bakery, &counts).unwrap();
    for check in [ScoreCheck::default().simulations(3), ScoreCheck::default().seconds(f64::NAN)] {
        let error = model.sample(&nuts().score_check(check)).unwrap_err();
        assert!(error.kind() == ErrorKind::Options && error.to_string().contains("ScoreCheck"), "{error}");
    }
    let others = exact_bakeries(&bakery, &counts).unwrap().sample(&nuts().draws(20)).unwrap();
    assert_eq!(
        (others.report().moved.clone(), others.corrected().unwrap_err().kind()),
        (None, ErrorKind::Sampling)
    );
    #[model]
    fn other(x: f64) {
        sample!(mu ~ Normal(0.0, 1.0));
        sample!(y ~ Normal(mu, 1.0), observed = x);
    }
    let error = other(0.5).unwrap().score_check(&others, &ScoreCheck::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    // Rows changed by hand are no longer those of the built-in simulator.
    let prior =
        BoxPrior::new([("v", -2.0, 2.0), ("a", 0.6, 2.5), ("w", 0.3, 0.7), ("t0", 0.0, 0.5)]).unwrap();
    let mut pairs = simulations(&prior, &Ddm::default(), 100);
    assert!(
        pairs.provenance().simulator.is_some()
            && pairs.subset(&[3, 1]).unwrap().provenance().simulator.is_some()
    );
    pairs.data[0] += 0.1;
    assert!(pairs.provenance().simulator.is_none());
}
