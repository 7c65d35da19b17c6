//! Matrices of variables: arrays over two axes that are no open plates.

use super::argument::IntoArgument;
use super::recording::NodeId;
use super::var::Var;
use crate::error::{Error, ErrorKind};
use crate::graph::node::cholesky::Cholesky;
use crate::graph::node::custom::CustomNode;
use crate::graph::node::op::Binary;
use crate::graph::shape::Axis;
use std::sync::Arc;

impl<'t> Var<'t> {
    /// The lower triangular Cholesky factor of this positive definite matrix, an array over two axes of one length that are no open plates; its
    /// lower triangle is read. A point where it is not positive definite is refused.
    pub fn cholesky(self) -> Self {
        match self.factor("the matrix of .cholesky()") {
            Ok(factor) => factor,
            Err(error) => self.fail(error),
        }
    }

    /// The factor of this matrix, known as `what`; of a constant it is a constant.
    pub(crate) fn factor(self, what: &str) -> crate::Result<Self> {
        let (tape, size) = (self.tape, self.tape.square(self.node, what)?);
        self.alone(what)?;
        let (node, shape) = (Cholesky { size }, tape.shape(self.node));
        let Some(numbers) = tape.constant_of(self.node) else {
            return Ok(tape.var(tape.custom(Arc::new(node), vec![self.node], shape)));
        };
        let mut factor = vec![0.0; numbers.len()];
        node.forward(&numbers, &mut factor);
        if factor.iter().any(|x| x.is_nan()) {
            let message = format!(
                "expected {what} to be positive definite, got one that is not; add to its diagonal, or check its numbers"
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        Ok(tape.var(tape.inner.borrow_mut().constant(factor.into(), shape)))
    }

    /// This square matrix with numbers added to its diagonal: one for all, or an array of as many as there are rows.
    pub fn add_diagonal(self, diagonal: impl IntoArgument<'t>) -> Self {
        let size = match self
            .tape
            .square(self.node, "the matrix of .add_diagonal(...)")
            .and_then(|size| self.alone(".add_diagonal(...)").map(|()| size))
        {
            Ok(size) => size,
            Err(error) => return self.fail(error),
        };
        let Some(diagonal) = self.by_rows(diagonal, size, ".add_diagonal(...)") else {
            return self.tape.var(self.tape.poison());
        };
        let shape = self.tape.shape(self.node);
        let identity: Vec<f64> =
            (0..size * size).map(|k| f64::from(u8::from(k / size == k % size))).collect();
        let identity = self.tape.inner.borrow_mut().constant(identity.into(), shape);
        let masked = self.tape.binary(Binary::Mul, diagonal, identity);
        self.tape.var(self.tape.binary(Binary::Add, self.node, masked))
    }

    /// This matrix with row i times the i-th of some factors: one for all, or an array of as many as there are rows. The Cholesky factor of a
    /// covariance is that of the correlations with its rows scaled by the standard deviations.
    pub fn scale_rows(self, factors: impl IntoArgument<'t>) -> Self {
        let rows = match self.alone(".scale_rows(...)").map(|()| self.tape.vector_axes(self.node)) {
            Ok(axes) if axes.len() == 2 => axes[0].len,
            Ok(_) => {
                let words = self.tape.shape_in_words(&self.tape.shape(self.node));
                return self.reject(format!(
                    "expected a matrix, an array over two axes, for .scale_rows(...), got one over {words}"
                ));
            }
            Err(error) => return self.fail(error),
        };
        match self.by_rows(factors, rows, ".scale_rows(...)") {
            Some(factors) => self.tape.var(self.tape.binary(Binary::Mul, self.node, factors)),
            None => self.tape.var(self.tape.poison()),
        }
    }

    /// One number per row, repeated along the columns.
    fn by_rows(self, numbers: impl IntoArgument<'t>, rows: usize, what: &str) -> Option<NodeId> {
        let tape = self.tape;
        let numbers = match numbers.into_argument() {
            crate::graph::Argument::Data(data) if data.len() == rows => tape.constant_vector(&data, &[rows]),
            argument => tape.localised(tape.argument(argument)),
        };
        let axes: Vec<Axis> = tape.vector_axes(numbers);
        let shape = tape.shape(self.node);
        match axes[..] {
            [] => Some(numbers),
            [axis] if axis.len == rows && tape.shape(numbers).0.len() == 1 => {
                let columns = shape.len() / rows;
                Some(tape.gather(numbers, (0..shape.len()).map(|k| (k / columns) as u32).collect(), shape))
            }
            _ => {
                let words = tape.shape_in_words(&tape.shape(numbers));
                self.reject(format!(
                    "expected one number or {rows}, one per row, in {what}, got an array over {words}"
                ));
                None
            }
        }
    }

    /// Matrices are the same for all elements of the open plates.
    pub(in crate::graph) fn alone(self, what: &str) -> crate::Result<()> {
        let (shape, open) = (self.tape.shape(self.node), self.tape.current_shape());
        match shape.0.iter().find(|axis| open.contains(**axis)) {
            None => Ok(()),
            Some(_) => {
                let message = format!(
                    "expected one matrix for {what}, got one for each element of {}: call it outside of the plate, on one matrix",
                    self.tape.shape_in_words(&open)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }
}
