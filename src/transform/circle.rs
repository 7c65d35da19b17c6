//! Angles from -pi to pi that are joined at the ends: x = atan2(z_2, z_1), the direction of two coordinates. Their length has the density that it
//! has for [`super::UnitVector`] of two numbers, and the log-Jacobian, of densities of the angle, is the same.

use super::Bijection;
use super::unit_vector::{length, log_density_of_length, slope_of_length, usual_length};

/// Every number is an angle, in radians, with two coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle;

impl Bijection for Circle {
    fn coordinates(&self, len: usize) -> usize {
        2 * len
    }

    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        let mut log_jacobian = 0.0;
        for (z, x) in z.chunks_exact(2).zip(x) {
            log_jacobian += log_density_of_length(2, length(z));
            *x = z[1].atan2(z[0]);
        }
        log_jacobian
    }

    fn pull_back(&self, z: &[f64], _: &[f64], _: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        for ((z, dz), dx) in z.chunks_exact(2).zip(dz.chunks_exact_mut(2)).zip(dx) {
            let length = length(z);
            let (own, turn) = (slope_of_length(2, length), dx / length.max(f64::MIN_POSITIVE));
            // Divided once more by the length, which is done first to the coordinates: squares may be too small for numbers.
            let unit = length.max(f64::MIN_POSITIVE);
            dz[0] = -turn * (z[1] / unit) + own * z[0];
            dz[1] = turn * (z[0] / unit) + own * z[1];
        }
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        for (x, z) in x.iter().zip(z.chunks_exact_mut(2)) {
            let (sine, cosine) = x.sin_cos();
            z[0] = usual_length(2) * cosine;
            z[1] = usual_length(2) * sine;
        }
    }
}
