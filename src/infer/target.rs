//! What a sampler moves over.

use super::coordinates::{Coordinates, DensityCoordinates, ModelCoordinates};
use crate::draws::Parameter;
use crate::error::{Error, ErrorKind, Result};
use crate::logdensity::LogDensity;
use crate::model::Model;
use crate::transform::Transform;

/// The name of all coordinates of a density on R^n.
const COORDINATES: &str = "z";

/// What a sampler moves over: a model, or a density written by hand, in unconstrained space.
///
/// It hands out log densities, one for each chain ([`Target::density`]), and says what their coordinates mean ([`Target::coordinates`]): the draw
/// at a point, a point drawn from the prior, prior and likelihood apart, the terms datum by datum.
///
/// # Examples
/// ```
/// use mynah::LogDensity;
/// use mynah::infer::Target;
/// use mynah::prelude::*;
///
/// #[model]
/// fn coin(heads: &[u64]) {
///     sample!(p ~ Beta(1.0, 1.0));
///     plate!(tosses = heads.len(), {
///         sample!(toss ~ Bernoulli(p), observed = heads);
///     });
/// }
/// let model = coin(&[1, 0, 1, 1])?;
/// let target = Target::of_model(&model);
/// assert_eq!(target.dim(), 1);
///
/// let mut coordinates = target.coordinates();
/// let mut z = [0.0];
/// coordinates.draw_prior(&mut Seed(1).stream(Domain::User, 0), &mut z);
/// let mut row = vec![];
/// coordinates.draw(&z, &mut row);
/// assert!(row[0] > 0.0 && row[0] < 1.0);
///
/// // 3 heads and a tail; the log-Jacobian belongs to the prior.
/// let (prior, likelihood) = coordinates.parts(&z).unwrap().unwrap();
/// assert!((likelihood - (3.0 * row[0].ln() + (1.0 - row[0]).ln())).abs() < 1e-12);
/// assert!((target.density().log_density(&z).unwrap() - prior - likelihood).abs() < 1e-12);
/// assert_eq!(coordinates.pointwise(&z)[0].1.len(), 4);
/// # Ok::<(), mynah::Error>(())
/// ```
pub struct Target<'a> {
    source: Box<dyn Source + 'a>,
}

/// Where a target comes from.
trait Source: Sync {
    fn dim(&self) -> usize;
    fn parameters(&self) -> Vec<Parameter>;
    fn density(&self) -> Box<dyn LogDensity>;
    fn coordinates(&self) -> Box<dyn Coordinates + '_>;
    /// What to say when there is no dimension.
    fn without_dimensions(&self) -> &'static str;
}

impl<'a> Target<'a> {
    /// A model's posterior.
    pub fn of_model(model: &'a Model) -> Self {
        Self { source: Box::new(ModelSource(model)) }
    }

    /// A density on R^n; its coordinates are the draws, named `z[0]`, `z[1]`, ...
    pub fn of_density(density: &'a (impl LogDensity + Clone + Sync + 'static)) -> Self {
        let dim = density.dim();
        Self::over(density, vec![Parameter::new(COORDINATES, [dim])], vec![Transform::Identity; dim])
    }

    /// A density in unconstrained space over these parameters, with one transform per number.
    pub(super) fn over(
        density: &'a (impl LogDensity + Clone + Sync + 'static),
        parameters: Vec<Parameter>,
        transforms: Vec<Transform>,
    ) -> Self {
        Self { source: Box::new(DensitySource { density, parameters, transforms }) }
    }

    /// The number of unconstrained dimensions.
    pub fn dim(&self) -> usize {
        self.source.dim()
    }

    /// What a draw holds: names and shapes, in the order in which [`Coordinates::draw`] writes the numbers.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.source.parameters()
    }

    /// The log density, with a workspace of its own: one for each chain.
    pub fn density(&self) -> Box<dyn LogDensity> {
        self.source.density()
    }

    /// What the coordinates mean, with a workspace of its own.
    pub fn coordinates(&self) -> Box<dyn Coordinates + '_> {
        self.source.coordinates()
    }

    /// # Errors
    /// When there is nothing to move.
    pub(super) fn check(&self) -> Result<()> {
        match self.dim() {
            0 => Err(Error::new(ErrorKind::Sampling, self.source.without_dimensions())),
            _ => Ok(()),
        }
    }
}

struct ModelSource<'a>(&'a Model);

impl Source for ModelSource<'_> {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.0
            .kept_sites()
            .map(|site| Parameter::new(&site.name, site.shape.clone()).with_coordinates(site.labels.clone()))
            .collect()
    }

    fn density(&self) -> Box<dyn LogDensity> {
        Box::new(self.0.density())
    }

    fn coordinates(&self) -> Box<dyn Coordinates + '_> {
        Box::new(ModelCoordinates::new(self.0))
    }

    fn without_dimensions(&self) -> &'static str {
        "expected a model with at least one unknown, got one without; add a `sample!` without `observed`"
    }
}

struct DensitySource<'a, D> {
    density: &'a D,
    parameters: Vec<Parameter>,
    /// One per coordinate.
    transforms: Vec<Transform>,
}

impl<D: LogDensity + Clone + Sync + 'static> Source for DensitySource<'_, D> {
    fn dim(&self) -> usize {
        self.density.dim()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters.clone()
    }

    fn density(&self) -> Box<dyn LogDensity> {
        Box::new(self.density.clone())
    }

    fn coordinates(&self) -> Box<dyn Coordinates + '_> {
        let make = || self.density();
        Box::new(DensityCoordinates::new(make, &self.parameters, &self.transforms))
    }

    fn without_dimensions(&self) -> &'static str {
        "expected a density of at least one dimension, got one of none"
    }
}
