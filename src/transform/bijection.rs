//! The bijections that carry R onto continuous supports.
//!
//! | support | x = T(z) | log of abs(dx/dz) |
//! |---|---|---|
//! | real line | z | 0 |
//! | x > 0 | exp z | z |
//! | (low, high) | low + (high - low) logistic(z) | log(high - low) + log logistic(z) + log logistic(-z) |
//!
//! The same choices as in Stan's reference manual (section "Constraint transforms").

use super::Support;
use crate::math::logit;
use std::f64::consts::PI;

/// A bijection from R onto a continuous support.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Transform {
    /// x = z.
    Identity,
    /// x = exp z.
    Exp,
    /// x = low + (high - low) logistic(z).
    Logistic {
        /// The lower end.
        low: f64,
        /// The upper end, above `low`.
        high: f64,
    },
}

/// A constrained value with all that a gradient needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constrained {
    /// x = T(z), inside the support.
    pub value: f64,
    /// log |dx/dz|.
    pub log_jacobian: f64,
    /// dx/dz.
    pub value_slope: f64,
    /// d log|dx/dz| / dz.
    pub log_jacobian_slope: f64,
}

impl Transform {
    /// The bijection onto a support; `None` for the discrete ones.
    ///
    /// # Examples
    /// ```
    /// use mynah::transform::{Support, Transform};
    /// let positive = Transform::of(Support::Positive).unwrap();
    /// assert_eq!(positive.constrain(0.0).value, 1.0);
    /// assert!(Transform::of(Support::Count).is_none());
    /// ```
    pub fn of(support: Support) -> Option<Transform> {
        match support {
            Support::Real => Some(Transform::Identity),
            Support::Positive => Some(Transform::Exp),
            Support::Interval { low, high } => Some(Transform::Logistic { low, high }),
            // With a seam; [`super::Circle`] has none, but two coordinates.
            Support::Circle => Some(Transform::Logistic { low: -PI.next_up(), high: PI.next_up() }),
            _ => None,
        }
    }

    /// x = T(z) with its log-Jacobian and both slopes, in one pass.
    ///
    /// The value stays strictly inside the support for every finite z: where rounding would put it on the boundary
    /// it is the nearest number inside, while the log-Jacobian stays exact. NaN gives NaN.
    #[inline]
    pub fn constrain(self, z: f64) -> Constrained {
        match self {
            Transform::Identity => {
                Constrained { value: z, log_jacobian: 0.0, value_slope: 1.0, log_jacobian_slope: 0.0 }
            }
            Transform::Exp => {
                let value = z.exp().clamp(f64::MIN_POSITIVE, f64::MAX);
                Constrained { value, log_jacobian: z, value_slope: value, log_jacobian_slope: 1.0 }
            }
            Transform::Logistic { low, high } => constrain_interval(low, high, z),
        }
    }

    /// Carries an array of z to its support; returns the sum of the log-Jacobians. Every element is [`Transform::constrain`]'s.
    pub(crate) fn constrain_all(self, z: &[f64], x: &mut [f64]) -> f64 {
        // The transform is told apart outside of the loop: inside, the compiler would take the logarithm of an interval's
        // width out in front of it, whatever the transform is.
        match self {
            Transform::Identity => {
                x.copy_from_slice(&z[..x.len()]);
                0.0
            }
            Transform::Exp => constrain_each(z, x, |z| Transform::Exp.constrain(z)),
            Transform::Logistic { low, high } => constrain_each(z, x, |z| constrain_interval(low, high, z)),
        }
    }

    /// From the gradient `dx` with respect to x = T(z) to the one with respect to z, that of the log-Jacobian included.
    pub(crate) fn pull_back(self, z: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64]) {
        let dz = &mut dz[..dx.len()];
        match self {
            Transform::Identity => dz.copy_from_slice(dx),
            // The slope is x itself: no second exponential.
            Transform::Exp => {
                dz.iter_mut().zip(dx).zip(x).for_each(|((dz, dx), x)| *dz = dx * x + 1.0);
            }
            Transform::Logistic { low, high } => {
                for ((dz, dx), z) in dz.iter_mut().zip(dx).zip(z) {
                    let constrained = constrain_interval(low, high, *z);
                    *dz = dx * constrained.value_slope + constrained.log_jacobian_slope;
                }
            }
        }
    }

    /// The `z` with T(z) = x: the inverse of [`Transform::constrain`]. Infinite on the boundary, NaN outside the
    /// support.
    #[inline]
    pub fn unconstrain(self, x: f64) -> f64 {
        match self {
            Transform::Identity => x,
            Transform::Exp => x.ln(),
            // The shorter distance to an end is the accurate one; near the middle logit has its own way.
            Transform::Logistic { low, high } => {
                let p = (x - low) / (high - low);
                if (p - 0.5).abs() < 0.25 { logit(p) } else { ((x - low) / (high - x)).ln() }
            }
        }
    }
}

#[inline(always)]
fn constrain_each(z: &[f64], x: &mut [f64], constrain: impl Fn(f64) -> Constrained) -> f64 {
    let mut log_jacobian = 0.0;
    for (x, z) in x.iter_mut().zip(z) {
        let constrained = constrain(*z);
        *x = constrained.value;
        log_jacobian += constrained.log_jacobian;
    }
    log_jacobian
}

/// The logistic bijection onto (low, high). With e = exp(-|z|), the distance to the nearer end is (high - low) e /
/// (1 + e).
#[inline]
fn constrain_interval(low: f64, high: f64, z: f64) -> Constrained {
    let width = high - low;
    let e = (-z.abs()).exp();
    let near = e / (1.0 + e);
    let value = if z < 0.0 { low + width * near } else { high - width * near };
    Constrained {
        value: if value.is_nan() { value } else { value.max(low.next_up()).min(high.next_down()) },
        log_jacobian: width.ln() - z.abs() - 2.0 * e.ln_1p(),
        value_slope: width * near / (1.0 + e),
        log_jacobian_slope: if z < 0.0 { 1.0 - 2.0 * near } else { 2.0 * near - 1.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line per transform: its support.
    const TABLE: [Support; 6] = [
        Support::Real,
        Support::Positive,
        Support::Interval { low: 0.0, high: 1.0 },
        Support::Interval { low: -3.0, high: 8.5 },
        Support::Interval { low: 1e-6, high: 1e-3 },
        Support::Interval { low: 1000.0, high: 1001.0 },
    ];

    const POINTS: [f64; 11] = [-20.0, -7.5, -2.0, -0.3, -1e-9, 0.0, 1e-4, 0.5, 1.7, 6.0, 19.0];

    fn transforms() -> impl Iterator<Item = (Support, Transform)> {
        TABLE.into_iter().map(|support| (support, Transform::of(support).expect("continuous")))
    }

    #[test]
    fn round_trip() {
        for (support, transform) in transforms() {
            for z in POINTS {
                let x = transform.constrain(z);
                // One rounding of x, carried back through dz/dx, and a few of z itself.
                let bound =
                    2.0 * f64::EPSILON * x.value.abs() / x.value_slope + 8.0 * f64::EPSILON * (1.0 + z.abs());
                assert!((transform.unconstrain(x.value) - z).abs() <= bound, "{support} at {z}");
            }
        }
    }

    #[test]
    fn log_jacobian_is_the_logarithm_of_the_slope() {
        for (support, transform) in transforms() {
            for z in POINTS {
                let x = transform.constrain(z);
                // Both are closed forms of the same number: a few roundings of terms of size |z| + |ln width|.
                let bound = 4.0 * f64::EPSILON * (15.0 + z.abs());
                assert!((x.log_jacobian - x.value_slope.ln()).abs() <= bound, "{support} at {z}");
            }
        }
    }

    #[test]
    fn slopes_meet_finite_differences() {
        let step = 1e-5;
        for (support, transform) in transforms() {
            for z in POINTS {
                let (x, up, down) =
                    (transform.constrain(z), transform.constrain(z + step), transform.constrain(z - step));
                let value = (up.value - down.value) / (2.0 * step);
                let jacobian = (up.log_jacobian - down.log_jacobian) / (2.0 * step);
                // Truncation step^2 / 6 times a third derivative of at most the size of the slope, and rounding
                // EPSILON |x| / step.
                let rounding = f64::EPSILON / step;
                assert!(
                    (x.value_slope - value).abs() <= 1e-10 * x.value_slope + rounding * x.value.abs(),
                    "{support} at {z}"
                );
                assert!(
                    (x.log_jacobian_slope - jacobian).abs() <= 1e-10 + rounding * (15.0 + z.abs()),
                    "{support} at {z}"
                );
            }
        }
    }

    #[test]
    fn extremes_stay_inside() {
        for (support, transform) in transforms() {
            for z in [-1e300, -1e4, -750.0, -40.0, 40.0, 710.0, 1e4, 1e300] {
                let x = transform.constrain(z);
                assert!(support.contains(&[x.value]), "{support} at {z}: {}", x.value);
                assert!(
                    x.log_jacobian.is_finite()
                        && x.value_slope.is_finite()
                        && x.log_jacobian_slope.is_finite()
                );
            }
            assert!(transform.constrain(f64::NAN).value.is_nan());
        }
    }

    #[test]
    fn arrays_are_carried_as_numbers_are() {
        let z = [-1e300, -800.0, -745.2, -40.0, -1e-9, 0.0, 1.7, 40.0, 709.8, 800.0, 1e300];
        let dx = [1.0, -2.0, 0.5, 0.0, 3.0, 1.0, -1.0, 2.0, 1e-3, 1e-3, 1e-3];
        for (support, transform) in transforms() {
            let (mut x, mut dz) = ([0.0; 11], [0.0; 11]);
            let log_jacobian = transform.constrain_all(&z, &mut x);
            transform.pull_back(&z, &x, &dx, &mut dz);
            let each = z.map(|z| transform.constrain(z));
            assert_eq!(x, each.map(|one| one.value), "{support}");
            assert_eq!(log_jacobian, each.iter().map(|one| one.log_jacobian).sum::<f64>(), "{support}");
            for (i, one) in each.iter().enumerate() {
                let slope = dx[i] * one.value_slope + one.log_jacobian_slope;
                assert_eq!(dz[i], slope, "{support} at {}", z[i]);
            }
        }
    }

    #[test]
    fn discrete_supports_have_none() {
        for support in
            [Support::Boolean, Support::Count, Support::Category { categories: 3 }, Support::TimeAndChoice]
        {
            assert!(support.is_discrete() && Transform::of(support).is_none());
        }
    }
}
