//! Cholesky factors of covariance matrices: lower triangular with positive diagonals. L_ij = z_ij below the diagonal, L_ii = exp z_ii; as a
//! density of the entries on and below the diagonal the log-Jacobian is the sum of z_ii. As in Stan's reference manual, section "Cholesky factors of
//! covariance matrices".

use super::Bijection;

/// The array is matrices of `size` rows and as many columns, row by row, zeros above the diagonals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CholeskyCovariance {
    /// Rows of a matrix, at least 1.
    pub size: usize,
}

impl CholeskyCovariance {
    /// The entries on and below the diagonals: the coordinate, where it stands in the array, and whether on a diagonal.
    fn each(&self, len: usize) -> impl Iterator<Item = (usize, usize, bool)> + use<> {
        let size = self.size;
        let rows = (0..len / size).map(move |row| (row * size, row % size));
        let entries = rows.flat_map(|(at, i)| (0..=i).map(move |j| (at + j, i == j)));
        entries.enumerate().map(|(k, (at, diagonal))| (k, at, diagonal))
    }
}

/// A diagonal entry; never 0.
fn diagonal(z: f64) -> f64 {
    z.exp().clamp(f64::MIN_POSITIVE, f64::MAX)
}

impl Bijection for CholeskyCovariance {
    fn coordinates(&self, len: usize) -> usize {
        len / (self.size * self.size) * (self.size * (self.size + 1) / 2)
    }

    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        x.fill(0.0);
        let mut log_jacobian = 0.0;
        for (k, at, on_diagonal) in self.each(x.len()) {
            x[at] = if on_diagonal { diagonal(z[k]) } else { z[k] };
            log_jacobian += if on_diagonal { z[k] } else { 0.0 };
        }
        log_jacobian
    }

    fn pull_back(&self, _: &[f64], _: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        for (k, at, on_diagonal) in self.each(x.len()) {
            dz[k] = if on_diagonal { dx[at] * x[at] + 1.0 } else { dx[at] };
        }
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        for (k, at, on_diagonal) in self.each(x.len()) {
            z[k] = if on_diagonal { x[at].ln() } else { x[at] };
        }
    }
}
