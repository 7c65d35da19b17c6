//! Densities of vectors: against reference values, their gradients, draws and posteriors known in closed form.

#[path = "support/models.rs"]
mod models;
#[path = "support/posterior.rs"]
mod posterior;
mod support;

use models::log_prob;
use mynah::draws::Warning;
use mynah::prelude::*;
use posterior::{gradient_agrees, mean_is, nuts};
use serde_json::Value;

// --- Reference values ---------------------------------------------------------------------------------------------

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(members) => members.iter().flat_map(numbers).collect(),
        Value::String(number) => vec![number.parse().unwrap()],
        number => vec![number.as_f64().unwrap()],
    }
}

/// The Cholesky factor of a matrix.
fn factor(a: &[f64]) -> Vec<f64> {
    let n = a.len().isqrt();
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let rest = a[i * n + j] - (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum::<f64>();
            l[i * n + j] = if i == j { rest.sqrt() } else { rest / l[j * n + j] };
        }
    }
    l
}

/// The density of a row; none where the distribution is not one of vectors.
fn reference(distribution: &str, parameters: &Value, value: &[f64]) -> Option<f64> {
    let get = |name: &str| numbers(&parameters[name]);
    Some(match distribution {
        "MultivariateNormalCholesky" => {
            let (loc, factor) = (get("loc"), get("scale_tril"));
            log_prob(|| MvNormalCholesky(loc.clone(), factor.clone()), value)
        }
        "MultivariateStudentT" => {
            let (df, loc, factor) = (get("df")[0], get("loc"), get("scale_tril"));
            log_prob(|| MvStudentTCholesky(df, loc.clone(), factor.clone()), value)
        }
        "Dirichlet" => log_prob(|| Dirichlet(get("concentration")), value),
        "Multinomial" => log_prob(|| Multinomial(get("n")[0], get("p")), value),
        "DirichletMultinomial" => log_prob(|| DirichletMultinomial(get("n")[0], get("concentration")), value),
        "LKJCholesky" => log_prob(|| LkjCholesky(get("dim")[0] as usize, get("eta")[0]), value),
        "LKJCorr" => log_prob(|| Lkj(get("dim")[0] as usize, get("eta")[0]), value),
        "Wishart" => {
            // As the density of the factor, less the Jacobian 2^K L_11^K L_22^(K-1) ... L_KK.
            let (scale, value) = (factor(&get("scale")), factor(value));
            let size = value.len().isqrt();
            let logs = (0..size).map(|i| 2f64.ln() + (size - i) as f64 * value[i * size + i].ln());
            let own = log_prob(|| WishartCholesky(get("df")[0], scale.clone()), &value);
            own - logs.sum::<f64>()
        }
        "CategoricalLogits" => log_prob(|| CategoricalLogits(get("logits")), value),
        "GaussianProcessExpQuad" => {
            let (x, alpha, rho, sigma) = (get("x"), get("alpha")[0], get("rho")[0], get("sigma")[0]);
            let kernel = |a: f64, b: f64| alpha * alpha * (-0.5 * ((a - b) / rho).powi(2)).exp();
            let n = x.len();
            let entry =
                |k: usize| kernel(x[k / n], x[k % n]) + if k / n == k % n { sigma * sigma } else { 0.0 };
            let covariance: Vec<f64> = (0..n * n).map(entry).collect();
            log_prob(|| MvNormal(0.0, covariance.clone()), value)
        }
        _ => return None,
    })
}

/// Every row of the tables whose distribution exists. 1e-10 of the size of the numbers added up.
#[test]
fn densities_are_those_of_the_reference() {
    let Some(folder) = support::reference_data("densities_are_those_of_the_reference") else { return };
    let mut compared = 0;
    for split in ["public", "heldout"] {
        let path = folder.join(format!("distributions/{split}/multivariate_logprob.csv"));
        if !path.exists() {
            continue;
        }
        for row in csv::Reader::from_path(path).unwrap().records() {
            let row = row.unwrap();
            let parameters: Value = serde_json::from_str(&row[1]).unwrap();
            let value = numbers(&serde_json::from_str(&row[2]).unwrap());
            let expected: f64 = row[3].parse().unwrap();
            let Some(own) = reference(&row[0], &parameters, &value) else { continue };
            assert!(
                (own - expected).abs() <= 1e-10 * (1.0 + expected.abs()),
                "{} {}: {own} {expected}",
                &row[0],
                &row[1]
            );
            compared += 1;
        }
    }
    assert!(compared >= 51, "only {compared} rows");
}

// --- Gradients and closed forms -----------------------------------------------------------------------------------

#[test]
fn gradients_of_every_argument() {
    let two = [0.3, -0.8, 1.1, 0.4];
    let model = Model::record(|scope| {
        scope.enter("k", 2);
        let loc = scope.site("loc").sample(Normal(0.0, 1.0));
        let sd = scope.site("sd").sample(HalfNormal(1.0));
        scope.exit();
        let share = scope.site("share").sample(Dirichlet(sd));
        let eta = scope.site("eta").sample(HalfNormal(1.0));
        let factor = scope.site("factor").sample(LkjCholesky(2, eta)).scale_rows(sd);
        let df = scope.site("df").sample(Gamma(4.0, 1.0));
        scope.enter("rows", 2);
        let own = scope.site("own").sample(MvNormalCholesky(loc, factor));
        scope.site("y").observe(MvNormalCholesky(own, factor), two);
        scope.site("t").observe(MvStudentTCholesky(df, own, factor), two);
        scope.site("n").observe(Multinomial([3.0, 5.0].to_vec(), share), [[1.0, 2.0], [5.0, 0.0]]);
        scope.site("m").observe(DirichletMultinomial(4.0, sd), [[1.0, 3.0], [4.0, 0.0]]);
        scope.site("k").observe(Categorical(share), [0, 1]);
        scope.site("rating").observe(OrderedLogistic(own.at(1), [-0.5, 1.0, 2.5].to_vec()), [0, 2]);
        scope.exit();
        Ok(())
    });
    gradient_agrees(&model.unwrap());
}

#[test]
fn gradients_through_covariances_and_cutpoints() {
    let squared: Vec<f64> = (0..16).map(|k| ((k / 4) as f64 - (k % 4) as f64).powi(2)).collect();
    let model = Model::record(|scope| {
        let (length, height) =
            (scope.site("length").sample(Gamma(5.0, 4.0)), scope.site("height").sample(HalfNormal(1.0)));
        let noise = scope.site("noise").sample(HalfNormal(1.0));
        scope.enter("i", 4);
        scope.enter("j", 4);
        let covariance = height.powi(2) * (length.powi(-2) * -0.5 * &squared).exp();
        scope.exit();
        scope.exit();
        scope.site("y").observe(MvNormal(0.0, covariance.add_diagonal(noise)), [0.3, -0.8, 1.1, 0.4]);
        scope.enter("cuts", 3);
        let cut = scope.site("cut").sample(Normal(0.0, 3.0).ordered());
        scope.exit();
        scope.enter("raters", 5);
        scope.site("rating").observe(OrderedLogistic(height, cut), [0, 1, 2, 3, 1]);
        scope.exit();
        Ok(())
    });
    gradient_agrees(&model.unwrap());
}

/// Dirichlet and multinomial are conjugate.
#[test]
fn shares_of_counts() {
    #[model]
    fn shares(counts: &[[u64; 3]]) {
        sample!(share ~ Dirichlet([1.0, 2.0, 0.5]));
        plate!(bags = counts.len(), {
            sample!(count ~ Multinomial(10, share), observed = counts);
        });
    }
    let model = shares(&[[2, 3, 5], [0, 9, 1]]).unwrap();
    assert_eq!(model.dim(), 2);
    let posterior = model.sample(&nuts()).unwrap();
    mean_is(&posterior, "share", &[3.0 / 23.5, 14.0 / 23.5, 6.5 / 23.5]);
    // Each bag with shares of its own: the compound distribution's posterior of a bag is that of one bag.
    #[model]
    fn own(counts: &[[u64; 3]]) {
        plate!(bags = counts.len(), {
            sample!(share ~ Dirichlet([1.0, 2.0, 0.5]));
            sample!(count ~ Multinomial(10, share), observed = counts);
        });
    }
    let posterior = own(&[[2, 3, 5], [0, 9, 1]]).unwrap().sample(&nuts()).unwrap();
    assert_eq!(posterior.get("share").unwrap().shape(), [2, 3]);
    mean_is(&posterior, "share", &[3.0, 5.0, 5.5, 1.0, 11.0, 1.5].map(|a| a / 13.5));
}

/// With known covariances the posterior mean of a normal mean is a weighted one: here S = T, halfway.
#[test]
fn normal_vectors_are_conjugate() {
    let factor = vec![1.5, 0.0, 0.9, 0.7];
    let model = Model::record(|scope| {
        let mean = scope.site("mean").sample(MvNormalCholesky(0.0, factor.clone()));
        scope.site("y").observe(MvNormalCholesky(mean, factor.clone()), [2.0, -1.0]);
        Ok(())
    });
    let posterior = model.unwrap().sample(&nuts()).unwrap();
    mean_is(&posterior, "mean", &[1.0, -0.5]);
    let rows = posterior.summary().rows;
    // Half of each variance.
    for (row, variance) in rows.iter().zip([2.25, 0.81 + 0.49]) {
        assert!((row.sd / (0.5f64 * variance).sqrt() - 1.0).abs() < 0.05, "{}: {}", row.name, row.sd);
    }
}

/// Correlations under LKJ(eta) are Beta(eta - 1 + K/2, same) on (-1, 1): variance 1 / (2 eta + K - 1); by the sampler and by draws from the prior.
#[test]
fn correlations_have_their_variance() {
    for (size, eta) in [(2, 1.0), (3, 2.0), (5, 0.7)] {
        let model = Model::record(|scope| {
            scope.site("l").sample(LkjCholesky(size, eta));
            Ok(())
        })
        .unwrap();
        gradient_agrees(&model);
        let variance = 1.0 / (2.0 * eta + size as f64 - 1.0);
        let correlation = |l: &[f64], i: usize, j: usize| -> f64 {
            (0..size).map(|k| l[i * size + k] * l[j * size + k]).sum()
        };
        let check = |draws: &[Vec<f64>], tolerance: f64| {
            for (i, j) in [(0, 1), (size - 2, size - 1)] {
                let found =
                    draws.iter().map(|l| correlation(l, i, j).powi(2)).sum::<f64>() / draws.len() as f64;
                assert!((found / variance - 1.0).abs() < tolerance, "{size} {eta}: {found} {variance}");
            }
        };
        let prior: Vec<Vec<f64>> =
            model.sample_prior(6000, 2).unwrap().iter().map(|draw| draw.get("l").unwrap().to_vec()).collect();
        // 6 000 draws: the relative error of a variance is about 0.015; 4 of it.
        check(&prior, 0.06);
        let posterior = model.sample(&nuts()).unwrap();
        // The zeros above the diagonal and its first entry, which is 1, are no chains that are stuck.
        assert!(
            !posterior.warnings().iter().any(|w| matches!(w, Warning::NeverMoves(_))),
            "{}",
            posterior.summary()
        );
        let sampled: Vec<Vec<f64>> = posterior.get("l").unwrap().iter().collect();
        check(&sampled, 0.1);
    }
}

/// Draws of each density, given at fixed parameters, have its means.
#[test]
fn draws_have_the_means_of_their_densities() {
    let model = Model::record(|scope| {
        scope.site("unused").sample(Normal(0.0, 1.0));
        let factor = || vec![1.5, 0.0, 0.9, 0.7];
        scope.site("normal").observe(MvNormalCholesky(vec![1.0, -2.0], factor()), [0.0, 0.0]);
        scope.site("student").observe(MvStudentTCholesky(5.0, vec![1.0, -2.0], factor()), [0.0, 0.0]);
        scope.site("counts").observe(Multinomial(10.0, vec![0.2, 0.3, 0.5]), [2.0, 3.0, 5.0]);
        scope.site("mixed").observe(DirichletMultinomial(10.0, vec![2.0, 3.0, 5.0]), [2.0, 3.0, 5.0]);
        scope.site("rating").observe(OrderedLogistic(0.0, vec![0.0]), 1);
        Ok(())
    });
    let draws = model.unwrap().sample_prior(4000, 1).unwrap();
    let mean =
        |name: &str, k: usize| draws.iter().map(|draw| draw.get(name).unwrap()[k]).sum::<f64>() / 4000.0;
    let variance = |name: &str, k: usize| {
        draws.iter().map(|draw| (draw.get(name).unwrap()[k] - mean(name, k)).powi(2)).sum::<f64>() / 4000.0
    };
    for name in ["normal", "student"] {
        assert!((mean(name, 0) - 1.0).abs() < 0.12 && (mean(name, 1) + 2.0).abs() < 0.1, "{name}");
    }
    assert!((variance("normal", 1) / 1.3 - 1.0).abs() < 0.12);
    assert!((variance("student", 1) / (1.3 * 5.0 / 3.0) - 1.0).abs() < 0.2);
    for (k, expected) in [2.0, 3.0, 5.0].into_iter().enumerate() {
        assert!((mean("counts", k) - expected).abs() < 0.12 && (mean("mixed", k) - expected).abs() < 0.12);
    }
    // n p (1 - p), and times (n + a) / (1 + a) with shares drawn.
    assert!((variance("counts", 2) / 2.5 - 1.0).abs() < 0.12);
    assert!((variance("mixed", 2) / (2.5 * 20.0 / 11.0) - 1.0).abs() < 0.12);
    assert!((mean("rating", 0) - 0.5).abs() < 0.04);
}

// --- Mistakes -----------------------------------------------------------------------------------------------------

#[test]
fn mistakes_are_said() {
    let drop_it = |_: Var<'_>| ();
    let message = |record: &dyn Fn(&mynah::model::Scope)| {
        let model = Model::record(|scope| {
            scope.site("unused").sample(Normal(0.0, 1.0));
            record(scope);
            Ok(())
        });
        model.unwrap_err().to_string()
    };
    let said = message(&|scope| drop_it(scope.site("x").sample(Dirichlet(1.0))));
    assert!(said.contains("site `x`") && said.contains("at least two concentrations"), "{said}");
    let said = message(&|scope| scope.site("x").observe(Dirichlet([1.0, 2.0]), [0.5, 0.6]));
    assert!(said.contains("expected 2 positive numbers whose sum is 1"), "{said}");
    let said =
        message(&|scope| drop_it(scope.site("x").sample(MvNormal(vec![0.0; 3], vec![1.0, 0.0, 0.0, 1.0]))));
    assert!(said.contains("parameters of one size for MvNormal, got 3 and 2"), "{said}");
    let said = message(&|scope| drop_it(scope.site("x").sample(MvNormal(0.0, vec![1.0, 0.0, 0.0]))));
    assert!(said.contains("square matrix for the parameter `covariance`"), "{said}");
    let said = message(&|scope| scope.site("x").observe(Multinomial(3.0, [0.5, 0.5]), [[1.0, 1.5]]));
    assert!(said.contains("expected 2 counts"), "{said}");
    let said = message(&|scope| scope.site("x").observe(OrderedLogistic(0.0, [0.0, 1.0]), 3));
    assert!(said.contains("a category 0, ..., 2"), "{said}");
    let said = message(&|scope| drop_it(scope.site("x").sample(Multinomial(3.0, [0.5, 0.5]))));
    assert!(said.contains("expected `observed = ...` for Multinomial"), "{said}");
    let said = message(&|scope| drop_it(scope.site("x").sample(MvNormal(0.0, vec![1.0, 2.0, 2.0, 1.0]))));
    assert!(said.contains("positive definite"), "{said}");
}

/// By the covariance, its inverse and its factor: the same density, slopes and draws.
#[test]
fn covariance_precision_and_factor_are_one() {
    // L L' with L = [[2, 0], [1, 0.5]], and its inverse.
    let (covariance, factor) = ([4.0, 2.0, 2.0, 1.25], [2.0, 0.0, 1.0, 0.5]);
    let precision = [1.25, -2.0, -2.0, 4.0];
    fn model(of: &dyn Fn(&mynah::model::Scope)) -> Model {
        Model::record(|scope| {
            of(scope);
            Ok(())
        })
        .unwrap()
    }
    let data = [[0.3, -1.0], [2.0, 0.4]];
    macro_rules! by {
        ($matrix:expr, $distribution:expr) => {
            model(&|scope| {
                let tau = scope.site("tau").sample(HalfNormal(1));
                let loc = scope.site("loc").sample($distribution(None, $matrix.to_vec()));
                scope.enter("rows", 2);
                scope.site("y").observe($distribution(Some((loc, tau)), $matrix.to_vec()), data);
                scope.exit();
            })
        };
    }
    fn normal<'s>(loc: Option<(Var<'s>, Var<'s>)>, matrix: Vec<f64>) -> mynah::dist::Density<'s> {
        match loc {
            None => MvNormal(0.0, matrix).density(),
            Some((loc, tau)) => MvNormal(loc + tau, matrix).density(),
        }
    }
    fn inverse<'s>(loc: Option<(Var<'s>, Var<'s>)>, matrix: Vec<f64>) -> mynah::dist::Density<'s> {
        match loc {
            None => MvNormalPrecision(0.0, matrix).density(),
            Some((loc, tau)) => MvNormalPrecision(loc + tau, matrix).density(),
        }
    }
    fn student<'s>(loc: Option<(Var<'s>, Var<'s>)>, matrix: Vec<f64>) -> mynah::dist::Density<'s> {
        match loc {
            None => MvStudentT(4.0, 0.0, matrix).density(),
            Some((loc, tau)) => MvStudentT(2.0 + tau, loc, matrix).density(),
        }
    }
    fn student_factor<'s>(loc: Option<(Var<'s>, Var<'s>)>, matrix: Vec<f64>) -> mynah::dist::Density<'s> {
        match loc {
            None => MvStudentTCholesky(4.0, 0.0, matrix).density(),
            Some((loc, tau)) => MvStudentTCholesky(2.0 + tau, loc, matrix).density(),
        }
    }
    for (one, other) in [
        (by!(covariance, normal), by!(precision, inverse)),
        (by!(covariance, student), by!(factor, student_factor)),
    ] {
        gradient_agrees(&other);
        for z in [[0.1, 0.4, -0.3], [-0.7, 2.0, 1.0]] {
            let (one, other) = (one.log_density(&z).unwrap(), other.log_density(&z).unwrap());
            assert!((one - other).abs() < 1e-12 * one.abs().max(1.0), "{one} {other}");
        }
    }
    // A precision that varies: t times a fixed one.
    #[model]
    fn scaled(y: &[[f64; 2]]) {
        sample!(t ~ Gamma(2, 1));
        plate!(rows = 2, {
            plate!(columns = 2, {
                let precision = t * [1.25, -2.0, -2.0, 4.0];
            });
        });
        plate!(data = y.len(), {
            sample!(y ~ MvNormalPrecision(0.5, precision), observed = y);
        });
    }
    let model = scaled(&data).unwrap();
    gradient_agrees(&model);
    let drawn = model.sample_prior(4000, 2).unwrap();
    let moment = |i: usize, j: usize| {
        let each = drawn.iter().map(|draw| {
            let (y, t) = (draw.get("y").unwrap(), draw.get("t").unwrap()[0]);
            t * (y[i] - 0.5) * (y[j] - 0.5)
        });
        each.sum::<f64>() / 4000.0
    };
    for (k, expected) in covariance.iter().enumerate() {
        assert!((moment(k / 2, k % 2) - expected).abs() < 0.35, "{k}: {}", moment(k / 2, k % 2));
    }
    let refused = Model::record(|scope| {
        scope.site("x").sample(MvNormalPrecision(0.0, precision.to_vec()).noncentered());
        Ok(())
    });
    assert!(refused.unwrap_err().to_string().contains("noncentered"));
}
