//! A density as a node: the log density of each element is a number like any other, and its adjoint weighs the element's partial
//! derivatives on the way back (DESIGN D12).
//!
//! With l_i = log p(x_i | theta_i) and adjoints w_i, a parameter's adjoint grows by the sum of w_i dl_i / dtheta.

use super::bound::{Bound, BoundScratch};
use super::compile::Layout;
use super::density::WeightedEvaluator;
use super::recording::{FamilyRecord, Node, NodeId, Operand};
use super::shape::Map;
use super::term::{Call, Formula, Plan, Sink, Slot, Value};
use crate::error::Result;
use crate::seed::Stream;
use std::collections::HashMap;
use std::sync::Arc;

/// The log densities of an array's elements.
pub(crate) struct DensityNode {
    /// The statement that it stands in, for messages.
    pub(crate) place: String,
    parameters: Vec<Slot>,
    kind: Kind,
}

enum Kind {
    Formula {
        formula: Arc<dyn Formula>,
        value: Value,
        plan: Plan,
        /// What depends on the data alone, per element; empty where that is nothing.
        carriers: Box<[f64]>,
    },
    /// A learned density; `scratch` is its place among the chain's scratch spaces.
    Bound { bound: Bound, scratch: usize },
}

/// The density nodes of a recording.
pub(super) type DensityNodes = HashMap<NodeId, Arc<DensityNode>>;

/// The scratch spaces of a chain's learned nodes.
type Scratches = [BoundScratch<dyn WeightedEvaluator>];

impl DensityNode {
    fn call<'a>(&'a self, values: &'a [f64], value: &'a Value, plan: &'a Plan) -> Call<'a> {
        Call { values, value, parameters: &self.parameters, plan }
    }

    /// Writes the log density of each element.
    pub(super) fn forward(&self, values: &[f64], weighted: &mut Scratches, out: &mut [f64]) {
        match &self.kind {
            Kind::Formula { formula, value, plan, carriers } => {
                formula.each(&self.call(values, value, plan), out);
                out.iter_mut().zip(carriers).for_each(|(out, carrier)| *out += carrier);
            }
            Kind::Bound { bound, scratch } => {
                weighted[*scratch].forward(bound, values, &self.parameters, out);
            }
        }
    }

    /// Adds the partial derivatives of the elements, each times its adjoint.
    pub(super) fn backward(
        &self,
        values: &[f64],
        weighted: &mut Scratches,
        adjoints: &[f64],
        sink: &mut Sink<'_>,
    ) {
        // Nothing depends on it: what is not used may have no finite slope.
        if adjoints.iter().all(|adjoint| *adjoint == 0.0) {
            return;
        }
        match &self.kind {
            Kind::Formula { formula, value, plan, .. } => {
                formula.accumulate_weighted(&self.call(values, value, plan), adjoints, sink);
            }
            Kind::Bound { bound, scratch } => {
                weighted[*scratch].backward(bound, &self.parameters, adjoints, sink);
            }
        }
    }

    pub(super) fn weighted_scratch(&self) -> Option<BoundScratch<dyn WeightedEvaluator>> {
        self.bound().map(Bound::weighted_scratch)
    }

    fn bound(&self) -> Option<&Bound> {
        match &self.kind {
            Kind::Bound { bound, .. } => Some(bound),
            Kind::Formula { .. } => None,
        }
    }

    /// Draws a datum for each of the data that a learned density is bound to; `None` if it cannot be drawn from.
    pub(super) fn sample(&self, values: &[f64], stream: &mut Stream) -> Option<Vec<f64>> {
        let bound = self.bound()?;
        bound.density.sample(&bound.parameters(values, &self.parameters), stream)
    }

    /// What a learned density has to say of its data, and of the errors to expect: where it is weighed, its scores are not checked.
    pub(super) fn doubts(&self) -> Vec<String> {
        let said = |bound: &Bound| [bound.density.doubts(), bound.density.unchecked()].concat();
        self.bound().map_or(vec![], said)
    }

    /// Whether a learned density is asked about parameters outside the region in which it may be trusted; `None` for a formula.
    pub(super) fn is_outside(&self, values: &[f64]) -> Option<bool> {
        self.bound().map(|bound| bound.is_outside(values, &self.parameters))
    }
}

impl Layout<'_> {
    /// Binds the density nodes that are needed; `learned` counts those that are learned.
    pub(super) fn densities(&self, learned: &mut usize) -> Result<DensityNodes> {
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

/// The normalised log densities of data whose parameters are known: one number of each column per datum.
pub(super) fn of_columns(formula: &dyn Formula, data: Vec<f64>, columns: &[Vec<f64>]) -> Vec<f64> {
    let elements = data.len() / formula.width();
    let values = columns.concat();
    let slot = |column: usize| Slot { offset: column * elements, map: Map::Same };
    let parameters: Vec<Slot> = (0..columns.len()).map(slot).collect();
    let maps = vec![Map::Same; columns.len()];
    let (plan, value) = (Plan::new(elements, &maps), Value::Observed(data.into()));
    let mut out = vec![0.0; elements];
    formula
        .pointwise(&Call { values: &values, value: &value, parameters: &parameters, plan: &plan }, &mut out);
    out
}
