//! Directions and angles: against exact results.

#[path = "support/posterior.rs"]
mod posterior;

use mynah::prelude::*;
use posterior::{gradient_agrees, mean_is, nuts};

/// Uniform directions of n dimensions have mean 0 and second moments 1 / n; tilted by exp(kappa x_1) in three dimensions, the mean of x_1 is
/// coth(kappa) - 1 / kappa (von Mises-Fisher).
#[test]
fn directions_have_their_moments() {
    let model = Model::record(|scope| {
        let x = scope.site("x").sample(SphericalUniform(4));
        scope.site("square").deterministic(x.at(2).powi(2));
        for (name, kappa) in [("weak", 1.0), ("strong", 50.0)] {
            let tilted = scope.site(name).sample(SphericalUniform(3));
            scope.site(format!("tilt of {name}")).factor(tilted.at(0) * kappa);
            scope.site(format!("along {name}")).deterministic(tilted.at(0));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(model.dim(), 4 + 3 + 3);
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    assert_eq!(posterior.divergences(), 0);
    mean_is(&posterior, "x", &[0.0; 4]);
    mean_is(&posterior, "square", &[0.25]);
    mean_is(&posterior, "along weak", &[1.0 / 1f64.tanh() - 1.0]);
    mean_is(&posterior, "along strong", &[1.0 / 50f64.tanh() - 0.02]);
    for draw in posterior.get("x").unwrap().iter() {
        assert!((draw.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-12);
    }
    // G(2) / (2 pi^2).
    let expected = -(2.0 * std::f64::consts::PI.powi(2)).ln();
    let observed = Model::record(|scope| {
        scope.site("unused").sample(Normal(0, 1));
        scope.site("x").observe(SphericalUniform(4), [0.5; 4]);
        Ok(())
    });
    let own = observed.unwrap().pointwise_log_density(&[0.0], "x").unwrap()[0];
    assert!((own - expected).abs() < 1e-14, "{own} {expected}");
    let draws = model.sample_prior(4000, 1).unwrap();
    let square = draws.iter().map(|draw| draw.get("x").unwrap()[1].powi(2)).sum::<f64>() / 4000.0;
    assert!((square - 0.25).abs() < 0.02, "{square}");
}

/// The von Mises distribution is conjugate to itself; angles around the seam, in a narrow, a wide and an almost flat posterior, beside sums over a
/// fine grid, which on a circle are exact.
#[test]
fn angles_have_no_seam() {
    for (prior, kappa, data) in
        [(0.5, 4.0, vec![3.0, -3.1, 3.1, -2.8]), (0.0, 400.0, vec![3.1, -3.1]), (0.3, 0.2, vec![3.0])]
    {
        let model = Model::record(|scope| {
            let x = scope.site("x").sample(VonMises(1.0, prior));
            scope.site("cosine").deterministic(x.cos());
            scope.site("sine").deterministic(x.sin());
            scope.enter("rows", data.len());
            scope.site("y").observe(VonMises(x, kappa), &data);
            scope.exit();
            Ok(())
        })
        .unwrap();
        assert_eq!(model.dim(), 2);
        gradient_agrees(&model);
        let posterior = model.sample(&nuts()).unwrap();
        // Of 6 000 draws; a narrow angle lies in a wedge of the plane, whose end is far from most draws but not from all.
        assert!(posterior.divergences() <= 6, "{prior} {kappa}: {}", posterior.divergences());
        let log = |x: f64| prior * (x - 1.0).cos() + data.iter().map(|y| kappa * (y - x).cos()).sum::<f64>();
        let grid: Vec<f64> = (0..2000).map(|k| k as f64 * std::f64::consts::TAU / 2000.0).collect();
        let top = grid.iter().map(|x| log(*x)).fold(f64::NEG_INFINITY, f64::max);
        let mean = |f: fn(f64) -> f64| {
            let weights = grid.iter().map(|x| (log(*x) - top).exp());
            weights.clone().zip(&grid).map(|(w, x)| w * f(*x)).sum::<f64>() / weights.sum::<f64>()
        };
        mean_is(&posterior, "cosine", &[mean(f64::cos)]);
        mean_is(&posterior, "sine", &[mean(f64::sin)]);
    }
}

/// An angle whose prior is a mixture is an angle too.
#[test]
fn mixtures_of_angles() {
    let model = Model::record(|scope| {
        let x = scope.site("x").sample(Mixture([0.5, 0.5], [VonMises(3.0, 2.0), VonMises(0.0, 1.0)]));
        scope.site("cosine").deterministic(x.cos());
        Ok(())
    })
    .unwrap();
    assert_eq!(model.dim(), 2);
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    // Mean cosines are I1 / I0 of 2 and of 1, by scipy 1.17.1.
    let expected = 0.5 * (3f64.cos() * 0.697_774_657_964_008 + 0.446_389_965_896_534_7);
    mean_is(&posterior, "cosine", &[expected]);
}

#[test]
fn a_line_has_no_directions() {
    let model = Model::record(|scope| {
        let _ = scope.site("x").sample(SphericalUniform(1));
        Ok(())
    });
    let said = model.unwrap_err().to_string();
    assert!(said.contains("expected two dimensions or more for SphericalUniform, got 1"), "{said}");
}
