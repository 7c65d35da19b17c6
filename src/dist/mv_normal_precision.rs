//! The multivariate normal distribution, by the Cholesky factor L of its precision, the inverse of its covariance.
//!
//! log p(x) = -(K log(2 pi) + y'y) / 2 + sum of log L_kk, y = L'(x - loc).
//!
//! Source: Kotz, Balakrishnan & Johnson, Continuous Multivariate Distributions 1 (2000), chapter 45.

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{
    Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, lower_names, valid, vector_names,
};
use super::kernel::ParameterDomain;
use super::mv_normal::LOC;
use super::normal::HALF_LN_2_PI;
use super::triangular::Triangle;
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::sync::Arc;

/// The multivariate normal distribution of K numbers with location (K numbers, or one for all) and precision, the inverse of the covariance (K x K,
/// positive definite; its lower triangle is read): what fields of neighbours are written by. It has no `.noncentered()`.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// /// Four places in a row, each drawn to its neighbours: a precision of differences, and a little for the level.
/// #[model]
/// fn field(y: &[f64]) {
///     let structure = [1.1, -1.0, 0.0, 0.0, -1.0, 2.1, -1.0, 0.0, 0.0, -1.0, 2.1, -1.0, 0.0, 0.0, -1.0, 1.1];
///     sample!(field ~ MvNormalPrecision(0.0, structure));
///     plate!(places = 4, {
///         sample!(y ~ Normal(field.at(&[0, 1, 2, 3]), 0.5), observed = y);
///     });
/// }
/// assert_eq!(field(&[0.3, 0.5, 0.9, 1.4])?.dim(), 4);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MvNormalPrecision<L, P>(pub L, pub P);

impl<'t, L: IntoArgument<'t>, P: IntoArgument<'t>> Distribution<'t> for MvNormalPrecision<L, P> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(ByPrecision), vec![self.0.into_argument(), self.1.into_argument()])
    }
}

const NAME: &str = "MvNormalPrecision";

struct ByPrecision;

impl JointFamily for ByPrecision {
    fn name(&self) -> &'static str {
        NAME
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 2] =
            [LOC, JointArgument { name: "precision", rank: Rank::Covariance, domain: ParameterDomain::Real }];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Vectors { size })))
    }
}

struct Vectors {
    size: usize,
}

impl Vectors {
    /// Minus K log(2 pi) / 2 and the sum of the logarithms of the factor's diagonal; NaN for parameters outside of their domains.
    fn normaliser(&self, parameters: &[f64]) -> f64 {
        let factor = Triangle { size: self.size, numbers: &parameters[self.size..] };
        let log = |k: usize| if factor.at(k, k) > 0.0 { factor.at(k, k).ln() } else { f64::NAN };
        let logs: f64 = (0..self.size).map(log).sum();
        match valid(parameters, ParameterDomain::Real) {
            true => logs - self.size as f64 * HALF_LN_2_PI,
            false => f64::NAN,
        }
    }
}

impl JointKernel for Vectors {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let loc = vector_names("loc", self.size, ParameterDomain::Real);
        loc.chain(lower_names("factor", self.size, ParameterDomain::Positive)).collect()
    }

    fn support(&self) -> Support {
        Support::Vector { size: self.size }
    }

    fn by_precision(&self) -> bool {
        true
    }

    fn scratch(&self) -> usize {
        2 * self.size
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], scratch: &mut [f64]) -> f64 {
        let (loc, factor) = parameters.split_at(self.size);
        let factor = Triangle { size: self.size, numbers: factor };
        let normaliser = self.normaliser(parameters);
        let y = &mut scratch[..self.size];
        let mut total = 0.0;
        for x in x.chunks_exact(self.size) {
            y.iter_mut().zip(x.iter().zip(loc)).for_each(|(y, (x, loc))| *y = x - loc);
            factor.multiply_transposed(y);
            total += normaliser - 0.5 * y.iter().map(|y| y * y).sum::<f64>();
        }
        total
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let (loc, factor) = parameters.split_at(self.size);
        let factor = Triangle { size: self.size, numbers: factor };
        let (d_loc, d_factor) = slopes.parameters.split_at_mut(self.size);
        let normaliser = self.normaliser(parameters);
        let (y, minus) = scratch.split_at_mut(self.size);
        let (mut total, mut vectors) = (0.0, 0.0);
        for (x, dx) in x.chunks_exact(self.size).zip(slopes.x.chunks_exact_mut(self.size)) {
            y.iter_mut().zip(x.iter().zip(loc)).for_each(|(y, (x, loc))| *y = x - loc);
            minus.iter_mut().zip(&*y).for_each(|(minus, d)| *minus = -d);
            factor.multiply_transposed(y);
            total += normaliser - 0.5 * y.iter().map(|y| y * y).sum::<f64>();
            // The slope by L is -d y', d = x - loc, and that by loc L y.
            Triangle::add_outer(d_factor, minus, y);
            factor.multiply(y);
            d_loc.iter_mut().zip(&*y).for_each(|(d_loc, g)| *d_loc += g);
            dx.iter_mut().zip(&*y).for_each(|(dx, g)| *dx -= g);
            vectors += 1.0;
        }
        for k in 0..self.size {
            d_factor[Triangle::place(k, k)] += vectors / factor.at(k, k);
        }
        total
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let (loc, factor) = parameters.split_at(self.size);
        let poison = if self.normaliser(parameters).is_finite() { 0.0 } else { f64::NAN };
        out.iter_mut().for_each(|z| *z = StandardNormal.sample(stream));
        Triangle { size: self.size, numbers: factor }.solve_transposed(out);
        out.iter_mut().zip(loc).for_each(|(x, loc)| *x += loc + poison);
    }
}
