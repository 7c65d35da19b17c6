//! Positive numbers whose sum is 1: x = softmax(y), y = V z with the orthonormal V of [`super::SumToZero`]; as a density of x_1, ..., x_(K-1)
//! the log-Jacobian is log(x_1) + ... + log(x_K) + log(K) / 2 (isometric log ratios; Egozcue et al. 2003, doi:10.1023/A:1023818214614).

use super::Bijection;
use super::sum_to_zero::{each, gather, spread};

/// Every `slice` numbers are positive and have the sum 1; they have one coordinate less than numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simplex {
    /// How many numbers have the sum 1, at least 1.
    pub slice: usize,
}

/// Shares below this are this: their logarithms and inverses stay finite.
const LEAST: f64 = 1e-290;

impl Bijection for Simplex {
    fn coordinates(&self, len: usize) -> usize {
        len - len / self.slice
    }

    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        let mut log_jacobian = 0.0;
        for (of_x, of_z) in each(self.slice, x.len()) {
            let x = &mut x[of_x];
            spread(&z[of_z], x);
            let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = x.iter().map(|y| (y - top).exp()).sum();
            let k = x.len() as f64;
            // The sum of y is 0, so that the sum of log x is -K log(sum of exp y).
            log_jacobian += 0.5 * k.ln() - k * (top + sum.ln());
            x.iter_mut().for_each(|y| *y = ((*y - top).exp() / sum).max(LEAST));
        }
        log_jacobian
    }

    fn pull_back(&self, _: &[f64], _: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        for (of_x, of_z) in each(self.slice, x.len()) {
            let (x, dx, dz) = (&x[of_x.clone()], &dx[of_x], &mut dz[of_z]);
            let k = x.len() as f64;
            let mean: f64 = x.iter().zip(dx).map(|(x, dx)| x * dx).sum();
            // As `gather` of x (dx - mean) + 1 - K x, without a place for it.
            let slope = |i: usize| x[i] * (dx[i] - mean) + 1.0 - k * x[i];
            let mut before = 0.0;
            for n in 1..x.len() {
                before += slope(n - 1);
                dz[n - 1] = (before - n as f64 * slope(n)) / ((n * (n + 1)) as f64).sqrt();
            }
        }
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        for (of_x, of_z) in each(self.slice, x.len()) {
            let logs: Vec<f64> = x[of_x].iter().map(|x| x.ln()).collect();
            gather(&logs, &mut z[of_z]);
        }
    }
}
