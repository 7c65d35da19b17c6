//! What the coordinates of a target mean: those of a model, which has a prior, or of a hand-written density, which has none.

use crate::draws::Parameter;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Replay;
use crate::logdensity::{DensityError, LogDensity};
use crate::model::{Model, Site, SiteKind};
use crate::seed::Stream;
use crate::transform::Transform;

/// What the unconstrained coordinates z of a [`Target`](super::Target) mean. It holds a workspace; a target hands out as many as are needed. Points have
/// as many numbers as the target has dimensions.
pub trait Coordinates {
    /// The log density.
    fn density(&mut self) -> &mut dyn LogDensity;

    /// Appends the draw at z: a number for each label of the target's parameters. Returns whether a learned density was asked outside the
    /// region it was trained on, if there is one.
    fn draw(&mut self, z: &[f64], row: &mut Vec<f64>) -> Option<bool>;

    /// Draws from the prior; coordinates without a proper one stay as they are, which are all of them for a density written by hand.
    fn draw_prior(&mut self, stream: &mut Stream, z: &mut [f64]);

    /// The log prior, log-Jacobians included, and the log likelihood at z; factors and sums over discrete unknowns count as likelihood. `None` for a density
    /// written by hand.
    fn parts(&mut self, z: &[f64]) -> Option<Result<(f64, f64), DensityError>>;

    /// The same, and the gradient of log prior + power x log likelihood.
    fn tempered(
        &mut self,
        z: &[f64],
        power: f64,
        gradient: &mut [f64],
    ) -> Option<Result<(f64, f64), DensityError>>;

    /// The log density of each datum at z, for each observed site; none for a density written by hand.
    fn pointwise(&mut self, z: &[f64]) -> Vec<(String, Vec<f64>)>;

    /// A coordinate's name, for messages: "site `x`, element 3".
    fn name(&self, coordinate: usize) -> String;

    /// The sites, or parameters, in the order in which their values depend on each other.
    fn sites(&self) -> Vec<String>;

    /// Checks that a site can be given these values.
    ///
    /// # Errors
    /// When there is no unknown of this name, or the values are not as many as it has elements, or one is not finite.
    fn check(&self, site: &str, values: &[f64]) -> Result<()>;

    /// Moves a site's coordinates to where it has these values; the sites in front of it must stand already.
    ///
    /// # Errors
    /// When a value is not in the site's support.
    fn place(&mut self, site: &str, values: &[f64], z: &mut [f64]) -> Result<()>;

    /// Says what spoils the log density from one point to another, if that is known.
    fn blame(&mut self, from: &[f64], to: &[f64]) -> Option<String>;
}

/// A model and its density.
pub(super) struct ModelCoordinates<'a> {
    model: &'a Model,
    replay: Replay,
    kept: usize,
    /// For each term whether it is part of the likelihood.
    likelihood: Vec<bool>,
}

impl<'a> ModelCoordinates<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        let (kept, likelihood) = (model.kept_sites().count(), likelihood(model));
        Self { model, replay: model.density(), kept, likelihood }
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

impl Coordinates for ModelCoordinates<'_> {
    fn density(&mut self) -> &mut dyn LogDensity {
        &mut self.replay
    }

    fn draw(&mut self, z: &[f64], row: &mut Vec<f64>) -> Option<bool> {
        self.replay.run_forward(z);
        (0..self.kept).for_each(|k| self.replay.append_kept(k, row));
        self.replay.outside_training_region()
    }

    fn draw_prior(&mut self, stream: &mut Stream, z: &mut [f64]) {
        self.replay.draw_prior(stream);
        self.replay.unconstrained(z);
    }

    fn parts(&mut self, z: &[f64]) -> Option<Result<(f64, f64), DensityError>> {
        Some(self.replay.parts(z, &self.likelihood))
    }

    fn tempered(
        &mut self,
        z: &[f64],
        power: f64,
        gradient: &mut [f64],
    ) -> Option<Result<(f64, f64), DensityError>> {
        Some(self.replay.tempered(z, (&self.likelihood, power), gradient))
    }

    fn pointwise(&mut self, z: &[f64]) -> Vec<(String, Vec<f64>)> {
        self.replay.run_forward(z);
        let observed = self.model.sites().iter().filter(|site| site.kind == SiteKind::Observed);
        let terms =
            observed.filter_map(|site| Some((site.name.clone(), self.replay.pointwise_here(site.term?))));
        terms.collect()
    }

    fn name(&self, coordinate: usize) -> String {
        self.replay.coordinate_name(coordinate)
    }

    fn sites(&self) -> Vec<String> {
        self.model.kept_sites().map(|site| site.name.clone()).collect()
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

    fn blame(&mut self, from: &[f64], to: &[f64]) -> Option<String> {
        self.replay.greatest_change(from, to)
    }
}

/// For each term whether it is part of the likelihood; what none of the sites has is not.
fn likelihood(model: &Model) -> Vec<bool> {
    let of_data =
        |site: &&Site| matches!(site.kind, SiteKind::Observed | SiteKind::Discrete | SiteKind::Factor);
    let terms: Vec<usize> = model.sites().iter().filter(of_data).filter_map(|site| site.term).collect();
    let mut likelihood = vec![false; terms.iter().max().map_or(0, |term| term + 1)];
    terms.into_iter().for_each(|term| likelihood[term] = true);
    likelihood
}

/// A hand-written density over named parameters.
pub(super) struct DensityCoordinates<'a, F> {
    /// Makes the density when it is asked for.
    make: F,
    density: Option<Box<dyn LogDensity>>,
    parameters: &'a [Parameter],
    /// One per coordinate.
    transforms: &'a [Transform],
}

impl<'a, F: Fn() -> Box<dyn LogDensity>> DensityCoordinates<'a, F> {
    pub(super) fn new(make: F, parameters: &'a [Parameter], transforms: &'a [Transform]) -> Self {
        Self { make, density: None, parameters, transforms }
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

impl<F: Fn() -> Box<dyn LogDensity>> Coordinates for DensityCoordinates<'_, F> {
    fn density(&mut self) -> &mut dyn LogDensity {
        self.density.get_or_insert_with(&self.make).as_mut()
    }

    fn draw(&mut self, z: &[f64], row: &mut Vec<f64>) -> Option<bool> {
        row.extend(self.transforms.iter().zip(z).map(|(transform, &z)| transform.constrain(z).value));
        None
    }

    fn draw_prior(&mut self, _: &mut Stream, _: &mut [f64]) {}

    fn parts(&mut self, _: &[f64]) -> Option<Result<(f64, f64), DensityError>> {
        None
    }

    fn tempered(&mut self, _: &[f64], _: f64, _: &mut [f64]) -> Option<Result<(f64, f64), DensityError>> {
        None
    }

    fn pointwise(&mut self, _: &[f64]) -> Vec<(String, Vec<f64>)> {
        vec![]
    }

    fn name(&self, coordinate: usize) -> String {
        let label = self.parameters.iter().flat_map(Parameter::labels).nth(coordinate);
        format!("`{}`", label.unwrap_or_default())
    }

    fn sites(&self) -> Vec<String> {
        self.parameters.iter().map(|parameter| parameter.name.clone()).collect()
    }

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

    fn blame(&mut self, _: &[f64], _: &[f64]) -> Option<String> {
        None
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
