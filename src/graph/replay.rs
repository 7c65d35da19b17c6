//! A graph as a target for samplers: the shared graph with one chain's workspace.

use super::compile::Graph;
use super::sweep_generate::Observed;
use super::workspace::Workspace;
use crate::logdensity::{DensityError, LogDensity};
use crate::seed::Stream;
use std::sync::Arc;

/// The log density of a model, ready to be evaluated.
///
/// Clones share the graph and own their workspace. After the first gradient nothing is allocated.
pub struct Replay {
    graph: Arc<Graph>,
    work: Workspace,
}

impl Clone for Replay {
    fn clone(&self) -> Self {
        Self::new(self.graph.clone())
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replay of {} nodes in {} dimensions", self.graph.steps.len(), self.graph.dim)
    }
}

impl LogDensity for Replay {
    fn dim(&self) -> usize {
        self.graph.dim
    }

    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        let value = self.graph.log_density(&mut self.work, z);
        match value.is_nan() || value == f64::INFINITY {
            true => Err(self.explain(value)),
            false => Ok(value),
        }
    }

    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        let value = self.graph.log_density_and_gradient(&mut self.work, z, gradient);
        match value.is_finite() && gradient.iter().all(|g| g.is_finite()) {
            true => Ok(value),
            false => Err(self.explain(value)),
        }
    }
}

impl Replay {
    pub(crate) fn new(graph: Arc<Graph>) -> Self {
        let work = Workspace::new(&graph);
        Self { graph, work }
    }

    /// Computes every array at z, so that kept values can be read.
    pub(crate) fn run_forward(&mut self, z: &[f64]) {
        self.graph.forward(&mut self.work, z);
    }

    /// Appends the `k`-th kept array as last computed.
    pub(crate) fn append_kept(&self, k: usize, row: &mut Vec<f64>) {
        let (slot, len) = &self.graph.kept[k];
        row.extend((0..*len).map(|i| slot.read(&self.work.values, i)));
    }

    /// Draws every latent value from its prior, in order, and computes the rest.
    pub(crate) fn draw_prior(&mut self, stream: &mut Stream) {
        self.graph.generate(&mut self.work, stream);
    }

    /// Draws data for the observed statement that is term number `term`, given the values last computed.
    pub(crate) fn draw_data(&mut self, term: usize, stream: &mut Stream) -> Observed {
        self.graph.draw_data(&self.work, term, stream)
    }

    /// The log density of each element of a term at z.
    pub(crate) fn pointwise(&mut self, z: &[f64], term: usize) -> Vec<f64> {
        self.run_forward(z);
        let mut out = vec![0.0; self.graph.terms[term].elements];
        self.graph.terms[term].pointwise(&mut self.work, &mut out);
        out
    }

    /// Whether any learned density was asked, at the values last computed, about parameters outside the region it was
    /// trained on; `None` if the model has no such density.
    pub(crate) fn outside_training_region(&mut self) -> Option<bool> {
        self.graph.outside_training_region(&mut self.work)
    }

    /// Says which statement spoils the log density at the point last evaluated, and which numbers it was asked about.
    fn explain(&mut self, value: f64) -> DensityError {
        DensityError::recoverable(self.graph.culprit(&mut self.work).unwrap_or_else(
            || match value.is_finite() {
                true => format!("the log density is {value} but its gradient is not finite"),
                false => format!("the log density is {value}"),
            },
        ))
    }

    /// What learned densities have to say of the data they are bound to, a sentence each.
    pub(crate) fn doubts(&self) -> Vec<String> {
        self.graph.doubts()
    }
}
