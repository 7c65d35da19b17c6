//! Functions of variables, element by element, products with matrices of data, and nodes of a user's own.

use super::argument::IntoArgument;
use super::data_matrix::IntoMatrix;
use super::var::Var;
use crate::graph::node::custom::CustomNode;
use crate::graph::node::matrix::MatrixVector;
use crate::graph::node::op::{Binary, Unary};
use std::sync::Arc;

impl<'t> Var<'t> {
    pub(in crate::graph) fn zip(self, op: Binary, other: impl IntoArgument<'t>) -> Self {
        let other = self.tape.argument(other.into_argument());
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

    /// log(1 - exp(x)), x <= 0: the log of the probability of what does not happen, by that of what does. Accurate near 0 and far from
    /// it.
    pub fn ln_1m_exp(self) -> Self {
        self.map(Unary::Ln1mExp)
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
    pub fn powf(self, power: impl IntoArgument<'t>) -> Self {
        self.zip(Binary::Pow, power)
    }

    /// log(exp(x) + exp(y)), without overflow: the log of a sum of two densities given by their logs.
    pub fn log_add_exp(self, other: impl IntoArgument<'t>) -> Self {
        self.zip(Binary::LogAddExp, other)
    }

    /// log(p exp(a) + (1 - p) exp(b)), where p is this variable, from 0 to 1: the log density of a mixture of two, by the log
    /// densities `a` and `b` of its parts. Beyond 0 and 1 it is NaN. Where a part is impossible (minus infinity), all slopes are
    /// those of the other one; where p is 0 or 1, they are the one-sided ones.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Some of the data come from a wide normal distribution.
    /// #[model]
    /// fn contaminated(y: &[f64]) {
    ///     sample!(share ~ Beta(1, 9));
    ///     sample!(center ~ Normal(0, 10));
    ///     plate!(rows = y.len(), {
    ///         let (wide, narrow) = (Normal(center, 10).log_prob_of(y), Normal(center, 1).log_prob_of(y));
    ///         factor!(likelihood = share.log_mix(wide, narrow));
    ///     });
    /// }
    /// assert_eq!(contaminated(&[0.1, -0.3, 25.0])?.dim(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn log_mix(self, a: impl IntoArgument<'t>, b: impl IntoArgument<'t>) -> Self {
        let rest = self.tape.binary(Binary::Sub, self.tape.number(1.0), self.node);
        let [a, b] = [a.into_argument(), b.into_argument()].map(|x| self.tape.argument(x));
        self.tape.var(self.tape.mix(&[self.node, rest], &[a, b]))
    }

    /// The product A x of a matrix of data (rows, a [`Matrix`](crate::graph::Matrix), or numbers row by row; one row per element of the open plate) with
    /// this array over one plate: a linear predictor over all covariates at once. Products of matrices of variables are [`Var::matmul`].
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn regression(rows: &[Vec<f64>], y: &[f64]) {
    ///     plate!(covariates = rows[0].len(), {
    ///         sample!(slope ~ Normal(0, 1));
    ///     });
    ///     sample!(sigma ~ HalfNormal(1));
    ///     plate!(rows = rows.len(), {
    ///         sample!(y ~ Normal(slope.dot(rows), sigma), observed = y);
    ///     });
    /// }
    /// let rows = [vec![1.0, 0.3], vec![1.0, -0.8], vec![1.0, 1.4]];
    /// assert_eq!(regression(&rows, &[0.9, 0.1, 1.7])?.dim(), 3);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn dot(self, matrix: impl IntoMatrix) -> Self {
        let columns = self.tape.shape(self.node).len();
        let shape = self.tape.current_shape();
        let matrix = match matrix.into_matrix(columns).checked(".dot") {
            Ok(matrix) => matrix,
            Err(error) => return self.fail(error),
        };
        if columns == 0 || matrix.columns() != columns || matrix.numbers().len() != shape.len() * columns {
            let got = match matrix.columns() == columns {
                true => String::new(),
                false => format!(", {} x {}", matrix.rows(), matrix.columns()),
            };
            return self.reject(format!(
                "expected a matrix of {} rows (the open plate) x {columns} columns (this array) = {} numbers in .dot, \
                 got {}{got}",
                shape.len(),
                shape.len() * columns,
                matrix.numbers().len()
            ));
        }
        let node = MatrixVector::new(matrix.numbers(), columns);
        self.tape.var(self.tape.custom(Arc::new(node), vec![self.node], shape))
    }

    /// Applies a node with a backward pass of its own to this variable and others, laid end to end; the result has one
    /// number per element of the open plates.
    ///
    /// # Examples
    /// ```
    /// use mynah::check;
    /// use mynah::graph::CustomNode;
    /// use mynah::prelude::*;
    /// use std::sync::Arc;
    ///
    /// /// Concentrations x0 exp(-x1 t) at fixed times, of an amount x0 and a rate x1.
    /// struct Decay {
    ///     times: Vec<f64>,
    /// }
    ///
    /// impl CustomNode for Decay {
    ///     fn forward(&self, x: &[f64], y: &mut [f64]) {
    ///         for (y, t) in y.iter_mut().zip(&self.times) {
    ///             *y = x[0] * (-x[1] * t).exp();
    ///         }
    ///     }
    ///     fn backward(&self, x: &[f64], y: &[f64], dy: &[f64], dx: &mut [f64]) {
    ///         dx.fill(0.0);
    ///         for ((y, dy), t) in y.iter().zip(dy).zip(&self.times) {
    ///             dx[0] += dy * y / x[0];
    ///             dx[1] -= dy * y * t;
    ///         }
    ///     }
    /// }
    ///
    /// let decay = || Decay { times: vec![0.5, 1.0, 2.0, 4.0] };
    /// let check = check::custom_node(&decay(), 4, &check::random_points(2, 10, 1))?;
    /// assert!(check.agrees(), "{check}");
    ///
    /// #[model]
    /// fn doses(node: Decay, y: &[f64]) {
    ///     sample!(amount ~ HalfNormal(10));
    ///     sample!(rate ~ HalfNormal(1));
    ///     plate!(times = node.times.len(), {
    ///         let concentration = amount.custom(&[rate], Arc::new(node));
    ///         sample!(y ~ Normal(concentration, 0.1), observed = y);
    ///     });
    /// }
    /// let model = doses(decay(), &[3.9, 3.0, 1.9, 0.7])?;
    /// let check = check::gradient(&mut model.density(), &check::random_points(2, 10, 2))?;
    /// assert!(check.agrees(), "{check}");
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn custom(self, others: &[Var<'t>], node: Arc<dyn CustomNode>) -> Self {
        let inputs = std::iter::once(self.node).chain(others.iter().map(|&var| self.tape.own(var))).collect();
        self.tape.var(self.tape.custom(node, inputs, self.tape.current_shape()))
    }
}
