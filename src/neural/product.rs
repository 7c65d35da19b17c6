//! The product of two small matrices, `out = lhs rhs` (`rows x inner` times `inner x cols`): where a small network spends its time.
//!
//! The product is cut into tiles of up to eight rows and three vectors whose sums stay in registers. Nothing is packed and nothing
//! allocated; a partial vector at the end of a row is loaded and stored under a mask. The instructions are those of the
//! processor it runs on (AVX-512, AVX2 or NEON through [`pulp`]). Every sum is taken in the order of `inner`, so that a row's
//! result depends neither on threads nor on the rows beside it.
//!
//! Of a masked network ([`super::made`]) about half the weights are zeros in a staircase; [`Stairs`] says where, and tiles leave
//! them out.

use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// A matrix, as the left side of a product.
#[derive(Clone, Copy)]
pub(crate) enum Lhs<'a> {
    /// Stored row by row.
    Rows(&'a [f32]),
    /// The transpose of a matrix stored row by row.
    Transposed(&'a [f32]),
}

/// What the sums start from.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    Zero,
    /// The same row for every row of the product: a bias.
    Row(&'a [f32]),
    /// What stands in `out`.
    Out,
}

/// Which products are zero and may be left out, by a staircase: `first[i]` is the first output that the input `i` of a layer
/// feeds, and does not fall with `i`. It may be empty: then none is.
#[derive(Clone, Copy)]
pub(crate) enum Stairs<'a> {
    /// `rhs` is the layer's matrix (`inputs x outputs`).
    Forward(&'a [usize]),
    /// `rhs` is its transpose.
    Backward(&'a [usize]),
    /// `out` is the gradient by it.
    Weights(&'a [usize]),
}

impl Stairs<'_> {
    /// The places of the inner sum that count for a tile; empty where the tile is not wanted at all.
    fn inner(self, row: usize, columns: Range<usize>, inner: usize) -> Range<usize> {
        match self {
            Stairs::Forward(first) if !first.is_empty() => {
                0..first.partition_point(|first| *first < columns.end)
            }
            Stairs::Backward(first) if !first.is_empty() => first[columns.start].min(inner)..inner,
            Stairs::Weights(first) if !first.is_empty() && columns.end <= first[row] => 0..0,
            _ => 0..inner,
        }
    }
}

/// `out = start + lhs rhs`; `out` is `rows x cols`, `rhs` is `inner x cols`, both stored row by row.
pub(crate) fn multiply(
    out: &mut [f32],
    cols: usize,
    lhs: Lhs<'_>,
    rhs: &[f32],
    start: Start<'_>,
    stairs: Stairs<'_>,
) {
    let (rows, inner) = (out.len() / cols.max(1), rhs.len() / cols.max(1));
    let (Lhs::Rows(values) | Lhs::Transposed(values)) = lhs;
    let fits = out.len() == rows * cols && rhs.len() == inner * cols && values.len() == rows * inner;
    assert!(fits, "shapes of a matrix product");
    Arch::new().dispatch(Product { out, rows, cols, inner, lhs, rhs, start, stairs });
}

struct Product<'a> {
    out: &'a mut [f32],
    rows: usize,
    cols: usize,
    inner: usize,
    lhs: Lhs<'a>,
    rhs: &'a [f32],
    start: Start<'a>,
    stairs: Stairs<'a>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        match self.lhs {
            Lhs::Rows(values) => self.strips(simd, Rows { values, inner: self.inner }),
            Lhs::Transposed(values) => self.strips(simd, Columns { values, rows: self.rows }),
        }
    }
}

/// The left side, by strips of `R` rows: a function of the place in the inner sum and of the row in the strip.
trait Left: Copy {
    fn strip<const R: usize>(self, row: usize) -> impl Fn(usize, usize) -> f32;
}

#[derive(Clone, Copy)]
struct Rows<'a> {
    values: &'a [f32],
    inner: usize,
}

#[derive(Clone, Copy)]
struct Columns<'a> {
    values: &'a [f32],
    rows: usize,
}

impl Left for Rows<'_> {
    #[inline(always)]
    fn strip<const R: usize>(self, row: usize) -> impl Fn(usize, usize) -> f32 {
        let rows: [&[f32]; R] = std::array::from_fn(|r| &self.values[(row + r) * self.inner..][..self.inner]);
        #[inline(always)]
        move |i, r| rows[r][i]
    }
}

impl Left for Columns<'_> {
    #[inline(always)]
    fn strip<const R: usize>(self, row: usize) -> impl Fn(usize, usize) -> f32 {
        let (values, rows) = (&self.values[row..], self.rows);
        #[inline(always)]
        move |i, r| values[i * rows..][..R][r]
    }
}

impl Product<'_> {
    #[inline(always)]
    fn strips<S: Simd>(&mut self, simd: S, lhs: impl Left) {
        let mut row = 0;
        macro_rules! strips {
            ($rows:expr) => {
                while self.rows - row >= $rows {
                    self.strip::<S, { $rows }>(simd, row, lhs.strip::<{ $rows }>(row));
                    row += $rows;
                }
            };
        }
        // Eight rows of three vectors need 24 registers: some processors have 32, the others 16.
        if S::REGISTER_COUNT >= 32 {
            strips!(8);
        }
        strips!(4);
        strips!(1);
    }

    /// `R` rows of the product.
    #[inline(always)]
    fn strip<S: Simd, const R: usize>(&mut self, simd: S, row: usize, left: impl Fn(usize, usize) -> f32) {
        let lanes = S::F32_LANES;
        let mut column = 0;
        while self.cols - column >= 3 * lanes {
            self.tile::<S, R, 3, false>(simd, row, column, &left);
            column += 3 * lanes;
        }
        match (self.cols - column).div_ceil(lanes) {
            0 => {}
            1 => self.tile::<S, R, 1, true>(simd, row, column, &left),
            2 => self.tile::<S, R, 2, true>(simd, row, column, &left),
            _ => self.tile::<S, R, 3, true>(simd, row, column, &left),
        }
    }

    /// `R` rows of `V` vectors, the last of them partial where `PARTIAL` says so.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const V: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
        left: &impl Fn(usize, usize) -> f32,
    ) {
        let cols = self.cols;
        let inner = self.stairs.inner(row, column..cols.min(column + V * S::F32_LANES), self.inner);
        let out = &mut self.out[row * cols..][..R * cols];
        let mut sums = [[simd.splat_f32s(0.0); V]; R];
        match self.start {
            Start::Zero => {}
            Start::Row(bias) => sums = [load::<S, V, PARTIAL>(simd, &bias[column..]); R],
            Start::Out if inner.is_empty() => return,
            Start::Out => {
                for (sums, out) in sums.iter_mut().zip(out.chunks_exact(cols)) {
                    *sums = load::<S, V, PARTIAL>(simd, &out[column..]);
                }
            }
        }
        let rows = self.rhs[inner.start * cols..inner.end * cols].chunks_exact(cols);
        for (i, right) in inner.zip(rows) {
            let right = load::<S, V, PARTIAL>(simd, &right[column..]);
            for (r, sums) in sums.iter_mut().enumerate() {
                let left = simd.splat_f32s(left(i, r));
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = simd.mul_add_e_f32s(left, right, *sum);
                }
            }
        }
        for (out, sums) in out.chunks_exact_mut(cols).zip(&sums) {
            store::<S, V, PARTIAL>(simd, &mut out[column..], sums);
        }
    }
}

/// `V` vectors from the start of a row, the last of them partial where `PARTIAL` says so.
#[inline(always)]
fn load<S: Simd, const V: usize, const PARTIAL: bool>(simd: S, row: &[f32]) -> [S::f32s; V] {
    let (whole, rest) = row.split_at((V - usize::from(PARTIAL)) * S::F32_LANES);
    let (whole, _) = S::as_simd_f32s(whole);
    let mut vectors = [simd.splat_f32s(0.0); V];
    vectors.iter_mut().zip(whole).for_each(|(vector, whole)| *vector = *whole);
    if PARTIAL {
        vectors[V - 1] = simd.partial_load_f32s(rest);
    }
    vectors
}

/// The reverse of [`load`].
#[inline(always)]
fn store<S: Simd, const V: usize, const PARTIAL: bool>(simd: S, row: &mut [f32], vectors: &[S::f32s; V]) {
    let (whole, rest) = row.split_at_mut((V - usize::from(PARTIAL)) * S::F32_LANES);
    let (whole, _) = S::as_mut_simd_f32s(whole);
    whole.iter_mut().zip(vectors).for_each(|(whole, vector)| *whole = *vector);
    if PARTIAL {
        simd.partial_store_f32s(rest, vectors[V - 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Stairs<'_> = Stairs::Forward(&[]);

    fn numbers(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0).collect()
    }

    fn transposed(matrix: &[f32], rows: usize) -> Vec<f32> {
        let columns = matrix.len() / rows;
        (0..matrix.len()).map(|i| matrix[(i % rows) * columns + i / rows]).collect()
    }

    /// The product by its definition.
    fn plain(lhs: &[f32], rhs: &[f32], cols: usize) -> Vec<f32> {
        let inner = rhs.len() / cols;
        let entry = |row: &[f32], c: usize| (0..inner).map(|k| row[k] * rhs[k * cols + c]).sum();
        lhs.chunks(inner).flat_map(|row| (0..cols).map(move |c| entry(row, c))).collect()
    }

    fn assert_close(a: &[f32], b: &[f32], what: &str) {
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            assert!((a - b).abs() < 1e-5, "{what} at {i}: {a} {b}");
        }
    }

    // Every combination of full and partial tiles; 1e-5: f32 sums of 70 products of size one.
    #[test]
    fn products_equal_the_definition_for_every_tiling() {
        for (rows, cols, inner) in
            [(1, 1, 1), (3, 5, 2), (4, 32, 7), (9, 49, 64), (6, 23, 70), (5, 8, 1), (21, 100, 3)]
        {
            let (lhs, rhs, bias) = (numbers(rows * inner), numbers(inner * cols), numbers(cols));
            let turned = transposed(&lhs, rows);
            for view in [Lhs::Rows(&lhs), Lhs::Transposed(&turned)] {
                for start in [Start::Zero, Start::Row(&bias), Start::Out] {
                    let mut out = vec![0.5; rows * cols];
                    multiply(&mut out, cols, view, &rhs, start, FULL);
                    let mut expected = plain(&lhs, &rhs, cols);
                    for (i, expected) in expected.iter_mut().enumerate() {
                        *expected += match start {
                            Start::Zero => 0.0,
                            Start::Row(bias) => bias[i % cols],
                            Start::Out => 0.5,
                        };
                    }
                    assert_close(&out, &expected, &format!("{rows}x{cols}x{inner}"));
                }
            }
        }
    }

    // A matrix with zeros below a staircase gives the same products with and without them; the gradient by its weights is
    // complete where it may be different from zero.
    #[test]
    fn stairs_leave_out_zeros_alone() {
        for (rows, inputs, outputs) in [(9, 50, 270), (3, 20, 64), (17, 7, 7)] {
            let first: Vec<usize> = (0..inputs).map(|i| i * outputs / inputs / 3 * 3).collect();
            let mut matrix = numbers(inputs * outputs);
            for (i, row) in matrix.chunks_mut(outputs).enumerate() {
                row[..first[i]].fill(0.0);
            }
            let (x, g) = (numbers(rows * inputs), numbers(rows * outputs));
            let turned = transposed(&matrix, inputs);
            let run = |out: usize, cols, lhs, rhs: &[f32], stairs| {
                let mut out = vec![0.0; out];
                multiply(&mut out, cols, lhs, rhs, Start::Out, stairs);
                out
            };
            let forward = |stairs| run(rows * outputs, outputs, Lhs::Rows(&x), &matrix, stairs);
            assert_close(&forward(Stairs::Forward(&first)), &forward(FULL), "forward");
            let backward = |stairs| run(rows * inputs, inputs, Lhs::Rows(&g), &turned, stairs);
            assert_close(&backward(Stairs::Backward(&first)), &backward(FULL), "backward");
            let weights = |stairs| run(inputs * outputs, outputs, Lhs::Transposed(&x), &g, stairs);
            let (some, all) = (weights(Stairs::Weights(&first)), weights(FULL));
            for i in (0..some.len()).filter(|i| i % outputs >= first[i / outputs]) {
                assert!((some[i] - all[i]).abs() < 1e-5, "weights at {i}");
            }
        }
    }

    // A machine with wide instructions must agree with the baseline up to rounding of the sums.
    #[test]
    fn the_baseline_agrees_with_the_instructions_of_this_machine() {
        let (lhs, rhs) = (numbers(8 * 33), numbers(33 * 40));
        let (mut fast, mut plain) = (vec![0.0; 320], vec![0.0; 320]);
        multiply(&mut fast, 40, Lhs::Rows(&lhs), &rhs, Start::Zero, FULL);
        let (rows, cols, inner, lhs) = (8, 40, 33, Lhs::Rows(&lhs));
        let (start, stairs) = (Start::Zero, FULL);
        let product = Product { out: &mut plain, rows, cols, inner, lhs, rhs: &rhs, start, stairs };
        product.with_simd(pulp::Scalar);
        assert_close(&fast, &plain, "scalar");
    }
}
