//! Data some of which are missing: left out, or unknowns.
//!
//! Both are statements over some elements of the open plates (`Tape::open_some`), to which parameters gather themselves: those that were seen are data,
//! those that were not are nothing, or unknowns of the same distribution.

use super::statement::Statement;
use crate::dist::{Density, Distribution, Form, IntoObserved, Observed, in_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Tape, Var};

/// Data that were seen and data that were not, by their positions in the open plates.
struct Gaps {
    data: Observed,
    seen: Vec<usize>,
    missing: Vec<usize>,
}

impl Gaps {
    /// # Errors
    /// When there is not one datum per element, or none was seen.
    fn of(tape: &Tape, mut data: Observed) -> Result<Self> {
        let shape = tape.current_shape();
        let fail = |message: String| Err(Error::new(ErrorKind::Shape, message));
        if shape.is_scalar() {
            return fail("expected a plate around data some of which are missing, got none; put the statement into plate!(rows = y.len(), { ... })".into());
        }
        let width = data.values.len() / shape.len();
        if width > 0 {
            in_rows(&mut data, width, shape.len());
        }
        data.check_rows(data.width)?;
        if data.len() != shape.len() {
            return fail(format!(
                "expected {} values, NaN for those that are missing, one per element of {}, got {}",
                shape.len(),
                tape.shape_in_words(&shape),
                data.len()
            ));
        }
        let is_missing = |element: &usize| {
            data.values[element * data.width..][..data.width].iter().any(|number| number.is_nan())
        };
        let (missing, seen): (Vec<usize>, Vec<usize>) = (0..data.len()).partition(is_missing);
        if seen.is_empty() {
            return fail(format!(
                "expected some data that are not missing, got {} that all are (NaN)",
                data.len()
            ));
        }
        Ok(Self { data, seen, missing })
    }

    fn seen_values(&self) -> Observed {
        let width = self.data.width;
        let rows = self.seen.iter().flat_map(|element| &self.data.values[element * width..][..width]);
        Observed::new(rows.copied().collect(), width)
    }
}

impl<'s> Statement<'s> {
    /// Data some of which are missing (NaN, or `None`), which are left out: only those that were seen say something. That is right where data are missing for
    /// reasons that have nothing to do with what they would have been, given the parameters. `sample!(y ~ ..., observed = y, missing = skip)`.
    ///
    /// The site is an array over the elements that were seen, a plate of its own (`y.seen`) that is labelled by their positions.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn line(x: &[f64], y: &[Option<f64>]) {
    ///     sample!(slope ~ Normal(0, 1));
    ///     plate!(rows = y.len(), {
    ///         sample!(y ~ Normal(slope * x, 1), observed = y, missing = skip);
    ///     });
    /// }
    /// let model = line(&[0.0, 1.0, 2.0], &[Some(0.2), None, Some(1.7)])?;
    /// assert_eq!(model.sites()[1].shape, [2]);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn observe_seen(self, distribution: impl Distribution<'s>, data: impl IntoObserved) {
        let tape = &self.scope.tape;
        let parts = Gaps::of(tape, data.into_observed())
            .and_then(|gaps| Ok((gaps, distribution.density().over_plates(tape)?)));
        match parts {
            Ok((gaps, density)) => self.seen(density, &gaps),
            Err(error) => tape.fail(error),
        }
    }

    /// Data some of which are missing (NaN, or `None`), which are unknowns of the same distribution, site `y.missing`; returned is the whole array, the unknowns in their
    /// places, for whatever else it is used for. `sample!(x ~ ..., observed = x, missing = impute)` rebinds `x` to it.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// A covariate with gaps: what it may have been follows from its own distribution and from what it explains.
    /// #[model]
    /// fn regression(x: &[f64], y: &[f64]) {
    ///     sample!(slope ~ Normal(0, 1));
    ///     sample!(centre ~ Normal(0, 1));
    ///     plate!(rows = y.len(), {
    ///         sample!(x ~ Normal(centre, 1), observed = x, missing = impute);
    ///         sample!(y ~ Normal(slope * x, 1), observed = y);
    ///     });
    /// }
    /// let model = regression(&[0.3, f64::NAN, 1.1, f64::NAN], &[0.2, 0.4, 1.0, -0.3])?;
    /// assert_eq!(model.dim(), 2 + 2);
    /// let posterior = model.sample(&Nuts::default().draws(100).seed(1))?;
    /// assert!(posterior.column("x.missing[3]").is_ok());
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn impute(self, distribution: impl Distribution<'s>, data: impl IntoObserved) -> Var<'s> {
        let tape = &self.scope.tape;
        let density = distribution.density();
        match Gaps::of(tape, data.into_observed())
            .and_then(|gaps| Ok((single(&density, gaps)?, density.over_plates(tape)?)))
        {
            Ok((gaps, density)) => self.imputed(density, gaps),
            Err(error) => {
                tape.fail(error);
                tape.var(tape.poison())
            }
        }
    }

    /// The data that were seen.
    fn seen(self, density: Density<'s>, gaps: &Gaps) {
        let tape = &self.scope.tape;
        if gaps.missing.is_empty() {
            return self.likelihood(density, gaps.data.clone());
        }
        let open = tape.open_some(&format!("{}.seen", self.name), &gaps.seen);
        self.likelihood(density, gaps.seen_values());
        tape.close_some(open);
    }

    fn imputed(self, density: Density<'s>, gaps: Gaps) -> Var<'s> {
        let (scope, tape, name) = (self.scope, &self.scope.tape, self.own.clone());
        let shape = tape.current_shape();
        self.seen(density.again(), &gaps);
        if gaps.missing.is_empty() {
            return tape.var(tape.constant(gaps.data.values, shape));
        }
        let statement = scope.site(format!("{name}.missing"));
        let open = tape.open_some(&statement.name, &gaps.missing);
        let missing = statement.latent(density);
        tape.close_some(open);
        tape.var(tape.filled(missing.node, &gaps.data.values, shape))
    }
}

/// Unknowns are single numbers, each with a prior of its own.
fn single(density: &Density<'_>, gaps: Gaps) -> Result<Gaps> {
    let fail = |message: &str| Err(Error::new(ErrorKind::Site, message));
    match density.form {
        Form::Ordered | Form::SumToZero => fail(
            "expected unknowns that are missing to stand for themselves, got .ordered() or .sum_to_zero(); leave it out there",
        ),
        _ if gaps.data.width > 1 => fail(
            "expected data of one number per element for `missing = impute`, got several; `missing = skip` leaves out the rows with gaps",
        ),
        _ => Ok(gaps),
    }
}
