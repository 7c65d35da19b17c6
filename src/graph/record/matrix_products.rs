//! Products of matrices of variables, triangular systems, determinants and quadratic forms: arrays over one or two axes that are no open plates.

use super::argument::{Argument, IntoArgument};
use super::recording::NodeId;
use super::tape::Tape;
use super::var::Var;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::node::custom::CustomNode;
use crate::graph::node::op::{Binary, Unary};
use crate::graph::node::products::{Product, QuadraticForm, SolveLower};
use crate::graph::shape::{Axis, Shape};
use std::sync::Arc;

impl<'t> Var<'t> {
    /// The product of this matrix and another or a vector: arrays over two axes or one that are no open plates (plates that are closed, in the order in which
    /// they were opened; axes of a vector's or a matrix's own), or, on the right, a [`Matrix`](crate::graph::Matrix) of data or numbers for a vector. What is summed over is the last axis here and the
    /// first one there, which are of one length. Of a vector on the left it is the one axis that there is.
    ///
    /// A result that is a vector lies along the axis that is left: over a closed plate it is an array of that plate, wherever it is entered again. A matrix has axes of its own.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Five columns of data that are driven by two factors.
    /// #[model]
    /// fn factors(y: &[[f64; 5]]) {
    ///     plate!(columns = 5, {
    ///         sample!(noise ~ HalfNormal(1));
    ///         plate!(factors = 2, {
    ///             sample!(loading ~ Normal(0, 1));
    ///         });
    ///     });
    ///     let covariance = loading.matmul(loading.transpose()).add_diagonal(noise.powi(2));
    ///     plate!(rows = y.len(), {
    ///         sample!(y ~ MvNormal(0, covariance), observed = y);
    ///     });
    /// }
    /// assert_eq!(factors(&[[0.3, -0.1, 0.4, 1.0, 0.2]])?.dim(), 5 + 10);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn matmul(self, other: impl IntoArgument<'t>) -> Self {
        let other = self.tape.vector_argument(other.into_argument());
        self.or_fail(self.product(other))
    }

    fn product(self, other: NodeId) -> Result<Self> {
        const WHAT: &str = ".matmul(...)";
        let tape = self.tape;
        let (left, right) = (tape.matrix_axes(self.node, WHAT)?, tape.matrix_axes(other, WHAT)?);
        let (rows, inner) = (&left[..left.len() - 1], left[left.len() - 1]);
        let (same, columns) = (right[0], &right[1..]);
        if inner.len != same.len {
            let message = format!(
                "expected as many columns of the left side as there are rows of the right in {WHAT}, got {} and {}",
                inner.len, same.len
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let count = |axes: &[Axis]| axes.iter().map(|axis| axis.len).product();
        let node = Product { rows: count(rows), inner: inner.len, columns: count(columns) };
        let axes = match (rows, columns) {
            ([rows], [columns]) => vec![tape.axis_like(*rows), tape.axis_like(*columns)],
            _ => [rows, columns].concat(),
        };
        Ok(tape.matrix_node(node, vec![self.node, other], Shape(axes)))
    }

    /// The transposed matrix, with axes of its own.
    pub fn transpose(self) -> Self {
        const WHAT: &str = ".transpose()";
        let axes = self.tape.matrix_axes(self.node, WHAT);
        self.or_fail(axes.and_then(|axes| match axes[..] {
            [rows, columns] => {
                let shape = Shape(vec![self.tape.axis_like(columns), self.tape.axis_like(rows)]);
                let place = |k: usize| (k % rows.len * columns.len + k / rows.len) as u32;
                let positions = (0..shape.len()).map(place).collect();
                Ok(self.tape.var(self.tape.gather(self.node, positions, shape)))
            }
            _ => Err(self.no_matrix(WHAT)),
        }))
    }

    /// The diagonal of this square matrix, a vector along its rows.
    pub fn diagonal(self) -> Self {
        self.or_fail(self.on_diagonal(".diagonal()"))
    }

    fn on_diagonal(self, what: &str) -> Result<Self> {
        let size = self.tape.square(self.node, &format!("the matrix of {what}"))?;
        let axes = self.tape.matrix_axes(self.node, what)?;
        let positions = (0..size).map(|i| (i * size + i) as u32).collect();
        Ok(self.tape.var(self.tape.gather(self.node, positions, Shape(vec![axes[0]]))))
    }

    /// L^-1 b for this lower triangular matrix L, such as a Cholesky factor (what stands above its diagonal is not read), and a vector or matrix b: variables,
    /// or data as for [`Var::matmul`]. The result has the axes of b.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// The quadratic form y' C^-1 y of a covariance matrix, and its determinant, are all that a normal density is made of.
    /// #[model]
    /// fn by_hand(covariance: &[f64], y: &[f64]) {
    ///     sample!(height ~ HalfNormal(1));
    ///     plate!(i = y.len(), {
    ///         plate!(j = y.len(), {
    ///             let scaled = height * covariance;
    ///         });
    ///     });
    ///     let factor = scaled.cholesky();
    ///     let standard = factor.solve_lower(y);
    ///     factor!(density = -0.5 * standard.powi(2).sum() - factor.diagonal().ln().sum());
    /// }
    /// assert_eq!(by_hand(&[1.0, 0.5, 0.5, 1.0], &[0.3, -0.2])?.dim(), 1);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn solve_lower(self, b: impl IntoArgument<'t>) -> Self {
        self.solve(b.into_argument(), false, ".solve_lower(...)")
    }

    /// L'^-1 b for this lower triangular matrix L: as [`Var::solve_lower`], of the transposed matrix.
    pub fn solve_lower_transposed(self, b: impl IntoArgument<'t>) -> Self {
        self.solve(b.into_argument(), true, ".solve_lower_transposed(...)")
    }

    fn solve(self, b: Argument<'t>, transposed: bool, what: &str) -> Self {
        let tape = self.tape;
        let b = tape.vector_argument(b);
        let solved = || {
            let size = tape.square(self.node, &format!("the matrix of {what}"))?;
            tape.matrix_axes(self.node, what)?;
            let axes = tape.matrix_axes(b, what)?;
            if axes[0].len != size {
                let message = format!(
                    "expected as many rows on the right of {what} as the matrix has, {size}, got {}",
                    axes[0].len
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let node = SolveLower { size, columns: Shape(axes[1..].to_vec()).len(), transposed };
            Ok(tape.matrix_node(node, vec![self.node, b], Shape(axes)))
        };
        self.or_fail(solved())
    }

    /// log det of this positive definite matrix, of which the lower triangle is read. Of a Cholesky factor that is there already, that of its square is
    /// `2.0 * factor.diagonal().ln().sum()`.
    pub fn log_determinant(self) -> Self {
        const WHAT: &str = ".log_determinant()";
        let tape = self.tape;
        let factor = self.factor(&format!("the matrix of {WHAT}"));
        self.or_fail(factor.and_then(|factor| {
            let logs = tape.unary(Unary::Ln, factor.on_diagonal(WHAT)?.node);
            let sum = tape.sum(logs, Shape::scalar());
            Ok(tape.var(tape.binary(Binary::Mul, tape.number(2.0), sum)))
        }))
    }

    /// x'A x for this square matrix A and a vector x, variables or data. With the inverse of a positive definite matrix in the place of A it is
    /// `matrix.cholesky().solve_lower(x).powi(2).sum()`.
    pub fn quadratic_form(self, x: impl IntoArgument<'t>) -> Self {
        const WHAT: &str = ".quadratic_form(...)";
        let tape = self.tape;
        let x = tape.vector_argument(x.into_argument());
        let form = || {
            let size = tape.square(self.node, &format!("the matrix of {WHAT}"))?;
            tape.matrix_axes(self.node, WHAT)?;
            match tape.matrix_axes(x, WHAT)?[..] {
                [axis] if axis.len == size => {
                    Ok(tape.matrix_node(QuadraticForm { size }, vec![self.node, x], Shape::scalar()))
                }
                _ => {
                    let words = tape.shape_in_words(&tape.shape(x));
                    let message =
                        format!("expected a vector of {size} numbers in {WHAT}, got an array over {words}");
                    Err(Error::new(ErrorKind::Shape, message))
                }
            }
        };
        self.or_fail(form())
    }

    fn or_fail(self, result: Result<Self>) -> Self {
        result.unwrap_or_else(|error| self.fail(error))
    }

    fn no_matrix(self, what: &str) -> Error {
        let words = self.tape.shape_in_words(&self.tape.shape(self.node));
        let message = format!(
            "expected a matrix, an array over two axes that are no open plates, for {what}, got one over {words}"
        );
        Error::new(ErrorKind::Shape, message)
    }
}

impl Tape {
    /// An argument that may be a vector: numbers are one.
    fn vector_argument(&self, argument: Argument<'_>) -> NodeId {
        match argument {
            Argument::Data(numbers) => self.constant_vector(&numbers, &[numbers.len()]),
            argument => self.localised(self.argument(argument)),
        }
    }

    /// The axes of a matrix, rows first, or that of a vector.
    ///
    /// # Errors
    /// When the array has none or more, or open plates as well.
    fn matrix_axes(&self, node: NodeId, what: &str) -> Result<Vec<Axis>> {
        self.var(node).alone(what)?;
        let axes = self.vector_axes(node);
        match axes.len() {
            1 | 2 => Ok(axes),
            _ => {
                let message = format!(
                    "expected matrices and vectors, arrays over two axes or one that are no open plates, in {what}, got an array over {}",
                    self.shape_in_words(&self.shape(node))
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    /// A node of matrices; of constants it is a constant.
    fn matrix_node(&self, node: impl CustomNode + 'static, inputs: Vec<NodeId>, shape: Shape) -> Var<'_> {
        let constants: Option<Vec<_>> = inputs.iter().map(|input| self.constant_of(*input)).collect();
        match constants {
            Some(constants) => {
                let mut out = vec![0.0; shape.len()];
                node.forward(&constants.concat(), &mut out);
                self.var(self.constant(out, shape))
            }
            None => self.var(self.custom(Arc::new(node), inputs, shape)),
        }
    }
}
