//! A simulator of two real numbers, learned and put into a model, against the posterior in closed form.
#![cfg(feature = "neural")]

use mynah::model;
use mynah::neural::Flow;
use mynah::prelude::*;
use mynah::simulate::BoxPrior;
use rand_distr::{Distribution, StandardNormal};

/// x = A theta + L e with standard normal e.
const A: [[f64; 2]; 2] = [[1.0, 0.4], [-0.5, 0.9]];
const L: [[f64; 2]; 2] = [[0.8, 0.0], [0.5, 0.6]];

fn simulate(theta: &[f64], stream: &mut Stream) -> Vec<f64> {
    let e: [f64; 2] = [StandardNormal.sample(stream), StandardNormal.sample(stream)];
    (0..2).map(|i| A[i][0] * theta[0] + A[i][1] * theta[1] + L[i][0] * e[0] + L[i][1] * e[1]).collect()
}

#[model]
fn linear(likelihood: &NeuralLikelihood, x: &[[f64; 2]]) {
    sample!(a ~ Normal(0.0, 1.0));
    sample!(b ~ Normal(0.0, 1.0));
    plate!(rows = x.len(), {
        sample!(x ~ likelihood.given(a: a, b: b), observed = x);
    });
}

/// Mean and covariance of theta ~ N(0, I) given x: with M = L^-1 A, precision `I + n M'M`, mean `precision^-1 M' L^-1 sum x`.
fn posterior(x: &[[f64; 2]]) -> ([f64; 2], [f64; 2]) {
    let solve = |v: [f64; 2]| {
        let first = v[0] / L[0][0];
        [first, (v[1] - L[1][0] * first) / L[1][1]]
    };
    let columns = [solve([A[0][0], A[1][0]]), solve([A[0][1], A[1][1]])];
    let n = x.len() as f64;
    let sum = solve([x.iter().map(|x| x[0]).sum(), x.iter().map(|x| x[1]).sum()]);
    let dot = |u: [f64; 2], v: [f64; 2]| u[0] * v[0] + u[1] * v[1];
    let p = [
        1.0 + n * dot(columns[0], columns[0]),
        n * dot(columns[0], columns[1]),
        1.0 + n * dot(columns[1], columns[1]),
    ];
    let determinant = p[0] * p[2] - p[1] * p[1];
    let right = [dot(columns[0], sum), dot(columns[1], sum)];
    let mean = [
        (p[2] * right[0] - p[1] * right[1]) / determinant,
        (p[0] * right[1] - p[1] * right[0]) / determinant,
    ];
    (mean, [(p[2] / determinant).sqrt(), (p[0] / determinant).sqrt()])
}

/// How far the sampled posterior lies from the exact one.
fn agrees(learned: &NeuralLikelihood, count: usize) {
    let mut stream = Seed(2).stream(Domain::User, 0);
    let draw = |_| {
        let x = simulate(&[0.6, -0.4], &mut stream);
        [x[0], x[1]]
    };
    let data: Vec<[f64; 2]> = (0..count).map(draw).collect();
    let nuts = Nuts::default().draws(300).warmup(300).seed(3).progress(Progress::Hidden);
    let draws = linear(learned, &data).unwrap().sample(&nuts).unwrap();
    let (mean, sd) = posterior(&data);
    for (p, row) in draws.summary().rows.iter().enumerate() {
        let (distance, ratio) = ((row.mean - mean[p]) / sd[p], row.sd / sd[p]);
        let what =
            format!("{count} data, {}: mean {distance:.3} posterior sds off, sd ratio {ratio:.3}", row.name);
        assert!(distance.abs() < 0.35 && (ratio - 1.0).abs() < 0.15, "{what}");
        eprintln!("{what}");
    }
}

// The mean's error in posterior sds grows with the root of the number of data. 0.35 sd and 15 % are what the library promises
// of hierarchical models; the Monte Carlo error of 1200 draws is about 0.04.
#[test]
fn posteriors_of_a_linear_model_of_two_columns() {
    let prior = BoxPrior::new([("a", -2.0, 2.0), ("b", -2.0, 2.0)]).unwrap();
    let pairs = Simulations::draw(&prior, &simulate, 30_000, Seed(1)).unwrap();
    let nle = Nle::default().max_epochs(12).batch(200).learning_rate(3e-3).progress(Progress::Hidden);
    agrees(&nle.fit(&pairs).unwrap(), 25);
    // 150 data are two blocks of the flow.
    agrees(&nle.flow(Flow::AffineAutoregressive).ensemble(2).fit(&pairs).unwrap(), 150);
}
