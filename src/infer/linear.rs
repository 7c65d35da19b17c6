//! The two loops that the adapted coordinates spend their time in.

/// The scalar product. Eight sums side by side, so that the compiler may use vectors.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0; 8];
    for (x, y) in left.zip(right) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    rest + sums.iter().sum::<f64>()
}

/// a + factor b, in place.
pub(super) fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

/// Makes the rows of `n` numbers orthonormal, in order, and drops those that depend on earlier ones (Gram-Schmidt,
/// twice over, which is enough: Giraud et al. 2005, doi:10.1007/s00211-005-0615-4).
pub(super) fn orthonormalise(rows: Vec<f64>, n: usize) -> Vec<f64> {
    let mut kept: Vec<f64> = Vec::with_capacity(rows.len());
    for row in rows.chunks_exact(n) {
        let before = dot(row, row).sqrt();
        let mut row = row.to_vec();
        for _ in 0..2 {
            for earlier in kept.chunks_exact(n) {
                let along = dot(earlier, &row);
                add_scaled(&mut row, -along, earlier);
            }
        }
        let norm = dot(&row, &row).sqrt();
        if norm > 1e-8 * before && norm.is_normal() {
            kept.extend(row.iter().map(|x| x / norm));
        }
    }
    kept
}
