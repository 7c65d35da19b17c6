//! Sums and stacks: from arrays to fewer numbers, and from single numbers to an array.

use super::recording::NodeId;
use super::var::Var;
use crate::error::{Error, ErrorKind};
use crate::graph::shape::Shape;

impl<'t> Var<'t> {
    /// The sum over the plates of this array that are not open here, such as all of them outside of any plate; over the
    /// open ones the result is an array still.
    ///
    /// Inside `plate!(subjects = ...)` the sum of an array over subjects and trials is one number per subject. It is an
    /// error where all plates of the array are open: say with [`Var::sum_over`] which to sum over.
    pub fn sum(self) -> Self {
        match self.closed() {
            Some(closed) => self.sum_without(&closed),
            None => self.tape.var(self.tape.poison()),
        }
    }

    /// The mean over the plates of this array that are not open here; see [`Var::sum`].
    pub fn mean(self) -> Self {
        match self.closed() {
            Some(closed) => self.sum_without(&closed) / closed.len() as f64,
            None => self.tape.var(self.tape.poison()),
        }
    }

    /// The sum over the plate of a name; over its other plates the result is an array still.
    ///
    /// It is an error when the model is built if this array has no plate of that name, or several.
    pub fn sum_over(self, plate: &str) -> Self {
        match self.tape.axis_named(&self.tape.shape(self.node), plate) {
            Ok(axis) => self.sum_without(&Shape(vec![axis])),
            Err(error) => self.fail(error),
        }
    }

    /// The mean over the plate of a name; see [`Var::sum_over`].
    pub fn mean_over(self, plate: &str) -> Self {
        match self.tape.axis_named(&self.tape.shape(self.node), plate) {
            Ok(axis) => self.sum_without(&Shape(vec![axis])) / axis.len as f64,
            Err(error) => self.fail(error),
        }
    }

    /// log(exp(x_1) + exp(x_2) + ...) over the plates of this array that are not open here, as [`Var::sum`] sums, without
    /// overflow: the log of a sum given by the logs of its parts.
    ///
    /// Elements that are minus infinity add nothing; where all are, so is the result, and each has the same share of the slope.
    pub fn log_sum_exp(self) -> Self {
        match self.closed() {
            Some(closed) => self.log_sum_exp_without(&closed),
            None => self.tape.var(self.tape.poison()),
        }
    }

    /// [`Var::log_sum_exp`] over the plate of a name, as [`Var::sum_over`] sums.
    pub fn log_sum_exp_over(self, plate: &str) -> Self {
        match self.tape.axis_named(&self.tape.shape(self.node), plate) {
            Ok(axis) => self.log_sum_exp_without(&Shape(vec![axis])),
            Err(error) => self.fail(error),
        }
    }

    fn log_sum_exp_without(self, axes: &Shape) -> Self {
        let kept = self.tape.shape(self.node).without(axes);
        self.tape.var(self.tape.log_sum_exp(self.node, kept))
    }

    /// log(exp(a) + exp(b) + ...) of several variables, element by element: one [`Var::log_add_exp`] after another.
    ///
    /// # Panics
    /// If there are no variables at all.
    pub fn log_sum_exp_of(variables: &[Var<'t>]) -> Self {
        let (first, others) =
            variables.split_first().expect("Var::log_sum_exp_of takes at least one variable");
        others.iter().fold(*first, |sum, other| sum.log_add_exp(*other))
    }

    /// The axes of this array whose plates are not open; `None`, with the error kept, if it has axes and all are open.
    fn closed(self) -> Option<Shape> {
        let (shape, open) = (self.tape.shape(self.node), self.tape.current_shape());
        let closed = shape.without(&open).without(&self.tape.states_of(&shape));
        if closed.is_scalar() && !shape.is_scalar() {
            let message = format!(
                "expected an array with a plate that is not open here, got one over {}: to sum over an open plate \
                 write .sum_over(\"{1}\") or .mean_over(\"{1}\"), or sum outside of the plate",
                self.tape.shape_in_words(&shape),
                self.tape.plate_names(&shape)[shape.0.len() - 1]
            );
            self.tape.fail(Error::new(ErrorKind::Shape, message));
            return None;
        }
        Some(closed)
    }

    /// The sum over some of this array's axes.
    fn sum_without(self, axes: &Shape) -> Self {
        let kept = self.tape.shape(self.node).without(axes);
        self.tape.var(self.tape.sum(self.node, kept))
    }

    /// An array along the innermost open plate from as many scalars: what a loop has computed one by one (a recursion over
    /// time, say) becomes an array that one statement observes.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Each step is half the one before and a shock.
    /// #[model]
    /// fn walk(y: &[f64]) {
    ///     sample!(start ~ Normal(0.0, 1.0));
    ///     let mut level = start;
    ///     let levels: Vec<Var> = y.iter().map(|datum| { level = 0.5 * level + 0.1 * datum; level }).collect();
    ///     plate!(times = y.len(), {
    ///         sample!(y ~ Normal(Var::stack(&levels), 1.0), observed = y);
    ///     });
    /// }
    /// assert_eq!(walk(&[0.3, 0.1, -0.4])?.dim(), 1);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there are no scalars at all.
    pub fn stack(scalars: &[Var<'t>]) -> Self {
        let first = *scalars.first().expect("Var::stack takes at least one variable");
        let tape = first.tape;
        let reject = |message: String| first.fail(Error::new(ErrorKind::Shape, message));
        if let Some(at) = scalars.iter().position(|var| !var.tape.shape(var.node).is_scalar()) {
            let shape = tape.shape_in_words(&scalars[at].tape.shape(scalars[at].node));
            return reject(format!(
                "expected scalars in Var::stack, got an array over {shape} as entry {at}"
            ));
        }
        match tape.current_shape().0.last() {
            Some(&axis) if axis.len == scalars.len() => {
                let nodes: Vec<NodeId> = scalars.iter().map(|&var| tape.own(var)).collect();
                tape.var(tape.stack(&nodes, Shape(vec![axis])))
            }
            Some(&axis) => reject(format!(
                "expected one scalar per element of {} in Var::stack, got {}",
                tape.shape_in_words(&Shape(vec![axis])),
                scalars.len()
            )),
            None => reject(format!(
                "expected Var::stack inside a plate! of {0} elements, got it outside of any plate: write \
                 plate!(steps = {0}, {{ ... }})",
                scalars.len()
            )),
        }
    }
}
