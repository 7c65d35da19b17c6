//! How a density that is put together of others is drawn from: each part is drawn, and a rule makes one draw of them.

use super::compile::Layout;
use super::density_node::{DensityNode, DensityNodes, of_columns};
use super::recording::{NodeId, Operand};
use super::shape::Map;
use super::term::{Call, Formula, Plan, Slot, Value};
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
    pub(super) fn operands(&mut self, each: &mut impl FnMut(&mut Operand)) {
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
    pub(super) fn nodes(&self, each: &mut impl FnMut(NodeId)) {
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

/// A way to draw.
pub(crate) enum Draw {
    Formula { formula: Arc<dyn Formula>, parameters: Vec<Slot>, plan: Plan },
    Learned(Arc<DensityNode>),
    Rule { rule: Arc<dyn DrawRule>, operands: Vec<Slot>, parts: Vec<Draw> },
}

impl Draw {
    /// One draw of each of some elements, `width` numbers each, given the values in the workspace; `None` if a part cannot be drawn
    /// from.
    pub(super) fn draw(&self, values: &[f64], elements: usize, stream: &mut Stream) -> Option<Vec<f64>> {
        match self {
            Draw::Formula { formula, parameters, plan } => {
                let mut out = vec![0.0; elements * formula.width()];
                let nothing = Value::Observed([].into());
                formula.sample(&Call { values, value: &nothing, parameters, plan }, stream, &mut out);
                Some(out)
            }
            Draw::Learned(node) => node.sample(values, stream),
            Draw::Rule { rule, operands, parts } => {
                let parts: Option<Vec<_>> =
                    parts.iter().map(|part| part.draw(values, elements, stream)).collect();
                let parts = parts?;
                let width = parts.first().map_or(1, |part| part.len() / elements);
                let own = rule.width(width, operands.len());
                let mut out = vec![0.0; elements * own];
                for (i, out) in out.chunks_exact_mut(own).enumerate() {
                    let operands: Vec<f64> = operands.iter().map(|x| x.read(values, i)).collect();
                    let parts: Vec<&[f64]> = parts.iter().map(|part| &part[i * width..][..width]).collect();
                    rule.draw(&operands, &parts, stream, out);
                }
                Some(out)
            }
        }
    }
}

impl Layout<'_> {
    /// A way to draw some elements, with its operands in their places.
    pub(super) fn draw(&self, record: &DrawRecord, elements: usize, densities: &DensityNodes) -> Draw {
        match record {
            DrawRecord::Formula { formula, parameters } => {
                let (plan, parameters) = self.plan(elements, parameters);
                Draw::Formula { formula: formula.clone(), parameters, plan }
            }
            DrawRecord::Learned(node) => Draw::Learned(densities[node].clone()),
            DrawRecord::Rule { rule, operands, parts } => Draw::Rule {
                rule: rule.clone(),
                operands: operands.iter().map(|operand| self.slot(operand)).collect(),
                parts: parts.iter().map(|part| self.draw(part, elements, densities)).collect(),
            },
        }
    }
}

/// The normalised log density of a single number, given the numbers of its parameters.
pub(crate) fn log_prob_of_one(formula: &dyn Formula, parameters: &[f64], x: f64) -> f64 {
    let columns: Vec<Vec<f64>> = parameters.iter().map(|parameter| vec![*parameter]).collect();
    of_columns(formula, vec![x], &columns)[0]
}

/// One draw, given the numbers of the parameters.
pub(crate) fn sample_one(formula: &dyn Formula, parameters: &[f64], stream: &mut Stream) -> Vec<f64> {
    let slots: Vec<Slot> = (0..parameters.len()).map(|offset| Slot { offset, map: Map::One(0) }).collect();
    let maps = vec![Map::One(0); parameters.len()];
    let (plan, nothing) = (Plan::new(1, &maps), Value::Observed([].into()));
    let mut out = vec![0.0; formula.width()];
    let call = Call { values: parameters, value: &nothing, parameters: &slots, plan: &plan };
    formula.sample(&call, stream, &mut out);
    out
}
