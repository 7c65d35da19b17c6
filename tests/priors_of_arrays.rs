//! Random walks, correlation matrices, factors of Wishart matrices and atoms: against other programs and exact results.

#[path = "support/models.rs"]
mod models;
#[path = "support/posterior.rs"]
mod posterior;

use models::log_prob;
use mynah::prelude::*;
use posterior::{gradient_agrees, mean_is, nuts};

/// The solution of a x = b, by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        for i in k + 1..n {
            let factor = a[i][k] / a[k][k];
            (k..n).for_each(|j| a[i][j] -= factor * a[k][j]);
            b[i] -= factor * b[k];
        }
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - dot) / a[i][i];
    }
    b
}

// --- Random walks -------------------------------------------------------------------------------------------------

/// x_t = loc + initial z_1 + scale (z_2 + ... + z_t): the covariance of x_s and x_t is initial^2 + scale^2 (min(s, t) - 1).
#[test]
fn a_walk_is_a_normal_vector() {
    let x = [0.3, 1.1, -0.4, 0.2];
    let covariance = |scale: f64| -> Vec<f64> {
        (0..16).map(|k| 4.0 + scale * scale * (k / 4).min(k % 4) as f64).collect()
    };
    let walk = Model::record(|scope| {
        scope.enter("walks", 2);
        let scale = scope.site("scale").sample(LogNormal(0, 1));
        scope.enter("times", 4);
        scope.site("x").observe(GaussianRandomWalk(scale, 0.5, 2), [x, [1.0, 2.0, 3.0, 2.5]]);
        scope.exit();
        scope.exit();
        Ok(())
    })
    .unwrap();
    let each = walk.pointwise_log_density(&[0.7f64.ln(), 1.3f64.ln()], "x").unwrap();
    let expected = [
        log_prob(|| MvNormal(0.5, covariance(0.7)), &x),
        log_prob(|| MvNormal(0.5, covariance(1.3)), &[1.0, 2.0, 3.0, 2.5]),
    ];
    for (own, expected) in each.iter().zip(expected) {
        assert!((own - expected).abs() < 1e-12, "{own} {expected}");
    }
    gradient_agrees(&walk);
}

/// Both forms have the exact posterior mean: with precision Q of the walk and data of variance 1/4, (Q + 4) m = 4 y.
#[test]
fn walks_have_their_posterior() {
    let y = [1.0, 3.0, 2.0];
    let model = |noncentered: bool| {
        Model::record(|scope| {
            scope.enter("times", 3);
            let walk = GaussianRandomWalk(0.5, 0, 2);
            let level = match noncentered {
                true => scope.site("level").sample(walk.noncentered()),
                false => scope.site("level").sample(walk),
            };
            scope.site("y").observe(Normal(level, 0.5), y);
            scope.exit();
            Ok(())
        })
        .unwrap()
    };
    // Steps have the precision 4, the first number 1/4.
    let precision =
        vec![vec![4.25 + 4.0, -4.0, 0.0], vec![-4.0, 8.0 + 4.0, -4.0], vec![0.0, -4.0, 4.0 + 4.0]];
    let mean = solve(precision, y.map(|y| 4.0 * y).to_vec());
    for noncentered in [false, true] {
        let model = model(noncentered);
        gradient_agrees(&model);
        let posterior = model.sample(&nuts()).unwrap();
        assert_eq!(posterior.get("level").unwrap().shape(), [3]);
        mean_is(&posterior, "level", &mean);
    }
    let draws = model(false).sample_prior(4000, 1).unwrap();
    let last = draws.iter().map(|draw| draw.get("level").unwrap()[2].powi(2)).sum::<f64>() / 4000.0;
    // 4 + 2/4; the relative error of a variance of 4 000 normal numbers is 0.022.
    assert!((last / 4.5 - 1.0).abs() < 0.1, "{last}");
}

/// Scales and starts that are unknowns, in both forms, one walk per subject.
#[test]
fn walks_of_subjects() {
    let mut models = vec![];
    for noncentered in [false, true] {
        let model = Model::record(|scope| {
            let start = scope.site("start").sample(Normal(0, 1));
            scope.enter("subjects", 2);
            let scale = scope.site("scale").sample(LogNormal(0, 1));
            scope.enter("times", 3);
            let walk = GaussianRandomWalk(scale, start, scale * 2.0);
            let level = match noncentered {
                true => scope.site("level").sample(walk.noncentered()),
                false => scope.site("level").sample(walk),
            };
            scope.site("y").observe(Normal(level, 0.5), [0.1, 0.2, 0.5, -1.0, 0.0, 0.3]);
            scope.exit();
            scope.exit();
            Ok(())
        })
        .unwrap();
        assert_eq!(model.dim(), 1 + 2 + 6);
        gradient_agrees(&model);
        models.push(model);
    }
    // What was written one way is sampled the other way.
    let turned = [models[0].noncentered(&["level"]).unwrap(), models[1].centered(&["level"]).unwrap()];
    for z in mynah::check::random_points(9, 5, 1) {
        let [centred, noncentred] = [0, 1].map(|k| models[k].log_density(&z).unwrap());
        let [to_noncentred, to_centred] = [0, 1].map(|k| turned[k].log_density(&z).unwrap());
        assert!((to_noncentred - noncentred).abs() < 1e-9, "{to_noncentred} {noncentred}");
        assert!((to_centred - centred).abs() < 1e-9, "{to_centred} {centred}");
    }
    // Known walks are data.
    let level = [0.3, 0.1, -0.2, 1.0, 0.5, 0.9];
    let known = models[1].condition(&[("level", &level)]).unwrap();
    assert_eq!(known.dim(), 1 + 2);
    let each = known.pointwise_log_density(&[0.2, 0.0, 0.0], "level").unwrap();
    let steps = [[0.1, -0.2, -0.3], [0.8, -0.5, 0.4]];
    for (own, [first, second, third]) in each.iter().zip(steps) {
        let expected = Normal(0.0, 2.0).log_prob(first)
            + Normal(0.0, 1.0).log_prob(second)
            + Normal(0.0, 1.0).log_prob(third);
        assert!((own - expected).abs() < 1e-12, "{own} {expected}");
    }
}

// --- Matrices -----------------------------------------------------------------------------------------------------

/// Correlations under LKJ(eta) are Beta(eta - 1 + K/2, same) on (-1, 1): variance 1 / (2 eta + K - 1).
#[test]
fn correlation_matrices_have_their_variance() {
    let (size, eta) = (3, 2.0);
    let model = Model::record(|scope| {
        let eta = scope.site("eta").sample(Normal(eta, 1e-3));
        let r = scope.site("r").sample(Lkj(size, eta));
        scope.site("square").deterministic(r.at2(2, 0).powi(2));
        scope.site("other").deterministic(r.at2(1, 2).powi(2));
        Ok(())
    })
    .unwrap();
    assert_eq!(model.dim(), 1 + 3);
    let posterior = model.sample(&nuts()).unwrap();
    let variance = 1.0 / (2.0 * eta + size as f64 - 1.0);
    mean_is(&posterior, "square", &[variance]);
    mean_is(&posterior, "other", &[variance]);
    let prior = model.sample_prior(4000, 2).unwrap();
    for k in [3, 6, 7] {
        let found = prior.iter().map(|draw| draw.get("r").unwrap()[k].powi(2)).sum::<f64>() / 4000.0;
        // The relative error of such a variance is about 0.02.
        assert!((found / variance - 1.0).abs() < 0.1, "{k}: {found} {variance}");
    }
}

/// The same prior by the factor: the density of R and the Jacobian of R = L L' make the density of L.
#[test]
fn a_correlation_matrix_is_the_square_of_its_factor() {
    let by_matrix = Model::record(|scope| {
        let r = scope.site("r").sample(Lkj(3, 1.7));
        scope.site("y").observe(MvNormal(0, r), [0.3, -0.8, 1.1]);
        Ok(())
    })
    .unwrap();
    let by_factor = Model::record(|scope| {
        let l = scope.site("l").sample(LkjCholesky(3, 1.7));
        scope.site("y").observe(MvNormalCholesky(0, l), [0.3, -0.8, 1.1]);
        Ok(())
    })
    .unwrap();
    gradient_agrees(&by_matrix);
    for z in mynah::check::random_points(3, 20, 5) {
        let (matrix, factor) = (by_matrix.log_density(&z).unwrap(), by_factor.log_density(&z).unwrap());
        assert!((matrix - factor).abs() < 1e-9 * (1.0 + factor.abs()), "{z:?}: {matrix} {factor}");
    }
}

const L: [f64; 9] = [1.1, 0.0, 0.0, -0.3, 0.8, 0.0, 0.5, 0.2, 1.4];
const WISHART: f64 = -7.717_466_946_069_708;
const INVERSE: f64 = -11.288_004_036_892_943;
const S: [f64; 9] = [0.9, 0.0, 0.0, 0.4, 1.2, 0.0, -0.2, 0.1, 0.7];

/// scipy 1.17.1's `wishart.logpdf` and `invwishart.logpdf` of L L' with nu = 5.5 and scale matrix S S', and the logarithm of the Jacobian
/// 8 L_11^3 L_22^2 L_33.
#[test]
fn factors_of_wishart_matrices() {
    let wishart = log_prob(|| WishartCholesky(5.5, S), &L);
    let inverse = log_prob(|| InverseWishartCholesky(5.5, S), &L);
    assert!((wishart - WISHART).abs() < 1e-11, "{wishart}");
    assert!((inverse - INVERSE).abs() < 1e-11, "{inverse}");
}

#[test]
fn gradients_of_wishart_factors() {
    let model = Model::record(|scope| {
        scope.enter("k", 2);
        let sd = scope.site("sd").sample(LogNormal(0, 0.5));
        scope.exit();
        let scale = scope.site("correlation").sample(LkjCholesky(2, 2.0)).scale_rows(sd);
        let nu = scope.site("nu").sample(Gamma(4.0, 1.0)) + 2.0;
        let _ = scope.site("one").sample(WishartCholesky(nu, scale));
        scope.enter("groups", 2);
        let factor = scope.site("each").sample(InverseWishartCholesky(nu, scale));
        scope.site("y").observe(MvNormalCholesky(0, factor), [[0.3, -0.8], [1.1, 0.4]]);
        scope.exit();
        Ok(())
    });
    gradient_agrees(&model.unwrap());
}

/// Means of draws: nu S S', and S S' / (nu - K - 1); the posterior of a covariance is inverse Wishart again, with nu + n and S S' + sum of y y'.
#[test]
fn wishart_matrices_have_their_means() {
    let scale = [0.9, 0.0, 0.4, 1.2];
    let square = |l: &[f64]| [l[0] * l[0], l[0] * l[2], l[2] * l[2] + l[3] * l[3]];
    let of_scale = square(&scale);
    let model = Model::record(|scope| {
        scope.site("wishart").sample(WishartCholesky(7.0, scale));
        scope.site("inverse").sample(InverseWishartCholesky(12.0, scale));
        Ok(())
    })
    .unwrap();
    let draws = model.sample_prior(6000, 3).unwrap();
    for (name, factor) in [("wishart", 7.0), ("inverse", 1.0 / 9.0)] {
        for k in 0..3 {
            let each: Vec<f64> = draws.iter().map(|draw| square(draw.get(name).unwrap())[k]).collect();
            let mean = each.iter().sum::<f64>() / 6000.0;
            let sd = (each.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 6000.0).sqrt();
            // Five standard errors.
            assert!((mean - factor * of_scale[k]).abs() < 5.0 * sd / 6000f64.sqrt(), "{name} {k}: {mean}");
        }
    }
    let y = [[0.5, 1.0], [-2.0, 0.3], [1.0, -1.5]];
    let model = Model::record(|scope| {
        let l = scope.site("l").sample(InverseWishartCholesky(12.0, scale));
        scope.site("a").deterministic(l.at2(0, 0).powi(2));
        scope.site("b").deterministic(l.at2(0, 0) * l.at2(1, 0));
        scope.site("c").deterministic(l.at2(1, 0).powi(2) + l.at2(1, 1).powi(2));
        scope.enter("rows", 3);
        scope.site("y").observe(MvNormalCholesky(0, l), y);
        scope.exit();
        Ok(())
    })
    .unwrap();
    let posterior = model.sample(&nuts()).unwrap();
    let sums = [(0, 0), (0, 1), (1, 1)].map(|(i, j)| y.iter().map(|y| y[i] * y[j]).sum::<f64>());
    for (k, name) in ["a", "b", "c"].into_iter().enumerate() {
        mean_is(&posterior, name, &[(of_scale[k] + sums[k]) / 12.0]);
    }
}

// --- Atoms --------------------------------------------------------------------------------------------------------

#[test]
fn atoms_in_mixtures_of_data() {
    let y = [0.0, 1.5, 0.0, 2.5];
    let model = |continuous: bool| {
        Model::record(|scope| {
            let p = scope.site("p").sample(Beta(1, 1));
            scope.enter("rows", 4);
            let rest = (1.0 - p, Normal(1.0, 2.0));
            match continuous {
                true => scope.site("y").observe(Mixture((p, rest.0), (Delta(0), rest.1)), y),
                false => scope
                    .site("y")
                    .observe(Mixture((p, rest.0), (Delta([0, 1, 2, 3]), Poisson(2.0))), [0, 0, 2, 5]),
            }
            scope.exit();
            Ok(())
        })
        .unwrap()
    };
    // z = 0 is p = 1/2.
    let each = model(true).pointwise_log_density(&[0.0], "y").unwrap();
    let normal = |x| 0.5f64.ln() + Normal(1.0, 2.0).log_prob(x);
    let expected = [0.5f64.ln(), normal(1.5), 0.5f64.ln(), normal(2.5)];
    assert!(each.iter().zip(expected).all(|(own, expected)| (own - expected).abs() < 1e-14), "{each:?}");
    // A count is an atom of both.
    let each = model(false).pointwise_log_density(&[0.0], "y").unwrap();
    let poisson = |x| Poisson(2.0).log_prob(x).exp();
    let expected =
        [1.0 + poisson(0.0), poisson(0.0), 1.0 + poisson(2.0), poisson(5.0)].map(|p| (0.5 * p).ln());
    assert!(each.iter().zip(expected).all(|(own, expected)| (own - expected).abs() < 1e-14), "{each:?}");
    gradient_agrees(&model(true));
    // Two zeros of four: Beta(3, 3) before the others.
    mean_is(&model(true).sample(&nuts()).unwrap(), "p", &[0.5]);
    assert_eq!(Delta(2.5).log_prob(2.5), 0.0);
    assert_eq!(Delta(2.5).log_prob(2.0), f64::NEG_INFINITY);
}

// --- Mistakes -----------------------------------------------------------------------------------------------------

#[test]
fn mistakes_are_said() {
    let message = |record: &dyn Fn(&mynah::model::Scope)| {
        let model = Model::record(|scope| {
            scope.site("unused").sample(Normal(0.0, 1.0));
            record(scope);
            Ok(())
        });
        model.unwrap_err().to_string()
    };
    let ignore = |_: Var<'_>| ();
    let said = message(&|scope| ignore(scope.site("x").sample(Delta(1.0))));
    assert!(
        said.contains("site `x`") && said.contains("write that number where the unknown would stand"),
        "{said}"
    );
    let said = message(&|scope| {
        let at = scope.site("at").sample(Normal(0, 1));
        scope.site("x").observe(Delta(at), 1.0);
    });
    assert!(
        said.contains("expected a number or data for the parameter `x` of Delta, got a variable"),
        "{said}"
    );
    let said = message(&|scope| scope.site("x").observe(Delta(1.0), 2.0));
    assert!(said.contains("expected the number 1 for data of Delta, got 2"), "{said}");
    let said = message(&|scope| ignore(scope.site("x").sample(GaussianRandomWalk(1, 0, 1))));
    assert!(
        said.contains("expected GaussianRandomWalk in a statement of its own inside of a plate"),
        "{said}"
    );
    let said = message(&|scope| {
        scope.enter("times", 3);
        let scale = scope.site("scale").sample(HalfNormal(1));
        let _ = scope.site("x").sample(GaussianRandomWalk(scale, 0, 1));
        scope.exit();
    });
    assert!(said.contains("expected a number for the parameter `scale` of GaussianRandomWalk"), "{said}");
    let said = message(&|scope| ignore(scope.site("x").sample(Lkj(0, 1.0))));
    assert!(said.contains("at least one row for Lkj"), "{said}");
    let said = message(&|scope| scope.site("x").observe(Lkj(2, 1.0), [1.0, 0.5, 0.4, 1.0]));
    assert!(said.contains("expected a correlation matrix of 2 rows"), "{said}");
    let said = message(&|scope| {
        scope.site("x").observe(WishartCholesky(3, [1.0, 0.0, 0.0, 1.0]), [1.0, 0.5, 0.5, 1.0])
    });
    assert!(said.contains("expected a Cholesky factor of a covariance matrix of 2 rows"), "{said}");
}
