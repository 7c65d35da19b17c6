//! What one chain needs to replay a graph; allocated once.

use super::compile::{Density, Graph};
use super::term::BoundScratch;

/// The numbers of one evaluation.
pub(crate) struct Workspace {
    /// Every array: constants, then variables.
    pub(crate) values: Vec<f64>,
    /// The adjoint of every variable.
    pub(crate) adjoints: Vec<f64>,
    pub(crate) bound: Vec<BoundScratch>,
    pub(crate) custom: Vec<CustomScratch>,
}

/// The inputs of a custom node laid end to end, and their gradient.
pub(crate) struct CustomScratch {
    pub(crate) x: Vec<f64>,
    pub(crate) dx: Vec<f64>,
}

impl Workspace {
    pub(crate) fn new(graph: &Graph) -> Self {
        let mut values = graph.constants.clone();
        values.resize(graph.constants.len() + graph.variables, 0.0);
        let scratch = |kind: &Density| match kind {
            Density::Bound { bound, .. } => Some(bound.scratch()),
            _ => None,
        };
        Self {
            values,
            adjoints: vec![0.0; graph.variables],
            bound: graph.terms.iter().filter_map(|term| scratch(&term.kind)).collect(),
            custom: graph
                .custom_sizes
                .iter()
                .map(|&n| CustomScratch { x: vec![0.0; n], dx: vec![0.0; n] })
                .collect(),
        }
    }
}
