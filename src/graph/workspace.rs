//! What one chain needs to replay a graph; allocated once.

use super::bound::BoundScratch;
use super::compile::{Density, Graph, Op};
use super::density::{RowEvaluator, WeightedEvaluator};
use super::gather::{BLOCK, Block};

/// The numbers of one evaluation.
pub(crate) struct Workspace {
    /// Every array: constants, then variables.
    pub(crate) values: Vec<f64>,
    /// The adjoint of every variable.
    pub(crate) adjoints: Vec<f64>,
    /// Of terms whose density is learned.
    pub(crate) bound: Vec<BoundScratch<dyn RowEvaluator>>,
    /// Of density nodes whose density is learned.
    pub(crate) weighted: Vec<BoundScratch<dyn WeightedEvaluator>>,
    pub(crate) custom: Vec<CustomScratch>,
    /// The operands of a function, a block of each.
    pub(crate) blocks: Vec<Block>,
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
        let most = graph.steps.iter().map(|step| step.op.function_operands()).max().unwrap_or(0);
        let weighted = |op: &Op| match op {
            Op::Density(node) => node.weighted_scratch(),
            _ => None,
        };
        Self {
            values,
            adjoints: vec![0.0; graph.variables],
            bound: graph.terms.iter().filter_map(|term| scratch(&term.kind)).collect(),
            weighted: graph.steps.iter().filter_map(|step| weighted(&step.op)).collect(),
            blocks: vec![[0.0; BLOCK]; most],
            custom: graph
                .custom_sizes
                .iter()
                .map(|&n| CustomScratch { x: vec![0.0; n], dx: vec![0.0; n] })
                .collect(),
        }
    }
}
