//! Nodes as they are read.

use crate::graph::shape::Map;

/// A node's number on the tape.
pub(crate) type NodeId = u32;

/// An operand: a node and where each element of the result finds its source in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Operand {
    pub(crate) node: NodeId,
    pub(crate) map: Map,
}
