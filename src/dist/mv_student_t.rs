//! The multivariate Student t distribution, by the Cholesky factor L of its scale matrix.
//!
//! log p(x) = ln G((df + K) / 2) - ln G(df / 2) - K log(df pi) / 2 - sum of log L_kk - (df + K) / 2 log(1 + y'y / df), L y = x - loc.
//!
//! Source: Kotz & Nadarajah, Multivariate t Distributions and Their Applications (2004), chapter 1.

use super::Gamma;
use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{
    Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, lower_names, valid, vector_names,
};
use super::kernel::{Kernel, ParameterDomain};
use super::mv_normal::LOC;
use super::triangular::Triangle;
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::math::ln_gamma_and_digamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::sync::Arc;

/// The multivariate Student t distribution of K numbers with degrees of freedom `df` (above 0), location (K numbers, or one for all) and the lower
/// triangular Cholesky factor of the scale matrix, given as those of [`MvNormalCholesky`](super::MvNormalCholesky) are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MvStudentTCholesky<D, L, F>(pub D, pub L, pub F);

/// The same by the scale matrix (K x K, positive definite; its lower triangle is read), given as the covariance of [`MvNormal`](super::MvNormal) is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MvStudentT<D, L, S>(pub D, pub L, pub S);

impl<'t, D: IntoArgument<'t>, L: IntoArgument<'t>, F: IntoArgument<'t>> Distribution<'t>
    for MvStudentTCholesky<D, L, F>
{
    fn density(self) -> Density<'t> {
        let arguments = vec![self.0.into_argument(), self.1.into_argument(), self.2.into_argument()];
        Density::joint(Arc::new(ByFactor), arguments)
    }
}

impl<'t, D: IntoArgument<'t>, L: IntoArgument<'t>, S: IntoArgument<'t>> Distribution<'t>
    for MvStudentT<D, L, S>
{
    fn density(self) -> Density<'t> {
        let arguments = vec![self.0.into_argument(), self.1.into_argument(), self.2.into_argument()];
        Density::joint(Arc::new(ByScale), arguments)
    }
}

/// The degrees of freedom.
const DF: JointArgument = JointArgument { name: "df", rank: Rank::Number, domain: ParameterDomain::Positive };

struct ByFactor;
struct ByScale;

impl JointFamily for ByScale {
    fn name(&self) -> &'static str {
        "MvStudentT"
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 3] =
            [DF, LOC, JointArgument { name: "scale", rank: Rank::Covariance, domain: ParameterDomain::Real }];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Vectors { size, name: self.name() })))
    }
}

impl JointFamily for ByFactor {
    fn name(&self) -> &'static str {
        "MvStudentTCholesky"
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 3] =
            [DF, LOC, JointArgument { name: "factor", rank: Rank::Lower, domain: ParameterDomain::Real }];
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

/// The parameters apart.
struct Parts<'a> {
    df: f64,
    loc: &'a [f64],
    factor: Triangle<'a>,
    /// The log density at the location, and its derivative by df.
    normaliser: f64,
    normaliser_slope: f64,
}

impl Vectors {
    fn parts<'a>(&self, parameters: &'a [f64]) -> Parts<'a> {
        let (df, rest) = (parameters[0], &parameters[1..]);
        let (loc, factor) = rest.split_at(self.size);
        let factor = Triangle { size: self.size, numbers: factor };
        let k = self.size as f64;
        let diagonal = |k: usize| if factor.at(k, k) > 0.0 { factor.at(k, k).ln() } else { f64::NAN };
        let logs: f64 = (0..self.size).map(diagonal).sum();
        let ((upper, of_upper), (lower, of_lower)) =
            (ln_gamma_and_digamma(0.5 * (df + k)), ln_gamma_and_digamma(0.5 * df));
        let inside = valid(rest, ParameterDomain::Real) && ParameterDomain::Positive.contains(df);
        let normaliser = upper - lower - 0.5 * k * (df * std::f64::consts::PI).ln() - logs;
        Parts {
            df,
            loc,
            factor,
            normaliser: if inside { normaliser } else { f64::NAN },
            normaliser_slope: 0.5 * (of_upper - of_lower - k / df),
        }
    }
}

impl JointKernel for Vectors {
    fn name(&self) -> &'static str {
        self.name
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let df = std::iter::once(("df".to_string(), ParameterDomain::Positive));
        let loc = vector_names("loc", self.size, ParameterDomain::Real);
        df.chain(loc).chain(lower_names("factor", self.size, ParameterDomain::Positive)).collect()
    }

    fn support(&self) -> Support {
        Support::Vector { size: self.size }
    }

    fn scratch(&self) -> usize {
        self.size
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], y: &mut [f64]) -> f64 {
        let parts = self.parts(parameters);
        let half = 0.5 * (parts.df + self.size as f64);
        let mut total = 0.0;
        for x in x.chunks_exact(self.size) {
            y.iter_mut().zip(x.iter().zip(parts.loc)).for_each(|(y, (x, loc))| *y = x - loc);
            parts.factor.solve(y);
            let q: f64 = y.iter().map(|y| y * y).sum();
            total += parts.normaliser - half * (q / parts.df).ln_1p();
        }
        total
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, y: &mut [f64]) -> f64 {
        let parts = self.parts(parameters);
        let (d_df, rest) = slopes.parameters.split_at_mut(1);
        let (d_loc, d_factor) = rest.split_at_mut(self.size);
        let half = 0.5 * (parts.df + self.size as f64);
        let (mut total, mut vectors) = (0.0, 0.0);
        for (x, g) in x.chunks_exact(self.size).zip(slopes.x.chunks_exact_mut(self.size)) {
            y.iter_mut().zip(x.iter().zip(parts.loc)).for_each(|(y, (x, loc))| *y = x - loc);
            parts.factor.solve(y);
            let q: f64 = y.iter().map(|y| y * y).sum();
            let log = (q / parts.df).ln_1p();
            total += parts.normaliser - half * log;
            // By q the slope is -half / (df + q): as that of the normal times `weight`.
            let weight = 2.0 * half / (parts.df + q);
            d_df[0] += parts.normaliser_slope - 0.5 * log + 0.5 * weight * q / parts.df;
            g.copy_from_slice(y);
            parts.factor.solve_transposed(g);
            g.iter_mut().for_each(|g| *g *= weight);
            Triangle::add_outer(d_factor, g, y);
            d_loc.iter_mut().zip(&*g).for_each(|(d_loc, g)| *d_loc += g);
            g.iter_mut().for_each(|g| *g = -*g);
            vectors += 1.0;
        }
        for k in 0..self.size {
            d_factor[Triangle::place(k, k)] -= vectors / parts.factor.at(k, k);
        }
        total
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let parts = self.parts(parameters);
        let [chi] = <Gamma as Kernel<2>>::sample([0.5 * parts.df, 0.5 * parts.df], stream);
        out.iter_mut().for_each(|z| *z = StandardNormal.sample(stream));
        parts.factor.multiply(out);
        let poison = if parts.normaliser.is_finite() { 0.0 } else { f64::NAN };
        out.iter_mut().zip(parts.loc).for_each(|(x, loc)| *x = loc + *x / chi.sqrt() + poison);
    }
}
