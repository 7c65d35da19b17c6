//! The Gaussian random walk: x_1 is normal with a location and a scale of its own, x_t normal around x_(t-1).
//!
//! log p(x) = log N(x_1 | initial_loc, initial_scale) + sum over t > 1 of log N(x_t | x_(t-1), scale).

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes};
use super::kernel::ParameterDomain;
use super::normal::HALF_LN_2_PI;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axis, IntoArgument};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::sync::Arc;

/// A walk along the innermost open plate: `scale` is the standard deviation of its steps (above 0), `initial_loc` and `initial_scale` (above 0) are mean and
/// standard deviation of its first number. Over plates further out there is one walk for each of their elements, whose parameters may differ.
///
/// An unknown walk is sampled as it is, which is good where each number is known well by its own data; where it is not, `.noncentered()` samples
/// the steps. Observed, each walk is one datum.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn level(y: &[f64]) {
///     sample!(step ~ HalfNormal(1));
///     plate!(days = y.len(), {
///         sample!(level ~ GaussianRandomWalk(step, 0, 5));
///         sample!(y ~ Normal(level, 0.5), observed = y);
///     });
/// }
/// let model = level(&[0.3, 0.9, 1.1, 2.0])?;
/// assert_eq!(model.dim(), 1 + 4);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianRandomWalk<S, L, I>(pub S, pub L, pub I);

impl<'t, S: IntoArgument<'t>, L: IntoArgument<'t>, I: IntoArgument<'t>> Distribution<'t>
    for GaussianRandomWalk<S, L, I>
{
    fn density(self) -> Density<'t> {
        let arguments = vec![self.0.into_argument(), self.1.into_argument(), self.2.into_argument()];
        Density::joint(Arc::new(WalkFamily { axis: None }), arguments)
    }
}

const NAME: &str = "GaussianRandomWalk";

struct WalkFamily {
    /// The plate that it runs along, once that is known.
    axis: Option<Axis>,
}

impl JointFamily for WalkFamily {
    fn name(&self) -> &'static str {
        NAME
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 3] = [
            JointArgument { name: "scale", rank: Rank::Number, domain: ParameterDomain::Positive },
            JointArgument { name: "initial_loc", rank: Rank::Number, domain: ParameterDomain::Real },
            JointArgument { name: "initial_scale", rank: Rank::Number, domain: ParameterDomain::Positive },
        ];
        &ARGUMENTS
    }

    fn build(&self, _: usize) -> Result<Arc<dyn Family>> {
        match self.axis {
            Some(axis) => Ok(Arc::new(Joint(Walks { steps: axis.len }))),
            None => {
                let message = "expected GaussianRandomWalk in a statement of its own inside of a plate, along which it runs, got it outside of any, or as a part \
                               of another density; write plate!(times = n, { sample!(...); })";
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    fn along(&self, axis: Axis) -> Option<Arc<dyn JointFamily>> {
        match self.axis {
            None => Some(Arc::new(WalkFamily { axis: Some(axis) })),
            Some(_) => None,
        }
    }

    fn axis(&self) -> Option<Axis> {
        self.axis
    }
}

struct Walks {
    steps: usize,
}

impl Walks {
    /// The sum over steps that are not there but for their normalisers; NaN for parameters outside of their domains.
    fn normaliser(&self, [scale, loc, initial]: [f64; 3]) -> f64 {
        let valid = [scale, initial].iter().all(|x| ParameterDomain::Positive.contains(*x));
        match valid && loc.is_finite() {
            true => -(self.steps as f64) * HALF_LN_2_PI - initial.ln() - (self.steps - 1) as f64 * scale.ln(),
            false => f64::NAN,
        }
    }

    /// The parameters.
    fn of(parameters: &[f64]) -> [f64; 3] {
        [parameters[0], parameters[1], parameters[2]]
    }
}

impl JointKernel for Walks {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let named = [
            ("scale", ParameterDomain::Positive),
            ("initial_loc", ParameterDomain::Real),
            ("initial_scale", ParameterDomain::Positive),
        ];
        named.map(|(name, domain)| (name.to_string(), domain)).into()
    }

    fn support(&self) -> Support {
        Support::Vector { size: self.steps }
    }

    fn walks(&self) -> bool {
        true
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], _: &mut [f64]) -> f64 {
        let [scale, loc, initial] = Self::of(parameters);
        let normaliser = self.normaliser([scale, loc, initial]);
        let of = |x: &[f64]| {
            let steps: f64 = x.windows(2).map(|pair| ((pair[1] - pair[0]) / scale).powi(2)).sum();
            normaliser - 0.5 * (steps + ((x[0] - loc) / initial).powi(2))
        };
        x.chunks_exact(self.steps).map(of).sum()
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let [scale, loc, initial] = Self::of(parameters);
        for (x, dx) in x.chunks_exact(self.steps).zip(slopes.x.chunks_exact_mut(self.steps)) {
            let start = (x[0] - loc) / initial;
            dx[0] -= start / initial;
            slopes.parameters[1] += start / initial;
            slopes.parameters[2] += (start * start - 1.0) / initial;
            for t in 1..self.steps {
                let step = (x[t] - x[t - 1]) / scale;
                dx[t] -= step / scale;
                dx[t - 1] += step / scale;
                slopes.parameters[0] += (step * step - 1.0) / scale;
            }
        }
        self.log_prob(parameters, x, scratch)
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let [scale, loc, initial] = Self::of(parameters);
        let poison = if self.normaliser([scale, loc, initial]).is_nan() { f64::NAN } else { 0.0 };
        let (mut at, mut step) = (loc + poison, initial);
        for out in out {
            let z: f64 = StandardNormal.sample(stream);
            at += step * z;
            *out = at;
            step = scale;
        }
    }
}
