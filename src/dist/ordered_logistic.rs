//! The ordered logistic distribution: categories 0, ..., K of a logistic variable with location eta, cut at c_1 < ... < c_K.
//!
//! p(k) = logistic(c_(k+1) - eta) - logistic(c_k - eta), c_0 = -infinity, c_(K+1) = infinity.
//!
//! Source: McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x.

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, vector_names};
use super::kernel::ParameterDomain;
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::math::{log1p_exp, logistic};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;
use std::sync::Arc;

/// Categories 0, ..., K of a logistic variable with location `eta` and K cutpoints in ascending order: an array of numbers or a variable over a plate
/// that is not open, such as unknowns written with [`Distribution::ordered`]. For observed values.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn ratings(x: &[f64], rating: &[u64]) {
///     sample!(slope ~ Normal(0, 1));
///     plate!(cuts = 2, {
///         sample!(cut ~ Normal(0, 3).ordered());
///     });
///     plate!(raters = x.len(), {
///         sample!(rating ~ OrderedLogistic(slope * x, cut), observed = rating);
///     });
/// }
/// assert_eq!(ratings(&[0.1, -0.5, 2.0], &[1, 0, 2])?.dim(), 3);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderedLogistic<E, C>(pub E, pub C);

impl<'t, E: IntoArgument<'t>, C: IntoArgument<'t>> Distribution<'t> for OrderedLogistic<E, C> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(OrderedFamily), vec![self.0.into_argument(), self.1.into_argument()])
    }
}

struct OrderedFamily;

const NAME: &str = "OrderedLogistic";

impl JointFamily for OrderedFamily {
    fn name(&self) -> &'static str {
        NAME
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 2] = [
            JointArgument { name: "eta", rank: Rank::Number, domain: ParameterDomain::Real },
            JointArgument { name: "cutpoints", rank: Rank::Vector, domain: ParameterDomain::Real },
        ];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Cut { cuts: size })))
    }
}

struct Cut {
    cuts: usize,
}

impl Cut {
    fn valid(parameters: &[f64]) -> bool {
        let ascending = parameters[1..].windows(2).all(|pair| pair[0] < pair[1]);
        ascending && parameters.iter().all(|x| x.is_finite())
    }

    /// The log probability of a category and its derivatives by the cutpoints below and above it.
    fn of(&self, parameters: &[f64], category: f64) -> Option<(f64, [f64; 2])> {
        let (eta, cuts) = (parameters[0], &parameters[1..]);
        let k = category as usize;
        if category < 0.0 || category.fract() != 0.0 || k > self.cuts {
            return None;
        }
        let [low, high] =
            [k.checked_sub(1), Some(k)].map(|at| at.and_then(|at| cuts.get(at)).map(|c| c - eta));
        Some(match (low, high) {
            (None, None) => (0.0, [0.0; 2]),
            (None, Some(high)) => (-log1p_exp(-high), [0.0, logistic(-high)]),
            (Some(low), None) => (-log1p_exp(low), [-logistic(low), 0.0]),
            (Some(low), Some(high)) => {
                // logistic(b) - logistic(a) = (1 - exp(a - b)) logistic(b) logistic(-a).
                let gap = high - low;
                let of_gap = 1.0 / gap.exp_m1();
                let log = (-(-gap).exp_m1()).ln() - log1p_exp(-high) - log1p_exp(low);
                (log, [-of_gap - logistic(low), of_gap + logistic(-high)])
            }
        })
    }
}

impl JointKernel for Cut {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let eta = std::iter::once(("eta".to_string(), ParameterDomain::Real));
        eta.chain(vector_names("cutpoints", self.cuts, ParameterDomain::Real)).collect()
    }

    fn support(&self) -> Support {
        Support::Category { categories: self.cuts + 1 }
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], _: &mut [f64]) -> f64 {
        if !Self::valid(parameters) {
            return f64::NAN;
        }
        x.iter().map(|x| self.of(parameters, *x).map_or(f64::NEG_INFINITY, |(log, _)| log)).sum()
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, _: &mut [f64]) -> f64 {
        if !Self::valid(parameters) {
            return f64::NAN;
        }
        let mut total = 0.0;
        for x in x {
            let Some((log, [below, above])) = self.of(parameters, *x) else { return f64::NEG_INFINITY };
            let k = *x as usize;
            total += log;
            slopes.parameters[0] -= below + above;
            if k > 0 {
                slopes.parameters[k] += below;
            }
            if k < self.cuts {
                slopes.parameters[k + 1] += above;
            }
        }
        total
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let u: f64 = stream.random();
        let below = parameters[1..].iter().filter(|cut| logistic(**cut - parameters[0]) < u).count();
        out[0] = if Self::valid(parameters) { below as f64 } else { f64::NAN };
    }
}
