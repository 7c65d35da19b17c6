//! A density as a node: the log density of each element is a number like any other, and its adjoint weighs the element's partial
//! derivatives on the way back.
//!
//! With l_i = log p(x_i | theta_i) and adjoints w_i, a parameter's adjoint grows by the sum of w_i dl_i / dtheta.

use crate::graph::density::bound::{Bound, BoundScratch};
use crate::graph::density::learned::WeightedEvaluator;
use crate::graph::density::term::{Call, Formula, Plan, Sink, Slot, Value};
use crate::graph::record::operand::NodeId;
use crate::seed::Stream;
use std::collections::HashMap;
use std::sync::Arc;

/// The log densities of an array's elements.
pub(crate) struct DensityNode {
    /// The statement that it stands in, for messages.
    pub(crate) place: String,
    pub(in crate::graph) parameters: Vec<Slot>,
    pub(in crate::graph) kind: Kind,
}

pub(in crate::graph) enum Kind {
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
pub(in crate::graph) type DensityNodes = HashMap<NodeId, Arc<DensityNode>>;

/// The scratch spaces of a chain's learned nodes.
type Scratches = [BoundScratch<dyn WeightedEvaluator>];

impl DensityNode {
    fn call<'a>(&'a self, values: &'a [f64], value: &'a Value, plan: &'a Plan) -> Call<'a> {
        Call { values, value, parameters: &self.parameters, plan }
    }

    /// Writes the log density of each element.
    pub(in crate::graph) fn forward(&self, values: &[f64], weighted: &mut Scratches, out: &mut [f64]) {
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
    pub(in crate::graph) fn backward(
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

    pub(in crate::graph) fn weighted_scratch(&self) -> Option<BoundScratch<dyn WeightedEvaluator>> {
        self.bound().map(Bound::weighted_scratch)
    }

    fn bound(&self) -> Option<&Bound> {
        match &self.kind {
            Kind::Bound { bound, .. } => Some(bound),
            Kind::Formula { .. } => None,
        }
    }

    /// Draws a datum for each of the data that a learned density is bound to; `None` if it cannot be drawn from.
    pub(in crate::graph) fn sample(&self, values: &[f64], stream: &mut Stream) -> Option<Vec<f64>> {
        let bound = self.bound()?;
        bound.density.sample(&bound.parameters(values, &self.parameters), stream)
    }

    /// What a learned density has to say of its data, and of the errors to expect: where it is weighed, its scores are not checked.
    pub(in crate::graph) fn doubts(&self) -> Vec<String> {
        let said = |bound: &Bound| [bound.density.doubts(), bound.density.unchecked()].concat();
        self.bound().map_or(vec![], said)
    }

    /// Whether a learned density is asked about parameters outside the region in which it may be trusted; `None` for a formula.
    pub(in crate::graph) fn is_outside(&self, values: &[f64]) -> Option<bool> {
        self.bound().map(|bound| bound.is_outside(values, &self.parameters))
    }
}
