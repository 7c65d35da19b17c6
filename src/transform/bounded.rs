//! Intervals and half lines whose ends are operands, number by number.
//!
//! | support | x = T(z; ends) | log of abs(dx/dz) |
//! |---|---|---|
//! | (low, high) | low + (high - low) logistic(z) | log(high - low) + log logistic(z) + log logistic(-z) |
//! | x > low | low + exp z | z |
//! | x < high | high - exp z | z |

use super::{Bijection, Transform};
use crate::math::logit;

/// Which ends there are; each is one operand, the lower one first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounded {
    /// low < x < high.
    Between,
    /// x > low.
    Above,
    /// x < high.
    Below,
}

/// The distance to an end, strictly inside in floating point.
fn step(z: f64) -> f64 {
    z.exp().clamp(f64::MIN_POSITIVE, f64::MAX)
}

impl Bijection for Bounded {
    fn operands(&self) -> usize {
        if *self == Bounded::Between { 2 } else { 1 }
    }

    fn constrain(&self, z: &[f64], operands: &[f64], x: &mut [f64]) -> f64 {
        let n = x.len();
        let mut log_jacobian = 0.0;
        for i in 0..n {
            match self {
                Bounded::Between => {
                    let (low, high) = (operands[i], operands[n + i]);
                    // Ends out of order have nothing between them: NaN, which every density refuses.
                    let (low, high) = if low < high { (low, high) } else { (f64::NAN, f64::NAN) };
                    let constrained = Transform::Logistic { low, high }.constrain(z[i]);
                    x[i] = constrained.value;
                    log_jacobian += constrained.log_jacobian;
                }
                Bounded::Above => {
                    let inside = operands[i] + step(z[i]);
                    x[i] = if inside.is_nan() { inside } else { inside.max(operands[i].next_up()) };
                    log_jacobian += z[i];
                }
                Bounded::Below => {
                    let inside = operands[i] - step(z[i]);
                    x[i] = if inside.is_nan() { inside } else { inside.min(operands[i].next_down()) };
                    log_jacobian += z[i];
                }
            }
        }
        log_jacobian
    }

    fn pull_back(
        &self,
        z: &[f64],
        operands: &[f64],
        _: &[f64],
        dx: &[f64],
        dz: &mut [f64],
        d_operands: &mut [f64],
    ) {
        let n = dx.len();
        for i in 0..n {
            match self {
                Bounded::Between => {
                    let (low, high) = (operands[i], operands[n + i]);
                    let constrained = Transform::Logistic { low, high }.constrain(z[i]);
                    let share = Transform::Logistic { low: 0.0, high: 1.0 }.constrain(z[i]).value;
                    let of_width = 1.0 / (high - low);
                    dz[i] = dx[i] * constrained.value_slope + constrained.log_jacobian_slope;
                    d_operands[i] = dx[i] * (1.0 - share) - of_width;
                    d_operands[n + i] = dx[i] * share + of_width;
                }
                Bounded::Above | Bounded::Below => {
                    let side = if *self == Bounded::Above { 1.0 } else { -1.0 };
                    dz[i] = dx[i] * side * step(z[i]) + 1.0;
                    d_operands[i] = dx[i];
                }
            }
        }
    }

    fn unconstrain(&self, x: &[f64], operands: &[f64], z: &mut [f64]) {
        let n = x.len();
        for i in 0..n {
            z[i] = match self {
                Bounded::Between => {
                    let (low, high) = (operands[i], operands[n + i]);
                    let p = (x[i] - low) / (high - low);
                    if (p - 0.5).abs() < 0.25 { logit(p) } else { ((x[i] - low) / (high - x[i])).ln() }
                }
                Bounded::Above => (x[i] - operands[i]).ln(),
                Bounded::Below => (operands[i] - x[i]).ln(),
            };
        }
    }
}
