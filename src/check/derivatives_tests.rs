//! Wrong derivatives are found, right ones are not accused.

use super::derivatives::{custom_node, gradient, kernel, random_points};
use crate::dist::{Exponential, Flat, HalfNormal, Normal, Poisson, Uniform, Wiener};
use crate::graph::CustomNode;
use crate::{DensityError, ErrorKind, LogDensity};

/// -(z0 z1)^2 / 2 + 1e6 with a defect of its gradient.
struct Bent(fn(&mut [f64]));

impl LogDensity for Bent {
    fn dim(&self) -> usize {
        2
    }

    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        match z[0] > 1.5 {
            true => Err(DensityError::recoverable("too far")),
            false => Ok(1e6 - 0.5 * (z[0] * z[1]).powi(2)),
        }
    }

    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        let value = self.log_density(z)?;
        gradient.copy_from_slice(&[-z[0] * z[1] * z[1], -z[0] * z[0] * z[1]]);
        (self.0)(gradient);
        Ok(value)
    }
}

#[test]
fn defects_of_a_gradient_are_found() {
    let points = random_points(2, 30, 1);
    let right = gradient(&mut Bent(|_| {}), &points).unwrap();
    assert!(right.agrees() && right.skipped > 0 && right.points + right.skipped == 30, "{right}");
    let defects: [fn(&mut [f64]); 5] = [
        |gradient| gradient[1] *= 1.001,
        |gradient| gradient[1] = 0.0,
        |gradient| gradient[1] = f64::NAN,
        |gradient| gradient[1] = -gradient[1],
        |gradient| gradient[1] += 1e-3,
    ];
    for (case, defect) in defects.into_iter().enumerate() {
        let wrong = gradient(&mut Bent(defect), &points).unwrap();
        assert!(!wrong.agrees() && wrong.worst.coordinate == "z[1]", "{case}: {wrong}");
    }
}

#[test]
fn two_values_of_one_density_are_found() {
    struct Two;
    impl LogDensity for Two {
        fn dim(&self) -> usize {
            1
        }
        fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
            Ok(z[0])
        }
        fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
            gradient[0] = 1.0;
            Ok(z[0] + 0.5)
        }
    }
    let check = gradient(&mut Two, &[vec![0.3]]).unwrap();
    assert!(!check.agrees() && check.worst.coordinate == "log density");
}

#[test]
fn points_that_will_not_do() {
    let kind = |points: &[Vec<f64>]| gradient(&mut Bent(|_| {}), points).unwrap_err().kind();
    assert_eq!(kind(&[]), ErrorKind::Shape);
    assert_eq!(kind(&[vec![1.0]]), ErrorKind::Shape);
    assert_eq!(kind(&[vec![f64::NAN, 0.0]]), ErrorKind::Value);
    let error = gradient(&mut Bent(|_| {}), &[vec![2.0, 0.0]]).unwrap_err();
    assert!(error.to_string().contains("got none; at the last one: too far"), "{error}");
}

/// y = (x0 x1, exp(x1)); the backward pass may add to what it finds, or use the wrong output.
struct Node {
    adds: bool,
    mixed: bool,
}

impl CustomNode for Node {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        (y[0], y[1]) = (x[0] * x[1], x[1].exp());
    }

    fn backward(&self, x: &[f64], y: &[f64], dy: &[f64], dx: &mut [f64]) {
        let start = if self.adds { dx[0] } else { 0.0 };
        dx[0] = start + dy[0] * x[1];
        dx[1] = dy[0] * x[0] + dy[usize::from(!self.mixed)] * y[1];
    }
}

#[test]
fn backward_passes_of_nodes() {
    let points = random_points(2, 10, 3);
    let check = |adds, mixed| custom_node(&Node { adds, mixed }, 2, &points).unwrap();
    assert!(check(false, false).agrees(), "{}", check(false, false));
    assert_eq!(check(true, false).worst.coordinate, "x[0]");
    assert_eq!(check(false, true).worst.coordinate, "x[1]");
    let kind = |outputs, points: &[Vec<f64>]| {
        custom_node(&Node { adds: false, mixed: false }, outputs, points).unwrap_err().kind()
    };
    assert_eq!(kind(0, &points), ErrorKind::Shape);
    assert_eq!(kind(2, &[]), ErrorKind::Shape);
    assert_eq!(kind(2, &[vec![]]), ErrorKind::Shape);
    assert_eq!(kind(2, &[vec![0.0, 1.0], vec![0.0]]), ErrorKind::Shape);
    assert_eq!(kind(2, &[vec![f64::NAN, 1.0]]), ErrorKind::Value);
}

#[test]
fn kernels_of_every_kind() {
    let checks = [
        kernel::<Normal, 2, 1>(&[([0.3, 1e-3], [0.301]), ([5.0, 100.0], [-3.0])]),
        kernel::<Exponential, 1, 1>(&[([2.0], [1e-6]), ([2.0], [-1.0])]),
        kernel::<HalfNormal, 1, 1>(&[([1.0], [3.0])]),
        // At both sides of an end of the support.
        kernel::<Uniform, 2, 1>(&[([0.0, 1.0], [1.0 - 1e-7]), ([0.0, 1.0], [1.0 + 1e-7])]),
        kernel::<Poisson, 1, 1>(&[([3.0], [4.0]), ([3.0], [0.5])]),
        kernel::<Wiener, 4, 2>(&[([1.0, 1.2, 0.4, 0.3], [0.9, 1.0]), ([1.0, 1.2, 0.4, 0.3], [0.2, 0.0])]),
        kernel::<Flat, 0, 1>(&[([], [0.7])]),
    ];
    for (case, check) in checks.into_iter().enumerate() {
        let check = check.unwrap();
        assert!(check.agrees(), "{case}: {check}");
    }
    let kind = |points: &[([f64; 2], [f64; 1])]| kernel::<Normal, 2, 1>(points).unwrap_err().kind();
    assert_eq!(kind(&[([0.0, -1.0], [0.0])]), ErrorKind::Value);
    assert_eq!(kind(&[]), ErrorKind::Shape);
}
