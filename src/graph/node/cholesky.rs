//! The Cholesky factor of a positive definite matrix as a node.
//!
//! A = L L', the lower triangle of A read; backward (Smith 1995, doi:10.1080/10618600.1995.10474671; Murray 2016, arXiv:1602.07527): with S = L'^-1 P L^-1, P the
//! lower triangle of L' dL with half its diagonal, dA_ij = S_ij + S_ji below the diagonal and dA_ii = S_ii.

use super::custom::CustomNode;
use crate::math::with_space;

/// Of matrices of this many rows, one after another, row by row.
pub(in crate::graph) struct Cholesky {
    pub(in crate::graph) size: usize,
}

impl CustomNode for Cholesky {
    /// The factor with zeros above the diagonal; NaN where a matrix is not positive definite.
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        let n = self.size;
        for (a, l) in x.chunks_exact(n * n).zip(y.chunks_exact_mut(n * n)) {
            l.fill(0.0);
            for i in 0..n {
                let (before, row) = l.split_at_mut(i * n);
                for j in 0..=i {
                    let other = if j < i { &before[j * n..j * n + j] } else { &[][..] };
                    let dot: f64 = match j < i {
                        true => row[..j].iter().zip(other).map(|(a, b)| a * b).sum(),
                        false => row[..i].iter().map(|a| a * a).sum(),
                    };
                    let rest = a[i * n + j] - dot;
                    row[j] = match j < i {
                        true => rest / before[j * n + j],
                        false if rest > 0.0 => rest.sqrt(),
                        false => f64::NAN,
                    };
                }
            }
        }
    }

    fn backward(&self, _: &[f64], y: &[f64], dy: &[f64], dx: &mut [f64]) {
        let size = self.size * self.size;
        with_space(size, |s| {
            let matrices = y.chunks_exact(size).zip(dy.chunks_exact(size));
            for ((l, dl), da) in matrices.zip(dx.chunks_exact_mut(size)) {
                self.symmetric(l, dl, s);
                self.lower(s, da);
            }
        });
    }
}

impl Cholesky {
    /// S of one matrix.
    fn symmetric(&self, l: &[f64], dl: &[f64], s: &mut [f64]) {
        let n = self.size;
        // P.
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (i..n).map(|k| l[k * n + i] * dl[k * n + j]).sum();
                s[i * n + j] = if i == j { 0.5 * dot } else { dot };
            }
            s[i * n + i + 1..(i + 1) * n].fill(0.0);
        }
        // Rows from the last: L' X = P.
        for i in (0..n).rev() {
            let (before, rest) = s.split_at_mut(i * n);
            let row = &mut rest[..n];
            row.iter_mut().for_each(|x| *x /= l[i * n + i]);
            for (k, other) in before.chunks_exact_mut(n).enumerate() {
                let factor = l[i * n + k];
                other.iter_mut().zip(&*row).for_each(|(x, y)| *x -= factor * y);
            }
        }
        // Columns from the last: S L = X, row by row.
        for row in s.chunks_exact_mut(n) {
            for j in (0..n).rev() {
                row[j] /= l[j * n + j];
                let x = row[j];
                row[..j].iter_mut().zip(&l[j * n..]).for_each(|(row, l)| *row -= x * l);
            }
        }
    }

    /// The slopes by the entries that are read, the lower triangle.
    fn lower(&self, s: &[f64], da: &mut [f64]) {
        let n = self.size;
        for i in 0..n {
            da[i * n..(i + 1) * n].fill(0.0);
            for j in 0..i {
                da[i * n + j] = s[i * n + j] + s[j * n + i];
            }
            da[i * n + i] = s[i * n + i];
        }
    }
}
