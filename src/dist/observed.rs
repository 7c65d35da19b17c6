//! Data as statements of a model observe them.

use super::response::Response;

/// Observed data: one or more numbers per element of a plate.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The numbers, row by row.
    pub values: Vec<f64>,
    /// The numbers per element.
    pub width: usize,
}

impl Observed {
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

macro_rules! observed_from_numbers {
    ($($number:ty),*) => {$(
        impl From<&[$number]> for Observed {
            fn from(data: &[$number]) -> Self {
                Observed { values: data.iter().map(|&x| x as f64).collect(), width: 1 }
            }
        }
        impl From<&Vec<$number>> for Observed {
            fn from(data: &Vec<$number>) -> Self {
                data.as_slice().into()
            }
        }
        impl<const N: usize> From<&[$number; N]> for Observed {
            fn from(data: &[$number; N]) -> Self {
                data.as_slice().into()
            }
        }
        impl From<$number> for Observed {
            fn from(number: $number) -> Self {
                [number].as_slice().into()
            }
        }
    )*};
}

observed_from_numbers!(f64, f32, u64, u32, u8, i64, i32, usize);

impl From<&[bool]> for Observed {
    fn from(data: &[bool]) -> Self {
        Observed { values: data.iter().map(|&x| f64::from(u8::from(x))).collect(), width: 1 }
    }
}

impl From<&Vec<bool>> for Observed {
    fn from(data: &Vec<bool>) -> Self {
        data.as_slice().into()
    }
}

impl<const WIDTH: usize> From<&[[f64; WIDTH]]> for Observed {
    fn from(data: &[[f64; WIDTH]]) -> Self {
        Observed { values: data.as_flattened().to_vec(), width: WIDTH }
    }
}

impl<const WIDTH: usize> From<&Vec<[f64; WIDTH]>> for Observed {
    fn from(data: &Vec<[f64; WIDTH]>) -> Self {
        data.as_slice().into()
    }
}

impl From<&[Response]> for Observed {
    fn from(data: &[Response]) -> Self {
        Observed { values: data.iter().flat_map(|response| response.row()).collect(), width: 2 }
    }
}

impl From<&Vec<Response>> for Observed {
    fn from(data: &Vec<Response>) -> Self {
        data.as_slice().into()
    }
}
