//! Data with gaps: unknowns put in the places of what is missing.

use super::recording::NodeId;
use super::tape::Tape;
use super::var::Var;
use crate::graph::node::op::Binary;
use crate::graph::shape::Shape;

impl<'t> Var<'t> {
    /// Data along the open plate with this array's elements, in their order, in place of the missing ones (NaN): the array has one element for each
    /// gap. What is missing is then an unknown like any other: its prior says what it may be, and whatever the data are used for what it is.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn regression(x: &[f64], y: &[f64]) {
    ///     let known: Vec<f64> = x.iter().copied().filter(|x| !x.is_nan()).collect();
    ///     sample!(slope ~ Normal(0, 1));
    ///     sample!(centre ~ Normal(0, 1));
    ///     plate!(seen = known.len(), {
    ///         sample!(known ~ Normal(centre, 1), observed = &known);
    ///     });
    ///     plate!(gaps = x.len() - known.len(), {
    ///         sample!(missing ~ Normal(centre, 1));
    ///     });
    ///     plate!(rows = y.len(), {
    ///         sample!(y ~ Normal(slope * missing.in_gaps(x), 1), observed = y);
    ///     });
    /// }
    /// let model = regression(&[0.3, f64::NAN, 1.1, f64::NAN], &[0.2, 0.4, 1.0, -0.3])?;
    /// assert_eq!(model.dim(), 2 + 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn in_gaps(self, data: &[f64]) -> Self {
        let gaps = data.iter().filter(|x| x.is_nan()).count();
        let source = self.tape.shape(self.node);
        if source.0.len() != 1 || source.len() != gaps {
            return self.reject(format!(
                "expected an array of one number per gap (NaN) of the data, {gaps}, in .in_gaps(data), got one over {}; open a plate of \
                 that many for the unknowns",
                self.tape.shape_in_words(&source)
            ));
        }
        let target = match self.tape.shape_of_data(data.len(), None) {
            Ok(target) => target,
            Err(error) => return self.fail(error),
        };
        let tape = self.tape;
        tape.var(tape.filled(self.node, data, target))
    }
}

impl Tape {
    /// Data over a shape with the elements of an array, in their order, in place of those that are NaN, of which there are as many, and one at least.
    pub(crate) fn filled(&self, missing: NodeId, data: &[f64], shape: Shape) -> NodeId {
        let gap = |x: &f64| f64::from(u8::from(x.is_nan()));
        let last = data.iter().filter(|x| x.is_nan()).count() - 1;
        let places = data.iter().scan(0, |next, x| {
            let at = *next;
            *next += u32::from(x.is_nan());
            Some(at.min(last as u32))
        });
        let filled = self.gather(missing, places.collect(), shape.clone());
        let mask = self.constant(data.iter().map(gap).collect(), shape.clone());
        let known = data.iter().map(|x| if x.is_nan() { 0.0 } else { *x }).collect();
        let known = self.constant(known, shape);
        self.binary(Binary::Add, self.binary(Binary::Mul, filled, mask), known)
    }
}
