//! What a model's variables are while it is recorded: handles with arithmetic, without readable values.

use super::custom::{CustomNode, MatrixVector};
use super::op::{Binary, Unary};
use super::shape::Shape;
use super::tape::{NodeId, Tape};
use crate::error::{Error, ErrorKind};
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::Arc;

/// A number or an array over one or more plates, on the tape of the model being recorded.
///
/// It supports `+ - * /` with other variables, numbers and data slices, and the functions below, element by element.
/// It has no value while the model is recorded: control flow cannot depend on it.
#[derive(Clone, Copy)]
pub struct Var<'t> {
    pub(crate) tape: &'t Tape,
    pub(crate) node: NodeId,
}

/// What may stand as a parameter of a distribution: a variable, a number, or data along the open plate.
#[derive(Clone)]
pub enum Argument<'t> {
    /// A variable.
    Var(Var<'t>),
    /// A number.
    Number(f64),
    /// One number per element of the open plate.
    Data(Vec<f64>),
}

/// Positions in a plate: one per element of the open plate, or a single one.
pub enum Index<'i> {
    /// One position.
    One(usize),
    /// One position per element of the open plate.
    Many(&'i [usize]),
}

impl<'t> Var<'t> {
    fn map(self, op: Unary) -> Self {
        self.tape.var(self.tape.unary(op, self.node))
    }

    fn zip(self, op: Binary, other: impl Into<Argument<'t>>) -> Self {
        let other = self.tape.argument(other.into());
        self.tape.var(self.tape.binary(op, self.node, other))
    }

    /// e to the power of the variable.
    pub fn exp(self) -> Self {
        self.map(Unary::Exp)
    }

    /// The natural logarithm.
    pub fn ln(self) -> Self {
        self.map(Unary::Ln)
    }

    /// log(1 + x), accurate near 0.
    pub fn ln_1p(self) -> Self {
        self.map(Unary::Ln1p)
    }

    /// The square root.
    pub fn sqrt(self) -> Self {
        self.map(Unary::Sqrt)
    }

    /// The absolute value.
    pub fn abs(self) -> Self {
        self.map(Unary::Abs)
    }

    /// The hyperbolic tangent.
    pub fn tanh(self) -> Self {
        self.map(Unary::Tanh)
    }

    /// The sine.
    pub fn sin(self) -> Self {
        self.map(Unary::Sin)
    }

    /// The cosine.
    pub fn cos(self) -> Self {
        self.map(Unary::Cos)
    }

    /// The logistic function 1 / (1 + exp(-x)), the inverse of the logit.
    pub fn logistic(self) -> Self {
        self.map(Unary::Logistic)
    }

    /// log(1 + exp(x)).
    pub fn softplus(self) -> Self {
        self.map(Unary::Softplus)
    }

    /// The variable to an integer power.
    pub fn powi(self, power: i32) -> Self {
        self.map(Unary::Powi(power))
    }

    /// The variable, which must be positive, to any power.
    pub fn powf(self, power: impl Into<Argument<'t>>) -> Self {
        self.zip(Binary::Pow, power)
    }

    /// log(exp(x) + exp(y)), without overflow: the log of a sum of two densities given by their logs.
    pub fn log_add_exp(self, other: impl Into<Argument<'t>>) -> Self {
        self.zip(Binary::LogAddExp, other)
    }

    /// The sum of all elements, a scalar.
    pub fn sum(self) -> Self {
        self.tape.var(self.tape.sum(self.node))
    }

    /// The mean of all elements, a scalar.
    pub fn mean(self) -> Self {
        let count = self.tape.shape(self.node).len() as f64;
        self.sum() / count
    }

    /// Gathers an array over one plate to the open plate: element i of the result is element `index[i]` of this array.
    /// With a single position the result is a scalar.
    ///
    /// Positions count from 0. A position at or beyond the length of this array's plate is an error when the model is
    /// built.
    pub fn at<'i>(self, index: impl Into<Index<'i>>) -> Self {
        let source = self.tape.shape(self.node);
        if source.0.len() != 1 {
            return self.reject(format!(
                "expected .at(index) on an array over one plate, got one over {}; use .at2(first, second) for two \
                 plates",
                self.tape.shape_in_words(&source)
            ));
        }
        match index.into() {
            Index::One(position) => self.gather(&source, &[position], Shape::scalar()),
            Index::Many(positions) => match self.target(positions.len()) {
                Some(target) => self.gather(&source, positions, target),
                None => self.tape.var(self.tape.poison()),
            },
        }
    }

    /// Gathers an array over two nested plates to the open plate: element i of the result is element
    /// `(outer[i], inner[i])` of this array.
    pub fn at2(self, outer: &[usize], inner: &[usize]) -> Self {
        let source = self.tape.shape(self.node);
        let [rows, columns] = source.lengths()[..] else {
            return self.reject(format!(
                "expected .at2(outer, inner) on an array over two plates, got one over {}",
                self.tape.shape_in_words(&source)
            ));
        };
        if outer.len() != inner.len() {
            let (outer, inner) = (outer.len(), inner.len());
            return self
                .reject(format!("expected two indices of equal length in .at2, got {outer} and {inner}"));
        }
        let bad =
            |index: &[usize], len: usize| index.iter().position(|&i| i >= len).map(|at| (at, index[at], len));
        if let Some((at, position, len)) = bad(outer, rows).or(bad(inner, columns)) {
            return self.reject_index(format!("position {position} (entry {at} of the index)"), len);
        }
        let flat: Vec<usize> = outer.iter().zip(inner).map(|(o, i)| o * columns + i).collect();
        match self.target(flat.len()) {
            Some(target) => self.gather(&source, &flat, target),
            None => self.tape.var(self.tape.poison()),
        }
    }

    /// The product A x of a constant matrix (row by row, one row per element of the open plate) with this array over
    /// one plate: a linear predictor over all covariates at once.
    pub fn dot(self, matrix: &[f64]) -> Self {
        let columns = self.tape.shape(self.node).len();
        let shape = self.tape.current_shape();
        if columns == 0 || matrix.len() != shape.len() * columns {
            return self.reject(format!(
                "expected a matrix of {} rows (the open plate) x {columns} columns (this array) = {} numbers in .dot, \
                 got {}",
                shape.len(),
                shape.len() * columns,
                matrix.len()
            ));
        }
        let node = MatrixVector { matrix: matrix.to_vec(), columns };
        self.tape.var(self.tape.custom(Arc::new(node), vec![self.node], shape))
    }

    /// Applies a node with a backward pass of its own to this variable and others, laid end to end; the result has one
    /// number per element of the open plates.
    pub fn custom(self, others: &[Var<'t>], node: Arc<dyn CustomNode>) -> Self {
        let inputs = std::iter::once(self.node).chain(others.iter().map(|var| var.node)).collect();
        self.tape.var(self.tape.custom(node, inputs, self.tape.current_shape()))
    }

    /// The shape that an index of a length gathers to: the innermost open plate, or all open plates.
    fn target(self, len: usize) -> Option<Shape> {
        let open = self.tape.current_shape();
        match open.0.last() {
            Some(axis) if axis.len == len => Some(Shape(vec![*axis])),
            Some(_) if open.len() == len => Some(open),
            _ => {
                let message = format!(
                    "expected an index with one entry per element of the open plate ({}), got {len} entries",
                    self.tape.shape_in_words(&open)
                );
                self.tape.fail(Error::new(ErrorKind::Shape, message));
                None
            }
        }
    }

    fn gather(self, source: &Shape, positions: &[usize], target: Shape) -> Self {
        let len = source.len();
        if let Some(at) = positions.iter().position(|&position| position >= len) {
            return self.reject_index(format!("position {} (entry {at} of the index)", positions[at]), len);
        }
        let positions = positions.iter().map(|&position| position as u32).collect();
        self.tape.var(self.tape.gather(self.node, positions, target))
    }

    fn reject_index(self, what: String, len: usize) -> Self {
        let source = self.tape.shape_in_words(&self.tape.shape(self.node));
        let message = format!(
            "expected positions below {len}, the length of an array over {source}, got {what}; positions count from 0"
        );
        self.tape.fail(Error::new(ErrorKind::Index, message));
        self.tape.var(self.tape.poison())
    }

    fn reject(self, message: String) -> Self {
        self.tape.fail(Error::new(ErrorKind::Shape, message));
        self.tape.var(self.tape.poison())
    }
}

impl std::fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Var over {}", self.tape.shape_in_words(&self.tape.shape(self.node)))
    }
}

impl<'t> From<Var<'t>> for Argument<'t> {
    fn from(var: Var<'t>) -> Self {
        Argument::Var(var)
    }
}

impl From<f64> for Argument<'_> {
    fn from(number: f64) -> Self {
        Argument::Number(number)
    }
}

macro_rules! argument_from_numbers {
    ($($number:ty),*) => {$(
        impl From<&[$number]> for Argument<'_> {
            fn from(data: &[$number]) -> Self {
                Argument::Data(data.iter().map(|&x| x as f64).collect())
            }
        }
        impl From<&Vec<$number>> for Argument<'_> {
            fn from(data: &Vec<$number>) -> Self {
                data.as_slice().into()
            }
        }
        impl<const N: usize> From<&[$number; N]> for Argument<'_> {
            fn from(data: &[$number; N]) -> Self {
                data.as_slice().into()
            }
        }
        impl<const N: usize> From<[$number; N]> for Argument<'_> {
            fn from(data: [$number; N]) -> Self {
                data.as_slice().into()
            }
        }
    )*};
}

argument_from_numbers!(f64, f32, u64, u32, u8, i64, i32, usize);

impl From<usize> for Index<'_> {
    fn from(position: usize) -> Self {
        Index::One(position)
    }
}

impl<'i> From<&'i [usize]> for Index<'i> {
    fn from(positions: &'i [usize]) -> Self {
        Index::Many(positions)
    }
}

impl<'i> From<&'i Vec<usize>> for Index<'i> {
    fn from(positions: &'i Vec<usize>) -> Self {
        Index::Many(positions)
    }
}

impl<'i, const N: usize> From<&'i [usize; N]> for Index<'i> {
    fn from(positions: &'i [usize; N]) -> Self {
        Index::Many(positions)
    }
}

impl Neg for Var<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        self.map(Unary::Neg)
    }
}

macro_rules! operators {
    ($($trait:ident, $method:ident);*) => {$(
        impl<'t, R: Into<Argument<'t>>> $trait<R> for Var<'t> {
            type Output = Var<'t>;

            fn $method(self, right: R) -> Var<'t> {
                self.zip(Binary::$trait, right)
            }
        }
        operators!(left $trait, $method: f64, &[f64], &Vec<f64>);
    )*};
    (left $trait:ident, $method:ident: $($left:ty),*) => {$(
        impl<'t> $trait<Var<'t>> for $left {
            type Output = Var<'t>;

            fn $method(self, right: Var<'t>) -> Var<'t> {
                let left = right.tape.argument(self.into());
                right.tape.var(right.tape.binary(Binary::$trait, left, right.node))
            }
        }
    )*};
}

operators!(Add, add; Sub, sub; Mul, mul; Div, div);
