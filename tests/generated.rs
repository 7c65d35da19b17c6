//! From draws to predictions, quantities and log densities of data.

use mynah::ErrorKind;
use mynah::dist::Univariate;
use mynah::draws::{ChainDraws, Parameter};
use mynah::prelude::*;

fn nuts() -> Nuts {
    Nuts::default().warmup(500).draws(1000).seed(4).progress(Progress::Hidden)
}

#[model]
fn groups(group: &[usize], x: &[f64], y: &[f64], count: usize) {
    sample!(mu ~ Normal(0, 1));
    sample!(tau ~ HalfNormal(1));
    sample!(slope ~ Normal(0, 1));
    plate!(groups = count, {
        sample!(level ~ Normal(mu, tau).noncentered());
    });
    plate!(rows = y.len(), {
        deterministic!(mean = level.at(group) + slope * x);
        sample!(y ~ Normal(mean, 0.5), observed = y);
    });
}

const GROUP: [usize; 6] = [0, 0, 1, 1, 2, 2];
const X: [f64; 6] = [0.0, 1.0, 0.5, 2.0, -1.0, 0.3];
const Y: [f64; 6] = [0.2, 1.1, -0.3, 0.8, 1.4, 2.0];

#[test]
fn quantities_and_log_densities_are_those_of_the_draws() {
    let model = groups(&GROUP, &X, &Y, 3).unwrap();
    let posterior = model.sample(&nuts()).unwrap();
    let predicted = model.predict(&posterior, 1).unwrap();
    assert_eq!(predicted.labels().len(), 12, "means and data");
    let (own, again) = (posterior.get("mean").unwrap(), predicted.get("mean").unwrap());
    let log = model.log_likelihood(&posterior).unwrap();
    for ((own, again), log) in own.iter().zip(again.iter()).zip(log.get("y").unwrap().iter()) {
        for i in 0..6 {
            assert!((own[i] - again[i]).abs() < 1e-12, "{} {}", own[i], again[i]);
            assert!((log[i] - Normal(own[i], 0.5).log_prob(Y[i])).abs() < 1e-10);
        }
    }
    // Data are those of the model: the mean of the mean, and half a unit of noise more. Five standard errors of 4 000 draws.
    let (mean, y) = (predicted.get("mean").unwrap(), predicted.get("y").unwrap());
    for i in 0..6 {
        let sd = (mean.sd()[i].powi(2) + 0.25).sqrt();
        assert!((y.mean()[i] - mean.mean()[i]).abs() < 5.0 * 0.5 / 4000f64.sqrt());
        assert!((y.sd()[i] / sd - 1.0).abs() < 0.06, "{} {sd}", y.sd()[i]);
    }
    assert_eq!(predicted, model.predict(&posterior, 1).unwrap(), "the same seed, the same data");
    assert_ne!(predicted, model.predict(&posterior, 2).unwrap());
}

/// Five groups where the draws have three: all levels are drawn from their prior, and it is said.
#[test]
fn new_groups_are_drawn_from_their_prior() {
    let posterior = groups(&GROUP, &X, &Y, 3).unwrap().sample(&nuts()).unwrap();
    let model = groups(&[4, 3], &[0.0, 0.0], &[0.0; 2], 5).unwrap();
    let predicted = model.predict(&posterior, 1).unwrap();
    assert_eq!(predicted.get("level").unwrap().shape(), [5]);
    let messages = &predicted.report().messages;
    assert!(
        messages.len() == 1 && messages[0].starts_with("`level` was drawn from its prior"),
        "{messages:?}"
    );
    // E level = E mu, E level^2 = E (mu^2 + tau^2).
    let rows = |name: &str| -> Vec<f64> { posterior.get(name).unwrap().iter().map(|row| row[0]).collect() };
    let (mu, tau) = (rows("mu"), rows("tau"));
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let square: Vec<f64> = mu.iter().zip(&tau).map(|(mu, tau)| mu * mu + tau * tau).collect();
    let level: Vec<f64> = predicted.get("level").unwrap().iter().map(|row| row[2]).collect();
    let level_square: Vec<f64> = level.iter().map(|x| x * x).collect();
    assert!((mean(&level) - mean(&mu)).abs() < 0.1, "{} {}", mean(&level), mean(&mu));
    assert!((mean(&level_square) / mean(&square) - 1.0).abs() < 0.15);
    assert_eq!(model.log_likelihood(&posterior).unwrap_err().kind(), ErrorKind::Site);
}

/// Recursions, mixtures and vectors are computed from the draws as well.
#[test]
fn every_kind_of_node_is_restored() {
    #[model]
    fn kinds(y: &[f64]) {
        sample!(share ~ Dirichlet([2.0, 3.0]));
        sample!(decay ~ Uniform(0, 1));
        plate!(levels = 2, {
            sample!(mu ~ Normal(0, 1).ordered());
        });
        plate!(times = y.len(), {
            scan!(x = 1.0, () => decay * x);
            let components = [0, 1].map(|k| Normal(mu.at(k) * x, 0.7));
            sample!(y ~ Mixture([share.at(0), share.at(1)], components), observed = y);
        });
    }
    let y = [0.4, -0.2, 1.0];
    let model = kinds(&y).unwrap();
    let posterior = model.sample(&nuts().draws(50)).unwrap();
    let log = model.log_likelihood(&posterior).unwrap();
    let column = |name: &str| posterior.get(name).unwrap().iter().collect::<Vec<_>>();
    let (share, decay, mu) = (column("share"), column("decay"), column("mu"));
    for (draw, log) in log.get("y").unwrap().iter().enumerate() {
        let mut x = 1.0;
        for t in 0..3 {
            x *= decay[draw][0];
            let each = |k: usize| share[draw][k] * Normal(mu[draw][k] * x, 0.7).log_prob(y[t]).exp();
            assert!((log[t] - (each(0) + each(1)).ln()).abs() < 1e-10);
        }
    }
    let predicted = model.predict(&posterior, 3).unwrap();
    assert!(predicted.get("y").unwrap().iter().all(|row| row.iter().all(|x| x.is_finite())));
}

#[test]
fn draws_of_something_else_are_refused() {
    #[model]
    fn other() {
        sample!(other ~ Normal(0, 1));
    }
    let draws = other().unwrap().sample(&nuts().draws(20)).unwrap();
    let error = groups(&GROUP, &X, &Y, 3).unwrap().predict(&draws, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Site);
    assert!(error.to_string().contains("`mu`") && error.to_string().contains("`other`"), "{error}");
    let error = other().unwrap().predict(&draws, 1).unwrap_err();
    assert!(error.to_string().contains("nothing to compute of the draws"), "{error}");
    assert!(other().unwrap().log_likelihood(&draws).unwrap_err().to_string().contains("with observed sites"));
}

/// A grid with the posterior's density as weights. Of one datum y of `Normal(mu, 1)` under `Normal(0, 1)` the posterior is `Normal(y / 2, sqrt(1/2))`, that of
/// another datum `Normal(y / 2, sqrt(3/2))`; on a grid so fine sums are these integrals to rounding.
#[test]
fn weights_count_in_predictions_and_log_densities() {
    #[model]
    fn datum(y: &[f64]) {
        sample!(mu ~ Normal(0, 1));
        deterministic!(square = mu * mu);
        plate!(rows = y.len(), {
            sample!(y ~ Normal(mu, 1.0), observed = y);
        });
    }
    let y = 1.4;
    let grid: Vec<f64> = (-600..=600).map(|k| 0.01 * f64::from(k)).collect();
    let density = |mu: &f64| Normal(0.0, 1.0).log_prob(*mu) + Normal(*mu, 1.0).log_prob(y);
    let parts = [&grid[..400], &grid[400..]];
    let chains = parts.map(|part| ChainDraws { values: part.to_vec(), statistics: vec![] });
    let draws = Draws::new(vec![Parameter::new("mu", [])], chains.into()).unwrap();
    let weights = parts.map(|part| part.iter().map(density).collect());
    let draws = draws.with_log_weights(weights.into()).unwrap();

    let others = [0.3, -2.0, 5.0];
    let model = datum(&others).unwrap();
    let predicted = model.predict(&draws, 1).unwrap();
    let (got, exact) = (predicted.get("square").unwrap().mean()[0], 0.5 + 0.25 * y * y);
    assert!((got - exact).abs() < 1e-10, "{got} for {exact}");
    let log_density = model.log_likelihood(&draws).unwrap();
    let weights = log_density.weights().unwrap().concat();
    for (i, other) in others.into_iter().enumerate() {
        let log_densities = log_density.get("y").unwrap().column(i).concat();
        let got: f64 = log_densities.iter().zip(&weights).map(|(log, weight)| weight * log.exp()).sum();
        let exact = Normal(0.5 * y, 1.5f64.sqrt()).log_prob(other).exp();
        assert!((got - exact).abs() < 1e-10, "{got} for {exact}");
    }
}

/// Of two draws one says that the datum is surely of the upper group, the other that it is of the lower; the former counts three times as much.
#[test]
fn weights_count_in_discrete_unknowns() {
    #[model]
    fn two(y: &[f64]) {
        plate!(groups = 2, {
            sample!(mean ~ Normal(0, 100).ordered());
        });
        plate!(rows = y.len(), {
            sample!(group ~ Bernoulli(0.5));
            sample!(y ~ Normal(mean.at(group), 0.5), observed = y);
        });
    }
    let chain = ChainDraws { values: vec![-100.0, 0.0, 0.0, 100.0], statistics: vec![] };
    let draws = Draws::new(vec![Parameter::new("mean", [2])], vec![chain]).unwrap();
    let draws = draws.with_log_weights(vec![vec![3f64.ln(), 0.0]]).unwrap();
    let group = two(&[0.0]).unwrap().infer_discrete(&draws, 1).unwrap();
    assert!((group.get("group").unwrap().mean()[0] - 0.75).abs() < 1e-12);
}
