//! Numbers whose sum is 0: x = V z with the orthonormal columns v_n = (1, ..., 1, -n, 0, ..., 0) / sqrt(n (n + 1)), n ones; the log-Jacobian
//! is 0, measured along the plane (Helmert's matrix without its constant row; Egozcue et al. 2003, doi:10.1023/A:1023818214614).

use super::Bijection;

/// Every `slice` numbers have the sum 0; they have one coordinate less than numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SumToZero {
    /// How many numbers are summed, at least 1.
    pub slice: usize,
}

/// y = V z, one slice.
pub(super) fn spread(z: &[f64], y: &mut [f64]) {
    let mut later = 0.0;
    for n in (1..y.len()).rev() {
        let part = z[n - 1] / ((n * (n + 1)) as f64).sqrt();
        y[n] = later - n as f64 * part;
        later += part;
    }
    y[0] = later;
}

/// z = V' y, one slice: the inverse of [`spread`] on the plane, and what carries gradients back.
pub(super) fn gather(y: &[f64], z: &mut [f64]) {
    let mut before = 0.0;
    for n in 1..y.len() {
        before += y[n - 1];
        z[n - 1] = (before - n as f64 * y[n]) / ((n * (n + 1)) as f64).sqrt();
    }
}

/// The slices of an array and of its coordinates. A slice of one number has no coordinate.
pub(super) fn each(
    slice: usize,
    len: usize,
) -> impl Iterator<Item = (std::ops::Range<usize>, std::ops::Range<usize>)> {
    (0..len / slice).map(move |s| (s * slice..(s + 1) * slice, s * (slice - 1)..(s + 1) * (slice - 1)))
}

impl Bijection for SumToZero {
    fn coordinates(&self, len: usize) -> usize {
        len - len / self.slice
    }

    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        each(self.slice, x.len()).for_each(|(of_x, of_z)| spread(&z[of_z], &mut x[of_x]));
        0.0
    }

    fn pull_back(&self, _: &[f64], _: &[f64], _: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        each(self.slice, dx.len()).for_each(|(of_x, of_z)| gather(&dx[of_x], &mut dz[of_z]));
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        each(self.slice, x.len()).for_each(|(of_x, of_z)| gather(&x[of_x], &mut z[of_z]));
    }

    /// Less their mean: exactly the draw of normal numbers of one scale given that their sum is 0.
    fn settle(&self, x: &mut [f64], _: usize) -> bool {
        for x in x.chunks_exact_mut(self.slice) {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            x.iter_mut().for_each(|x| *x -= mean);
        }
        true
    }
}
