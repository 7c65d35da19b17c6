//! Correlation matrices R = L L' by their Cholesky factors L ([`CholeskyCorrelation`]): row i of R up to the diagonal is a linear function of row i of
//! L whose derivative is triangular with L_11, L_22, ... on its diagonal, so that, as a density of the entries below the diagonal, the
//! log-Jacobian is that of L and the sum of (K - i) log L_ii (Lewandowski, Kurowicka & Joe 2009, doi:10.1016/j.jmva.2009.04.008).

use super::{Bijection, CholeskyCorrelation};
use crate::math::with_space;

/// The array is symmetric matrices of `size` rows, row by row, ones on the diagonals. Slopes are taken as those by the entries of both
/// triangles, which move together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// Rows of a matrix, at least 1.
    pub size: usize,
}

impl Correlation {
    /// The factor's bijection.
    fn factor(&self) -> CholeskyCorrelation {
        CholeskyCorrelation { size: self.size }
    }

    /// Each matrix: where it begins, and where its coordinates do.
    fn each(&self, len: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (entries, free) = (self.size * self.size, self.size * (self.size - 1) / 2);
        (0..len / entries).map(move |m| (m * entries, m * free))
    }

    /// L becomes L L', in place: from the last row up, each from its last entry, so that what is still read is still there.
    fn square(&self, x: &mut [f64]) {
        let n = self.size;
        for i in (0..n).rev() {
            for j in (0..i).rev() {
                x[i * n + j] = (0..=j).map(|k| x[i * n + k] * x[j * n + k]).sum();
            }
        }
        for i in 0..n {
            x[i * n + i] = 1.0;
            (0..i).for_each(|j| x[j * n + i] = x[i * n + j]);
        }
    }
}

impl Bijection for Correlation {
    fn coordinates(&self, len: usize) -> usize {
        self.factor().coordinates(len)
    }

    fn constrain(&self, z: &[f64], operands: &[f64], x: &mut [f64]) -> f64 {
        let n = self.size;
        let mut log_jacobian = self.factor().constrain(z, operands, x);
        for (at, _) in self.each(x.len()) {
            let x = &mut x[at..at + n * n];
            log_jacobian += (0..n).map(|i| (n - 1 - i) as f64 * x[i * n + i].ln()).sum::<f64>();
            self.square(x);
        }
        log_jacobian
    }

    fn pull_back(&self, z: &[f64], operands: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        let (n, factor) = (self.size, self.factor());
        let (entries, free) = (n * n, n * (n - 1) / 2);
        with_space(2 * entries, |space| {
            let (l, dl) = space.split_at_mut(entries);
            for (at, first) in self.each(x.len()) {
                let (dx, z, dz) =
                    (&dx[at..at + entries], &z[first..first + free], &mut dz[first..first + free]);
                factor.constrain(z, operands, l);
                for i in 0..n {
                    for k in 0..=i {
                        // By L_ik: every other row j moves with R_ij = R_ji.
                        let rows = (k..n).filter(|j| *j != i);
                        dl[i * n + k] = rows.map(|j| (dx[i * n + j] + dx[j * n + i]) * l[j * n + k]).sum();
                    }
                    dl[i * n + i] += (n - 1 - i) as f64 / l[i * n + i];
                }
                factor.pull_back(z, operands, l, dl, dz, &mut []);
            }
        });
    }

    /// NaN where there is no factor.
    fn unconstrain(&self, x: &[f64], operands: &[f64], z: &mut [f64]) {
        let n = self.size;
        let mut l = vec![0.0; x.len()];
        for (at, _) in self.each(x.len()) {
            let (x, l) = (&x[at..at + n * n], &mut l[at..at + n * n]);
            for i in 0..n {
                for j in 0..=i {
                    let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
                    let rest = x[i * n + j] - dot;
                    l[i * n + j] = if i == j { rest.sqrt() } else { rest / l[j * n + j] };
                }
            }
        }
        self.factor().unconstrain(&l, operands, z);
    }
}
