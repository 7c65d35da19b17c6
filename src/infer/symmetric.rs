//! Small symmetric matrices, row by row in a slice: eigenvectors, Cholesky factors and geometric means.
//!
//! Eigenvectors by cyclic Jacobi rotations (Golub & Van Loan 2013, Matrix Computations, section 8.5): accurate for every
//! eigenvalue, and fast enough below a hundred rows.
//!
//! The geometric mean A # B^-1 is the symmetric positive definite M with M B M = A. With B = L L' and
//! L' A L = V D V' it is M = L^-T V D^(1/2) V' L^-1 (Bhatia 2007, Positive Definite Matrices, chapter 4).

/// Sweeps over all pairs after which rotation ends whatever is left; quadratic convergence needs six to eight.
const SWEEPS: usize = 20;

/// Eigenvalues and, as rows, the orthonormal eigenvectors of a symmetric matrix of `n` rows.
pub(super) fn eigen(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    let total: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        if !(off > f64::EPSILON.powi(2) * total) {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, n, p, q);
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), vectors)
}

/// The rotation that makes element (p, q) zero, applied to both sides of the matrix and to the vectors.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (1.0 + theta * theta).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    rotate_rows(a, n, p, q, c, s);
    rotate_rows(vectors, n, p, q, c, s);
}

fn rotate_rows(rows: &mut [f64], n: usize, p: usize, q: usize, c: f64, s: f64) {
    let (head, tail) = rows.split_at_mut(q * n);
    for (x, y) in head[p * n..][..n].iter_mut().zip(&mut tail[..n]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

/// The lower factor L of A = L L'; `None` if A is not positive definite.
fn cholesky(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut lower = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
            let rest = matrix[i * n + j] - sum;
            if i == j {
                if !(rest > 0.0) {
                    return None;
                }
                lower[i * n + i] = rest.sqrt();
            } else {
                lower[i * n + j] = rest / lower[j * n + j];
            }
        }
    }
    Some(lower)
}

/// A # B^-1; `None` if one of the two is not positive definite.
pub(super) fn geometric_mean(a: &[f64], b: &[f64], n: usize) -> Option<Vec<f64>> {
    let lower = cholesky(b, n)?;
    // L' A L
    let right = product(a, &lower, n);
    let inner: Vec<f64> = entries(n, |i, j| (0..n).map(|k| lower[k * n + i] * right[k * n + j]).sum());
    let (values, mut vectors) = eigen(&inner, n);
    if !values.iter().all(|value| *value > 0.0 && value.is_finite()) {
        return None;
    }
    // Row i becomes D^(1/4) L^-T v_i, so that M is the sum of the rows' outer products.
    for (row, value) in vectors.chunks_exact_mut(n).zip(&values) {
        for k in (0..n).rev() {
            let sum: f64 = (k + 1..n).map(|m| lower[m * n + k] * row[m]).sum();
            row[k] = (row[k] - sum) / lower[k * n + k];
        }
        row.iter_mut().for_each(|x| *x *= value.sqrt().sqrt());
    }
    Some(entries(n, |i, j| vectors.chunks_exact(n).map(|row| row[i] * row[j]).sum()))
}

fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    entries(n, |i, j| (0..n).map(|k| a[i * n + k] * b[k * n + j]).sum())
}

fn entries(n: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A positive definite matrix with a spectrum over `span` orders of magnitude.
    fn matrix(n: usize, span: f64, phase: f64) -> Vec<f64> {
        let tilted =
            entries(n, |i, j| ((i * 7 + j * 3) as f64 + phase).sin() + ((i * j) as f64 * phase).cos());
        let symmetric = entries(n, |i, j| tilted[i * n + j] + tilted[j * n + i]);
        let (_, vectors) = eigen(&symmetric, n);
        let value = |k: usize| 10_f64.powf(span * (k as f64 / n as f64 - 0.5));
        entries(n, |i, j| (0..n).map(|k| vectors[k * n + i] * vectors[k * n + j] * value(k)).sum())
    }

    #[test]
    fn eigenvectors_rebuild_the_matrix() {
        for n in [1, 2, 5, 40] {
            let a = matrix(n, 4.0, 0.3);
            let (values, vectors) = eigen(&a, n);
            for i in 0..n {
                for j in 0..n {
                    let rebuilt: f64 =
                        (0..n).map(|k| values[k] * vectors[k * n + i] * vectors[k * n + j]).sum();
                    assert!((rebuilt - a[i * n + j]).abs() < 1e-11, "{n}: {rebuilt} for {}", a[i * n + j]);
                }
            }
        }
    }

    /// M B M = A is what defines it.
    #[test]
    fn the_geometric_mean_solves_its_equation() {
        for n in [1, 3, 20] {
            let (a, b) = (matrix(n, 3.0, 0.3), matrix(n, 3.0, 1.1));
            let mean = geometric_mean(&a, &b, n).unwrap();
            let back = product(&product(&mean, &b, n), &mean, n);
            for (x, y) in back.iter().zip(&a) {
                assert!((x - y).abs() < 1e-8, "{n}: {x} for {y}");
            }
        }
        assert!(geometric_mean(&[1.0], &[0.0], 1).is_none());
        assert!(geometric_mean(&[f64::NAN], &[1.0], 1).is_none());
    }
}
