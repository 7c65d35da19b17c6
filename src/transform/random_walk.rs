//! The non-centred form of a random walk: x_1 = location + start z_1, x_t = x_(t-1) + step z_t. The log-Jacobian is log start + (T - 1) log step.

use super::Bijection;

/// Every `steps` numbers are one walk; operands are the location and the scale of its first number and the scale of its steps, each of which is
/// read where it counts: the first two at the first number, the third at the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomWalk {
    /// Numbers of a walk, at least 1.
    pub steps: usize,
}

impl Bijection for RandomWalk {
    fn operands(&self) -> usize {
        3
    }

    fn constrain(&self, z: &[f64], operands: &[f64], x: &mut [f64]) -> f64 {
        let len = x.len();
        let mut log_jacobian = 0.0;
        for i in 0..len {
            let first = i % self.steps == 0;
            let (before, scale) = match first {
                true => (operands[i], operands[len + i]),
                false => (x[i - 1], operands[2 * len + i]),
            };
            x[i] = before + scale * z[i];
            log_jacobian += scale.ln();
        }
        log_jacobian
    }

    fn pull_back(
        &self,
        z: &[f64],
        operands: &[f64],
        x: &[f64],
        dx: &[f64],
        dz: &mut [f64],
        d_operands: &mut [f64],
    ) {
        let len = x.len();
        d_operands.fill(0.0);
        // What comes later moves with a number.
        let mut later = 0.0;
        for i in (0..len).rev() {
            later += dx[i];
            let at = if i % self.steps == 0 { len + i } else { 2 * len + i };
            dz[i] = later * operands[at];
            d_operands[at] = later * z[i] + 1.0 / operands[at];
            if i % self.steps == 0 {
                d_operands[i] = later;
                later = 0.0;
            }
        }
    }

    fn unconstrain(&self, x: &[f64], operands: &[f64], z: &mut [f64]) {
        let len = x.len();
        for i in 0..len {
            z[i] = match i % self.steps == 0 {
                true => (x[i] - operands[i]) / operands[len + i],
                false => (x[i] - x[i - 1]) / operands[2 * len + i],
            };
        }
    }
}
