//! Learned likelihoods inside models: names, gradients, reproducibility, allocation, and the Wiener density as the oracle.
#![cfg(feature = "neural")]

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
