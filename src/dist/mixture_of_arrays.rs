//! Mixtures of one family whose parameters are arrays over the components.
//!
//! As in `mixture.rs`, with the components along an axis: log p(x) = log sum_k exp(log w_k + log p_k(x)) - log sum_k w_k, one density node
//! over elements and components.

use super::combinator::{Combinator, Given, Own, Recorded};
use super::density::{Density, DensityFamily};
use super::distribution::Distribution;
use super::kernel::ParameterDomain;
use super::mixture::{Mixture, PickByWeight};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Axis, DrawRecord, NodeId, Shape, Var};
use crate::transform::Support;
use std::sync::Arc;

/// Weights that are an array over a plate that is not open, or a vector, of which the parameters of one family are arrays too.
impl<'t, D: Distribution<'t>> Distribution<'t> for Mixture<Var<'t>, D> {
    fn density(self) -> Density<'t> {
        Density::combined(Arc::new(AlongAxis), vec![Argument::Var(self.0)], vec![self.1.density()])
    }
}

struct AlongAxis;

impl AlongAxis {
    /// The axis of the weights.
    fn components(own: &Own<'_>) -> Result<Axis> {
        match own.tape.vector_axes(own.nodes[0])[..] {
            [axis] => Ok(axis),
            _ => {
                let weights = own.tape.shape_in_words(&own.tape.shape(own.nodes[0]));
                let message = format!(
                    "expected weights of Mixture that are an array over one plate that is not open, got one over {weights}; or write \
                     Mixture((w, 1.0 - w), (Normal(a, s), Normal(b, s)))"
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }
}

impl Combinator for AlongAxis {
    fn name(&self) -> &'static str {
        "Mixture"
    }

    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)> {
        vec![("weights".to_string(), Some(ParameterDomain::NonNegative))]
    }

    fn axis(&self, own: &Own<'_>) -> Option<Axis> {
        Self::components(own).ok()
    }

    /// Shares that are a vector have an axis of their own; which component each belongs to is their order.
    fn arranged(&self, own: &Own<'_>) -> Result<Vec<NodeId>> {
        let (tape, axis) = (own.tape, Self::components(own)?);
        let mut of_parts: Vec<Axis> = vec![];
        let mut collect = |node| of_parts.extend(tape.vector_axes(node));
        own.parts.iter().for_each(|part| part.all_nodes(&mut collect));
        of_parts.dedup();
        match of_parts[..] {
            [other] if other != axis && tape.is_own(axis) && other.len == axis.len => {
                Ok(vec![tape.with_axis(own.nodes[0], axis, other)])
            }
            _ => Ok(own.nodes.to_vec()),
        }
    }

    fn check(&self, own: &Own<'_>) -> Result<()> {
        Self::components(own)?;
        match own.parts[0].family {
            DensityFamily::Formula(_) => Ok(()),
            _ => {
                let message = format!(
                    "expected one family with a formula for the components of Mixture along an array, got {}; several are given one by one: \
                     Mixture((w, 1.0 - w), (..., ...))",
                    own.parts[0].name()
                );
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    fn record(&self, own: &Own<'_>, value: &Given, shape: &Shape) -> Result<Recorded> {
        let (tape, axis) = (own.tape, Self::components(own)?);
        let weights = tape.var(own.nodes[0]);
        let with_components = shape.union(&Shape(vec![axis]));
        let Recorded { log_prob, draw } = own.parts[0].record(tape, value, &with_components)?;
        let each = tape.add_over(weights.ln().node, log_prob, with_components.clone());
        let sum = tape.var(tape.log_sum_exp(each, shape.clone()));
        let of_weights = tape.shape(weights.node).without(&Shape(vec![axis]));
        let total = tape.var(tape.sum(weights.node, of_weights));
        let places = |k: usize| with_components.entries(shape, &[(axis, k)]);
        let parts: Option<Vec<DrawRecord>> = (0..axis.len).map(|k| draw.at(&places(k))).collect();
        let operands = (0..axis.len).map(|k| tape.entry_over(own.nodes[0], (axis, k), shape)).collect();
        let parts = parts.expect("a formula is drawn element by element");
        Ok(Recorded {
            log_prob: (sum - total.ln()).node,
            draw: DrawRecord::Rule { rule: Arc::new(PickByWeight), operands, parts },
        })
    }

    fn support(&self, own: &Own<'_>) -> Result<Support> {
        own.parts[0].support(own.tape)
    }

    fn allows(&self, own: &Own<'_>, datum: &[f64]) -> bool {
        own.parts[0].allows(own.tape, datum)
    }

    fn expected(&self, own: &Own<'_>) -> String {
        own.parts[0].expected(own.tape)
    }
}
