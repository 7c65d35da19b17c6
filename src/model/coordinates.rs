//! In which coordinates an unknown is sampled.

use crate::dist::{Family, Form};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Tape};
use crate::transform::{
    Bijection, Bounded, CholeskyCorrelation, Ordered, Simplex, SumToZero, Support, Transform,
};
use std::sync::Arc;

/// The bijection onto the support of an unknown, and the nodes that its operands are.
pub(super) struct Coordinates {
    pub(super) bijection: Arc<dyn Bijection>,
    pub(super) operands: Vec<NodeId>,
}

impl Coordinates {
    /// Those of an unknown of a family in the open plates.
    ///
    /// # Errors
    /// When the distribution is discrete, its ends are numbers out of order, or the form does not go with its support.
    pub(super) fn of(tape: &Tape, family: &dyn Family, nodes: &[NodeId], form: Form) -> Result<Self> {
        let support = family.support(&super::check::lone_parameters(tape, nodes));
        let alone = |bijection: Arc<dyn Bijection>| Ok(Self { bijection, operands: vec![] });
        let slice = || {
            let innermost = tape.current_shape().0.last().map(|axis| axis.len);
            innermost.ok_or_else(|| outside_of_plates(form))
        };
        match (form, support) {
            (Form::Plain | Form::NonCentered, _) => Self::plain(family, nodes, support),
            (Form::Ordered, Support::Real | Support::Positive) => {
                alone(Arc::new(Ordered { slice: slice()?, positive: support == Support::Positive }))
            }
            (Form::SumToZero, Support::Real) => alone(Arc::new(SumToZero { slice: slice()? })),
            (Form::Ordered, _) => Err(wrong_support(family, "ordered", "real or positive numbers")),
            (Form::SumToZero, _) => Err(wrong_support(family, "sum_to_zero", "real numbers")),
        }
    }

    fn plain(family: &dyn Family, nodes: &[NodeId], support: Support) -> Result<Self> {
        if let Support::Interval { low, high } = support
            && !(low < high)
        {
            if low.is_nan() || high.is_nan() {
                return Self::between_variables(family, nodes);
            }
            let message = format!("expected bounds low < high for {}, got {low} and {high}", family.name());
            return Err(Error::new(ErrorKind::Value, message));
        }
        let array: Option<Arc<dyn Bijection>> = match support {
            Support::Vector { .. } => Some(Arc::new(Transform::Identity)),
            Support::Simplex { size } => Some(Arc::new(Simplex { slice: size })),
            Support::CholeskyCorrelation { size } => Some(Arc::new(CholeskyCorrelation { size })),
            _ => None,
        };
        if let Some(bijection) = array {
            return Ok(Self { bijection, operands: vec![] });
        }
        match Transform::of(support) {
            Some(transform) => Ok(Self { bijection: Arc::new(transform), operands: vec![] }),
            None => {
                let message = format!(
                    "expected `observed = ...` for {}: an unknown must be continuous for gradient-based samplers; sum the \
                     discrete unknown out with factor!",
                    family.name()
                );
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    /// Ends that are variables or arrays.
    fn between_variables(family: &dyn Family, nodes: &[NodeId]) -> Result<Self> {
        let ends: Vec<NodeId> = family.ends().iter().flatten().map(|end| nodes[*end]).collect();
        let bijection = match family.ends() {
            [Some(_), Some(_)] => Bounded::Between,
            [Some(_), None] => Bounded::Above,
            [None, Some(_)] => Bounded::Below,
            [None, None] => {
                let message = format!(
                    "expected numbers for the bounds of {}, got variables or arrays: the support of an unknown of it must be known when the \
                     model is built",
                    family.name()
                );
                return Err(Error::new(ErrorKind::Value, message));
            }
        };
        Ok(Self { bijection: Arc::new(bijection), operands: ends })
    }
}

fn outside_of_plates(form: Form) -> Error {
    let name = if form == Form::Ordered { "ordered" } else { "sum_to_zero" };
    let message = format!(
        "expected a plate for .{name}(), got a single unknown outside of any: it says how the elements of the innermost plate stand to each \
         other; write plate!(levels = 2, {{ sample!(...); }})"
    );
    Error::new(ErrorKind::Shape, message)
}

fn wrong_support(family: &dyn Family, form: &str, support: &str) -> Error {
    let message = format!(
        "expected a distribution of {support} for .{form}(), got {}; choose another prior, or transform the unknown",
        family.name()
    );
    Error::new(ErrorKind::Site, message)
}
