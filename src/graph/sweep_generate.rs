//! The forward sweep that draws instead of reading z: from the prior, and data given parameters.

use super::compile::{Density, Graph, Op, Term};
use super::term::{Call, Slot};
use super::workspace::Workspace;
use crate::seed::Stream;

/// Data drawn for one observed statement: `width` numbers per element; `None` if its density cannot be sampled.
pub(crate) type Observed = Option<Vec<f64>>;

impl Graph {
    /// Draws every latent value from its prior, in order, and computes the rest. Factors play no part.
    pub(crate) fn generate(&self, work: &mut Workspace, stream: &mut Stream) {
        let longest = self.steps.iter().map(|step| step.len).max().unwrap_or(0);
        let mut drawn = vec![0.0; longest];
        for step in &self.steps {
            match &step.op {
                Op::Input { term, .. } => {
                    let out = &mut drawn[..step.len];
                    self.terms[*term].sample_formula(&work.values, stream, out);
                    work.values[step.out..step.out + step.len].copy_from_slice(out);
                }
                _ => step.compute(&mut work.values, &mut work.custom),
            }
        }
    }

    /// Draws data for one observed statement given the values in the workspace.
    pub(crate) fn draw_data(&self, work: &Workspace, term: usize, stream: &mut Stream) -> Observed {
        let term = &self.terms[term];
        match &term.kind {
            Density::Formula { formula, .. } => {
                let mut out = vec![0.0; term.elements * formula.width()];
                term.sample_formula(&work.values, stream, &mut out);
                Some(out)
            }
            Density::Bound { .. } | Density::Factor => None,
        }
    }

    pub(crate) fn outside_training_region(&self, work: &mut Workspace) -> Option<bool> {
        let mut outside = None;
        for term in &self.terms {
            if let Density::Bound { bound, scratch } = &term.kind {
                let Workspace { values, bound: scratches, .. } = work;
                let now = bound.is_outside(values, &term.parameters, &mut scratches[*scratch]);
                outside = Some(outside.unwrap_or(false) || now);
            }
        }
        outside
    }
}

impl Term {
    fn sample_formula(&self, values: &[f64], stream: &mut Stream, out: &mut [f64]) {
        if let Density::Formula { formula, value, plan } = &self.kind {
            let parameters: &[Slot] = &self.parameters;
            formula.sample(&Call { values, value, parameters, plan }, stream, out);
        }
    }
}
