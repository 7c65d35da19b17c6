//! Products of matrices of variables, triangular systems and quadratic forms as nodes.
//!
//! C = A B: dA = dC B', dB = A' dC. x = L^-1 b: db = L'^-1 dx, dL = -db x' on and below the diagonal; x = L'^-1 b: db = L^-1 dx, dL = -x db' there (Giles
//! 2008, doi:10.1007/978-3-540-68942-3_4). q = x'A x: dA = x x' dq, dx = (A + A') x dq. Inputs lie end to end, matrices row by row.

use super::custom::CustomNode;

/// A B of n x k and k x m.
pub(in crate::graph) struct Product {
    pub(in crate::graph) rows: usize,
    pub(in crate::graph) inner: usize,
    pub(in crate::graph) columns: usize,
}

impl CustomNode for Product {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        let (a, b) = x.split_at(self.rows * self.inner);
        for (a, y) in a.chunks_exact(self.inner).zip(y.chunks_exact_mut(self.columns)) {
            y.fill(0.0);
            for (a, b) in a.iter().zip(b.chunks_exact(self.columns)) {
                y.iter_mut().zip(b).for_each(|(y, b)| *y += a * b);
            }
        }
    }

    fn backward(&self, x: &[f64], _: &[f64], dy: &[f64], dx: &mut [f64]) {
        let (a, b) = x.split_at(self.rows * self.inner);
        let (da, db) = dx.split_at_mut(self.rows * self.inner);
        db.fill(0.0);
        let rows = a.chunks_exact(self.inner).zip(da.chunks_exact_mut(self.inner));
        for ((a, da), dy) in rows.zip(dy.chunks_exact(self.columns)) {
            let of_b = b.chunks_exact(self.columns).zip(db.chunks_exact_mut(self.columns));
            for ((a, da), (b, db)) in a.iter().zip(da).zip(of_b) {
                *da = b.iter().zip(dy).map(|(b, dy)| b * dy).sum();
                db.iter_mut().zip(dy).for_each(|(db, dy)| *db += a * dy);
            }
        }
    }
}

/// L^-1 B of a lower triangular matrix, whose upper triangle is not read, and a matrix of so many columns; or L'^-1 B.
pub(in crate::graph) struct SolveLower {
    pub(in crate::graph) size: usize,
    pub(in crate::graph) columns: usize,
    pub(in crate::graph) transposed: bool,
}

impl SolveLower {
    fn solve(&self, l: &[f64], x: &mut [f64], transposed: bool) {
        let (n, m) = (self.size, self.columns);
        for step in 0..n {
            let i = if transposed { n - 1 - step } else { step };
            let (before, rest) = x.split_at_mut(i * m);
            let (row, after) = rest.split_at_mut(m);
            // What is known already is taken off, then divided by the diagonal.
            let known = if transposed { i + 1..n } else { 0..i };
            for j in known {
                let (factor, other) = match transposed {
                    true => (l[j * n + i], &after[(j - i - 1) * m..][..m]),
                    false => (l[i * n + j], &before[j * m..][..m]),
                };
                row.iter_mut().zip(other).for_each(|(x, y)| *x -= factor * y);
            }
            row.iter_mut().for_each(|x| *x /= l[i * n + i]);
        }
    }
}

impl CustomNode for SolveLower {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        let (l, b) = x.split_at(self.size * self.size);
        y.copy_from_slice(b);
        self.solve(l, y, self.transposed);
    }

    fn backward(&self, x: &[f64], y: &[f64], dy: &[f64], dx: &mut [f64]) {
        let (n, m) = (self.size, self.columns);
        let (l, _) = x.split_at(n * n);
        let (dl, db) = dx.split_at_mut(n * n);
        db.copy_from_slice(dy);
        self.solve(l, db, !self.transposed);
        let (left, right) = if self.transposed { (y, &*db) } else { (&*db, y) };
        for i in 0..n {
            dl[i * n..(i + 1) * n].fill(0.0);
            for j in 0..=i {
                let pairs = left[i * m..][..m].iter().zip(&right[j * m..][..m]);
                dl[i * n + j] = -pairs.map(|(a, b)| a * b).sum::<f64>();
            }
        }
    }
}

/// x'A x of a square matrix and a vector.
pub(in crate::graph) struct QuadraticForm {
    pub(in crate::graph) size: usize,
}

impl CustomNode for QuadraticForm {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        let (a, x) = x.split_at(self.size * self.size);
        let row = |a: &[f64]| a.iter().zip(x).map(|(a, x)| a * x).sum::<f64>();
        y[0] = a.chunks_exact(self.size).zip(x).map(|(a, x)| x * row(a)).sum();
    }

    fn backward(&self, x: &[f64], _: &[f64], dy: &[f64], dx: &mut [f64]) {
        let n = self.size;
        let (a, x) = x.split_at(n * n);
        let (da, dx) = dx.split_at_mut(n * n);
        for i in 0..n {
            dx[i] = dy[0] * (0..n).map(|j| (a[i * n + j] + a[j * n + i]) * x[j]).sum::<f64>();
            (0..n).for_each(|j| da[i * n + j] = dy[0] * x[i] * x[j]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Domain, Seed};
    use rand::RngExt;

    /// Random inputs with a diagonal away from 0, and slopes beside central differences.
    fn slopes_agree(node: &dyn CustomNode, inputs: usize, outputs: usize, triangle: usize) {
        let mut stream = Seed(7).stream(Domain::User, 0);
        let mut x: Vec<f64> = (0..inputs).map(|_| stream.random::<f64>() * 2.0 - 1.0).collect();
        (0..triangle).for_each(|i| x[i * triangle + i] += 3.0);
        let dy: Vec<f64> = (0..outputs).map(|_| stream.random::<f64>() - 0.5).collect();
        let f = |x: &[f64]| {
            let mut y = vec![f64::NAN; outputs];
            node.forward(x, &mut y);
            y
        };
        let mut dx = vec![f64::NAN; inputs];
        node.backward(&x, &f(&x), &dy, &mut dx);
        for k in 0..inputs {
            let moved = |by: f64| {
                let mut x = x.clone();
                x[k] += by;
                f(&x).iter().zip(&dy).map(|(y, dy)| y * dy).sum::<f64>()
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((difference - dx[k]).abs() < 1e-8, "{k}: {difference} {}", dx[k]);
        }
    }

    #[test]
    fn slopes_meet_differences() {
        slopes_agree(&Product { rows: 3, inner: 4, columns: 2 }, 12 + 8, 6, 0);
        slopes_agree(&Product { rows: 1, inner: 3, columns: 1 }, 3 + 3, 1, 0);
        for transposed in [false, true] {
            slopes_agree(&SolveLower { size: 4, columns: 3, transposed }, 16 + 12, 12, 4);
            slopes_agree(&SolveLower { size: 1, columns: 1, transposed }, 1 + 1, 1, 1);
        }
        slopes_agree(&QuadraticForm { size: 4 }, 16 + 4, 1, 0);
    }

    /// Integers, so that all is exact.
    #[test]
    fn values_are_exact() {
        let mut y = [0.0; 4];
        Product { rows: 2, inner: 3, columns: 2 }
            .forward(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0], &mut y);
        assert_eq!(y, [58.0, 64.0, 139.0, 154.0]);
        // L = (2 .; 6 4), whose upper entry is not read.
        let (l, mut x) = ([2.0, f64::NAN, 6.0, 4.0], [0.0; 2]);
        SolveLower { size: 2, columns: 1, transposed: false }
            .forward(&[&l[..], &[2.0, 14.0]].concat(), &mut x);
        assert_eq!(x, [1.0, 2.0]);
        SolveLower { size: 2, columns: 1, transposed: true }
            .forward(&[&l[..], &[14.0, 8.0]].concat(), &mut x);
        assert_eq!(x, [1.0, 2.0]);
        let mut q = [0.0];
        QuadraticForm { size: 2 }.forward(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut q);
        assert_eq!(q, [25.0 + 30.0 * 5.0 + 36.0 * 4.0]);
    }
}
