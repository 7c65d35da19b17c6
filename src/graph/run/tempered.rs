//! Prior and likelihood apart, and what lies between them: log prior + power x log likelihood.
//!
//! Which terms are the likelihood is said from outside. The log-Jacobians belong to the prior, what the data alone contribute to the likelihood.

use super::compile::Graph;
use super::replay::Replay;
use super::workspace::Workspace;
use crate::logdensity::DensityError;
use std::iter::repeat;

impl Graph {
    /// The log prior and the log likelihood at z.
    fn parts(&self, work: &mut Workspace, z: &[f64], likelihood: &[bool]) -> (f64, f64) {
        let mut parts = (self.forward(work, z), self.constant_term);
        let which = likelihood.iter().copied().chain(repeat(false));
        for (term, of_likelihood) in self.terms.iter().zip(which).filter(|(term, _)| !term.fixed) {
            let value = term.log_prob(work);
            if of_likelihood { parts.1 += value } else { parts.0 += value }
        }
        parts
    }

    /// The same, and the gradient of log prior + power x log likelihood.
    fn tempered(
        &self,
        work: &mut Workspace,
        z: &[f64],
        (likelihood, power): (&[bool], f64),
        gradient: &mut [f64],
    ) -> (f64, f64) {
        let mut parts = (self.forward(work, z), self.constant_term);
        let terms = |of_likelihood: bool| {
            let all = self.terms.iter().zip(likelihood.iter().copied().chain(repeat(false)));
            all.filter(move |(term, which)| !term.fixed && *which == of_likelihood).map(|(term, _)| term)
        };
        work.adjoints.fill(0.0);
        terms(true).for_each(|term| parts.1 += term.accumulate(work, self.constants.len()));
        match power == 0.0 {
            // Also where a slope is infinite.
            true => work.adjoints.fill(0.0),
            false => work.adjoints.iter_mut().for_each(|adjoint| *adjoint *= power),
        }
        terms(false).for_each(|term| parts.0 += term.accumulate(work, self.constants.len()));
        self.reverse(work, z, gradient);
        parts
    }
}

impl Replay {
    /// The log prior and the log likelihood at z; `likelihood` says of each term whether it belongs to it; of those behind its end none does.
    pub(crate) fn parts(&mut self, z: &[f64], likelihood: &[bool]) -> Result<(f64, f64), DensityError> {
        self.check_lengths(&[z.len()])?;
        let parts = self.graph.parts(&mut self.work, z, likelihood);
        match parts.0.is_nan() || parts.1.is_nan() || parts.0 + parts.1 == f64::INFINITY {
            true => Err(self.explain(parts.0 + parts.1, &[])),
            false => Ok(parts),
        }
    }

    /// The same, and the gradient of log prior + power x log likelihood; with power 0 the likelihood need not be finite.
    pub(crate) fn tempered(
        &mut self,
        z: &[f64],
        (likelihood, power): (&[bool], f64),
        gradient: &mut [f64],
    ) -> Result<(f64, f64), DensityError> {
        self.check_lengths(&[z.len(), gradient.len()])?;
        let parts = self.graph.tempered(&mut self.work, z, (likelihood, power), gradient);
        let value = if power == 0.0 { parts.0 } else { parts.0 + power * parts.1 };
        match value.is_finite() && gradient.iter().all(|g| g.is_finite()) {
            true => Ok(parts),
            false => Err(self.explain(value, gradient)),
        }
    }
}
