//! Distributions as statements of a model use them.

use super::family::{Elementwise, Family};
use super::kernel::Kernel;
use crate::graph::{Argument, Learned};
use std::sync::Arc;

/// Whatever may stand to the right of the tilde: a distribution whose parameters are numbers, data or variables.
///
/// To add a distribution of your own, implement [`Kernel`] for its mathematics and return [`Density::formula`] here.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a distribution",
    label = "expected a distribution with numbers, data or variables as parameters, such as `Normal(0.0, 1.0)`"
)]
pub trait Distribution<'t> {
    /// The distribution with its parameters, ready to become one node of the graph.
    fn density(self) -> Density<'t>;
}

/// A log density with its parameters filled in: what a statement adds to the graph.
pub struct Density<'t> {
    pub(crate) family: DensityFamily,
    pub(crate) arguments: Vec<Argument<'t>>,
    /// A latent value is to be written as location + scale x standard value.
    pub(crate) noncentered: bool,
    /// A mistake made while the parameters were named; reported when the model is built.
    pub(crate) error: Option<crate::Error>,
}

/// Where the log density comes from.
#[derive(Clone)]
pub(crate) enum DensityFamily {
    Formula(Arc<dyn Family>),
    Learned(Arc<dyn Learned>),
}

impl<'t> Density<'t> {
    /// The density of kernel `K` with `P` parameters for values of `W` numbers.
    pub fn formula<K: Kernel<P, W>, const P: usize, const W: usize>(arguments: [Argument<'t>; P]) -> Self {
        Self::family(Arc::new(Elementwise::<K, P, W>::new()), arguments.into())
    }

    pub(crate) fn family(family: Arc<dyn Family>, arguments: Vec<Argument<'t>>) -> Self {
        Self { family: DensityFamily::Formula(family), arguments, noncentered: false, error: None }
    }

    /// A density given by more than a formula, with one argument per name in `learned.names()`, in that order.
    pub fn learned(learned: Arc<dyn Learned>, arguments: Vec<Argument<'t>>) -> Self {
        Self { family: DensityFamily::Learned(learned), arguments, noncentered: false, error: None }
    }

    /// A density that cannot be built: the error is reported when the model is.
    pub fn invalid(learned: Arc<dyn Learned>, error: crate::Error) -> Self {
        Self { error: Some(error), ..Self::learned(learned, vec![]) }
    }

    /// The same density, to be sampled through standard normal values: needs a location and a scale as its two parameters.
    pub(crate) fn noncentered(mut self) -> Self {
        self.noncentered = true;
        self
    }

    /// The names of the parameters.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.family {
            DensityFamily::Formula(family) => family.parameters().into_iter().map(|(name, _)| name).collect(),
            DensityFamily::Learned(learned) => learned.names().to_vec(),
        }
    }
}

impl<'t> Distribution<'t> for Density<'t> {
    fn density(self) -> Density<'t> {
        self
    }
}
