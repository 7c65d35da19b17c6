//! The gradient of recorded models against central differences of their own log density, and the log density of a few
//! against formulae written out by hand.

use mynah::dist::Normal;
use mynah::graph::CustomNode;
use mynah::{LogDensity, Model, model};
use std::sync::Arc;

/// Central differences with h = 1e-5 of a density of order 10 are good to about 1e-8; 2e-6 leaves room for curvature.
fn check_gradient(model: &Model) {
    let mut density = model.density();
    for point in 0..5 {
        let z: Vec<f64> = (0..model.dim()).map(|i| ((i * 7 + point * 3) as f64 * 0.71).sin()).collect();
        let mut gradient = vec![0.0; z.len()];
        let value = density.log_density_and_gradient(&z, &mut gradient).unwrap();
        assert_eq!(value, density.log_density(&z).unwrap(), "both sweeps give the same value");
        for i in 0..z.len() {
            let h = 1e-5;
            let mut at = |shift: f64| {
                let mut moved = z.clone();
                moved[i] += shift;
                density.log_density(&moved).unwrap()
            };
            let slope = (at(h) - at(-h)) / (2.0 * h);
            let scale = slope.abs().max(1.0);
            assert!((gradient[i] - slope).abs() < 2e-6 * scale, "{i}: {} against {slope}", gradient[i]);
        }
    }
}

fn normal(x: f64, loc: f64, scale: f64) -> f64 {
    let z = (x - loc) / scale;
    -0.5 * z * z - scale.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln()
}

#[model]
fn nested(x: &[f64], y: &[f64], subject: &[usize], condition: &[usize]) {
    sample!(mu ~ Normal(0.0, 2.0));
    plate!(subjects = 3, {
        sample!(base ~ Normal(mu, 1.5));
        plate!(conditions = 2, {
            sample!(effect ~ Normal(base * 0.5, 0.7));
        });
    });
    deterministic!(spread = (effect - mu).powi(2).mean().sqrt());
    plate!(trials = y.len(), {
        let scale = (0.1 * effect.at2(subject, condition)).exp();
        sample!(y ~ Normal(base.at(subject) + x * mu.tanh(), scale + spread * 0.1), observed = y);
    });
    factor!(penalty = -0.1 * base.powi(2));
}

#[test]
fn nested_plates_and_gathers() {
    let x = [0.3, -1.0, 2.0, 0.7, 0.1];
    let y = [0.5, 1.0, -0.2, 0.4, 2.0];
    check_gradient(&nested(&x, &y, &[0, 1, 2, 1, 0], &[1, 0, 0, 0, 1]).unwrap());
}

#[test]
fn value_matches_the_formula_by_hand() {
    let y = [0.5, 1.0, -0.2];
    let model = Model::record(|scope| {
        let mu = scope.site("mu").sample(Normal(1.0, 2.0));
        scope.enter("groups", 2);
        let group = scope.site("group").sample(Normal(mu, 0.5));
        scope.exit();
        scope.enter("rows", 3);
        scope.site("y").observe(Normal(group.at(&[1, 0, 1]), 0.3), y);
        scope.exit();
        Ok(())
    })
    .unwrap();
    let z = [0.4, 0.9, -0.3];
    let by_hand = normal(0.4, 1.0, 2.0)
        + normal(0.9, 0.4, 0.5)
        + normal(-0.3, 0.4, 0.5)
        + normal(0.5, -0.3, 0.3)
        + normal(1.0, 0.9, 0.3)
        + normal(-0.2, -0.3, 0.3);
    assert!((model.log_density(&z).unwrap() - by_hand).abs() < 1e-12);
    let each = model.pointwise_log_density(&z, "y").unwrap();
    assert!(
        (each[1] - normal(1.0, 0.9, 0.3)).abs() < 1e-14,
        "pointwise densities keep the order of the data"
    );
}

#[model]
fn noncentered(y: &[f64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    plate!(rows = y.len(), {
        sample!(v ~ Normal(mu, mu.exp()).noncentered());
        sample!(y ~ Normal(v, 1.0), observed = y);
    });
}

#[test]
fn noncentered_site_is_location_plus_scale_times_z() {
    let model = noncentered(&[0.2, 0.4]).unwrap();
    check_gradient(&model);
    let values = model.values_at(&[0.5, 1.0, -2.0]).unwrap();
    let scale = 0.5_f64.exp();
    assert_eq!(values.get("v").unwrap(), [0.5 + scale, 0.5 - 2.0 * scale]);
}

struct Product;

impl CustomNode for Product {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0] * x[1] * x[1];
    }
    fn backward(&self, x: &[f64], _: &[f64], dy: &[f64], dx: &mut [f64]) {
        dx[0] = dy[0] * x[1] * x[1];
        dx[1] = dy[0] * 2.0 * x[0] * x[1];
    }
}

#[model]
fn custom_and_matrix(matrix: &[f64], y: &[f64]) {
    plate!(covariates = 2, {
        sample!(beta ~ Normal(0.0, 1.0));
    });
    let product = beta.at(0).custom(&[beta.at(1)], Arc::new(Product));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(beta.dot(matrix) + product, 0.5), observed = y);
    });
    factor!(mix = beta.at(0).log_add_exp(beta.at(1).sin()).ln_1p());
}

#[test]
fn custom_nodes_and_matrix_products() {
    check_gradient(&custom_and_matrix(&[1.0, 0.5, 1.0, -0.2, 1.0, 2.0], &[0.1, 0.2, 0.3]).unwrap());
}

/// Names written in a loop.
#[model]
fn chain(length: usize) {
    sample!(h ~ Normal(0.0, 1.0));
    let mut previous = h;
    for t in 1..length {
        sample!(next ~ Normal(previous * 0.9, 0.5), name = format!("h{t}"));
        previous = next;
    }
}

#[test]
fn sites_in_a_loop_take_names() {
    let model = chain(4).unwrap();
    assert_eq!(
        model.sites().iter().map(|site| site.name.as_str()).collect::<Vec<_>>(),
        ["h", "h1", "h2", "h3"]
    );
    check_gradient(&model);
}
