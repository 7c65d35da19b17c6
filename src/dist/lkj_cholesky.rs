//! The distribution of Lewandowski, Kurowicka & Joe over correlation matrices, of their Cholesky factors.
//!
//! log p(L) = c + sum over i of (K - i + 2 eta - 2) log L_ii, i = 2, ..., K, as a density of the entries below the diagonal;
//! the correlation matrix L L' then has a density proportional to its determinant to the power eta - 1.
//! c = sum over k = 1, ..., K - 1 of k log(pi) / 2 + ln G(eta + (K - 1 - k) / 2) - ln G(eta + (K - 1) / 2), taken negative.
//!
//! Source: Lewandowski, Kurowicka & Joe 2009, doi:10.1016/j.jmva.2009.04.008.

use super::Beta;
use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes};
use super::kernel::{Kernel, ParameterDomain};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::IntoArgument;
use crate::math::ln_gamma_and_digamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::sync::Arc;

/// Cholesky factors of correlation matrices of `size` rows with concentration `eta` (above 0; 1: all correlation matrices alike, more:
/// correlations nearer to 0): lower triangular, rows of length 1, positive diagonal.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// /// Intercept and slope of each subject, which may go together.
/// #[model]
/// fn slopes(subject: &[usize], x: &[f64], y: &[f64]) {
///     plate!(effects = 2, {
///         sample!(mean ~ Normal(0, 2));
///         sample!(spread ~ HalfNormal(1));
///     });
///     sample!(correlation ~ LkjCholesky(2, 2.0));
///     plate!(subjects = 3, {
///         sample!(effect ~ MvNormalCholesky(mean, correlation.scale_rows(spread)));
///     });
///     plate!(rows = y.len(), {
///         sample!(y ~ Normal(effect.at2(subject, 0) + effect.at2(subject, 1) * x, 1), observed = y);
///     });
/// }
/// let model = slopes(&[0, 0, 1, 1, 2], &[0.0, 1.0, 0.0, 1.0, 0.5], &[0.2, 0.9, -0.3, 0.4, 1.0])?;
/// assert_eq!(model.dim(), 2 + 2 + 1 + 3 * 2);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LkjCholesky<E>(pub usize, pub E);

impl<'t, E: IntoArgument<'t>> Distribution<'t> for LkjCholesky<E> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(LkjFamily { size: self.0 }), vec![self.1.into_argument()])
    }
}

struct LkjFamily {
    size: usize,
}

impl JointFamily for LkjFamily {
    fn name(&self) -> &'static str {
        "LkjCholesky"
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 1] =
            [JointArgument { name: ETA, rank: Rank::Number, domain: ParameterDomain::Positive }];
        &ARGUMENTS
    }

    fn build(&self, _: usize) -> Result<Arc<dyn Family>> {
        if self.size == 0 {
            return Err(no_rows(self.name()));
        }
        Ok(Arc::new(Joint(Factors { size: self.size })))
    }
}

/// The name of the concentration.
pub(super) const ETA: &str = "eta";

/// What is said of matrices without rows.
pub(super) fn no_rows(name: &str) -> Error {
    let message = format!("expected matrices of at least one row for {name}, got 0");
    Error::new(ErrorKind::Shape, message)
}

pub(super) struct Factors {
    pub(super) size: usize,
}

impl Factors {
    /// c, and its derivative by eta.
    pub(super) fn normaliser(&self, eta: f64) -> (f64, f64) {
        let n = self.size as f64 - 1.0;
        let (top, top_slope) = ln_gamma_and_digamma(eta + 0.5 * n);
        let (mut log, mut slope) = (0.0, 0.0);
        for k in 1..self.size {
            let k = k as f64;
            let (each, each_slope) = ln_gamma_and_digamma(eta + 0.5 * (n - k));
            log += top - each - 0.5 * k * std::f64::consts::PI.ln();
            slope += top_slope - each_slope;
        }
        (log, slope)
    }

    /// The powers of the diagonal, less 2 eta: K - i - 2, i counted from 1.
    fn power(&self, i: usize) -> f64 {
        self.size as f64 - (i + 1) as f64 - 2.0
    }
}

impl JointKernel for Factors {
    fn name(&self) -> &'static str {
        "LkjCholesky"
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        vec![(ETA.into(), ParameterDomain::Positive)]
    }

    fn support(&self) -> Support {
        Support::CholeskyCorrelation { size: self.size }
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], _: &mut [f64]) -> f64 {
        let (eta, size) = (parameters[0], self.size);
        if !ParameterDomain::Positive.contains(eta) {
            return f64::NAN;
        }
        let (normaliser, _) = self.normaliser(eta);
        let of = |x: &[f64]| {
            let each = (1..size).map(|i| (self.power(i) + 2.0 * eta) * x[i * size + i].ln());
            normaliser + each.sum::<f64>()
        };
        x.chunks_exact(size * size).map(of).sum()
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let (eta, size) = (parameters[0], self.size);
        let (_, of_normaliser) = self.normaliser(eta);
        for (dx, x) in slopes.x.chunks_exact_mut(size * size).zip(x.chunks_exact(size * size)) {
            slopes.parameters[0] += of_normaliser;
            for i in 1..size {
                let k = i * size + i;
                dx[k] += (self.power(i) + 2.0 * eta) / x[k];
                slopes.parameters[0] += 2.0 * x[k].ln();
            }
        }
        self.log_prob(parameters, x, scratch)
    }

    /// The onion method: row i is a direction on the sphere with the squared length of a beta draw.
    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let (eta, size) = (parameters[0], self.size);
        out.fill(0.0);
        out[0] = 1.0;
        for i in 1..size {
            // Of a matrix of i + 1 rows the remaining K - 1 - i raise the concentration by a half each.
            let beta = eta + 0.5 * (size - 1 - i) as f64;
            let [length] = <Beta as Kernel<2>>::sample([0.5 * i as f64, beta], stream);
            let row = &mut out[i * size..i * size + i + 1];
            row[..i].iter_mut().for_each(|x| *x = StandardNormal.sample(stream));
            let norm = row[..i].iter().map(|x| x * x).sum::<f64>().sqrt();
            row[..i].iter_mut().for_each(|x| *x *= length.sqrt() / norm);
            row[i] = (1.0 - length).sqrt().max(1e-145);
        }
        if !ParameterDomain::Positive.contains(eta) {
            out.fill(f64::NAN);
        }
    }
}
