//! `train_step/mixed_200`: one optimiser step of a choice-and-time density on 200 simulations, the share of looking at held-out
//! ones included; `surrogate/ddm_20x100`: value and gradient of 2000 trials in 20 rows of parameters, on one thread.

use criterion::{Criterion, criterion_group, criterion_main};
use mynah::sbi::Nle;
use mynah::simulate::{BoxPrior, Ddm, Simulations};
use mynah::{Progress, Seed};
use std::time::Duration;

fn pairs(count: usize) -> Simulations {
    let sides = [("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)];
    let prior = BoxPrior::new(sides).expect("valid bounds");
    Simulations::draw(&prior, &Ddm::default(), count, Seed(1)).expect("a simulator that succeeds")
}

fn train_step(criterion: &mut Criterion) {
    let pairs = pairs(20_000);
    let nle = Nle::default().shift("t0").batch(200).max_epochs(1).progress(Progress::Hidden);
    let mut group = criterion.benchmark_group("train_step");
    group.sample_size(20);
    group.bench_function("mixed_200", |bencher| {
        bencher.iter_custom(|iterations| {
            let (mut seconds, mut steps) = (0.0, 0);
            for _ in 0..iterations.div_ceil(90) {
                let learned = nle.fit(&pairs).expect("training that succeeds");
                seconds += learned.report().seconds;
                steps += learned.report().steps;
            }
            Duration::from_secs_f64(seconds / steps as f64 * iterations as f64)
        });
    });
    group.finish();
}

fn gradient(criterion: &mut Criterion) {
    let learned = Nle::default().shift("t0").max_epochs(2).progress(Progress::Hidden).fit(&pairs(5_000));
    let learned = learned.expect("training that succeeds");
    let trials = pairs(2_000);
    // Times beyond any shift below, as a sampler meets them after its first steps.
    let data: Vec<f64> = trials.data.chunks(2).flat_map(|x| [x[0] + 0.3, x[1]]).collect();
    let rows: Vec<u32> = (0..2_000).map(|i| i / 100).collect();
    let theta = [[0.8; 20], [1.5; 20], [0.5; 20], [0.25; 20]].concat();
    let density = learned.bind(&data, &rows, 20).expect("data that fit");
    let (mut evaluator, mut gradient) = (density.evaluator(), vec![0.0; 80]);
    criterion.bench_function("surrogate/ddm_20x100", |bencher| {
        bencher.iter(|| evaluator.log_prob_and_gradient(&theta, &mut gradient));
    });
}

criterion_group!(benches, train_step, gradient);
criterion_main!(benches);
