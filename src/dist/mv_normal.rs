//! The multivariate normal distribution, by the Cholesky factor L of its covariance.
//!
//! log p(x) = -(K log(2 pi) + y'y) / 2 - sum of log L_kk, L y = x - loc.
//!
//! Source: Kotz, Balakrishnan & Johnson, Continuous Multivariate Distributions 1 (2000), chapter 45.

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{
    Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, lower_names, valid, vector_names,
};
use super::kernel::ParameterDomain;
use super::normal::HALF_LN_2_PI;
use super::triangular::Triangle;
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::sync::Arc;

/// The multivariate normal distribution of K numbers with location (K numbers, or one for all) and covariance (K x K, positive definite; its
/// lower triangle is read): numbers row by row, or variables over two plates that are not open.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// /// A Gaussian process with a squared exponential kernel, given the squared distances of all pairs, row by row.
/// #[model]
/// fn process(squared: &[f64], y: &[f64]) {
///     sample!(length ~ Gamma(25, 4));
///     sample!(height ~ HalfNormal(2));
///     sample!(noise ~ HalfNormal(1));
///     plate!(rows = y.len(), {
///         plate!(columns = y.len(), {
///             let covariance = height.powi(2) * (-0.5 / length.powi(2) * squared).exp();
///         });
///     });
///     sample!(y ~ MvNormal(0.0, covariance.add_diagonal(noise)), observed = y);
/// }
/// let x: [f64; 3] = [0.0, 1.0, 2.5];
/// let squared: Vec<f64> = x.iter().flat_map(|a| x.map(|b| (a - b).powi(2))).collect();
/// assert_eq!(process(&squared, &[0.3, 0.5, -1.0])?.dim(), 3);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MvNormal<L, C>(pub L, pub C);

/// The multivariate normal distribution as [`MvNormal`], by the lower triangular Cholesky factor of its covariance (positive diagonal; what stands
/// above the diagonal is not read).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MvNormalCholesky<L, F>(pub L, pub F);

impl<'t, L: IntoArgument<'t>, C: IntoArgument<'t>> Distribution<'t> for MvNormal<L, C> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(ByCovariance), vec![self.0.into_argument(), self.1.into_argument()])
    }
}

impl<'t, L: IntoArgument<'t>, F: IntoArgument<'t>> Distribution<'t> for MvNormalCholesky<L, F> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(ByFactor), vec![self.0.into_argument(), self.1.into_argument()])
    }
}

/// The location.
pub(super) const LOC: JointArgument =
    JointArgument { name: "loc", rank: Rank::Vector, domain: ParameterDomain::Real };

struct ByCovariance;
struct ByFactor;

impl JointFamily for ByCovariance {
    fn name(&self) -> &'static str {
        "MvNormal"
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 2] = [
            LOC,
            JointArgument { name: "covariance", rank: Rank::Covariance, domain: ParameterDomain::Real },
        ];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Vectors { size, name: self.name() })))
    }
}

impl JointFamily for ByFactor {
    fn name(&self) -> &'static str {
        "MvNormalCholesky"
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 2] =
            [LOC, JointArgument { name: "factor", rank: Rank::Lower, domain: ParameterDomain::Real }];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Vectors { size, name: self.name() })))
    }
}

struct Vectors {
    size: usize,
    name: &'static str,
}

impl Vectors {
    /// The factor, and minus K log(2 pi) / 2 less the sum of its diagonal's logarithms; NaN for parameters outside of their domains.
    fn normaliser(&self, parameters: &[f64]) -> f64 {
        let factor = Triangle { size: self.size, numbers: &parameters[self.size..] };
        let logs: f64 =
            (0..self.size).map(|k| if factor.at(k, k) > 0.0 { factor.at(k, k).ln() } else { f64::NAN }).sum();
        match valid(parameters, ParameterDomain::Real) {
            true => -(self.size as f64) * HALF_LN_2_PI - logs,
            false => f64::NAN,
        }
    }
}

impl JointKernel for Vectors {
    fn name(&self) -> &'static str {
        self.name
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let loc = vector_names("loc", self.size, ParameterDomain::Real);
        loc.chain(lower_names("factor", self.size, ParameterDomain::Positive)).collect()
    }

    fn support(&self) -> Support {
        Support::Vector { size: self.size }
    }

    fn scratch(&self) -> usize {
        self.size
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], y: &mut [f64]) -> f64 {
        let (loc, factor) = parameters.split_at(self.size);
        let factor = Triangle { size: self.size, numbers: factor };
        let normaliser = self.normaliser(parameters);
        let mut total = 0.0;
        for x in x.chunks_exact(self.size) {
            y.iter_mut().zip(x.iter().zip(loc)).for_each(|(y, (x, loc))| *y = x - loc);
            factor.solve(y);
            total += normaliser - 0.5 * y.iter().map(|y| y * y).sum::<f64>();
        }
        total
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, y: &mut [f64]) -> f64 {
        let (loc, factor) = parameters.split_at(self.size);
        let factor = Triangle { size: self.size, numbers: factor };
        let (d_loc, d_factor) = slopes.parameters.split_at_mut(self.size);
        let normaliser = self.normaliser(parameters);
        let (mut total, mut vectors) = (0.0, 0.0);
        for (x, g) in x.chunks_exact(self.size).zip(slopes.x.chunks_exact_mut(self.size)) {
            y.iter_mut().zip(x.iter().zip(loc)).for_each(|(y, (x, loc))| *y = x - loc);
            factor.solve(y);
            total += normaliser - 0.5 * y.iter().map(|y| y * y).sum::<f64>();
            // L' g = y: minus the slope by x, and the slope by L is g y'.
            g.copy_from_slice(y);
            factor.solve_transposed(g);
            Triangle::add_outer(d_factor, g, y);
            d_loc.iter_mut().zip(&*g).for_each(|(d_loc, g)| *d_loc += g);
            g.iter_mut().for_each(|g| *g = -*g);
            vectors += 1.0;
        }
        for k in 0..self.size {
            d_factor[Triangle::place(k, k)] -= vectors / factor.at(k, k);
        }
        total
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let (loc, factor) = parameters.split_at(self.size);
        let poison = if self.normaliser(parameters).is_finite() { 0.0 } else { f64::NAN };
        out.iter_mut().for_each(|z| *z = StandardNormal.sample(stream));
        Triangle { size: self.size, numbers: factor }.multiply(out);
        out.iter_mut().zip(loc).for_each(|(x, loc)| *x += loc + poison);
    }
}
