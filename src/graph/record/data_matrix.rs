//! Matrices of data.

use crate::error::{Error, ErrorKind, Result};

/// A matrix of data, row by row: made of numbers and a number of columns, of rows of one length (`&[Vec<f64>]`, `&[[f64; N]]`, owned or not), or, with the
/// feature `ndarray`, of an `ArrayView2`. It stands wherever a model takes a matrix of data: the covariance of `MvNormal`, the covariates of
/// [`Var::dot`](crate::graph::Var::dot), either side of [`Var::matmul`](crate::graph::Var::matmul) by way of `scope.data(...)`.
///
/// # Examples
/// ```
/// use mynah::graph::Matrix;
/// use mynah::prelude::*;
///
/// #[model]
/// fn regression(x: &[[f64; 2]], y: &[f64]) {
///     plate!(covariates = 2, {
///         sample!(slope ~ Normal(0, 1));
///     });
///     plate!(rows = y.len(), {
///         sample!(y ~ Normal(slope.dot(x), 1), observed = y);
///     });
/// }
/// assert_eq!(regression(&[[1.0, 0.3], [1.0, -0.8]], &[0.9, 0.1])?.dim(), 2);
///
/// let matrix = Matrix::new(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3)?;
/// assert_eq!((matrix.rows(), matrix.columns()), (2, 3));
/// assert!(Matrix::new(vec![1.0, 2.0, 3.0], 2).is_err());
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    numbers: Vec<f64>,
    columns: usize,
    /// The first row whose length is not that of row 0, and its length. Such a matrix is refused where it is used.
    ragged: Option<(usize, usize)>,
}

impl Matrix {
    /// Numbers row by row.
    ///
    /// # Errors
    /// When there are no columns, no numbers, or the last row is not whole.
    pub fn new(numbers: Vec<f64>, columns: usize) -> Result<Self> {
        if columns == 0 || numbers.is_empty() || !numbers.len().is_multiple_of(columns) {
            let message = format!(
                "expected whole rows of a number of columns, both 1 at least, got {} numbers for {columns} columns",
                numbers.len()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        Ok(Self { numbers, columns, ragged: None })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.numbers.len().checked_div(self.columns).unwrap_or(0)
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The numbers, row by row.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// The matrix, if it is one.
    ///
    /// # Errors
    /// When rows differ in length, there are none, or a number is not finite.
    pub(crate) fn checked(self, what: &str) -> Result<Self> {
        let fail = |kind, message: String| Err(Error::new(kind, message));
        if let Some((row, length)) = self.ragged {
            return fail(
                ErrorKind::Shape,
                format!(
                    "expected rows of one length in the matrix of {what}, got {} numbers in row 0 and {length} in row {row}; fill or drop what is missing",
                    self.columns
                ),
            );
        }
        if self.numbers.is_empty() {
            return fail(
                ErrorKind::Shape,
                format!("expected at least one row and one column in the matrix of {what}, got none"),
            );
        }
        if let Some(at) = self.numbers.iter().position(|x| !x.is_finite()) {
            return fail(
                ErrorKind::Value,
                format!(
                    "expected finite numbers in the matrix of {what}, got {} in row {}, column {}",
                    self.numbers[at],
                    at / self.columns,
                    at % self.columns
                ),
            );
        }
        Ok(self)
    }

    /// Rows that may differ in length.
    fn of_rows<'r>(rows: impl Iterator<Item = &'r [f64]> + Clone) -> Self {
        let columns = rows.clone().next().map_or(0, <[f64]>::len);
        let ragged = rows.clone().enumerate().find(|(_, row)| row.len() != columns);
        let ragged = ragged.map(|(at, row)| (at, row.len()));
        Self { numbers: rows.flatten().copied().collect(), columns, ragged }
    }
}

/// Whatever becomes a matrix of data for [`Var::dot`](crate::graph::Var::dot): a [`Matrix`], rows, or numbers row by row whose number of columns the other side says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a matrix of data",
    label = "expected rows such as `&[Vec<f64>]` or `&[[f64; 3]]`, numbers row by row such as `&[f64]`, or a `Matrix`"
)]
pub trait IntoMatrix {
    /// The matrix, for an array of so many numbers on its right.
    fn into_matrix(self, columns: usize) -> Matrix;
}

impl IntoMatrix for Matrix {
    fn into_matrix(self, _: usize) -> Matrix {
        self
    }
}

impl IntoMatrix for &Matrix {
    fn into_matrix(self, _: usize) -> Matrix {
        self.clone()
    }
}

macro_rules! flat {
    ($([$($parameters:tt)*] $numbers:ty;)*) => {$(
        impl<$($parameters)*> IntoMatrix for $numbers {
            fn into_matrix(self, columns: usize) -> Matrix {
                Matrix { numbers: self.to_vec(), columns, ragged: None }
            }
        }
    )*};
}

flat! {
    [] &[f64];
    [] &Vec<f64>;
    [] Vec<f64>;
    [const N: usize] [f64; N];
    [const N: usize] &[f64; N];
}

macro_rules! rows {
    ($([$($parameters:tt)*] $rows:ty;)*) => {$(
        impl<$($parameters)*> From<$rows> for Matrix {
            fn from(rows: $rows) -> Self {
                Matrix::of_rows(rows.iter().map(|row| &row[..]))
            }
        }

        impl<$($parameters)*> IntoMatrix for $rows {
            fn into_matrix(self, _: usize) -> Matrix {
                self.into()
            }
        }
    )*};
}

rows! {
    [] &[Vec<f64>];
    [] &Vec<Vec<f64>>;
    [] Vec<Vec<f64>>;
    [const N: usize] &[Vec<f64>; N];
    [const N: usize] [Vec<f64>; N];
    [const N: usize] &[[f64; N]];
    [const N: usize] &Vec<[f64; N]>;
    [const N: usize] Vec<[f64; N]>;
    [const N: usize, const M: usize] &[[f64; N]; M];
    [const N: usize, const M: usize] [[f64; N]; M];
}

#[cfg(feature = "ndarray")]
impl From<ndarray::ArrayView2<'_, f64>> for Matrix {
    fn from(array: ndarray::ArrayView2<'_, f64>) -> Self {
        Self { numbers: array.iter().copied().collect(), columns: array.ncols(), ragged: None }
    }
}

#[cfg(feature = "ndarray")]
impl IntoMatrix for ndarray::ArrayView2<'_, f64> {
    fn into_matrix(self, _: usize) -> Matrix {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_of_every_form() {
        let matrix = Matrix::new(vec![1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!(Matrix::from([[1.0, 2.0], [3.0, 4.0]]), matrix);
        assert_eq!(Matrix::from(&[[1.0, 2.0], [3.0, 4.0]][..]), matrix);
        assert_eq!(Matrix::from(vec![vec![1.0, 2.0], vec![3.0, 4.0]]), matrix);
        assert_eq!([1.0, 2.0, 3.0, 4.0].into_matrix(2), matrix);
        #[cfg(feature = "ndarray")]
        {
            let array = ndarray::arr2(&[[1.0, 3.0], [2.0, 4.0]]);
            assert_eq!(Matrix::from(array.t()), matrix);
        }
    }

    #[test]
    fn what_is_no_matrix_is_said() {
        let said = |matrix: Matrix| matrix.checked(".dot").unwrap_err().to_string();
        let ragged = said(Matrix::from(vec![vec![1.0], vec![2.0, 3.0]]));
        assert!(ragged.contains("got 1 numbers in row 0 and 2 in row 1"), "{ragged}");
        assert!(said(Matrix::from(Vec::<Vec<f64>>::new())).contains("at least one row"));
        assert!(said(Matrix::from([[1.0, f64::NAN]])).contains("got NaN in row 0, column 1"));
    }
}
