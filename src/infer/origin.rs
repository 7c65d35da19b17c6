//! What starts are made from: a model, which has a prior, or a hand-written density, which has none.

use crate::draws::Parameter;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Replay;
use crate::logdensity::LogDensity;
use crate::model::{Model, Site, SiteKind};
use crate::seed::Stream;
use crate::transform::Transform;

/// A density with what is known of its coordinates.
pub(super) trait Origin {
    /// The log density.
    fn density(&mut self) -> &mut dyn LogDensity;

    /// Draws from the prior; coordinates without a proper one stay as they are.
    fn draw_prior(&mut self, stream: &mut Stream, z: &mut [f64]);

    /// Checks that a site can be given these values.
    fn check(&self, site: &str, values: &[f64]) -> Result<()>;

    /// Moves a site's coordinates to where it has these values.
    fn place(&mut self, site: &str, values: &[f64], z: &mut [f64]) -> Result<()>;

    /// A coordinate's name, for messages: "site `x`, element 3".
    fn name(&self, coordinate: usize) -> String;

    /// The sites in the order in which their values depend on each other.
    fn sites(&self) -> Vec<String>;
}

/// A model and its density.
pub(super) struct ModelOrigin<'a> {
    model: &'a Model,
    replay: Replay,
}

impl<'a> ModelOrigin<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        Self { model, replay: model.density() }
    }

    fn site(&self, name: &str) -> Result<&Site> {
        let latent = |site: &&Site| site.kind == SiteKind::Latent;
        self.model.sites().iter().filter(latent).find(|site| site.name == name).ok_or_else(|| {
            let known: Vec<&str> =
                self.model.sites().iter().filter(latent).map(|site| site.name.as_str()).collect();
            let message = format!(
                "expected the name of an unknown in the start, got `{name}`; there are `{}`",
                known.join("`, `")
            );
            Error::new(ErrorKind::Options, message)
        })
    }
}

impl Origin for ModelOrigin<'_> {
    fn density(&mut self) -> &mut dyn LogDensity {
        &mut self.replay
    }

    fn draw_prior(&mut self, stream: &mut Stream, z: &mut [f64]) {
        self.replay.draw_prior(stream);
        self.replay.unconstrained(z);
    }

    fn check(&self, name: &str, values: &[f64]) -> Result<()> {
        let site = self.site(name)?;
        if values.len() != site.len() {
            let message = format!(
                "expected {} numbers for site `{name}` in the start, got {}",
                site.len(),
                values.len()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        finite(name, values)
    }

    fn place(&mut self, name: &str, values: &[f64], z: &mut [f64]) -> Result<()> {
        let kept = self.model.kept_sites().position(|site| site.name == name);
        let (term, kept) = (self.site(name)?.term, kept);
        let placed = match (term, kept) {
            (Some(term), Some(kept)) => self.replay.place(term, kept, values, z),
            _ => Err(0),
        };
        placed.map_err(|element| outside(name, values[element], element))
    }

    fn name(&self, coordinate: usize) -> String {
        self.replay.coordinate_name(coordinate)
    }

    fn sites(&self) -> Vec<String> {
        self.model.kept_sites().map(|site| site.name.clone()).collect()
    }
}

/// A hand-written density over named parameters.
pub(super) struct DensityOrigin {
    density: Box<dyn LogDensity>,
    parameters: Vec<Parameter>,
    /// One per coordinate.
    transforms: Vec<Transform>,
}

/// The name of all coordinates of a density on R^n.
pub(super) const COORDINATES: &str = "z";

impl DensityOrigin {
    pub(super) fn new(
        density: impl LogDensity + 'static,
        parameters: &[Parameter],
        transforms: &[Transform],
    ) -> Self {
        let (parameters, transforms) = (parameters.to_vec(), transforms.to_vec());
        Self { density: Box::new(density), parameters, transforms }
    }

    /// A density on R^n.
    pub(super) fn unnamed(density: impl LogDensity + 'static) -> Self {
        let dim = density.dim();
        Self::new(density, &[Parameter::new(COORDINATES, [dim])], &vec![Transform::Identity; dim])
    }

    /// The parameter of this name with its first coordinate.
    fn find(&self, name: &str) -> Option<(usize, &Parameter)> {
        let mut first = 0;
        self.parameters.iter().find_map(|parameter| {
            let here = first;
            first += parameter.width();
            (parameter.name == name).then_some((here, parameter))
        })
    }
}

impl Origin for DensityOrigin {
    fn density(&mut self) -> &mut dyn LogDensity {
        self.density.as_mut()
    }

    fn draw_prior(&mut self, _: &mut Stream, _: &mut [f64]) {}

    fn check(&self, name: &str, values: &[f64]) -> Result<()> {
        let Some((_, parameter)) = self.find(name) else {
            let known = self.sites().join("`, `");
            let message =
                format!("expected the name of a parameter in the start, got `{name}`; there are `{known}`");
            return Err(Error::new(ErrorKind::Options, message));
        };
        if values.len() != parameter.width() {
            let (width, len) = (parameter.width(), values.len());
            let message = format!("expected {width} numbers for `{name}` in the start, got {len}");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        finite(name, values)
    }

    fn place(&mut self, name: &str, values: &[f64], z: &mut [f64]) -> Result<()> {
        let first = self.find(name).map_or(0, |(first, _)| first);
        for (element, value) in values.iter().enumerate() {
            z[first + element] = self.transforms[first + element].unconstrain(*value);
            if !z[first + element].is_finite() {
                return Err(outside(name, *value, element));
            }
        }
        Ok(())
    }

    fn name(&self, coordinate: usize) -> String {
        let label = self.parameters.iter().flat_map(Parameter::labels).nth(coordinate);
        format!("`{}`", label.unwrap_or_default())
    }

    fn sites(&self) -> Vec<String> {
        self.parameters.iter().map(|parameter| parameter.name.clone()).collect()
    }
}

fn outside(name: &str, value: f64, element: usize) -> Error {
    let message = format!(
        "expected a start inside the support of `{name}`, got {value} at element {element}; the ends of the support do not \
         belong to it"
    );
    Error::new(ErrorKind::Value, message)
}

fn finite(name: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(element) => {
            let value = values[element];
            let message = format!(
                "expected finite numbers for `{name}` in the start, got {value} at element {element}"
            );
            Err(Error::new(ErrorKind::Value, message))
        }
        None => Ok(()),
    }
}
