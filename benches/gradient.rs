//! One value and gradient: `gradient/cookies`, `gradient/eight_schools`; logistic regressions by data and covariates,
//! `gradient/logistic_1000x8` and `gradient/logistic_10000x25`; `gradient/item_response_2000` (answers of 100 people to 20
//! items). `leapfrog/cookies`: one leapfrog step of NUTS.

#[path = "../examples/common/cookies.rs"]
mod cookies;

use criterion::{Criterion, criterion_group, criterion_main};
use mynah::prelude::*;
use mynah::{LogDensity, model};
use std::hint::black_box;

#[model]
fn hierarchical(bakery: &[usize], chips: &[u64]) {
    sample!(mu ~ Gamma(2.0, 0.2));
    sample!(sigma ~ Exponential(1.0));
    plate!(bakeries = 5, {
        sample!(lam ~ Gamma(mu.powi(2) / sigma.powi(2), mu / sigma.powi(2)));
    });
    plate!(cookies = chips.len(), {
        sample!(count ~ Poisson(lam.at(bakery)), observed = chips);
    });
}

fn gradient_cookies(c: &mut Criterion) {
    let mut density = hierarchical(&cookies::bakery(), &cookies::chips()).unwrap().density();
    let z = [2.1, 0.6, 2.2, 1.8, 2.3, 2.25, 2.4];
    let mut gradient = [0.0; 7];
    c.bench_function("gradient/cookies", |b| {
        b.iter(|| density.log_density_and_gradient(black_box(&z), &mut gradient).unwrap());
    });
}

#[model]
fn eight_schools(y: &[f64], sigma: &[f64]) {
    sample!(mu ~ Normal(0.0, 5.0));
    sample!(tau ~ HalfCauchy(5.0));
    plate!(schools = y.len(), {
        sample!(theta ~ Normal(mu, tau).noncentered());
        sample!(y ~ Normal(theta, sigma), observed = y);
    });
}

#[model]
fn logistic_glm(x: &[f64], y: &[u64], covariates: usize) {
    plate!(covariates = covariates, {
        sample!(beta ~ Normal(0.0, 2.5));
    });
    plate!(data = y.len(), {
        sample!(y ~ BernoulliLogit(beta.dot(x)), observed = y);
    });
}

fn gradient_eight_schools(c: &mut Criterion) {
    let y = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
    let sigma = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];
    gradient(c, "gradient/eight_schools", eight_schools(&y, &sigma).unwrap());
}

fn gradient_logistic(c: &mut Criterion) {
    for (rows, covariates) in [(1000, 8), (10_000, 25)] {
        let x: Vec<f64> = (0..rows * covariates).map(|i| (i * 7919 % 1009) as f64 / 504.5 - 1.0).collect();
        let y: Vec<u64> = (0..rows as u64).map(|i| i * 31 % 7 % 2).collect();
        let id = format!("gradient/logistic_{rows}x{covariates}");
        gradient(c, &id, logistic_glm(&x, &y, covariates).unwrap());
    }
}

#[model]
fn item_response(person: &[usize], item: &[usize], y: &[u64]) {
    plate!(persons = 100, {
        sample!(ability ~ Normal(0.0, 1.0));
    });
    plate!(items = 20, {
        sample!(difficulty ~ Normal(0.0, 1.0));
    });
    plate!(answers = y.len(), {
        sample!(y ~ BernoulliLogit(ability.at(person) - difficulty.at(item)), observed = y);
    });
}

fn gradient_item_response(c: &mut Criterion) {
    let person: Vec<usize> = (0..2000).map(|i| i / 20).collect();
    let item: Vec<usize> = (0..2000).map(|i| i % 20).collect();
    let y: Vec<u64> = (0..2000).map(|i| i * 31 % 7 % 2).collect();
    gradient(c, "gradient/item_response_2000", item_response(&person, &item, &y).unwrap());
}

fn gradient(c: &mut Criterion, id: &str, model: mynah::Model) {
    let mut density = model.density();
    let z: Vec<f64> = (0..density.dim()).map(|i| 0.5 * (i as f64).sin()).collect();
    let mut gradient = vec![0.0; z.len()];
    c.bench_function(id, |b| {
        b.iter(|| density.log_density_and_gradient(black_box(&z), &mut gradient).unwrap());
    });
}

/// The time of a whole run, over the number of gradients it took.
fn leapfrog_cookies(c: &mut Criterion) {
    let model = hierarchical(&cookies::bakery(), &cookies::chips()).unwrap();
    let nuts =
        Nuts::default().chains(1).threads(1).warmup(1000).draws(1000).seed(1).progress(Progress::Hidden);
    c.bench_function("leapfrog/cookies", |b| {
        b.iter_custom(|steps| {
            let (mut done, mut seconds) = (0, 0.0);
            while done < steps {
                let posterior = model.sample(&nuts).unwrap();
                // Warm-up takes about as many gradients as what follows; count those after it, and half the time.
                done += posterior.statistics(0).iter().map(|draw| u64::from(draw.gradients)).sum::<u64>();
                seconds += posterior.report().seconds / 2.0;
            }
            std::time::Duration::from_secs_f64(seconds * steps as f64 / done as f64)
        });
    });
}

criterion_group!(
    benches,
    gradient_cookies,
    gradient_eight_schools,
    gradient_logistic,
    gradient_item_response,
    leapfrog_cookies
);
criterion_main!(benches);
