//! What one chain needs to replay a graph; allocated once.

use crate::graph::density::bound::BoundScratch;
use crate::graph::density::learned::{RowEvaluator, WeightedEvaluator};
use crate::graph::node::custom::CustomScratch;
use crate::graph::node::gather::Block;

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
