//! The cookie factory against its exact posterior.
//!
//! The figures are those of `exact_posteriors.csv` (original 150 cookies): closed-form gamma posteriors, and for the
//! hierarchical model two-dimensional Gauss-Legendre quadrature with the rates integrated out, to 1e-12. The log density
//! and gradient at one point were computed with 60 digits.

#[path = "../examples/common/cookies.rs"]
mod cookies;

use mynah::prelude::*;
use mynah::{LogDensity, model};

#[model]
fn pooled(chips: &[u64]) {
    sample!(lam ~ Gamma(2.0, 0.2));
    plate!(cookies = chips.len(), {
        sample!(count ~ Poisson(lam), observed = chips);
    });
}

#[model]
fn unpooled(bakery: &[usize], chips: &[u64]) {
    plate!(bakeries = 5, {
        sample!(lam ~ Gamma(2.0, 0.2));
    });
    plate!(cookies = chips.len(), {
        sample!(count ~ Poisson(lam.at(bakery)), observed = chips);
    });
}

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

/// Every exact mean and sd is met within 4 Monte Carlo standard errors. That of the sd is taken as if draws were normal and
/// as many as `ess_bulk` says, with half as much again for the skewed scales: sd / sqrt(2 ess) * 1.5.
fn check(posterior: &Draws, exact: &[(&str, f64, f64)]) {
    let summary = posterior.summary();
    assert_eq!(summary.rows.len(), exact.len());
    for &(name, mean, sd) in exact {
        let row = summary.row(name).unwrap();
        let z = (row.mean - mean) / row.mcse_mean;
        assert!(z.abs() < 4.0, "{name}: mean {} against {mean} (z = {z:.2})", row.mean);
        let error = sd / (2.0 * row.ess_bulk).sqrt() * 1.5;
        assert!((row.sd - sd).abs() < 4.0 * error, "{name}: sd {} against {sd} +- {error}", row.sd);
        assert!(row.r_hat < 1.01);
    }
}

fn nuts() -> Nuts {
    Nuts::default().target_acceptance(0.9).draws(2000).seed(3).progress(Progress::Hidden)
}

#[test]
fn pooled_posterior_is_exact() {
    check(&pooled(&cookies::chips()).unwrap().sample(&nuts()).unwrap(), &[("lam", 9.15446072, 0.246877446)]);
}

#[test]
fn unpooled_posterior_is_exact() {
    let exact = [
        ("lam[0]", 9.30463576, 0.555068034),
        ("lam[1]", 5.99337748, 0.44548424),
        ("lam[2]", 9.56953642, 0.562913907),
        ("lam[3]", 8.94039735, 0.544095256),
        ("lam[4]", 11.986755, 0.630009854),
    ];
    check(&unpooled(&cookies::bakery(), &cookies::chips()).unwrap().sample(&nuts()).unwrap(), &exact);
}

const HIERARCHICAL: [(&str, f64, f64); 7] = [
    ("mu", 9.10347691, 0.982271601),
    ("sigma", 2.08068756, 0.711026379),
    ("lam[0]", 9.28182421, 0.537398136),
    ("lam[1]", 6.22500389, 0.464044011),
    ("lam[2]", 9.52636983, 0.54477745),
    ("lam[3]", 8.94557397, 0.527566626),
    ("lam[4]", 11.7578487, 0.619745938),
];

#[test]
fn hierarchical_posterior_is_exact() {
    let model = hierarchical(&cookies::bakery(), &cookies::chips()).unwrap();
    check(&model.sample(&nuts()).unwrap(), &HIERARCHICAL);
    check(&model.sample(&nuts().metric(Metric::LowRank)).unwrap(), &HIERARCHICAL);
}

/// ln Gamma(2), the normalisers of the priors and the ln k! of the counts are what "without constants" leaves out.
#[test]
fn hierarchical_density_and_gradient_are_exact() {
    let chips = cookies::chips();
    let mut density = hierarchical(&cookies::bakery(), &chips).unwrap().density();
    let z = [2.1, 0.6, 2.2, 1.8, 2.3, 2.25, 2.4];
    let mut gradient = [0.0; 7];
    let value = density.log_density_and_gradient(&z, &mut gradient).unwrap();
    let ln_factorial = |k: u64| (1..=k).map(|i| (i as f64).ln()).sum::<f64>();
    let constants = 2.0 * 0.2_f64.ln() - chips.iter().map(|&k| ln_factorial(k)).sum::<f64>();
    // The references are given to 6 decimals.
    assert!((value - constants - 1697.943802).abs() < 1e-6, "{}", value - constants);
    let exact = [11.853996, -0.678117, 6.137181, 2.716381, -16.672467, -19.882603, 22.277607];
    for (ours, exact) in gradient.iter().zip(exact) {
        assert!((ours - exact).abs() < 1e-6, "{ours} against {exact}");
    }
}

/// The same seed gives the same draws, bit for bit, on one thread and on two.
#[test]
fn draws_do_not_depend_on_the_number_of_threads() {
    let model = hierarchical(&cookies::bakery(), &cookies::chips()).unwrap();
    let draw = |threads| model.sample(&nuts().draws(200).warmup(200).threads(threads)).unwrap();
    let (one, two) = (draw(1), draw(2));
    assert_eq!(one.column("sigma").unwrap(), two.column("sigma").unwrap());
    assert_eq!(one.column("lam[3]").unwrap(), two.column("lam[3]").unwrap());
}

// Draw values are part of the contract: a change here is a change for every user (the sampler's own version included).
#[test]
fn draws_are_value_stable_within_a_build() {
    let model = pooled(&cookies::chips()).unwrap();
    let draw = |seed| model.sample(&nuts().draws(50).warmup(100).seed(seed)).unwrap();
    assert_eq!(draw(5).column("lam").unwrap(), draw(5).column("lam").unwrap());
    assert_ne!(draw(5).column("lam").unwrap(), draw(6).column("lam").unwrap());
}
