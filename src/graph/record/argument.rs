//! What may stand beside a variable: as an operand, as a parameter of a distribution, as an index.
//!
//! The conversions are many, so that a model reads as it does on paper; where none fits, the traits' messages say what to
//! write. Number literals must stay free to become what they are: of each kind at most the types that literals become of
//! themselves (`f64`, `i32`) stand where the compiler has to choose one type at once, as to the left of an operator.

use super::along::Along;
use super::data_matrix::Matrix;
use super::operand::NodeId;
use super::tape::Tape;
use super::var::Var;
use crate::error::{Error, ErrorKind};
use std::borrow::Cow;

/// What may stand as a parameter of a distribution: a variable, a number, or data along the open plate.
#[derive(Clone)]
pub enum Argument<'t> {
    /// A variable.
    Var(Var<'t>),
    /// A number.
    Number(f64),
    /// One number per element of the open plate.
    Data(Vec<f64>),
    /// One number per element of the open plate of a name; see [`AlongPlate::along`](crate::graph::AlongPlate::along).
    DataAlong(Vec<f64>, String),
    /// A matrix of data, an array over two axes of its own.
    Matrix(Matrix),
}

/// Positions in a plate: one per element of the open plate, or a single one.
pub enum Index<'i> {
    /// One position.
    One(usize),
    /// One position per element of the open plate.
    Many(Cow<'i, [usize]>),
    /// One position per element of the open plate of a name; see [`AlongPlate::along`](crate::graph::AlongPlate::along).
    ManyAlong(&'i [usize], &'i str),
    /// The states of a discrete unknown that is summed out.
    States(Var<'i>),
}

impl Index<'_> {
    pub(in crate::graph) fn positions(&self) -> &[usize] {
        match self {
            Index::One(position) => std::slice::from_ref(position),
            Index::Many(positions) => positions,
            Index::ManyAlong(positions, _) => positions,
            Index::States(_) => &[],
        }
    }
}

/// Whatever becomes an [`Argument`]: a variable, a number of any type, or numbers of any type along the open plate (slices,
/// arrays, `Vec`s, owned or not). It is implemented for everything that an [`Argument`] can be made from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be computed with in a model",
    label = "expected a variable, a number, or numbers along the open plate such as `&[f64]` or `Vec<f64>`",
    note = "columns of a table enter one by one; rows (`&[Vec<f64>]`) as `&rows.concat()` in two nested plates, all covariates \
            at once by `coefficients.dot(rows)`, or as a matrix by `Matrix::from(rows)` (mynah::graph::Matrix)"
)]
pub trait IntoArgument<'t> {
    /// The argument.
    fn into_argument(self) -> Argument<'t>;
}

#[diagnostic::do_not_recommend]
impl<'t, T: Into<Argument<'t>>> IntoArgument<'t> for T {
    fn into_argument(self) -> Argument<'t> {
        self.into()
    }
}

/// Whatever becomes an [`Index`]: one position, positions as a slice, an array or a `Vec` of `usize`, or a discrete unknown.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an index of positions",
    label = "expected one `usize`, or one per element of the open plate such as `&[usize]`",
    note = "other integers are converted once, before the model: `let index: Vec<usize> = index.iter().map(|&i| i as usize).collect();`"
)]
pub trait IntoIndex<'i> {
    /// The index.
    fn into_index(self) -> Index<'i>;
}

#[diagnostic::do_not_recommend]
impl<'i, T: Into<Index<'i>>> IntoIndex<'i> for T {
    fn into_index(self) -> Index<'i> {
        self.into()
    }
}

impl<'t> From<Var<'t>> for Argument<'t> {
    fn from(var: Var<'t>) -> Self {
        Argument::Var(var)
    }
}

impl<'t> From<&Var<'t>> for Argument<'t> {
    fn from(var: &Var<'t>) -> Self {
        Argument::Var(*var)
    }
}

impl From<Matrix> for Argument<'_> {
    fn from(matrix: Matrix) -> Self {
        Argument::Matrix(matrix)
    }
}

impl From<&Matrix> for Argument<'_> {
    fn from(matrix: &Matrix) -> Self {
        Argument::Matrix(matrix.clone())
    }
}

impl Tape {
    /// An array of data inside the open plates; see [`Tape::shape_of_data`].
    fn data(&self, data: &[f64], along: Option<&str>) -> NodeId {
        if let Some(position) = data.iter().position(|x| x.is_nan()) {
            let message = format!(
                "expected numbers in an array of {}, got NaN at position {position}; leave that element out, or give \
                 it a value",
                data.len()
            );
            self.fail(Error::new(ErrorKind::Value, message));
            return self.poison();
        }
        match self.shape_of_data(data.len(), along) {
            Ok(shape) => self.inner.borrow_mut().constant(data.into(), shape),
            Err(error) => {
                self.fail(error);
                self.poison()
            }
        }
    }

    pub(crate) fn argument(&self, argument: Argument<'_>) -> NodeId {
        match argument {
            Argument::Var(var) => self.own(var),
            Argument::Number(number) => self.number(number),
            Argument::Data(data) => self.data(&data, None),
            Argument::DataAlong(data, plate) => self.data(&data, Some(&plate)),
            Argument::Matrix(matrix) => match matrix.checked("data") {
                Ok(matrix) => self.constant_vector(matrix.numbers(), &[matrix.rows(), matrix.columns()]),
                Err(error) => {
                    self.fail(error);
                    self.poison()
                }
            },
        }
    }

    /// The node of a variable of this recording.
    pub(crate) fn own(&self, var: Var<'_>) -> NodeId {
        if std::ptr::eq(self, var.tape) {
            return var.node;
        }
        let message = "expected a variable of the model being recorded, got one of another model; models that stand in \
                       each other share no variables";
        self.fail(Error::new(ErrorKind::Site, message));
        self.poison()
    }
}

/// Numbers of a type, one or many: the type, and how one becomes an `f64`.
macro_rules! argument_from_numbers {
    ($($number:ty: $convert:expr);* $(;)?) => {$(
        impl From<$number> for Argument<'_> {
            fn from(number: $number) -> Self {
                Argument::Number($convert(number))
            }
        }
        impl From<&$number> for Argument<'_> {
            fn from(number: &$number) -> Self {
                Argument::Number($convert(*number))
            }
        }
        impl From<&[$number]> for Argument<'_> {
            fn from(data: &[$number]) -> Self {
                Argument::Data(data.iter().map(|&x| $convert(x)).collect())
            }
        }
        impl From<Along<'_, $number>> for Argument<'_> {
            fn from(data: Along<'_, $number>) -> Self {
                Argument::DataAlong(data.numbers.iter().map(|&x| $convert(x)).collect(), data.plate.to_string())
            }
        }
        argument_from_numbers!(like slices: [] &Vec<$number>; [] Vec<$number>;
            [const N: usize] &[$number; N]; [const N: usize] [$number; N];);
    )*};
    (like slices: $([$($parameters:tt)*] $data:ty;)*) => {$(
        impl<$($parameters)*> From<$data> for Argument<'_> {
            fn from(data: $data) -> Self {
                Self::from(&data[..])
            }
        }
    )*};
}

argument_from_numbers! {
    f64: std::convert::identity;
    f32: f64::from;
    u64: |x| x as f64;
    u32: f64::from;
    u16: f64::from;
    u8: f64::from;
    i64: |x| x as f64;
    i32: f64::from;
    i16: f64::from;
    i8: f64::from;
    usize: |x| x as f64;
    isize: |x| x as f64;
    bool: |x: bool| f64::from(u8::from(x));
}

impl<'t> From<Var<'t>> for Index<'t> {
    fn from(states: Var<'t>) -> Self {
        Index::States(states)
    }
}

impl From<usize> for Index<'_> {
    fn from(position: usize) -> Self {
        Index::One(position)
    }
}

impl<'i> From<&'i [usize]> for Index<'i> {
    fn from(positions: &'i [usize]) -> Self {
        Index::Many(positions.into())
    }
}

impl<'i> From<Along<'i, usize>> for Index<'i> {
    fn from(index: Along<'i, usize>) -> Self {
        Index::ManyAlong(index.numbers, index.plate)
    }
}

impl<'i> From<&'i Vec<usize>> for Index<'i> {
    fn from(positions: &'i Vec<usize>) -> Self {
        Index::Many(positions.into())
    }
}

impl From<Vec<usize>> for Index<'_> {
    fn from(positions: Vec<usize>) -> Self {
        Index::Many(positions.into())
    }
}

impl<'i, const N: usize> From<&'i [usize; N]> for Index<'i> {
    fn from(positions: &'i [usize; N]) -> Self {
        positions.as_slice().into()
    }
}
