//! y = A x for a constant matrix, with dx = A^T dy.
//!
//! Large matrices are bound by how fast they can be read. So A is kept in panels of [`PANEL`] rows, column by column inside a
//! panel, zeros below the last row: both products read it from end to end without gaps, in whole vectors and with no sum
//! across a vector until the end. The backward pass walks from the last panel to the first, so that it starts with what the
//! forward pass has just read, and the next forward pass with what the backward pass has: of a matrix that is somewhat larger
//! than a cache most is found there, where two passes in one direction would find nothing.

use super::custom::CustomNode;
use pulp::{Arch, Simd, WithSimd};

/// Rows per panel: the accumulators of a panel fit the registers of every kind of processor.
const PANEL: usize = 32;

/// Columns whose sums the backward pass keeps at once.
const COLUMNS: usize = 32;

/// The widest vector there is.
const WIDEST: usize = 8;

/// A constant matrix.
pub(in crate::graph) struct MatrixVector {
    rows: usize,
    columns: usize,
    /// Entry (i, j) at `((i / PANEL) * columns + j) * PANEL + i % PANEL`.
    panels: Vec<f64>,
}

impl MatrixVector {
    /// The matrix stored row by row; `columns` is not 0.
    pub(in crate::graph) fn new(matrix: &[f64], columns: usize) -> Self {
        let rows = matrix.len() / columns;
        let mut panels = vec![0.0; rows.next_multiple_of(PANEL) * columns];
        for (i, row) in matrix.chunks_exact(columns).enumerate() {
            for (j, entry) in row.iter().enumerate() {
                panels[((i / PANEL) * columns + j) * PANEL + i % PANEL] = *entry;
            }
        }
        Self { rows, columns, panels }
    }

    /// The columns of a panel, [`PANEL`] entries each.
    #[inline(always)]
    fn panel(&self, panel: usize) -> &[f64] {
        &self.panels[panel * self.columns * PANEL..][..self.columns * PANEL]
    }

    /// The rows of a panel that the matrix has.
    fn height(&self, panel: usize) -> usize {
        PANEL.min(self.rows - panel * PANEL)
    }
}

impl CustomNode for MatrixVector {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        Arch::new().dispatch(Product { matrix: self, task: Task::Forward { x, y } });
    }

    fn backward(&self, _x: &[f64], _y: &[f64], dy: &[f64], dx: &mut [f64]) {
        Arch::new().dispatch(Product { matrix: self, task: Task::Backward { dy, dx } });
    }
}

struct Product<'a> {
    matrix: &'a MatrixVector,
    task: Task<'a>,
}

/// y = A x, or dx = A^T dy.
enum Task<'a> {
    Forward { x: &'a [f64], y: &'a mut [f64] },
    Backward { dy: &'a [f64], dx: &'a mut [f64] },
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F64_LANES {
            8 => self.run::<S, { PANEL / 8 }>(simd),
            4 => self.run::<S, { PANEL / 4 }>(simd),
            2 => self.run::<S, { PANEL / 2 }>(simd),
            _ => self.run::<S, PANEL>(simd),
        }
    }
}

impl Product<'_> {
    /// With `VECTORS` vectors per column of a panel.
    #[inline(always)]
    fn run<S: Simd, const VECTORS: usize>(self, simd: S) {
        match self.task {
            Task::Forward { x, y } => self.matrix.product::<S, VECTORS>(simd, x, y),
            Task::Backward { dy, dx } => self.matrix.transposed::<S, VECTORS>(simd, dy, dx),
        }
    }
}

impl MatrixVector {
    #[inline(always)]
    fn product<S: Simd, const VECTORS: usize>(&self, simd: S, x: &[f64], y: &mut [f64]) {
        for (k, y) in y.chunks_mut(PANEL).enumerate() {
            let mut sums = [simd.splat_f64s(0.0); VECTORS];
            for (column, x) in self.panel(k).chunks_exact(PANEL).zip(x) {
                let (column, x) = (S::as_simd_f64s(column).0, simd.splat_f64s(*x));
                for v in 0..VECTORS {
                    sums[v] = simd.mul_add_e_f64s(column[v], x, sums[v]);
                }
            }
            let mut panel = [0.0; PANEL];
            S::as_mut_simd_f64s(&mut panel).0.copy_from_slice(&sums);
            y.copy_from_slice(&panel[..y.len()]);
        }
    }

    #[inline(always)]
    fn transposed<S: Simd, const VECTORS: usize>(&self, simd: S, dy: &[f64], dx: &mut [f64]) {
        for (group, dx) in dx.chunks_mut(COLUMNS).enumerate() {
            let mut sums = [[0.0; WIDEST]; COLUMNS];
            for k in (0..self.rows.div_ceil(PANEL)).rev() {
                let height = self.height(k);
                let mut panel = [0.0; PANEL];
                panel[..height].copy_from_slice(&dy[k * PANEL..][..height]);
                let dy = S::as_simd_f64s(&panel).0;
                let columns = &self.panel(k)[group * COLUMNS * PANEL..][..dx.len() * PANEL];
                for (column, sum) in columns.chunks_exact(PANEL).zip(&mut sums) {
                    let column = S::as_simd_f64s(column).0;
                    let sum = &mut S::as_mut_simd_f64s(sum).0[0];
                    let mut parts = [*sum, simd.splat_f64s(0.0)];
                    for v in 0..VECTORS {
                        parts[v % 2] = simd.mul_add_e_f64s(column[v], dy[v], parts[v % 2]);
                    }
                    *sum = simd.add_f64s(parts[0], parts[1]);
                }
            }
            for (dx, sum) in dx.iter_mut().zip(&sums) {
                *dx = simd.reduce_sum_f64s(S::as_simd_f64s(sum).0[0]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers, so that every order of summation is exact.
    fn integers(count: usize, step: usize) -> Vec<f64> {
        (0..count).map(|i| (i * step % 19) as f64 - 9.0).collect()
    }

    #[test]
    fn products_of_every_size_are_exact() {
        for rows in [1, 2, 7, 8, 31, 32, 33, 64, 100] {
            for columns in [1, 2, 5, 31, 32, 33, 70] {
                let (a, x, dy) = (integers(rows * columns, 7), integers(columns, 3), integers(rows, 5));
                let matrix = MatrixVector::new(&a, columns);
                let (mut y, mut dx) = (vec![f64::NAN; rows], vec![f64::NAN; columns]);
                matrix.forward(&x, &mut y);
                matrix.backward(&x, &y, &dy, &mut dx);
                for i in 0..rows {
                    let want: f64 = (0..columns).map(|j| a[i * columns + j] * x[j]).sum();
                    assert_eq!(y[i], want, "row {i} of {rows} x {columns}");
                }
                for j in 0..columns {
                    let want: f64 = (0..rows).map(|i| a[i * columns + j] * dy[i]).sum();
                    assert_eq!(dx[j], want, "column {j} of {rows} x {columns}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_reaches_its_own_rows_alone() {
        let mut a = integers(40 * 3, 7);
        a[33 * 3 + 1] = f64::NAN;
        let (matrix, mut y) = (MatrixVector::new(&a, 3), vec![0.0; 40]);
        matrix.forward(&[1.0, 2.0, 3.0], &mut y);
        assert!((0..40).all(|i| y[i].is_nan() == (i == 33)), "{y:?}");
        matrix.forward(&[f64::INFINITY, 0.0, 0.0], &mut y);
        assert!(y.iter().all(|y| !y.is_finite()));
    }
}
