//! Lower triangular matrices, row by row without the zeros.

/// A lower triangular matrix.
#[derive(Clone, Copy)]
pub(super) struct Triangle<'a> {
    pub(super) size: usize,
    /// Row by row, row i with i + 1 numbers.
    pub(super) numbers: &'a [f64],
}

impl Triangle<'_> {
    /// Where an entry stands.
    pub(super) fn place(i: usize, j: usize) -> usize {
        i * (i + 1) / 2 + j
    }

    pub(super) fn at(&self, i: usize, j: usize) -> f64 {
        self.numbers[Self::place(i, j)]
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.numbers[Self::place(i, 0)..=Self::place(i, i)]
    }

    /// y becomes L^-1 y.
    pub(super) fn solve(&self, y: &mut [f64]) {
        for i in 0..self.size {
            let row = self.row(i);
            let dot: f64 = row[..i].iter().zip(&*y).map(|(l, y)| l * y).sum();
            y[i] = (y[i] - dot) / row[i];
        }
    }

    /// y becomes L'^-1 y.
    pub(super) fn solve_transposed(&self, y: &mut [f64]) {
        for i in (0..self.size).rev() {
            let row = self.row(i);
            y[i] /= row[i];
            let (before, rest) = y.split_at_mut(i);
            before.iter_mut().zip(row).for_each(|(y, l)| *y -= l * rest[0]);
        }
    }

    /// y becomes L y.
    pub(super) fn multiply(&self, y: &mut [f64]) {
        for i in (0..self.size).rev() {
            y[i] = self.row(i).iter().zip(&*y).map(|(l, y)| l * y).sum();
        }
    }

    /// y becomes L' y.
    pub(super) fn multiply_transposed(&self, y: &mut [f64]) {
        for i in 0..self.size {
            let (before, rest) = y.split_at_mut(i);
            let row = self.row(i);
            before.iter_mut().zip(row).for_each(|(y, l)| *y += l * rest[0]);
            rest[0] *= row[i];
        }
    }

    /// The lower triangle of g y' is added to a matrix.
    pub(super) fn add_outer(numbers: &mut [f64], g: &[f64], y: &[f64]) {
        for (i, g) in g.iter().enumerate() {
            let row = &mut numbers[Self::place(i, 0)..=Self::place(i, i)];
            row.iter_mut().zip(y).for_each(|(l, y)| *l += g * y);
        }
    }
}
