//! One value and gradient of the joints of the language: `gradient/ar1_scan_10000` (a recursion over 10 000 unknown innovations),
//! `gradient/leaky_scan_10000` (one over data), `gradient/mv_normal_50x1000` (vectors with an unknown location and Cholesky factor), `gradient/normal_500x1000`
//! (500 groups of 1 000 data), `gradient/mixture_1000` and `gradient/mixture_by_hand_1000` (two normal distributions by `Mixture`, and by arithmetic with
//! `log_add_exp`), `gradient/censored_regression_1000` (every third datum beyond its limit).

use criterion::{Criterion, criterion_group, criterion_main};
use mynah::prelude::*;
use mynah::{LogDensity, model};
use rand::RngExt;
use std::hint::black_box;

#[model]
fn ar1(y: &[f64]) {
    sample!(phi ~ Uniform(-1, 1));
    sample!(sigma ~ HalfNormal(1));
    plate!(times = y.len(), {
        sample!(shock ~ Normal(0, 1));
        scan!(x = 0.0, (e = shock) => phi * x + sigma * e);
        sample!(y ~ Normal(x, 0.5), observed = y);
    });
}

#[model]
fn leaky(input: &[f64], y: &[f64]) {
    sample!(leak ~ Uniform(0, 1));
    sample!(gain ~ HalfNormal(1));
    plate!(times = y.len(), {
        scan!(x = 0.0, (u = input) => x + leak * (gain * u - x));
        sample!(y ~ Normal(x, 0.5), observed = y);
    });
}

#[model]
fn vectors(y: &[Vec<f64>]) {
    let size = y[0].len();
    plate!(columns = size, {
        sample!(loc ~ Normal(0, 1));
        sample!(scale ~ HalfNormal(1));
    });
    sample!(correlation ~ LkjCholesky(size, 2.0));
    let factor = correlation.scale_rows(scale);
    plate!(rows = y.len(), {
        sample!(y ~ MvNormalCholesky(loc, factor), observed = y);
    });
}

#[model]
fn groups(group: &[usize], y: &[f64]) {
    sample!(mu ~ Normal(0, 1));
    sample!(tau ~ HalfNormal(1));
    sample!(sigma ~ HalfNormal(1));
    plate!(groups = 500, {
        sample!(theta ~ Normal(mu, tau));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(theta.at(group), sigma), observed = y);
    });
}

#[model]
fn mixture(y: &[f64]) {
    sample!(share ~ Beta(5, 5));
    sample!(low ~ Normal(-1, 1));
    sample!(high ~ Normal(1, 1));
    sample!(sigma ~ HalfNormal(2));
    plate!(rows = y.len(), {
        sample!(y ~ Mixture([share, 1.0 - share], [Normal(low, sigma), Normal(high, sigma)]), observed = y);
    });
}

#[model]
fn mixture_by_hand(y: &[f64]) {
    sample!(share ~ Beta(5, 5));
    sample!(low ~ Normal(-1, 1));
    sample!(high ~ Normal(1, 1));
    sample!(sigma ~ HalfNormal(2));
    plate!(rows = y.len(), {
        let first = share.ln() - sigma.ln() - 0.5 * ((y - low) / sigma).powi(2);
        let second = (1.0 - share).ln() - sigma.ln() - 0.5 * ((y - high) / sigma).powi(2);
        factor!(density = first.log_add_exp(second));
    });
}

#[model]
fn censored_regression(x: &[f64], y: &[f64], limit: &[f64]) {
    sample!(intercept ~ Normal(0, 1));
    sample!(slope ~ Normal(0, 1));
    sample!(sigma ~ HalfNormal(1));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(intercept + slope * x, sigma).censored(f64::NEG_INFINITY, limit), observed = y);
    });
}

fn noise(count: usize) -> Vec<f64> {
    let mut stream = Seed(1).stream(Domain::User, 0);
    (0..count).map(|_| stream.random::<f64>() - 0.5).collect()
}

fn gradient(c: &mut Criterion, id: &str, model: Model) {
    let mut density = model.density();
    let z: Vec<f64> = noise(model.dim()).iter().map(|z| 0.2 * z).collect();
    let mut gradient = vec![0.0; z.len()];
    c.bench_function(id, |b| {
        b.iter(|| density.log_density_and_gradient(black_box(&z), &mut gradient).unwrap());
    });
}

fn joints(c: &mut Criterion) {
    let y = noise(10_000);
    gradient(c, "gradient/ar1_scan_10000", ar1(&y).unwrap());
    gradient(c, "gradient/leaky_scan_10000", leaky(&y, &y).unwrap());
    let rows: Vec<Vec<f64>> = noise(50_000).chunks_exact(50).map(<[f64]>::to_vec).collect();
    gradient(c, "gradient/mv_normal_50x1000", vectors(&rows).unwrap());
    let y = noise(1000);
    gradient(c, "gradient/mixture_1000", mixture(&y).unwrap());
    gradient(c, "gradient/mixture_by_hand_1000", mixture_by_hand(&y).unwrap());
    let limit: Vec<f64> = y.iter().enumerate().map(|(i, y)| if i % 3 == 0 { *y } else { 1.0 }).collect();
    gradient(
        c,
        "gradient/censored_regression_1000",
        censored_regression(&noise(2000)[1000..], &y, &limit).unwrap(),
    );
    let group: Vec<usize> = (0..500_000).map(|row| row % 500).collect();
    let y = noise(500_000);
    let start = std::time::Instant::now();
    let model = groups(&group, &y).unwrap();
    println!("normal_500x1000: built in {:.2} s", start.elapsed().as_secs_f64());
    gradient(c, "gradient/normal_500x1000", model);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = joints
}
criterion_main!(benches);
