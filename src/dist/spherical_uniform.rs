//! The uniform distribution of unit vectors: p(x) = G(K / 2) / (2 pi^(K / 2)), as a density on the surface of the sphere in K dimensions.
//!
//! Source: Mardia & Jupp, Directional Statistics (2000), section 9.3.1.

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Slopes};
use super::kernel::ParameterDomain;
use crate::error::{Error, ErrorKind, Result};
use crate::math::ln_gamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::f64::consts::{LN_2, PI};
use std::sync::Arc;

/// Directions in so many dimensions (2 or more), all alike: vectors the sum of whose squares is 1. An unknown one has as many coordinates as numbers
/// ([`UnitVector`](crate::transform::UnitVector)); other densities of directions are this one and a `factor!`.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// /// Each measurement is a component of a unit vector along a known axis, with noise.
/// #[model]
/// fn direction(axis: &[usize], y: &[f64]) {
///     sample!(direction ~ SphericalUniform(3));
///     plate!(rows = y.len(), {
///         sample!(y ~ Normal(direction.at(axis), 0.1), observed = y);
///     });
/// }
/// let model = direction(&[0, 1, 2], &[0.7, -0.6, 0.3])?;
/// assert_eq!(model.dim(), 3);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SphericalUniform(pub usize);

const NAME: &str = "SphericalUniform";

impl<'t> Distribution<'t> for SphericalUniform {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(Sphere { size: self.0 }), vec![])
    }
}

#[derive(Clone, Copy)]
struct Sphere {
    size: usize,
}

impl JointFamily for Sphere {
    fn name(&self) -> &'static str {
        NAME
    }

    fn arguments(&self) -> &'static [JointArgument] {
        &[]
    }

    fn build(&self, _: usize) -> Result<Arc<dyn Family>> {
        if self.size < 2 {
            let message = format!(
                "expected two dimensions or more for {NAME}, got {}: the directions of a line are two points, which are no unknown; sum a sign out \
                 with a mixture",
                self.size
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        Ok(Arc::new(Joint(*self)))
    }
}

impl JointKernel for Sphere {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        vec![]
    }

    fn support(&self) -> Support {
        Support::UnitVector { size: self.size }
    }

    fn log_prob(&self, _: &[f64], x: &[f64], _: &mut [f64]) -> f64 {
        let half = 0.5 * self.size as f64;
        (x.len() / self.size) as f64 * (ln_gamma(half) - LN_2 - half * PI.ln())
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], _: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        self.log_prob(parameters, x, scratch)
    }

    fn sample(&self, _: &[f64], stream: &mut Stream, out: &mut [f64]) {
        out.iter_mut().for_each(|x| *x = StandardNormal.sample(stream));
        let length = out.iter().map(|x| x * x).sum::<f64>().sqrt();
        out.iter_mut().for_each(|x| *x /= length);
    }
}
