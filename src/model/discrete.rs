//! What is recorded of discrete unknowns until they are summed out.

use crate::graph::{Axis, NodeId, Shape};

/// A discrete unknown as it is recorded.
pub(super) struct Discrete {
    pub(super) name: String,
    pub(super) states: Axis,
    pub(super) plates: Shape,
    /// The log probability of each state: over its plates, its states, and those of the unknowns that its parameters depend on.
    pub(super) prior: NodeId,
}

/// What is recorded of discrete unknowns.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) unknowns: Vec<Discrete>,
    /// Log densities over plates and states, with the statements that they come from.
    pub(super) factors: Vec<(NodeId, String)>,
    /// The shapes over plates and states that data are drawn over, by their sites.
    pub(super) tied: Vec<(String, Shape, Shape)>,
}
