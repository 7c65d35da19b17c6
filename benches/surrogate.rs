//! `train_step/mixed_200`: one optimiser step of a choice-and-time density on 200 simulations, the share of looking at held-out
//! ones included; `train_step/maf_200` and `train_step/spline_200`, followed by `/2` and `/10`: one of a masked autoregressive flow of
//! 5 affine or spline transforms, hidden 2 x 50, over as many columns given as many parameters; `gradient/ddm_20x100`: value and gradient of a hierarchical model of 20 subjects x 100 trials, all four
//! parameters by subject, with a learned likelihood; `gradient/wiener_20x100`: the same with the exact density. One thread.

use criterion::{Criterion, criterion_group, criterion_main};
use mynah::neural::Flow;
use mynah::prelude::*;
use mynah::sbi::LogInputs;
use mynah::simulate::BoxPrior;
use mynah::{LogDensity, model};
use rand::RngExt;
use std::time::Duration;

fn pairs(count: usize) -> Simulations {
    let sides = [("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)];
    let prior = BoxPrior::new(sides).expect("valid bounds");
    Simulations::draw(&prior, &Ddm::default(), count, Seed(1)).expect("a simulator that succeeds")
}

/// Columns that are the parameters with correlated noise.
fn columns(width: usize) -> Simulations {
    let sides: Vec<_> = (0..width).map(|p| (format!("p{p}"), -1.0, 1.0)).collect();
    let prior = BoxPrior::new(sides).expect("valid bounds");
    let simulator = |theta: &[f64], stream: &mut Stream| {
        let mut noise = 0.0;
        let mut column = |x: &f64| {
            noise = 0.5 * noise + stream.random::<f64>();
            x + noise
        };
        theta.iter().map(&mut column).collect::<Vec<f64>>()
    };
    Simulations::draw(&prior, &simulator, 20_000, Seed(1)).expect("a simulator that succeeds")
}

fn train_step(criterion: &mut Criterion) {
    let nle = Nle::default().batch(200).max_epochs(1).progress(Progress::Hidden);
    time_step(criterion, "mixed_200", &nle.clone().shift("t0"), &pairs(20_000));
    for width in [2, 10] {
        let pairs = columns(width);
        let nle = nle.clone().log_inputs(LogInputs::Never).flow_hidden(&[50, 50]);
        for (name, flow) in
            [("maf_200", Flow::AffineAutoregressive), ("spline_200", Flow::SplineAutoregressive)]
        {
            time_step(criterion, &format!("{name}/{width}"), &nle.clone().flow(flow), &pairs);
        }
    }
}

/// Times one optimiser step by epochs of 90.
fn time_step(criterion: &mut Criterion, id: &str, nle: &Nle, pairs: &Simulations) {
    let mut group = criterion.benchmark_group("train_step");
    group.sample_size(20);
    group.bench_function(id, |bencher| {
        bencher.iter_custom(|iterations| {
            let (mut seconds, mut steps) = (0.0, 0);
            for _ in 0..iterations.div_ceil(90) {
                let learned = nle.fit(pairs).expect("training that succeeds");
                seconds += learned.report().seconds;
                steps += learned.report().steps;
            }
            Duration::from_secs_f64(seconds / steps as f64 * iterations as f64)
        });
    });
    group.finish();
}

/// Four parameters by subject, each carried to its interval: `low + (high - low) logistic(m + s z)`.
#[model]
fn learned(ddm: &NeuralLikelihood, subject: &[usize], trials: &[Response]) {
    plate!(parameters = 4, {
        sample!(m ~ Normal(0.0, 1.0));
        sample!(s ~ HalfNormal(0.5));
    });
    plate!(subjects = 20, {
        sample!(z_v ~ Normal(0.0, 1.0));
        sample!(z_a ~ Normal(0.0, 1.0));
        sample!(z_w ~ Normal(0.0, 1.0));
        sample!(z_t0 ~ Normal(0.0, 1.0));
        let v = (m.at(0) + s.at(0) * z_v).logistic() * 4.0 - 2.0;
        let a = (m.at(1) + s.at(1) * z_a).logistic() * 3.0 + 1.0;
        let w = (m.at(2) + s.at(2) * z_w).logistic() * 0.4 + 0.3;
        let t0 = (m.at(3) + s.at(3) * z_t0).logistic() * 1.6 + 0.2;
    });
    plate!(trials = trials.len(), {
        sample!(response ~ ddm.given(v: v.at(subject), a: a.at(subject), w: w.at(subject), t0: t0.at(subject)),
            observed = trials);
    });
}

/// A drift regression: three conditions, their codes given as a number for each trial. There are 60 distinct rows.
#[model]
fn regression(ddm: &NeuralLikelihood, subject: &[usize], code: &[f64], trials: &[Response]) {
    sample!(a ~ Uniform(1.0, 3.0));
    sample!(w ~ Uniform(0.3, 0.7));
    sample!(t0 ~ Uniform(0.0, 0.5));
    plate!(subjects = 20, {
        sample!(intercept ~ Normal(0.5, 0.3));
        sample!(slope ~ Normal(0.0, 0.3));
    });
    plate!(trials = trials.len(), {
        let v = intercept.at(subject) + slope.at(subject) * code;
        sample!(response ~ ddm.given(v, a, w, t0), observed = trials);
    });
}

/// The same with the exact density.
#[model]
fn exact(subject: &[usize], trials: &[Response]) {
    plate!(parameters = 4, {
        sample!(m ~ Normal(0.0, 1.0));
        sample!(s ~ HalfNormal(0.5));
    });
    plate!(subjects = 20, {
        sample!(z_v ~ Normal(0.0, 1.0));
        sample!(z_a ~ Normal(0.0, 1.0));
        sample!(z_w ~ Normal(0.0, 1.0));
        sample!(z_t0 ~ Normal(0.0, 1.0));
        let v = (m.at(0) + s.at(0) * z_v).logistic() * 4.0 - 2.0;
        let a = (m.at(1) + s.at(1) * z_a).logistic() * 3.0 + 1.0;
        let w = (m.at(2) + s.at(2) * z_w).logistic() * 0.4 + 0.3;
        let t0 = (m.at(3) + s.at(3) * z_t0).logistic() * 1.6 + 0.2;
    });
    plate!(trials = trials.len(), {
        sample!(response ~ Wiener(v.at(subject), a.at(subject), w.at(subject), t0.at(subject)), observed = trials);
    });
}

fn gradient(criterion: &mut Criterion) {
    let likelihood = Nle::default().shift("t0").max_epochs(2).progress(Progress::Hidden).fit(&pairs(5_000));
    let likelihood = likelihood.expect("training that succeeds");
    let mut stream = Seed(2).stream(Domain::User, 0);
    let subject: Vec<usize> = (0..2_000).map(|i| i / 100).collect();
    let trials: Vec<Response> = (0..2_000).map(|_| Wiener(0.8, 2.0, 0.5, 1.1).sample(&mut stream)).collect();
    let code: Vec<f64> = (0..2_000).map(|i| [-1.0, 0.0, 1.0][i % 3]).collect();
    let models = [
        ("gradient/ddm_20x100", learned(&likelihood, &subject, &trials)),
        ("gradient/ddm_regression_20x100", regression(&likelihood, &subject, &code, &trials)),
        ("gradient/wiener_20x100", exact(&subject, &trials)),
    ];
    for (id, model) in models {
        let mut density = model.expect("a model that fits").density();
        // m = 0, s = 0.3, distinct z: t0 stays below the fastest response.
        let mut z: Vec<f64> = (0..density.dim()).map(|i| 0.3 * (i as f64).sin()).collect();
        z[..4].fill(0.0);
        z[4..8].fill(-1.2);
        let mut gradient = vec![0.0; density.dim()];
        criterion.bench_function(id, |bencher| {
            bencher.iter(|| density.log_density_and_gradient(&z, &mut gradient).expect("a finite density"));
        });
    }
}

criterion_group!(benches, train_step, gradient);
criterion_main!(benches);
