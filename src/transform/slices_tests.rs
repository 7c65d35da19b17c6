//! Bijections of slices: one line each in the table.

use super::*;
use crate::seed::{Domain, Seed};
use rand::RngExt;

/// A bijection, the length of x, and what the log-Jacobian is about.
type Line = (Box<dyn Bijection>, usize, Density);

/// What the density is about that a log-Jacobian belongs to.
enum Density {
    /// These entries of x; all others follow from them.
    Entries(Vec<usize>),
    /// The surface that x lies on.
    Surface,
    /// The same, of so many coordinates each, whose length is one more number, uniform by its distribution function.
    Rays(usize),
}

use Density::{Entries, Rays, Surface};

/// A bijection, the length of x, and what the log-Jacobian is about.
fn table() -> Vec<Line> {
    fn line(bijection: impl Bijection + 'static, len: usize, density: Density) -> Line {
        (Box::new(bijection), len, density)
    }
    let all = |n: usize| Entries((0..n).collect());
    vec![
        line(Transform::Identity, 3, all(3)),
        line(Transform::Exp, 3, all(3)),
        line(Transform::Logistic { low: -1.0, high: 2.5 }, 3, all(3)),
        line(Bounded::Between, 3, all(3)),
        line(Bounded::Above, 3, all(3)),
        line(Bounded::Below, 3, all(3)),
        line(Affine::Linear, 3, all(3)),
        line(Affine::Exponential, 3, all(3)),
        line(AffineVectors { size: 3 }, 6, all(6)),
        line(Ordered { slice: 4, positive: false }, 8, all(8)),
        line(Ordered { slice: 3, positive: true }, 3, all(3)),
        line(Ordered { slice: 1, positive: true }, 2, all(2)),
        line(Simplex { slice: 4 }, 8, Entries(vec![0, 1, 2, 4, 5, 6])),
        line(Simplex { slice: 2 }, 2, Entries(vec![0])),
        line(Simplex { slice: 1 }, 2, Entries(vec![])),
        line(SumToZero { slice: 5 }, 10, Surface),
        line(SumToZero { slice: 1 }, 1, Entries(vec![])),
        line(CholeskyCorrelation { size: 4 }, 32, Entries(vec![4, 8, 9, 12, 13, 14, 20, 24, 25, 28, 29, 30])),
        line(CholeskyCorrelation { size: 1 }, 1, Entries(vec![])),
        line(Correlation { size: 4 }, 32, Entries(vec![4, 8, 9, 12, 13, 14, 20, 24, 25, 28, 29, 30])),
        line(Correlation { size: 1 }, 1, Entries(vec![])),
        line(CholeskyCovariance { size: 3 }, 18, Entries(vec![0, 3, 4, 6, 7, 8, 9, 12, 13, 15, 16, 17])),
        line(CholeskyCovariance { size: 1 }, 2, all(2)),
        line(RandomWalk { steps: 3 }, 6, all(6)),
        line(RandomWalk { steps: 1 }, 2, all(2)),
        line(UnitVector { size: 3 }, 6, Rays(3)),
        line(UnitVector { size: 2 }, 2, Rays(2)),
        line(UnitVector { size: 12 }, 12, Rays(12)),
        line(UnitVector { size: 32 }, 32, Rays(32)),
        line(Circle, 3, Rays(2)),
    ]
}

/// A point and operands (lower ends around -1, upper ends around 3).
fn random(bijection: &dyn Bijection, len: usize, seed: u64, reach: f64) -> (Vec<f64>, Vec<f64>) {
    let mut stream = Seed(seed).stream(Domain::User, 0);
    let mut uniform = |low: f64, high: f64| low + (high - low) * stream.random::<f64>();
    let z = (0..bijection.coordinates(len)).map(|_| uniform(-reach, reach)).collect();
    let mut operands: Vec<f64> = (0..bijection.operands() * len).map(|_| uniform(-2.0, 0.0)).collect();
    operands.iter_mut().skip(len).for_each(|high| *high += 4.0);
    (z, operands)
}

fn constrain(bijection: &dyn Bijection, z: &[f64], operands: &[f64], len: usize) -> (Vec<f64>, f64) {
    let mut x = vec![f64::NAN; len];
    let log_jacobian = bijection.constrain(z, operands, &mut x);
    (x, log_jacobian)
}

#[test]
fn round_trip() {
    for (bijection, len, density) in table() {
        for seed in 0..20 {
            let (z, operands) = random(bijection.as_ref(), len, seed, 3.0);
            let (x, _) = constrain(bijection.as_ref(), &z, &operands, len);
            let mut back = vec![f64::NAN; z.len()];
            bijection.unconstrain(&x, &operands, &mut back);
            // What a ray leads to leads back to some point of the ray.
            let (there, back) = match density {
                Rays(_) => (x, constrain(bijection.as_ref(), &back, &operands, len).0),
                _ => (z, back),
            };
            for (there, back) in there.iter().zip(&back) {
                assert!((there - back).abs() < 1e-9, "{bijection:?}: {there} {back}");
            }
        }
    }
}

#[test]
fn values_lie_in_their_supports_far_out_too() {
    for (bijection, len, _) in table() {
        for reach in [3.0, 40.0, 800.0, 1e5] {
            let (z, operands) = random(bijection.as_ref(), len, 5, reach);
            let (x, log_jacobian) = constrain(bijection.as_ref(), &z, &operands, len);
            assert!(
                x.iter().all(|x| x.is_finite()) && log_jacobian.is_finite(),
                "{bijection:?} {reach}: {x:?}"
            );
            let (mut dz, mut d_operands) = (vec![f64::NAN; z.len()], vec![f64::NAN; operands.len()]);
            bijection.pull_back(&z, &operands, &x, &vec![0.5; len], &mut dz, &mut d_operands);
            let finite = |slopes: &[f64]| slopes.iter().all(|slope| !slope.is_nan());
            assert!(finite(&dz) && finite(&d_operands), "{bijection:?} {reach}: {dz:?} {d_operands:?}");
        }
    }
    let (x, _) = constrain(&Simplex { slice: 3 }, &[0.3, -2.0], &[], 3);
    assert!((x.iter().sum::<f64>() - 1.0).abs() < 1e-15 && x.iter().all(|x| *x > 0.0));
    let (x, _) = constrain(&SumToZero { slice: 3 }, &[0.3, -2.0], &[], 3);
    assert!(x.iter().sum::<f64>().abs() < 1e-15);
    let (x, _) = constrain(&CholeskyCorrelation { size: 3 }, &[0.3, -2.0, 0.7], &[], 9);
    let length = |i: usize| x[3 * i..3 * i + 3].iter().map(|x| x * x).sum::<f64>();
    assert!((0..3).all(|i| (length(i) - 1.0).abs() < 1e-14 && x[4 * i] > 0.0), "{x:?}");
    let (x, _) = constrain(&Correlation { size: 3 }, &[0.3, -2.0, 0.7], &[], 9);
    assert!((0..9).all(|k| x[k] == x[k % 3 * 3 + k / 3]) && (0..3).all(|i| x[4 * i] == 1.0), "{x:?}");
    // Where coordinates have no direction there is one all the same.
    let (x, log_jacobian) = constrain(&UnitVector { size: 3 }, &[0.0; 3], &[], 3);
    assert!(x == [1.0, 0.0, 0.0] && log_jacobian.is_finite(), "{x:?} {log_jacobian}");
    let (x, log_jacobian) = constrain(&Circle, &[0.0; 2], &[], 1);
    assert!(x == [0.0] && log_jacobian.is_finite(), "{x:?} {log_jacobian}");
    let (x, _) = constrain(&Ordered { slice: 3, positive: true }, &[1e5, -1e5, -1e5], &[], 3);
    assert!(x[0] > 0.0 && x[0].is_finite());
}

/// The determinant of the derivative of the free entries, by central differences; for none named, that of the surface.
#[test]
fn log_jacobians_are_those_of_the_derivative() {
    let step = 1e-5;
    for (bijection, len, density) in table() {
        let (z, operands) = random(bijection.as_ref(), len, 7, 1.5);
        let column = |k: usize| -> Vec<f64> {
            let moved = |by: f64| {
                let mut z = z.clone();
                z[k] += by;
                let mut x = constrain(bijection.as_ref(), &z, &operands, len).0;
                if let Rays(size) = density {
                    x.extend(z.chunks_exact(size).map(log_below_length));
                }
                x
            };
            moved(step).iter().zip(moved(-step)).map(|(up, down)| (up - down) / (2.0 * step)).collect()
        };
        let columns: Vec<Vec<f64>> = (0..z.len()).map(column).collect();
        let log_det = match &density {
            Entries(free) => {
                log_determinant(columns.iter().map(|c| free.iter().map(|i| c[*i]).collect()).collect())
            }
            Surface | Rays(_) => {
                let dot = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                0.5 * log_determinant(
                    columns.iter().map(|a| columns.iter().map(|b| dot(a, b)).collect()).collect(),
                )
            }
        };
        // The slopes of the logarithm are those of the probability, divided by it.
        let log_det = match density {
            Rays(size) => log_det + z.chunks_exact(size).map(log_below_length).sum::<f64>(),
            _ => log_det,
        };
        let (_, log_jacobian) = constrain(bijection.as_ref(), &z, &operands, len);
        // Differences are right to 1e-10 of each slope.
        assert!((log_det - log_jacobian).abs() < 1e-8, "{bijection:?}: {log_det} {log_jacobian}");
    }
}

/// The log of the probability of a length below that of some coordinates: chi with as many degrees of freedom, 30 at least, which are even here.
fn log_below_length(z: &[f64]) -> f64 {
    let half = 0.5 * z.iter().map(|z| z * z).sum::<f64>();
    let terms = z.len().max(30) / 2;
    let first = (1..=terms).map(|k| (half / k as f64).ln()).sum::<f64>() - half;
    let (mut term, mut sum) = (1.0, 0.0);
    for k in terms + 1..terms + 200 {
        sum += term;
        term *= half / k as f64;
    }
    first + f64::ln(sum)
}

/// The log of the absolute value of a determinant, by elimination.
fn log_determinant(mut rows: Vec<Vec<f64>>) -> f64 {
    let (n, mut log) = (rows.len(), 0.0);
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| rows[*a][k].abs().total_cmp(&rows[*b][k].abs())).expect("a row");
        rows.swap(k, pivot);
        log += rows[k][k].abs().ln();
        for i in k + 1..n {
            let factor = rows[i][k] / rows[k][k];
            (k..n).for_each(|j| rows[i][j] -= factor * rows[k][j]);
        }
    }
    log
}

/// d (w'x + log-Jacobian) by every coordinate and operand, beside central differences.
#[test]
fn slopes_meet_differences() {
    let step = 1e-5;
    for (bijection, len, _) in table() {
        for seed in 0..5 {
            let (z, operands) = random(bijection.as_ref(), len, seed, 2.0);
            let weights: Vec<f64> = (0..len).map(|i| ((i * 7 + 3) % 5) as f64 - 1.7).collect();
            let f = |z: &[f64], operands: &[f64]| {
                let (x, log_jacobian) = constrain(bijection.as_ref(), z, operands, len);
                x.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() + log_jacobian
            };
            let (x, _) = constrain(bijection.as_ref(), &z, &operands, len);
            let (mut dz, mut d_operands) = (vec![f64::NAN; z.len()], vec![f64::NAN; operands.len()]);
            bijection.pull_back(&z, &operands, &x, &weights, &mut dz, &mut d_operands);
            for k in 0..z.len() + operands.len() {
                let moved = |by: f64| {
                    let (mut z, mut operands) = (z.clone(), operands.clone());
                    match k < z.len() {
                        true => z[k] += by,
                        false => operands[k - z.len()] += by,
                    }
                    f(&z, &operands)
                };
                let difference = (moved(step) - moved(-step)) / (2.0 * step);
                let slope = if k < dz.len() { dz[k] } else { d_operands[k - dz.len()] };
                assert!(
                    (difference - slope).abs() < 1e-7 * (1.0 + slope.abs()),
                    "{bijection:?} {k}: {difference} {slope}"
                );
            }
        }
    }
}

#[test]
fn draws_are_moved_into_the_support() {
    let ordered = Ordered { slice: 3, positive: false };
    let mut x = [0.5, -1.0, 2.0, 3.0, 1.0, 2.0];
    assert!(!ordered.settle(&mut x, 0), "another draw may come in order by itself");
    assert!(ordered.settle(&mut x, 100));
    assert_eq!(x, [-1.0, 0.5, 2.0, 1.0, 2.0, 3.0]);
    let mut x = [1.0, 2.0, 6.0];
    assert!(SumToZero { slice: 3 }.settle(&mut x, 0));
    assert_eq!(x, [-2.0, -1.0, 3.0]);
}
