//! Counts of K categories in n trials: the multinomial distribution, and with shares from a Dirichlet distribution.
//!
//! Multinomial: log p(x) = ln n! - sum of ln x_k! + sum of x_k log(p_k / (p_1 + ... + p_K)).
//! Dirichlet-multinomial: log p(x) = ln n! + ln G(a) - ln G(n + a) + sum of ln G(x_k + a_k) - ln x_k! - ln G(a_k), a = a_1 + ... + a_K.
//! x is counts with the sum n.
//!
//! Source: Johnson, Kotz & Balakrishnan, Discrete Multivariate Distributions (1997), chapter 35.

use super::Gamma;
use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, valid, vector_names};
use super::kernel::{Kernel, ParameterDomain};
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::math::{ln_gamma, ln_gamma_and_digamma};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution as _;
use std::sync::Arc;

/// Counts of K categories in `n` trials (data or a number), with K weights (0 or above, not all 0, not necessarily summing to one). For observed values: one
/// row of K counts per element.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn colours(bags: &[[u64; 3]]) {
///     sample!(share ~ Dirichlet([1.0, 1.0, 1.0]));
///     plate!(bags = bags.len(), {
///         sample!(colours ~ Multinomial(10, share), observed = bags);
///     });
/// }
/// assert_eq!(colours(&[[2, 3, 5], [1, 1, 8]])?.dim(), 2);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Multinomial<N, P>(pub N, pub P);

/// Counts of K categories in `n` trials (data or a number) whose shares are a draw from [`Dirichlet`](super::Dirichlet) with these K concentrations (above 0), one draw for
/// all trials of an element. For observed values: one row of K counts per element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DirichletMultinomial<N, C>(pub N, pub C);

impl<'t, N: IntoArgument<'t>, P: IntoArgument<'t>> Distribution<'t> for Multinomial<N, P> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(Kind::Plain), vec![self.0.into_argument(), self.1.into_argument()])
    }
}

impl<'t, N: IntoArgument<'t>, C: IntoArgument<'t>> Distribution<'t> for DirichletMultinomial<N, C> {
    fn density(self) -> Density<'t> {
        Density::joint(Arc::new(Kind::Dirichlet), vec![self.0.into_argument(), self.1.into_argument()])
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Dirichlet,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Plain => "Multinomial",
            Kind::Dirichlet => "DirichletMultinomial",
        }
    }

    fn parameter(self) -> (&'static str, ParameterDomain) {
        match self {
            Kind::Plain => ("weights", ParameterDomain::NonNegative),
            Kind::Dirichlet => ("concentration", ParameterDomain::Positive),
        }
    }
}

impl JointFamily for Kind {
    fn name(&self) -> &'static str {
        Kind::name(*self)
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const N: JointArgument =
            JointArgument { name: "n", rank: Rank::Number, domain: ParameterDomain::NonNegative };
        const fn vector(name: &'static str, domain: ParameterDomain) -> JointArgument {
            JointArgument { name, rank: Rank::Vector, domain }
        }
        const PLAIN: [JointArgument; 2] = [N, vector("weights", ParameterDomain::NonNegative)];
        const DIRICHLET: [JointArgument; 2] = [N, vector("concentration", ParameterDomain::Positive)];
        match self {
            Kind::Plain => &PLAIN,
            Kind::Dirichlet => &DIRICHLET,
        }
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Counts { size, kind: *self })))
    }
}

struct Counts {
    size: usize,
    kind: Kind,
}

impl Counts {
    fn inside(&self, n: f64, parameters: &[f64]) -> bool {
        let (_, domain) = self.kind.parameter();
        n >= 0.0 && n.fract() == 0.0 && valid(parameters, domain) && parameters.iter().sum::<f64>() > 0.0
    }

    /// The log density of one vector of counts.
    fn of(&self, n: f64, parameters: &[f64], x: &[f64]) -> f64 {
        if x.iter().sum::<f64>() != n || !Support::Count.contains(&[n]) {
            return f64::NEG_INFINITY;
        }
        let total: f64 = parameters.iter().sum();
        let ways = ln_gamma(n + 1.0) - x.iter().map(|x| ln_gamma(x + 1.0)).sum::<f64>();
        let each = x.iter().zip(parameters);
        ways + match self.kind {
            Kind::Plain => each.map(|(x, p)| if *x == 0.0 { 0.0 } else { x * (p / total).ln() }).sum::<f64>(),
            Kind::Dirichlet => {
                let each: f64 = each.map(|(x, a)| ln_gamma(x + a) - ln_gamma(*a)).sum();
                each + ln_gamma(total) - ln_gamma(total + n)
            }
        }
    }
}

impl JointKernel for Counts {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let (name, domain) = self.kind.parameter();
        let n = std::iter::once(("n".to_string(), ParameterDomain::NonNegative));
        n.chain(vector_names(name, self.size, domain)).collect()
    }

    fn support(&self) -> Support {
        Support::Counts { size: self.size }
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], _: &mut [f64]) -> f64 {
        let (n, parameters) = (parameters[0], &parameters[1..]);
        if !self.inside(n, parameters) {
            return f64::NAN;
        }
        x.chunks_exact(self.size).map(|x| self.of(n, parameters, x)).sum()
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let value = self.log_prob(parameters, x, scratch);
        let (n, parameters) = (parameters[0], &parameters[1..]);
        let total: f64 = parameters.iter().sum();
        if !value.is_finite() {
            return value;
        }
        for x in x.chunks_exact(self.size) {
            let of_all = match self.kind {
                Kind::Plain => -n / total,
                Kind::Dirichlet => ln_gamma_and_digamma(total).1 - ln_gamma_and_digamma(total + n).1,
            };
            for ((slope, p), x) in slopes.parameters[1..].iter_mut().zip(parameters).zip(x) {
                *slope += of_all
                    + match self.kind {
                        Kind::Plain if *x == 0.0 => 0.0,
                        Kind::Plain => x / p,
                        Kind::Dirichlet => ln_gamma_and_digamma(x + p).1 - ln_gamma_and_digamma(*p).1,
                    };
            }
        }
        value
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let (n, weights) = (parameters[0], &parameters[1..]);
        if !self.inside(n, weights) {
            return out.fill(f64::NAN);
        }
        match self.kind {
            Kind::Plain => out.copy_from_slice(weights),
            Kind::Dirichlet => {
                let draw = |a: &f64, stream: &mut Stream| <Gamma as Kernel<2>>::sample([*a, 1.0], stream)[0];
                out.iter_mut().zip(weights).for_each(|(out, a)| *out = draw(a, stream));
            }
        }
        // One category after another, of what is left.
        let (mut left, mut weight) = (n as u64, out.iter().sum::<f64>());
        for out in out.iter_mut() {
            let share = if weight > 0.0 { (*out / weight).clamp(0.0, 1.0) } else { 1.0 };
            weight -= *out;
            let taken = rand_distr::Binomial::new(left, share).map_or(0, |counts| counts.sample(stream));
            left -= taken;
            *out = taken as f64;
        }
        // What rounding of the weights may have left over.
        out[self.size - 1] += left as f64;
    }
}
