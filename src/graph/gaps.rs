//! Data with gaps: unknowns put in the places of what is missing.

use super::op::Binary;
use super::var::Var;

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
        let mut next = 0;
        let mut place = |x: &f64| {
            let at = next;
            next += usize::from(x.is_nan());
            at.min(gaps - 1) as u32
        };
        let places = data.iter().map(&mut place).collect();
        let mask = data.iter().map(|x| f64::from(u8::from(x.is_nan()))).collect::<Vec<f64>>();
        let known = data.iter().map(|x| if x.is_nan() { 0.0 } else { *x }).collect::<Vec<f64>>();
        let tape = self.tape;
        let [mask, known] =
            [mask, known].map(|numbers| tape.inner.borrow_mut().constant(numbers.into(), target.clone()));
        let filled = tape.gather(self.node, places, target);
        tape.var(tape.binary(Binary::Add, tape.binary(Binary::Mul, filled, mask), known))
    }
}
