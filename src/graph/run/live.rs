//! Which nodes of a recording are needed.

use crate::graph::record::recording::{NodeId, Recording, TermKind, ValueRecord};

/// Which nodes a term or a kept value depends on.
pub(in crate::graph) fn live_nodes(recording: &Recording, keep: &[NodeId]) -> Vec<bool> {
    let mut live = vec![false; recording.nodes.len()];
    let mut mark = |node: NodeId| live[node as usize] = true;
    keep.iter().for_each(|&node| mark(node));
    for term in &recording.terms {
        match &term.kind {
            TermKind::Factor(value) => mark(value.node),
            TermKind::Combined { log_prob, draw, value } => {
                mark(log_prob.node);
                draw.nodes(&mut mark);
                if let ValueRecord::Live(node) = value {
                    mark(*node);
                }
            }
            TermKind::Formula { value, parameters, .. } => {
                parameters.iter().for_each(|operand| mark(operand.node));
                if let ValueRecord::Live(node) = value {
                    mark(*node);
                }
            }
            TermKind::Learned { parameters, .. } => parameters.iter().for_each(|operand| mark(operand.node)),
        }
    }
    for id in (0..recording.nodes.len()).rev() {
        if live[id] {
            for operand in recording.nodes[id].0.operands() {
                live[operand as usize] = true;
            }
        }
    }
    live
}
