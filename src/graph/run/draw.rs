//! Draws of densities that are put together of others, in a graph.

use super::density_node::DensityNode;
use crate::graph::density::term::{Call, Formula, Plan, Slot, Value};
use crate::graph::record::draw_record::DrawRule;
use crate::seed::Stream;
use std::sync::Arc;

/// A way to draw.
pub(crate) enum Draw {
    Formula { formula: Arc<dyn Formula>, parameters: Vec<Slot>, plan: Plan },
    Learned(Arc<DensityNode>),
    Rule { rule: Arc<dyn DrawRule>, operands: Vec<Slot>, parts: Vec<Draw> },
}

impl Draw {
    /// One draw of each of some elements, `width` numbers each, given the values in the workspace; `None` if a part cannot be drawn
    /// from.
    pub(in crate::graph) fn draw(
        &self,
        values: &[f64],
        elements: usize,
        stream: &mut Stream,
    ) -> Option<Vec<f64>> {
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
