//! The distribution of Lewandowski, Kurowicka & Joe over correlation matrices.
//!
//! log p(R) = c + (eta - 1) log det R, as a density of the entries below the diagonal, with the c of `LkjCholesky`.
//!
//! Source: Lewandowski, Kurowicka & Joe 2009, doi:10.1016/j.jmva.2009.04.008.

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes};
use super::kernel::ParameterDomain;
use super::lkj_cholesky::{ETA, Factors, no_rows};
use super::triangular::Triangle;
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::seed::Stream;
use crate::transform::Support;
use std::sync::Arc;

/// Correlation matrices of `size` rows with concentration `eta` (above 0; 1: all alike, more: correlations nearer to 0): symmetric, positive definite, ones
/// on the diagonal. Of a matrix that is given, the lower triangle is read.
///
/// Where a model needs the Cholesky factor, as [`MvNormalCholesky`](super::MvNormalCholesky) does, [`LkjCholesky`](super::LkjCholesky) costs less, and correlations
/// near 1 keep their digits.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn together(y: &[[f64; 2]]) {
///     sample!(correlation ~ Lkj(2, 2.0));
///     plate!(rows = y.len(), {
///         sample!(y ~ MvNormal(0, correlation), observed = y);
///     });
/// }
/// let model = together(&[[0.3, 0.5], [-1.0, -0.4]])?;
/// assert_eq!(model.dim(), 1);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lkj<E>(pub usize, pub E);

impl<'t, E: IntoArgument<'t>> Distribution<'t> for Lkj<E> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(LkjFamily { size: self.0 }), vec![self.1.into_argument()])
    }
}

struct LkjFamily {
    size: usize,
}

const NAME: &str = "Lkj";

impl JointFamily for LkjFamily {
    fn name(&self) -> &'static str {
        NAME
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 1] =
            [JointArgument { name: ETA, rank: Rank::Number, domain: ParameterDomain::Positive }];
        &ARGUMENTS
    }

    fn build(&self, _: usize) -> Result<Arc<dyn Family>> {
        match self.size {
            0 => Err(no_rows(NAME)),
            size => Ok(Arc::new(Joint(Matrices { factors: Factors { size } }))),
        }
    }
}

struct Matrices {
    factors: Factors,
}

impl Matrices {
    fn size(&self) -> usize {
        self.factors.size
    }

    /// Writes the factor of a matrix, of which the lower triangle is read; false where there is none.
    fn factor(&self, x: &[f64], l: &mut [f64]) -> bool {
        for i in 0..self.size() {
            for j in 0..=i {
                let (row, other) = (Triangle::place(i, 0), Triangle::place(j, 0));
                let dot: f64 = (0..j).map(|k| l[row + k] * l[other + k]).sum();
                let rest = x[i * self.size() + j] - dot;
                if i == j && !(rest > 0.0) {
                    return false;
                }
                l[row + j] = if i == j { rest.sqrt() } else { rest / l[other + j] };
            }
        }
        true
    }

    /// log det of a matrix by its factor.
    fn log_determinant(&self, l: &[f64]) -> f64 {
        2.0 * (0..self.size()).map(|i| l[Triangle::place(i, i)].ln()).sum::<f64>()
    }

    /// Adds a factor times the slopes of log det by the entries that are read: the inverse, what stands below the diagonal twice.
    fn add_inverse(&self, l: &[f64], column: &mut [f64], factor: f64, dx: &mut [f64]) {
        let size = self.size();
        let l = Triangle { size, numbers: l };
        for j in 0..size {
            column.iter_mut().enumerate().for_each(|(i, x)| *x = f64::from(u8::from(i == j)));
            l.solve(column);
            l.solve_transposed(column);
            dx[j * size + j] += factor * column[j];
            (j + 1..size).for_each(|i| dx[i * size + j] += 2.0 * factor * column[i]);
        }
    }
}

impl JointKernel for Matrices {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        self.factors.parameters()
    }

    fn support(&self) -> Support {
        Support::Correlation { size: self.size() }
    }

    fn scratch(&self) -> usize {
        Triangle::place(self.size(), 0) + self.size()
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], scratch: &mut [f64]) -> f64 {
        let eta = parameters[0];
        if !ParameterDomain::Positive.contains(eta) {
            return f64::NAN;
        }
        let (normaliser, _) = self.factors.normaliser(eta);
        let l = &mut scratch[..Triangle::place(self.size(), 0)];
        let mut of = |x: &[f64]| match self.factor(x, l) {
            true => normaliser + (eta - 1.0) * self.log_determinant(l),
            false => f64::NEG_INFINITY,
        };
        x.chunks_exact(self.size() * self.size()).map(&mut of).sum()
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let (eta, entries) = (parameters[0], self.size() * self.size());
        let (_, of_normaliser) = self.factors.normaliser(eta);
        let (l, column) = scratch.split_at_mut(Triangle::place(self.size(), 0));
        for (dx, x) in slopes.x.chunks_exact_mut(entries).zip(x.chunks_exact(entries)) {
            if self.factor(x, l) {
                slopes.parameters[0] += of_normaliser + self.log_determinant(l);
                self.add_inverse(l, column, eta - 1.0, dx);
            }
        }
        self.log_prob(parameters, x, scratch)
    }

    /// L L' of a draw of the factor.
    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let size = self.size();
        self.factors.sample(parameters, stream, out);
        for i in (0..size).rev() {
            for j in (0..i).rev() {
                let entry = (0..=j).map(|k| out[i * size + k] * out[j * size + k]).sum();
                out[i * size + j] = entry;
            }
        }
        for i in 0..size {
            out[i * size + i] = if out[i * size + i].is_nan() { f64::NAN } else { 1.0 };
            (0..i).for_each(|j| out[j * size + i] = out[i * size + j]);
        }
    }
}
