//! One gradient, and one leapfrog step of NUTS.

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

criterion_group!(benches, gradient_cookies, leapfrog_cookies);
criterion_main!(benches);
