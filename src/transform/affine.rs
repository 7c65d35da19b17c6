//! Non-centred unknowns: x = location + scale z, number by number or by vectors, so that z does not depend on where they are (Papaspiliopoulos,
//! Roberts & Skold 2007, doi:10.1214/088342307000000014). The log-Jacobian is the log of the scale; of x = exp(location + scale z) log x more.
//! What the density of x and the Jacobian say of location and scale cancels up to rounding: a scale below 1e-8 of its location costs digits.

use super::Bijection;

/// x = location + scale z or its exponential, number by number; operands are location and scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Affine {
    /// x = location + scale z.
    Linear,
    /// x = exp(location + scale z).
    Exponential,
}

impl Bijection for Affine {
    fn operands(&self) -> usize {
        2
    }

    fn constrain(&self, z: &[f64], operands: &[f64], x: &mut [f64]) -> f64 {
        let (loc, scale) = operands.split_at(x.len());
        let mut log_jacobian = 0.0;
        for i in 0..x.len() {
            let linear = loc[i] + scale[i] * z[i];
            log_jacobian += scale[i].ln();
            x[i] = match self {
                Affine::Linear => linear,
                Affine::Exponential => {
                    log_jacobian += linear;
                    let value = linear.exp();
                    if value.is_nan() { value } else { value.clamp(f64::MIN_POSITIVE, f64::MAX) }
                }
            };
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
        let scale = &operands[x.len()..];
        let (d_loc, d_scale) = d_operands.split_at_mut(x.len());
        for i in 0..x.len() {
            let slope = match self {
                Affine::Linear => dx[i],
                Affine::Exponential => dx[i] * x[i] + 1.0,
            };
            dz[i] = slope * scale[i];
            d_loc[i] = slope;
            d_scale[i] = slope * z[i] + 1.0 / scale[i];
        }
    }

    fn unconstrain(&self, x: &[f64], operands: &[f64], z: &mut [f64]) {
        let (loc, scale) = operands.split_at(x.len());
        for i in 0..x.len() {
            let linear = if *self == Affine::Exponential { x[i].ln() } else { x[i] };
            z[i] = (linear - loc[i]) / scale[i];
        }
    }
}

/// x = location + L z for every `size` numbers, L lower triangular; operands are the location and the columns of L, entry i of a column at number i
/// (what stands above the diagonal is not read).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AffineVectors {
    /// Numbers of a vector, at least 1.
    pub size: usize,
}

impl AffineVectors {
    /// Where L_ij of the vector that starts at `at` stands among the operands of an array of `len` numbers.
    fn entry(len: usize, at: usize, i: usize, j: usize) -> usize {
        (j + 1) * len + at + i
    }
}

impl Bijection for AffineVectors {
    fn operands(&self) -> usize {
        self.size + 1
    }

    fn constrain(&self, z: &[f64], operands: &[f64], x: &mut [f64]) -> f64 {
        let len = x.len();
        let mut log_jacobian = 0.0;
        for at in (0..len).step_by(self.size) {
            for i in 0..self.size {
                let dot: f64 = (0..=i).map(|j| operands[Self::entry(len, at, i, j)] * z[at + j]).sum();
                x[at + i] = operands[at + i] + dot;
                log_jacobian += operands[Self::entry(len, at, i, i)].ln();
            }
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
        d_operands[..len].copy_from_slice(dx);
        dz.fill(0.0);
        for at in (0..len).step_by(self.size) {
            for i in 0..self.size {
                for j in 0..=i {
                    let entry = Self::entry(len, at, i, j);
                    dz[at + j] += operands[entry] * dx[at + i];
                    d_operands[entry] = z[at + j] * dx[at + i];
                }
                let diagonal = Self::entry(len, at, i, i);
                d_operands[diagonal] += 1.0 / operands[diagonal];
            }
        }
    }

    fn unconstrain(&self, x: &[f64], operands: &[f64], z: &mut [f64]) {
        let len = x.len();
        for at in (0..len).step_by(self.size) {
            for i in 0..self.size {
                let dot: f64 = (0..i).map(|j| operands[Self::entry(len, at, i, j)] * z[at + j]).sum();
                z[at + i] = (x[at + i] - operands[at + i] - dot) / operands[Self::entry(len, at, i, i)];
            }
        }
    }
}
