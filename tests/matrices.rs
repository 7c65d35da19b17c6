//! Matrices of data and of variables: products, triangular systems, determinants, quadratic forms.

#[path = "support/posterior.rs"]
mod posterior;

use mynah::graph::Matrix;
use mynah::prelude::*;
use posterior::{gradient_agrees, mean_is, nuts};

/// The numbers of a deterministic site at a point.
fn at(model: &Model, z: &[f64], name: &str) -> Vec<f64> {
    model.values_at(z).unwrap().get(name).unwrap().to_vec()
}

fn close(own: &[f64], expected: &[f64]) {
    assert_eq!(own.len(), expected.len());
    for (own, expected) in own.iter().zip(expected) {
        assert!((own - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{own} {expected}");
    }
}

/// Every product, beside sums written out.
#[test]
fn products_are_sums() {
    let data = Matrix::new(vec![1.0, -2.0, 0.5, 3.0, 0.0, 1.5], 3).unwrap();
    let model = Model::record(|scope| {
        scope.enter("i", 3);
        scope.enter("j", 2);
        let a = scope.site("a").sample(Normal(0, 1));
        scope.exit();
        scope.exit();
        scope.enter("k", 2);
        let x = scope.site("x").sample(Normal(0, 1));
        scope.exit();
        // Opened after the plates of the other side.
        let b = scope.data(&data);
        let results = [
            ("ax", a.matmul(x)),
            ("ab", a.matmul(b)),
            ("ba", b.matmul(a)),
            ("bba", b.matmul(b.transpose()).matmul(x)),
            ("xx", x.matmul(x)),
            ("xb", x.matmul(b)),
            ("ad", a.matmul([2.0, -1.0])),
            ("aa", a.matmul(a.transpose()).diagonal()),
            ("q", b.matmul(a).quadratic_form(x)),
        ];
        for (name, result) in results {
            scope.site(name).deterministic(result);
            scope.site(format!("of {name}")).factor((result.sin() + result * 0.3).sum());
        }
        Ok(())
    })
    .unwrap();
    gradient_agrees(&model);
    let z = [0.3, -0.4, 1.1, 0.2, -0.7, 0.9, 0.5, -1.3];
    let (a, x, b) = (&z[..6], &z[6..], data.numbers());
    let ax = |x: &[f64]| (0..3).map(|i| a[2 * i] * x[0] + a[2 * i + 1] * x[1]).collect::<Vec<_>>();
    close(&at(&model, &z, "ax"), &ax(x));
    close(&at(&model, &z, "ad"), &ax(&[2.0, -1.0]));
    let ab = |i: usize, j: usize| a[2 * i] * b[j] + a[2 * i + 1] * b[3 + j];
    close(&at(&model, &z, "ab"), &(0..9).map(|k| ab(k / 3, k % 3)).collect::<Vec<_>>());
    let ba = |i: usize, j: usize| (0..3).map(|k| b[3 * i + k] * a[2 * k + j]).sum::<f64>();
    close(&at(&model, &z, "ba"), &[ba(0, 0), ba(0, 1), ba(1, 0), ba(1, 1)]);
    let bb = |i: usize, j: usize| (0..3).map(|k| b[3 * i + k] * b[3 * j + k]).sum::<f64>();
    close(&at(&model, &z, "bba"), &[0, 1].map(|i| bb(i, 0) * x[0] + bb(i, 1) * x[1]));
    close(&at(&model, &z, "xx"), &[x[0] * x[0] + x[1] * x[1]]);
    close(&at(&model, &z, "xb"), &[0, 1, 2].map(|j| x[0] * b[j] + x[1] * b[3 + j]));
    close(&at(&model, &z, "aa"), &[0, 1, 2].map(|i| a[2 * i].powi(2) + a[2 * i + 1].powi(2)));
    let q = (0..4).map(|k| x[k / 2] * ba(k / 2, k % 2) * x[k % 2]).sum::<f64>();
    close(&at(&model, &z, "q"), &[q]);
}

/// A normal density put together of a triangular system, a determinant and a quadratic form is that of `MvNormal`.
#[test]
fn a_normal_density_by_its_parts() {
    let y = [0.3, -0.8, 1.1];
    let base = [2.0, 0.5, 0.1, 0.5, 1.5, -0.3, 0.1, -0.3, 1.0];
    let model = |kind: usize| {
        Model::record(|scope| {
            let height = scope.site("height").sample(LogNormal(0, 1));
            let noise = scope.site("noise").sample(LogNormal(0, 1));
            let base = scope.data(Matrix::new(base.to_vec(), 3)?);
            let covariance = (base * height).add_diagonal(noise);
            let factor = covariance.cholesky();
            let constant = -1.5 * (2.0 * std::f64::consts::PI).ln();
            let standard = factor.solve_lower(y);
            match kind {
                0 => scope.site("y").observe(MvNormal(0, covariance), y),
                1 => {
                    let half = factor.diagonal().ln().sum();
                    scope.site("y").factor(constant - 0.5 * standard.powi(2).sum() - half);
                }
                2 => {
                    // C^-1 y, and y' of it.
                    let solved = factor.solve_lower_transposed(standard);
                    scope
                        .site("y")
                        .factor(constant - 0.5 * solved.matmul(y) - 0.5 * covariance.log_determinant());
                }
                _ => {
                    // y' C^-1 C C^-1 y.
                    let solved = factor.solve_lower_transposed(standard);
                    let form = covariance.quadratic_form(solved);
                    // |L^-1 L'^-1 ...| of a matrix on the right: L^-1 C L'^-1 is the identity.
                    let identity = factor.solve_lower(factor.solve_lower(covariance).transpose());
                    let trace = identity.diagonal().sum();
                    scope
                        .site("y")
                        .factor(constant - 0.5 * form - 0.5 * covariance.log_determinant() + (trace - 3.0));
                }
            }
            Ok(())
        })
        .unwrap()
    };
    let models: Vec<Model> = (0..4).map(model).collect();
    models.iter().for_each(gradient_agrees);
    for z in mynah::check::random_points(2, 10, 1) {
        let expected = models[0].log_density(&z).unwrap();
        for model in &models[1..] {
            let own = model.log_density(&z).unwrap();
            assert!((own - expected).abs() < 1e-10 * (1.0 + expected.abs()), "{own} {expected}");
        }
    }
}

/// A Gaussian process through its factor: the values lie along the plate of the covariance's rows, which is entered again. The posterior mean is
/// K (K + noise^2)^-1 y.
#[test]
fn a_process_by_its_factor() {
    let x: [f64; 3] = [0.0, 0.7, 2.0];
    let y = [1.0, 2.0, -0.5];
    let kernel = |a: f64, b: f64| (-0.5 * (a - b).powi(2)).exp();
    let covariance: Vec<f64> = (0..9).map(|k| kernel(x[k / 3], x[k % 3])).collect();
    let model = Model::record(|scope| {
        scope.enter("points", 3);
        let z = scope.site("z").sample(Normal(0, 1));
        scope.exit();
        let height = scope.site("height").sample(Normal(1, 1e-4));
        scope.enter("i", 3);
        scope.enter("j", 3);
        let scaled = height * &covariance;
        scope.exit();
        scope.exit();
        let f = scaled.cholesky().matmul(z);
        scope.enter_again("i");
        scope.site("f").deterministic(f);
        scope.site("y").observe(Normal(f, 0.5), y);
        scope.exit();
        Ok(())
    })
    .unwrap();
    gradient_agrees(&model);
    // C = K + 1/4; Cramer's rule.
    let c = |i: usize, j: usize| covariance[3 * i + j] + if i == j { 0.25 } else { 0.0 };
    let det = |m: &dyn Fn(usize, usize) -> f64| {
        m(0, 0) * (m(1, 1) * m(2, 2) - m(1, 2) * m(2, 1)) - m(0, 1) * (m(1, 0) * m(2, 2) - m(1, 2) * m(2, 0))
            + m(0, 2) * (m(1, 0) * m(2, 1) - m(1, 1) * m(2, 0))
    };
    let solved = [0, 1, 2].map(|k| det(&|i, j| if j == k { y[i] } else { c(i, j) }) / det(&c));
    let mean = [0, 1, 2].map(|i| (0..3).map(|j| covariance[3 * i + j] * solved[j]).sum::<f64>());
    mean_is(&model.sample(&nuts()).unwrap(), "f", &mean);
}

/// Rows, numbers and matrices are one thing where data are wanted.
#[test]
fn data_of_every_form() {
    fn regression(matrix: impl mynah::graph::IntoMatrix) -> Model {
        Model::record(|scope| {
            scope.enter("covariates", 2);
            let slope = scope.site("slope").sample(Normal(0, 1));
            scope.exit();
            scope.enter("rows", 3);
            scope.site("y").observe(Normal(slope.dot(matrix), 1), [0.1, 0.2, 0.3]);
            scope.exit();
            Ok(())
        })
        .unwrap()
    }
    let rows = [[1.0, 0.3], [1.0, -0.8], [1.0, 1.4]];
    let expected = regression(rows.as_flattened()).log_density(&[0.3, -0.2]).unwrap();
    for model in [regression(rows), regression(rows.map(Vec::from)), regression(Matrix::from(rows))] {
        assert_eq!(model.log_density(&[0.3, -0.2]).unwrap(), expected);
    }
    let covariance = |matrix: Option<Matrix>| {
        Model::record(|scope| {
            let mean = scope.site("mean").sample(Normal(0, 1));
            match matrix {
                Some(matrix) => scope.site("y").observe(MvNormal(mean, matrix), [0.1, 0.2]),
                None => scope.site("y").observe(MvNormal(mean, [2.0, 0.5, 0.5, 1.0]), [0.1, 0.2]),
            }
            Ok(())
        })
        .unwrap()
        .log_density(&[0.4])
        .unwrap()
    };
    assert_eq!(covariance(Some([[2.0, 0.5], [0.5, 1.0]].into())), covariance(None));
}

#[test]
fn mistakes_are_said() {
    let message = |record: &dyn Fn(&mynah::model::Scope, Var<'_>)| {
        let model = Model::record(|scope| {
            scope.enter("k", 3);
            let x = scope.site("x").sample(Normal(0.0, 1.0));
            scope.exit();
            record(scope, x);
            Ok(())
        });
        model.unwrap_err().to_string()
    };
    let two = || Matrix::from([[1.0, 2.0], [3.0, 4.0]]);
    let said = message(&|_, x| drop(format!("{:?}", x.matmul(two()))));
    assert!(
        said.contains("as many columns of the left side as there are rows of the right")
            && said.contains("got 3 and 2"),
        "{said}"
    );
    let said = message(&|scope, x| drop(format!("{:?}", scope.data(two()).solve_lower(x.at(0)))));
    assert!(said.contains("expected matrices and vectors"), "{said}");
    let said = message(&|scope, _| drop(format!("{:?}", scope.data(two()).solve_lower([1.0, 2.0, 3.0]))));
    assert!(
        said.contains("as many rows on the right of .solve_lower(...) as the matrix has, 2, got 3"),
        "{said}"
    );
    let said = message(&|scope, _| drop(format!("{:?}", scope.data(two()).quadratic_form([1.0, 2.0, 3.0]))));
    assert!(said.contains("a vector of 2 numbers in .quadratic_form(...)"), "{said}");
    let said = message(&|_, x| drop(format!("{:?}", x.transpose())));
    assert!(said.contains("expected a matrix") && said.contains("for .transpose()"), "{said}");
    let said = message(&|scope, _| drop(format!("{:?}", scope.data(two()).log_determinant())));
    assert!(said.contains("to be positive definite"), "{said}");
    let said = message(&|scope, x| {
        scope.enter("rows", 2);
        let _ = x.dot(vec![vec![1.0, 2.0, 3.0], vec![1.0]]);
        scope.exit();
    });
    assert!(
        said.contains("rows of one length in the matrix of .dot, got 3 numbers in row 0 and 1 in row 1"),
        "{said}"
    );
    let said = message(&|scope, x| {
        scope.enter("rows", 2);
        let _ = x.dot([[1.0, 2.0], [3.0, 4.0]]);
        scope.exit();
    });
    assert!(
        said.contains("2 rows (the open plate) x 3 columns (this array) = 6 numbers in .dot, got 4, 2 x 2"),
        "{said}"
    );
    let said = message(&|scope, x| {
        scope.enter_again("k");
        let _ = x.matmul(x);
        scope.exit();
    });
    assert!(said.contains("expected one matrix for .matmul(...), got one for each element"), "{said}");
}
