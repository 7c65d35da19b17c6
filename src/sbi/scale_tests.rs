//! Outliers, heavy tails and numbers of any size, small trainings each.

use crate::prelude::*;
use crate::simulate::Outcome;
use rand::RngExt;

fn quick() -> Nle {
    Nle::default().max_epochs(12).batch(128).learning_rate(5e-3).seed(1).progress(Progress::Hidden)
}

/// Pairs of one parameter m in (-1, 1) times `unit` and rows of `width` numbers, `columns(m, stream)`.
fn pairs(unit: f64, width: usize, columns: impl Fn(f64, &mut Stream) -> Vec<f64>) -> Simulations {
    let mut stream = Seed(5).stream(Domain::User, 0);
    let parameters: Vec<f64> = (0..10_000).map(|_| 2.0 * stream.random::<f64>() - 1.0).collect();
    let data = parameters.iter().flat_map(|m| columns(*m, &mut stream)).collect();
    let parameters = parameters.iter().map(|m| unit * m).collect();
    Simulations::new(["m"], parameters, Outcome::Real { width }, data).unwrap()
}

/// Mean of `exact - learned` over 1 000 fresh rows, in nats.
fn divergence(
    learned: &NeuralLikelihood,
    unit: f64,
    columns: impl Fn(f64, &mut Stream) -> Vec<f64>,
    exact: impl Fn(f64, &[f64]) -> f64,
) -> f64 {
    let mut stream = Seed(6).stream(Domain::User, 1);
    let mut row = |_| {
        let m = 2.0 * stream.random::<f64>() - 1.0;
        let x = columns(m, &mut stream);
        exact(m, &x) - learned.log_prob(&[unit * m], &x).unwrap()
    };
    (0..1000).map(&mut row).sum::<f64>() / 1000.0
}

// 10 000 pairs and some 60 (one column) or 300 (two) effective numbers leave 0.003 and 0.015 nats; the bars are a few times that.
// With scales by mean and standard deviation the outlier costs 3.8 nats.
#[test]
fn one_simulation_far_out_costs_nothing() {
    for (width, bar) in [(1, 0.03), (2, 0.08)] {
        let columns = |m: f64, stream: &mut Stream| {
            (0..width).map(|_| Normal(m, 2.0).sample(stream)).collect::<Vec<f64>>()
        };
        let exact = |m: f64, x: &[f64]| x.iter().map(|x| Normal(m, 2.0).log_prob(*x)).sum();
        for far in [1e7, -1e200] {
            let mut pairs = pairs(1.0, width, columns);
            pairs.data[77 * width] = far;
            let kl = divergence(&quick().fit(&pairs).unwrap(), 1.0, columns, exact);
            eprintln!("{width} columns, {far}: {kl:.4}");
            assert!(kl.abs() < bar, "{width} columns, {far}: {kl}");
        }
    }
}

// Means and standard deviations of Cauchy data are those of their largest number. The bar is that of any density of one column.
#[test]
fn heavy_tails_are_learned() {
    let columns = |m: f64, stream: &mut Stream| vec![Cauchy(m, 1.0).sample(stream)];
    let pairs = pairs(1.0, 1, columns);
    let kl = divergence(&quick().fit(&pairs).unwrap(), 1.0, columns, |m, x| Cauchy(m, 1.0).log_prob(x[0]));
    eprintln!("Cauchy: {kl:.4}");
    assert!(kl.abs() < 0.03, "{kl}");
}

#[test]
fn parameters_and_data_of_any_size_are_learned() {
    let columns = |m: f64, stream: &mut Stream| vec![Normal(m, 0.5).sample(stream)];
    for unit in [1e-290, 1e-200, 1e155, 1e290] {
        let kl = divergence(&quick().fit(&pairs(unit, 1, columns)).unwrap(), unit, columns, |m, x| {
            Normal(m, 0.5).log_prob(x[0])
        });
        assert!(kl.abs() < 0.03, "parameter of size {unit}: {kl}");
        let sized = |m: f64, stream: &mut Stream| vec![unit * columns(m, stream)[0]];
        let kl = divergence(&quick().fit(&pairs(1.0, 1, sized)).unwrap(), 1.0, sized, |m, x| {
            Normal(m, 0.5).log_prob(x[0] / unit) - unit.ln()
        });
        assert!(kl.abs() < 0.03, "data of size {unit}: {kl}");
    }
    let error = quick().fit(&pairs(1e308, 1, columns)).unwrap_err().to_string();
    assert!(error.contains("the parameter `m`") && error.contains("change its unit"), "{error}");
}
