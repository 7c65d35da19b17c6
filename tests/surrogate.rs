//! Learned likelihoods inside models: names, gradients, reproducibility, allocation, and the Wiener density as the oracle.
#![cfg(feature = "neural")]

use mynah::draws::SamplerReport;
use mynah::graph::Argument;
use mynah::model;
use mynah::prelude::*;
use mynah::simulate::BoxPrior;
use mynah::{ErrorKind, LogDensity};
use std::sync::OnceLock;

/// A likelihood of the DDM, trained once for all tests (some two seconds).
fn ddm() -> &'static NeuralLikelihood {
    static DDM: OnceLock<NeuralLikelihood> = OnceLock::new();
    DDM.get_or_init(|| {
        let sides = [("v", -3.0, 3.0), ("a", 0.8, 2.5), ("w", 0.3, 0.7), ("t0", 0.0, 0.4)];
        let prior = BoxPrior::new(sides).unwrap();
        let pairs = Simulations::draw(&prior, &Ddm::default(), 60_000, Seed(5)).unwrap();
        let nle = Nle::default().shift("t0").seed(5).progress(Progress::Hidden);
        nle.fit(&pairs).unwrap()
    })
}

/// Trials of three subjects.
fn trials() -> (Vec<usize>, Vec<Response>) {
    let mut stream = Seed(9).stream(Domain::User, 0);
    let subject: Vec<usize> = (0..90).map(|i| i % 3).collect();
    let draw = |&s: &usize| Wiener([0.2, 0.9, 1.4][s], 1.5, 0.5, 0.25).sample(&mut stream);
    let responses = subject.iter().map(draw).collect();
    (subject, responses)
}

#[model]
fn hierarchical(ddm: &NeuralLikelihood, subject: &[usize], responses: &[Response]) {
    sample!(v_mu ~ Normal(0.0, 1.0));
    plate!(subjects = 3, {
        sample!(v ~ Normal(v_mu, 0.5));
    });
    sample!(a ~ LogNormal(0.4, 0.2));
    sample!(w ~ Beta(20.0, 20.0));
    sample!(t0 ~ Uniform(0.0, 0.3));
    plate!(trials = responses.len(), {
        sample!(response ~ ddm.given(t0, w, v: v.at(subject), a: a), observed = responses);
    });
}

/// The f32 network is good to about 1e-6 of each term; with a step of 1e-3 that is 1e-3 in a difference, summed over 90
/// trials in f64 (whose errors average out): 2 % of the larger of the gradient and 1.
#[test]
fn gradients_pass_through_the_network_and_the_gather() {
    let (subject, responses) = trials();
    let mut density = hierarchical(ddm(), &subject, &responses).unwrap().density();
    let z = [0.3, 0.1, 0.8, 1.1, 0.35, 0.02, 0.9];
    let mut gradient = [0.0; 7];
    density.log_density_and_gradient(&z, &mut gradient).unwrap();
    for i in 0..7 {
        let mut at = |shift: f64| {
            let mut z = z;
            z[i] += shift;
            density.log_density(&z).unwrap()
        };
        let slope = (at(1e-3) - at(-1e-3)) / 2e-3;
        assert!(
            (gradient[i] - slope).abs() < 0.02 * slope.abs().max(1.0),
            "{i}: {} against {slope}",
            gradient[i]
        );
    }
}

/// The graph evaluates the network per distinct subject; one trial at a time must give the same sum.
#[test]
fn distinct_rows_give_the_density_of_every_trial() {
    let (subject, responses) = trials();
    let model = hierarchical(ddm(), &subject, &responses).unwrap();
    let z = [0.3, 0.1, 0.8, 1.1, 0.35, 0.02, 0.9];
    let values = model.values_at(&z).unwrap();
    let value = |name: &str| values.get(name).unwrap()[0];
    let each = model.pointwise_log_density(&z, "response").unwrap();
    for ((log_prob, &s), response) in each.iter().zip(&subject).zip(&responses) {
        let theta = [values.get("v").unwrap()[s], value("a"), value("w"), value("t0")];
        let alone = ddm().log_prob(&theta, &response.row()).unwrap();
        // One row or many: the f32 sums of a layer keep their order, the matrix product's tiles may differ.
        assert!((log_prob - alone).abs() < 1e-4, "{log_prob} against {alone}");
    }
}

#[test]
fn the_learned_posterior_is_near_the_exact_one() {
    let (subject, responses) = trials();
    let nuts = Nuts::default().draws(500).warmup(500).seed(2).progress(Progress::Hidden);
    let learned = hierarchical(ddm(), &subject, &responses).unwrap().sample(&nuts).unwrap();
    assert!(learned.report().outside_training_region.unwrap() < 0.01);
    let exact = Model::record(|scope| {
        let v_mu = scope.site("v_mu").sample(Normal(0.0, 1.0));
        scope.enter("subjects", 3);
        let v = scope.site("v").sample(Normal(v_mu, 0.5));
        scope.exit();
        let a = scope.site("a").sample(LogNormal(0.4, 0.2));
        let w = scope.site("w").sample(Beta(20.0, 20.0));
        let t0 = scope.site("t0").sample(Uniform(0.0, 0.3));
        scope.enter("trials", responses.len());
        scope.site("response").observe(Wiener(v.at(&subject), a, w, t0), &responses);
        scope.exit();
        Ok(())
    });
    let exact = exact.unwrap().sample(&nuts).unwrap().summary();
    for (learned, exact) in learned.summary().rows.iter().zip(&exact.rows) {
        let distance = (learned.mean - exact.mean) / exact.sd;
        // 90 trials and 60 000 simulations: well within half a posterior sd (Monte Carlo error about 0.05).
        assert!(distance.abs() < 0.5, "{}: {distance} posterior sds", exact.name);
    }
}

#[test]
fn draws_do_not_depend_on_the_number_of_threads() {
    let (subject, responses) = trials();
    let model = hierarchical(ddm(), &subject, &responses).unwrap();
    let nuts = Nuts::default().draws(50).warmup(100).seed(4).progress(Progress::Hidden);
    let draw = |threads| model.sample(&nuts.clone().threads(threads)).unwrap();
    let (one, two) = (draw(1), draw(2));
    assert_eq!(one.column("a").unwrap(), two.column("a").unwrap());
    assert_eq!(one.column("v[2]").unwrap(), two.column("v[2]").unwrap());
}

fn one_trial<const P: usize>(
    parameters: [(&str, Argument<'static>); P],
    response: Response,
) -> Result<Model> {
    Model::record(|scope| {
        scope.site("mu").sample(Normal(0.0, 1.0));
        scope.enter("trials", 1);
        scope.site("response").observe(ddm().given(parameters), &[response][..]);
        scope.exit();
        Ok(())
    })
}

#[test]
fn parameters_by_name_and_nothing_else() {
    let number = |x: f64| Argument::from(x);
    let trial = Response { rt: 0.8, choice: 1 };
    let (v, a, w, t0) = (("v", number(1.0)), ("a", number(1.5)), ("w", number(0.5)), ("t0", number(0.2)));
    assert!(one_trial([w.clone(), a.clone(), t0.clone(), v.clone()], trial).is_ok(), "any order will do");
    let expect = |model: Result<Model>, part: &str| {
        let error = model.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Site);
        for part in ["site `response`", "parameters `v`, `a`, `w`, `t0` by name", part] {
            assert!(error.to_string().contains(part), "no `{part}` in: {error}");
        }
    };
    expect(one_trial([v.clone(), a.clone(), w.clone()], trial), "no `t0`; add `t0: ...`");
    let drift = ("drift", number(1.0));
    expect(one_trial([drift, a.clone(), w.clone(), t0.clone()], trial), "the unknown name `drift`");
    expect(one_trial([v.clone(), v, a, w, t0], trial), "`v` twice");
}

#[test]
fn trials_that_cannot_be() {
    let all = || [("v", 1.0.into()), ("a", 1.5.into()), ("w", 0.5.into()), ("t0", 0.2.into())];
    for (trial, part) in [
        (Response { rt: -0.1, choice: 1 }, "a response time above 0"),
        (Response { rt: f64::NAN, choice: 1 }, "a finite number"),
        (Response { rt: 0.5, choice: 2 }, "a choice of 0 (lower) or 1 (upper)"),
    ] {
        let error = one_trial(all(), trial).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(error.to_string().contains(part) && error.to_string().contains("site `response`"), "{error}");
    }
}

/// Far outside its training region a network says nothing sensible: the density there must be worse than inside, lead back,
/// and be reported.
#[test]
fn outside_the_training_region() {
    let (subject, responses) = trials();
    let model = hierarchical(ddm(), &subject, &responses).unwrap();
    let mut density = model.density();
    let inside = [0.3, 0.1, 0.8, 1.1, 0.4, 0.02, 0.9];
    let mut far = inside;
    far[4] = 3.0; // a = 20
    let mut gradient = [0.0; 7];
    let there = density.log_density_and_gradient(&far, &mut gradient).unwrap();
    assert!(there < density.log_density(&inside).unwrap() - 100.0);
    assert!(gradient[4] < -100.0, "the way back: {}", gradient[4]);
    far[4] = 300.0;
    assert!(density.log_density(&far).is_err() || density.log_density(&far).unwrap() < there);
}

/// Set for a second program: the file of weights that it is to load.
const WEIGHTS: &str = "MYNAH_TEST_WEIGHTS";

/// The bits of the log density and gradient of a hierarchical model on a likelihood.
fn bits(ddm: &NeuralLikelihood) -> String {
    let (subject, responses) = trials();
    let mut density = hierarchical(ddm, &subject, &responses).unwrap().density();
    let z: Vec<f64> = (0..density.dim()).map(|i| 0.3 * (i as f64).cos()).collect();
    let mut gradient = vec![0.0; z.len()];
    let log_density = density.log_density_and_gradient(&z, &mut gradient).unwrap();
    assert!(log_density.is_finite());
    let bits = std::iter::once(log_density).chain(gradient).map(|x| format!("{:016x}", x.to_bits()));
    bits.collect::<Vec<_>>().join(" ")
}

/// The second program's own entry; does nothing in an ordinary run of the tests.
#[test]
fn weights_from_a_file() {
    if let Ok(path) = std::env::var(WEIGHTS) {
        println!("bits: {}", bits(&NeuralLikelihood::load(path).unwrap()));
    }
}

#[test]
fn another_program_finds_the_same_density_bit_for_bit() {
    let path = std::env::temp_dir().join(format!("mynah-test-weights-{}.safetensors", std::process::id()));
    ddm().save(&path).unwrap();
    let mut program = std::process::Command::new(std::env::current_exe().unwrap());
    program.args(["weights_from_a_file", "--exact", "--nocapture", "--test-threads=1"]).env(WEIGHTS, &path);
    let output = program.output().unwrap();
    std::fs::remove_file(&path).unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.contains(&format!("bits: {}", bits(ddm()))), "{output}");
}

/// The largest distance between the distributions of two samples (Kolmogorov and Smirnov).
fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_unstable_by(f64::total_cmp);
    b.sort_unstable_by(f64::total_cmp);
    let below = |x: &[f64], y: f64| x.partition_point(|x| *x <= y) as f64 / x.len() as f64;
    a.iter().chain(&b).map(|x| (below(&a, *x) - below(&b, *x)).abs()).fold(0.0, f64::max)
}

// 1.95 sqrt(2 / n) is passed once in 1 000 comparisons of equal distributions; 0.02 more is what the learned density may be off. The share of
// choices: 3.3 standard errors and 0.02.
#[test]
fn draws_of_the_learned_density_are_like_those_of_the_simulator() {
    const N: usize = 4_000;
    for theta in [[0.5, 1.5, 0.5, 0.25], [-1.2, 1.0, 0.6, 0.1], [2.0, 2.2, 0.4, 0.3]] {
        let given = ["v", "a", "w", "t0"].into_iter().zip(theta);
        let drawn = ddm().sample(given, N, Seed(12)).unwrap();
        let mut stream = Seed(13).stream(Domain::User, 0);
        let simulated: Vec<Response> =
            (0..N).map(|_| Wiener(theta[0], theta[1], theta[2], theta[3]).sample(&mut stream)).collect();
        let share = |of: &mut dyn Iterator<Item = f64>| of.sum::<f64>() / N as f64;
        let learned = share(&mut drawn.iter().skip(1).step_by(2).copied());
        let exact = share(&mut simulated.iter().map(|response| f64::from(response.choice)));
        assert!(
            (learned - exact).abs() < 3.3 * 0.5 * (2.0 / N as f64).sqrt() + 0.02,
            "{theta:?}: {learned} {exact}"
        );
        let times = drawn.iter().step_by(2).copied().collect();
        let apart = distance(times, simulated.iter().map(|response| response.rt).collect());
        assert!(apart < 1.95 * (2.0 / N as f64).sqrt() + 0.02, "{theta:?}: {apart}");
    }
}

#[test]
fn draws_from_the_prior_hold_the_learned_site() {
    let (subject, responses) = trials();
    let model = hierarchical(ddm(), &subject, &responses).unwrap();
    let draws = model.sample_prior(20, Seed(3)).unwrap();
    for values in &draws {
        let (drawn, t0) = (values.get("response").unwrap(), values.get("t0").unwrap()[0]);
        assert_eq!(drawn.len(), 2 * responses.len());
        assert!(drawn.chunks(2).all(|trial| trial[0] > t0 && (trial[1] == 0.0 || trial[1] == 1.0)));
    }
    assert_eq!(draws, model.sample_prior(20, Seed(3)).unwrap(), "the same seed, the same data");
}

fn report(responses: &[Response], threads: usize) -> SamplerReport {
    let subject: Vec<usize> = (0..responses.len()).map(|i| i % 3).collect();
    let model = hierarchical(ddm(), &subject, responses).unwrap();
    let nuts = Nuts::default().draws(200).warmup(200).threads(threads).seed(6).progress(Progress::Hidden);
    model.sample(&nuts).unwrap().report().clone()
}

// A fit to the model's own data is one line; one to data that no drift-diffusion model makes names what is off.
#[test]
fn posteriors_are_checked_by_data_drawn_from_them() {
    let (_, responses) = trials();
    let SamplerReport { messages: fine, unlike, .. } = report(&responses, 1);
    assert_eq!(unlike, [""; 0]);
    let said: Vec<&String> = fine.iter().filter(|m| m.contains("drawn from the posterior")).collect();
    assert!(said.len() == 1 && said[0].contains("site `response`"), "{fine:?}");
    assert!(said[0].contains("are like those observed: share of choice 1 0."), "{fine:?}");
    assert_eq!(fine, report(&responses, 2).messages, "the same on any number of threads");
    // Every third trial a slow guess between 2.5 and 3.5 seconds: neither drift nor separation makes two such humps.
    let guess = |(i, r): (usize, &Response)| match i % 3 {
        0 => Response { rt: 2.5 + (i as f64) / 400.0, ..*r },
        _ => Response { rt: 0.3 + 0.2 * (r.rt - 0.25), ..*r },
    };
    let many: Vec<Response> = responses.iter().cycle().take(360).enumerate().map(guess).collect();
    let off = report(&many, 2);
    assert_eq!(off.unlike, ["site `response`"]);
    let said = off
        .messages
        .iter()
        .find(|m| m.contains("unlike those observed"))
        .unwrap_or_else(|| panic!("{off:?}"));
    assert!(said.contains("site `response`") && said.contains("quantile of time of choice"), "{said}");
}

// Trained up to a = 2.5, with data of a = 3.4: which parameter, on which side.
#[test]
fn posteriors_outside_the_training_region_are_told_by_parameter_and_side() {
    let mut stream = Seed(2).stream(Domain::User, 0);
    let responses: Vec<Response> = (0..90).map(|_| Wiener(0.3, 3.6, 0.5, 0.2).sample(&mut stream)).collect();
    let model = Model::record(|scope| {
        let a = scope.site("a").sample(LogNormal(1.2, 0.3));
        scope.enter("trials", responses.len());
        let given = [("v", 0.3.into()), ("a", a.into()), ("w", 0.5.into()), ("t0", 0.2.into())];
        scope.site("response").observe(ddm().given(given), &responses);
        scope.exit();
        Ok(())
    });
    let nuts = Nuts::default().draws(200).warmup(200).seed(6).progress(Progress::Hidden);
    let draws = model.unwrap().sample(&nuts).unwrap();
    let messages = &draws.report().messages;
    let said = messages.iter().find(|m| m.contains("outside the training region"));
    assert!(
        said.is_some_and(|m| m.contains("site `response`") && m.contains("`a` above 2.5")),
        "{messages:?}"
    );
}

// Drawn again from what draws keep: a scalar written non-centred stands in a run of scalar operations, its standard value is kept
// nowhere, and 0 in its place would give trials of drift 0.
#[test]
fn draws_restore_sites_that_are_not_centred() {
    let mut stream = Seed(4).stream(Domain::User, 0);
    let responses: Vec<Response> = (0..200).map(|_| Wiener(1.5, 1.5, 0.5, 0.2).sample(&mut stream)).collect();
    let model = Model::record(|scope| {
        let doubled = scope.site("doubled").sample(Normal(0.0, 4.0).noncentered());
        let v = (doubled + 1.0) * 0.5 - 0.5;
        scope.enter("trials", responses.len());
        let given = [("v", v.into()), ("a", 1.5.into()), ("w", 0.5.into()), ("t0", 0.2.into())];
        scope.site("response").observe(ddm().given(given), &responses);
        scope.exit();
        Ok(())
    });
    let nuts = Nuts::default().draws(200).warmup(200).seed(6).progress(Progress::Hidden);
    let draws = model.unwrap().sample(&nuts).unwrap();
    assert!((draws.get("doubled").unwrap().mean()[0] - 3.0).abs() < 1.0, "twice the drift of the data");
    let messages = &draws.report().messages;
    assert!(
        messages.iter().any(|m| m.contains("are like those observed: share of choice 1")),
        "{messages:?}"
    );
}
