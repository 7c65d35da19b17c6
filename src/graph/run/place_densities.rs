//! Densities of a recording in their places: nodes bound to their data, and ways to draw.

use super::compile::Layout;
use super::density_node::{DensityNode, DensityNodes, Kind};
use super::draw::Draw;
use crate::error::Result;
use crate::graph::density::bound::Bound;
use crate::graph::density::term::{Formula, Plan, Slot, Value};
use crate::graph::record::draw_record::DrawRecord;
use crate::graph::record::operand::{NodeId, Operand};
use crate::graph::record::recording::{FamilyRecord, Node};
use crate::graph::shape::Map;
use std::sync::Arc;

impl Layout<'_> {
    /// Binds the density nodes that are needed; `learned` counts those that are learned.
    pub(in crate::graph) fn densities(&self, learned: &mut usize) -> Result<DensityNodes> {
        let mut nodes = DensityNodes::new();
        for (id, (node, _)) in self.recording.nodes.iter().enumerate() {
            if let Node::Density { family, value, parameters } = node
                && self.is_variable(id as NodeId)
            {
                let elements = self.lengths[id];
                let node = self.density(*family, value.as_ref(), parameters, elements, learned)?;
                nodes.insert(id as NodeId, Arc::new(node));
            }
        }
        Ok(nodes)
    }

    fn density(
        &self,
        family: usize,
        value: Option<&Operand>,
        parameters: &[Operand],
        elements: usize,
        learned: &mut usize,
    ) -> Result<DensityNode> {
        let (family, place) = &self.recording.densities[family];
        let (plan, parameters) = self.plan(elements, parameters);
        let kind = match family {
            FamilyRecord::Learned(density, data) => {
                let bound = Bound::weighted(density.as_ref(), data, plan);
                let bound = bound.map_err(|error| error.context(place))?;
                *learned += 1;
                Kind::Bound { bound, scratch: *learned - 1 }
            }
            FamilyRecord::Rows(formula, data) => {
                let value = Value::Observed(plan.sort(data, formula.width()));
                formula_of(formula, value, plan, data)
            }
            FamilyRecord::Formula(formula) => {
                let value = value.expect("only rows of data stand in the table of densities");
                let offset = self.offset(value.node);
                if offset < self.constants.len() {
                    let datum = |i| self.constants[offset + value.map.at(i)];
                    let data: Vec<f64> = (0..elements).map(datum).collect();
                    formula_of(formula, Value::Observed(plan.sort(&data, 1)), plan, &data)
                } else {
                    let map = match plan.order.clone() {
                        None => value.map.clone(),
                        Some(order) => Map::Index(order).then(&value.map),
                    };
                    formula_of(formula, Value::Live(Slot { offset, map }), plan, &[])
                }
            }
        };
        Ok(DensityNode { place: place.clone(), parameters, kind })
    }

    /// A way to draw some elements, with its operands in their places.
    pub(in crate::graph) fn draw(
        &self,
        record: &DrawRecord,
        elements: usize,
        densities: &DensityNodes,
    ) -> Draw {
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

/// A formula with the carriers of its data, which stand in their original order.
fn formula_of(formula: &Arc<dyn Formula>, value: Value, plan: Plan, data: &[f64]) -> Kind {
    // Outside the support, where the log density is minus infinity, a carrier has no meaning.
    let carrier = |datum| Some(formula.carrier(datum)).filter(|x: &f64| x.is_finite()).unwrap_or(0.0);
    let mut carriers: Vec<f64> = data.chunks_exact(formula.width()).map(carrier).collect();
    if carriers.iter().all(|carrier| *carrier == 0.0) {
        carriers.clear();
    }
    Kind::Formula { formula: formula.clone(), value, plan, carriers: carriers.into() }
}
