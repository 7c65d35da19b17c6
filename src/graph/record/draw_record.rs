//! How a density that is put together of others is drawn from: each part is drawn, and a rule makes one draw of them.

use super::operand::{NodeId, Operand};
use crate::graph::density::term::Formula;
use crate::graph::shape::Map;
use crate::seed::Stream;
use std::sync::Arc;

/// What makes one draw of the draws of parts.
pub(crate) trait DrawRule: Send + Sync {
    /// The numbers per draw, by those of the parts' draws (1 if there are none) and the number of operands.
    fn width(&self, parts: usize, _operands: usize) -> usize {
        parts
    }

    /// Writes a draw of one element, given what the rule depends on and a draw of each part, all of the same width.
    fn draw(&self, operands: &[f64], parts: &[&[f64]], stream: &mut Stream, out: &mut [f64]);
}

/// A way to draw, as recorded.
#[derive(Clone)]
pub(crate) enum DrawRecord {
    Formula {
        formula: Arc<dyn Formula>,
        parameters: Vec<Operand>,
    },
    /// By a density node of this number.
    Learned(NodeId),
    Rule {
        rule: Arc<dyn DrawRule>,
        operands: Vec<Operand>,
        parts: Vec<DrawRecord>,
    },
}

impl DrawRecord {
    /// How the elements of a shape are drawn, by how those of a larger one are, of which `at` says the places; `None` where a part is
    /// learned, which is drawn as a whole.
    pub(crate) fn at(&self, at: &Map) -> Option<DrawRecord> {
        let moved = |x: &Operand| Operand { node: x.node, map: at.then(&x.map) };
        match self {
            DrawRecord::Formula { formula, parameters } => Some(DrawRecord::Formula {
                formula: formula.clone(),
                parameters: parameters.iter().map(moved).collect(),
            }),
            DrawRecord::Learned(_) => None,
            DrawRecord::Rule { rule, operands, parts } => {
                let parts: Option<Vec<_>> = parts.iter().map(|part| part.at(at)).collect();
                let operands = operands.iter().map(moved).collect();
                parts.map(|parts| DrawRecord::Rule { rule: rule.clone(), operands, parts })
            }
        }
    }

    /// Calls `each` for every operand.
    pub(in crate::graph) fn operands(&mut self, each: &mut impl FnMut(&mut Operand)) {
        match self {
            DrawRecord::Formula { parameters, .. } => parameters.iter_mut().for_each(each),
            DrawRecord::Learned(_) => (),
            DrawRecord::Rule { operands, parts, .. } => {
                operands.iter_mut().for_each(&mut *each);
                parts.iter_mut().for_each(|part| part.operands(each));
            }
        }
    }

    /// Calls `each` for every node that it reads.
    pub(in crate::graph) fn nodes(&self, each: &mut impl FnMut(NodeId)) {
        match self {
            DrawRecord::Formula { parameters, .. } => parameters.iter().for_each(|x| each(x.node)),
            DrawRecord::Learned(node) => each(*node),
            DrawRecord::Rule { operands, parts, .. } => {
                operands.iter().for_each(|x| each(x.node));
                parts.iter().for_each(|part| part.nodes(each));
            }
        }
    }
}
