//! A density with its parameters filled in, as a statement of a model takes it.

use super::combinator::Combinator;
use super::distribution::Distribution;
use super::family::{Elementwise, Family};
use super::interval::{Cumulative, continuous_interval, count_interval};
use super::joint::JointFamily;
use super::kernel::Kernel;
use super::vector_kernel::VectorKernel;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Learned, Tape};
use std::sync::Arc;

/// How unknowns are written: their coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By the distribution's support.
    Plain,
    /// As location + scale x z.
    NonCentered,
    /// The same of a normal unknown: the density of the standard value stands in place of that of the unknown, and nothing has to cancel.
    Standardised,
    /// In ascending order along the innermost plate.
    Ordered,
    /// With sum 0 along the innermost plate.
    SumToZero,
}

/// A log density with its parameters filled in: what a statement adds to the graph.
pub struct Density<'t> {
    pub(crate) family: DensityFamily,
    pub(crate) arguments: Vec<Argument<'t>>,
    /// What it is put together of.
    pub(crate) parts: Vec<Density<'t>>,
    /// How an unknown of it is written.
    pub(crate) form: Form,
    /// A mistake made while the parameters were named; reported when the model is built.
    pub(crate) error: Option<crate::Error>,
}

/// Where the log density comes from.
#[derive(Clone)]
pub(crate) enum DensityFamily {
    Formula(Arc<dyn Family>),
    Learned(Arc<dyn Learned>),
    /// A density of vectors, whose size its arguments will say.
    Joint(Arc<dyn JointFamily>),
    /// One that is put together of others.
    Combined(Arc<dyn Combinator>),
}

impl<'t> Density<'t> {
    /// The density of kernel `K` with `P` parameters for values of `W` numbers.
    pub fn formula<K: Kernel<P, W>, const P: usize, const W: usize>(arguments: [Argument<'t>; P]) -> Self {
        Self::family(Arc::new(Elementwise::<K, P, W>::new()), arguments.into())
    }

    /// The same for a kernel whose formula is written for vectors too.
    pub(crate) fn vector_formula<K: VectorKernel<P>, const P: usize>(arguments: [Argument<'t>; P]) -> Self {
        Self::family(Arc::new(Elementwise::<K, P, 1>::with_vectors()), arguments.into())
    }

    /// The same for a kernel of continuous values whose distribution function is known.
    pub(crate) fn cumulative_formula<K: VectorKernel<P> + Cumulative<P>, const P: usize>(
        arguments: [Argument<'t>; P],
    ) -> Self {
        let family = Elementwise::<K, P, 1>::with_intervals(continuous_interval::<K, P>);
        Self::family(Arc::new(family), arguments.into())
    }

    /// The same for a kernel of counts.
    pub(crate) fn count_formula<K: VectorKernel<P>, const P: usize>(arguments: [Argument<'t>; P]) -> Self {
        let family = Elementwise::<K, P, 1>::with_intervals(count_interval::<K, P>);
        Self::family(Arc::new(family), arguments.into())
    }

    /// The same for a kernel of counts that has no formula over vectors.
    pub(crate) fn scalar_count_formula<K: Kernel<P>, const P: usize>(arguments: [Argument<'t>; P]) -> Self {
        let family = Elementwise::<K, P, 1>::of_counts(count_interval::<K, P>);
        Self::family(Arc::new(family), arguments.into())
    }

    pub(crate) fn family(family: Arc<dyn Family>, arguments: Vec<Argument<'t>>) -> Self {
        Self::of(DensityFamily::Formula(family), arguments, vec![])
    }

    fn of(family: DensityFamily, arguments: Vec<Argument<'t>>, parts: Vec<Density<'t>>) -> Self {
        Self { family, arguments, parts, form: Form::Plain, error: None }
    }

    /// A density put together of others.
    pub(crate) fn combined(
        combinator: Arc<dyn Combinator>,
        arguments: Vec<Argument<'t>>,
        parts: Vec<Density<'t>>,
    ) -> Self {
        Self::of(DensityFamily::Combined(combinator), arguments, parts)
    }

    /// A density of vectors.
    pub(crate) fn joint(family: Arc<dyn JointFamily>, arguments: Vec<Argument<'t>>) -> Self {
        Self::of(DensityFamily::Joint(family), arguments, vec![])
    }

    /// A density given by more than a formula, with one argument per name in `learned.names()`, in that order.
    pub fn learned(learned: Arc<dyn Learned>, arguments: Vec<Argument<'t>>) -> Self {
        Self::of(DensityFamily::Learned(learned), arguments, vec![])
    }

    /// A density that cannot be built: the error is reported when the model is.
    pub fn invalid(learned: Arc<dyn Learned>, error: crate::Error) -> Self {
        Self { error: Some(error), ..Self::learned(learned, vec![]) }
    }

    /// The same density of a normal unknown, to be sampled through standard normal values.
    pub(crate) fn standardised(mut self) -> Self {
        self.form = Form::Standardised;
        self
    }

    /// The same with its arguments recorded over the plates that are open now.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for a density of vectors, whose arguments are more than an array over plates.
    pub(crate) fn over_plates(self, tape: &'t Tape) -> Result<Self> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let DensityFamily::Joint(family) = &self.family {
            let message = format!(
                "expected a distribution of single numbers or responses where data are missing, got {}; leave out the rows with gaps, or give each missing                  number a prior of its own (`Var::in_gaps`)",
                family.name()
            );
            return Err(Error::new(ErrorKind::Site, message));
        }
        let over = |argument| Argument::Var(tape.var(tape.localised(tape.argument(argument))));
        let arguments = self.arguments.into_iter().map(over).collect();
        let parts: Result<_> = self.parts.into_iter().map(|part| part.over_plates(tape)).collect();
        Ok(Self { arguments, parts: parts?, family: self.family, form: self.form, error: None })
    }

    /// The same with those arguments recorded over the plates that are open now that are no vectors.
    ///
    /// # Errors
    /// A mistake made while the parameters were named.
    pub(crate) fn with_arguments_over_plates(self, tape: &'t Tape) -> Result<Self> {
        match (&self.family, &self.error) {
            (DensityFamily::Joint(_), None) => Ok(self),
            _ => self.over_plates(tape),
        }
    }

    /// The same once more, of one without mistakes.
    pub(crate) fn again(&self) -> Self {
        Self {
            family: self.family.clone(),
            arguments: self.arguments.clone(),
            parts: self.parts.iter().map(Self::again).collect(),
            form: self.form,
            error: None,
        }
    }

    /// The names of the parameters.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.family {
            DensityFamily::Formula(family) => family.parameters().into_iter().map(|(name, _)| name).collect(),
            DensityFamily::Learned(learned) => learned.names().to_vec(),
            DensityFamily::Joint(family) => {
                family.arguments().iter().map(|argument| argument.name.to_string()).collect()
            }
            DensityFamily::Combined(combinator) => {
                combinator.parameters().into_iter().map(|(name, _)| name).collect()
            }
        }
    }
}

impl<'t> Distribution<'t> for Density<'t> {
    fn density(self) -> Density<'t> {
        self
    }
}
