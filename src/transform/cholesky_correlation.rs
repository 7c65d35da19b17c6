//! Cholesky factors of correlation matrices: lower triangular rows of length 1 with positive diagonals. With w_ij = tanh z_ij (the canonical
//! partial correlations) and r_ij what of row i's length is left in front of column j,
//! L_ij = w_ij sqrt(r_ij), r_i,j+1 = r_ij (1 - w_ij^2), L_ii = sqrt(r_ii); as a density of the entries below the diagonal the log-Jacobian is the sum of
//! log(1 - w_ij^2) + log(r_ij) / 2 (Lewandowski, Kurowicka & Joe 2009, doi:10.1016/j.jmva.2009.04.008).

use super::Bijection;

/// The array is matrices of `size` rows and as many columns, row by row, zeros above the diagonals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CholeskyCorrelation {
    /// Rows of a matrix, at least 1.
    pub size: usize,
}

/// What is left of a row's length is never 0.
const LEAST: f64 = 1e-290;

impl CholeskyCorrelation {
    /// Coordinates of one matrix.
    fn free(&self) -> usize {
        self.size * (self.size - 1) / 2
    }

    /// Matrices with their coordinates: where each begins.
    fn each(&self, len: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (size, free) = (self.size * self.size, self.free());
        (0..len / size).map(move |m| (m * size, m * free))
    }
}

/// 1 - tanh(z)^2 and its logarithm.
fn left(z: f64) -> (f64, f64) {
    let log = 2.0 * (std::f64::consts::LN_2 - z.abs() - (-2.0 * z.abs()).exp().ln_1p());
    (log.exp(), log)
}

impl Bijection for CholeskyCorrelation {
    fn coordinates(&self, len: usize) -> usize {
        len / (self.size * self.size) * self.free()
    }

    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        let size = self.size;
        let mut log_jacobian = 0.0;
        for (at, mut next) in self.each(x.len()) {
            for i in 0..size {
                let row = &mut x[at + i * size..at + (i + 1) * size];
                row.fill(0.0);
                let mut rest: f64 = 1.0;
                for entry in &mut row[..i] {
                    let (share, log) = left(z[next]);
                    *entry = z[next].tanh() * rest.sqrt();
                    log_jacobian += log + 0.5 * rest.ln();
                    rest = (rest * share).max(LEAST);
                    next += 1;
                }
                row[i] = rest.sqrt();
            }
        }
        log_jacobian
    }

    fn pull_back(&self, z: &[f64], _: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        let size = self.size;
        for (at, first) in self.each(x.len()) {
            let mut end = first + self.free();
            for i in (0..size).rev() {
                let row = at + i * size;
                let mut rest = x[row + i] * x[row + i];
                // By what is left behind column j.
                let mut d_rest = 0.5 * dx[row + i] / x[row + i];
                for j in (0..i).rev() {
                    let k = end - i + j;
                    let (w, (share, _)) = (z[k].tanh(), left(z[k]));
                    // What was left in front of the column; in the row's end it is what it was, not less than the least.
                    let before = if j == 0 { 1.0 } else { (rest / share.max(LEAST)).min(1.0) };
                    let root = before.sqrt();
                    dz[k] = (dx[row + j] * root - 2.0 * w * before * d_rest) * share - 2.0 * w;
                    d_rest = 0.5 * dx[row + j] * w / root + d_rest * share + 0.5 / before;
                    rest = before;
                }
                end -= i;
            }
        }
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        let size = self.size;
        for (at, mut next) in self.each(x.len()) {
            for i in 0..size {
                let row = &x[at + i * size..at + (i + 1) * size];
                let mut rest: f64 = 1.0;
                for entry in &row[..i] {
                    z[next] = (entry / rest.sqrt()).atanh();
                    rest -= entry * entry;
                    next += 1;
                }
            }
        }
    }
}
