//! What one chain needs to replay a graph; allocated once.

use super::bound::BoundScratch;
use super::density::{RowEvaluator, WeightedEvaluator};
use super::gather::Block;

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
