//! The Dirichlet distribution of shares.
//!
//! log p(x) = ln G(a_1 + ... + a_K) - sum of ln G(a_k) + sum of (a_k - 1) log x_k, x positive with sum 1, as a density of x_1, ..., x_(K-1).
//!
//! Source: Kotz, Balakrishnan & Johnson, Continuous Multivariate Distributions 1 (2000), chapter 49.

use super::Gamma;
use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, valid, vector_names};
use super::kernel::{Kernel, ParameterDomain};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::IntoArgument;
use crate::math::{ln_gamma, ln_gamma_and_digamma};
use crate::seed::Stream;
use crate::transform::Support;
use std::sync::Arc;

/// The Dirichlet distribution over K shares (each above 0, together 1) with K concentrations (above 0): an array of numbers or a variable over a
/// plate of K elements that is not open.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn colours(counts: &[u64]) {
///     sample!(share ~ Dirichlet([1.0, 1.0, 1.0]));
///     plate!(sweets = counts.len(), {
///         sample!(colour ~ Categorical(share), observed = counts);
///     });
/// }
/// let posterior = colours(&[0, 2, 2, 1, 2])?.sample(&Nuts::default().draws(500).seed(1))?;
/// let share = posterior.get("share")?;
/// assert_eq!(share.shape(), [3]);
/// assert!((share.mean()[2] - 4.0 / 8.0).abs() < 0.05);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dirichlet<C>(pub C);

impl<'t, C: IntoArgument<'t>> Distribution<'t> for Dirichlet<C> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(DirichletFamily), vec![self.0.into_argument()])
    }
}

struct DirichletFamily;

impl JointFamily for DirichletFamily {
    fn name(&self) -> &'static str {
        "Dirichlet"
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 1] =
            [JointArgument { name: "concentration", rank: Rank::Vector, domain: ParameterDomain::Positive }];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        if size < 2 {
            let message = "expected at least two concentrations for Dirichlet, got one number; pass one per share, as [1.0, 1.0, 1.0]";
            return Err(Error::new(ErrorKind::Shape, message));
        }
        Ok(Arc::new(Joint(Shares { size })))
    }
}

struct Shares {
    size: usize,
}

impl JointKernel for Shares {
    fn name(&self) -> &'static str {
        "Dirichlet"
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        vector_names("concentration", self.size, ParameterDomain::Positive).collect()
    }

    fn support(&self) -> Support {
        Support::Simplex { size: self.size }
    }

    fn log_prob(&self, a: &[f64], x: &[f64], _: &mut [f64]) -> f64 {
        if !valid(a, ParameterDomain::Positive) {
            return f64::NAN;
        }
        let normaliser = ln_gamma(a.iter().sum()) - a.iter().map(|a| ln_gamma(*a)).sum::<f64>();
        let of = |x: &[f64]| a.iter().zip(x).map(|(a, x)| power(*a - 1.0, *x)).sum::<f64>();
        x.chunks_exact(self.size).map(|x| normaliser + of(x)).sum()
    }

    fn slopes(&self, a: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let total = self.log_prob(a, x, scratch);
        let vectors = (x.len() / self.size) as f64;
        let (_, of_sum) = ln_gamma_and_digamma(a.iter().sum());
        for (slope, a) in slopes.parameters.iter_mut().zip(a) {
            *slope += vectors * (of_sum - ln_gamma_and_digamma(*a).1);
        }
        for (dx, x) in slopes.x.chunks_exact_mut(self.size).zip(x.chunks_exact(self.size)) {
            for (k, x) in x.iter().enumerate() {
                dx[k] += if a[k] == 1.0 { 0.0 } else { (a[k] - 1.0) / x };
                slopes.parameters[k] += x.ln();
            }
        }
        total
    }

    fn sample(&self, a: &[f64], stream: &mut Stream, out: &mut [f64]) {
        if !valid(a, ParameterDomain::Positive) {
            return out.fill(f64::NAN);
        }
        // Of gamma draws below any number the logarithms remain: ln G(a) = ln G(a + 1) + ln(u) / a.
        for (out, a) in out.iter_mut().zip(a) {
            let [above] = <Gamma as Kernel<2>>::sample([a + 1.0, 1.0], stream);
            let [u] = <super::Uniform as Kernel<2>>::sample([0.0, 1.0], stream);
            *out = above.ln() + u.ln() / a;
        }
        let top = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        out.iter_mut().for_each(|x| *x = (*x - top).exp().max(1e-290));
        let sum: f64 = out.iter().sum();
        out.iter_mut().for_each(|x| *x /= sum);
    }
}

/// power x log(x); 0 where the power is 0, whatever x is.
fn power(power: f64, x: f64) -> f64 {
    if power == 0.0 { 0.0 } else { power * x.ln() }
}
