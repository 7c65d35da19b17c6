//! Data as statements of a model observe them.

use super::response::Response;
use crate::error::{Error, ErrorKind, Result};

/// Observed data: one or more numbers per element of a plate.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The numbers, row by row.
    pub values: Vec<f64>,
    /// The numbers per element.
    pub width: usize,
    /// The first row whose length is not that of row 0, and its length. Such data are refused when they are observed.
    pub(crate) ragged: Option<(usize, usize)>,
}

impl Observed {
    /// Data of `width` numbers per element, row by row.
    pub fn new(values: Vec<f64>, width: usize) -> Self {
        Self { values, width, ragged: None }
    }

    /// The number of elements: whole rows, none of width 0.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// What is wrong with rows that are to have so many numbers, if anything is.
    pub(crate) fn check_rows(&self, width: usize) -> Result<()> {
        let fail = |message: String| Err(Error::new(ErrorKind::Shape, message));
        if let Some((row, length)) = self.ragged {
            return fail(format!(
                "expected rows of one length, got {} numbers in row 0 and {length} in row {row}; fill or drop what is missing",
                self.width
            ));
        }
        if self.width != width {
            return fail(format!(
                "expected data of {width} numbers per element, got {} per element; a table of one number per cell is passed as \
                 `&rows.concat()` in two nested plates",
                self.width
            ));
        }
        match self.values.len().is_multiple_of(width.max(1)) {
            true => Ok(()),
            false => fail(format!(
                "expected data of {width} numbers per element, got {} numbers",
                self.values.len()
            )),
        }
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whatever can be observed: one number, numbers of any type, `Option<f64>` (`None` is NaN, missing), rows of several columns, truth values, responses; slices, arrays
/// and `Vec`s, owned or not. It is implemented for everything that [`Observed`] can be made from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be observed",
    label = "expected data such as `&[f64]`, `Vec<u64>`, `&[bool]`, `&[Response]`, or rows of columns: `&[[f64; 2]]`, `&[Vec<f64>]`"
)]
pub trait IntoObserved {
    /// The data.
    fn into_observed(self) -> Observed;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Observed>> IntoObserved for T {
    fn into_observed(self) -> Observed {
        self.into()
    }
}

/// Data of an element type: the type, the numbers per element, and how one element is appended.
macro_rules! observed_from_elements {
    ($([$($parameters:tt)*] $element:ty, $width:expr, $push:expr;)*) => {$(
        impl<$($parameters)*> From<&[$element]> for Observed {
            fn from(data: &[$element]) -> Self {
                let mut values = Vec::with_capacity(data.len() * $width);
                data.iter().for_each(|element| $push(&mut values, element));
                Self::new(values, $width)
            }
        }
        observed_from_elements!(like slices: [$($parameters)*] &Vec<$element>);
        observed_from_elements!(like slices: [$($parameters)*] Vec<$element>);
        observed_from_elements!(like slices: [$($parameters)* const N: usize] &[$element; N]);
        observed_from_elements!(like slices: [$($parameters)* const N: usize] [$element; N]);
    )*};
    (like slices: [$($parameters:tt)*] $data:ty) => {
        impl<$($parameters)*> From<$data> for Observed {
            fn from(data: $data) -> Self {
                Self::from(&data[..])
            }
        }
    };
}

macro_rules! observed_from_numbers {
    ($($number:ty)*) => {$(
        observed_from_elements! { [] $number, 1, |values: &mut Vec<f64>, x: &$number| values.push(*x as f64); }

        impl From<$number> for Observed {
            fn from(number: $number) -> Self {
                [number].into()
            }
        }

        impl From<&$number> for Observed {
            fn from(number: &$number) -> Self {
                [*number].into()
            }
        }
    )*};
}

observed_from_numbers!(f64 f32 u64 u32 u16 u8 i64 i32 i16 i8 usize isize);

observed_from_elements! {
    [] Option<f64>, 1, |values: &mut Vec<f64>, x: &Option<f64>| values.push(x.unwrap_or(f64::NAN));
    [] bool, 1, |values: &mut Vec<f64>, x: &bool| values.push(f64::from(u8::from(*x)));
    [] Response, 2, |values: &mut Vec<f64>, response: &Response| values.extend(response.row());
    [const WIDTH: usize,] [f64; WIDTH], WIDTH, |values: &mut Vec<f64>, row: &[f64; WIDTH]| values.extend(row);
    [const WIDTH: usize,] [u64; WIDTH], WIDTH, |values: &mut Vec<f64>, row: &[u64; WIDTH]| values.extend(row.iter().map(|x| *x as f64));
    [const WIDTH: usize,] [u32; WIDTH], WIDTH, |values: &mut Vec<f64>, row: &[u32; WIDTH]| values.extend(row.iter().map(|x| f64::from(*x)));
    [const WIDTH: usize,] [i32; WIDTH], WIDTH, |values: &mut Vec<f64>, row: &[i32; WIDTH]| values.extend(row.iter().map(|x| f64::from(*x)));
}

/// Rows of a number of columns that is known when the program runs.
impl From<&[Vec<f64>]> for Observed {
    fn from(rows: &[Vec<f64>]) -> Self {
        let width = rows.first().map_or(0, Vec::len);
        let ragged = rows.iter().position(|row| row.len() != width).map(|row| (row, rows[row].len()));
        Self { values: rows.concat(), width, ragged }
    }
}

observed_from_elements!(like slices: [] &Vec<Vec<f64>>);
observed_from_elements!(like slices: [] Vec<Vec<f64>>);
observed_from_elements!(like slices: [const N: usize] &[Vec<f64>; N]);

impl From<bool> for Observed {
    fn from(truth: bool) -> Self {
        [truth].into()
    }
}

impl From<Response> for Observed {
    fn from(response: Response) -> Self {
        [response].into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_every_form() {
        let flat = Observed::new(vec![1.0, 2.0, 3.0, 4.0], 1);
        assert_eq!(Observed::from([1, 2, 3, 4]), flat);
        assert_eq!(Observed::from(vec![1.0_f32, 2.0, 3.0, 4.0]), flat);
        assert_eq!(Observed::from(&[1_u8, 2, 3, 4][..]), flat);
        let rows = Observed::new(flat.values.clone(), 2);
        assert_eq!(Observed::from([[1.0, 2.0], [3.0, 4.0]]), rows);
        assert_eq!(Observed::from(&[[1.0, 2.0], [3.0, 4.0]]), rows);
        assert_eq!(Observed::from(vec![vec![1.0, 2.0], vec![3.0, 4.0]]), rows);
        assert_eq!(Observed::from(&[true, false]).values, [1.0, 0.0]);
        assert_eq!(Observed::from(Response { rt: 0.4, choice: 1 }), Observed::new(vec![0.4, 1.0], 2));
        assert_eq!((rows.len(), flat.len(), Observed::from(7).len()), (2, 4, 1));
    }

    #[test]
    fn rows_of_no_or_of_different_lengths() {
        assert_eq!(Observed::from(vec![vec![1.0], vec![2.0, 3.0]]).ragged, Some((1, 2)));
        assert_eq!(Observed::from(vec![vec![], vec![3.0]]).ragged, Some((1, 1)));
        for empty in [
            Observed::from(Vec::<Vec<f64>>::new()),
            Observed::from([[0.0; 0]; 3]),
            Observed::new(vec![1.0], 0),
        ] {
            assert!(empty.is_empty());
            assert_eq!(empty.len(), 0);
        }
    }
}
