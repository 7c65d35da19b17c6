//! In which coordinates an unknown is sampled.

use crate::dist::{Family, Form};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Operand, Rewritten, Shape, Tape, TermKind, ValueRecord};
use crate::transform::{
    Affine, AffineVectors, Bijection, Bounded, CholeskyCorrelation, CholeskyCovariance, Circle, Correlation,
    Ordered, RandomWalk, Simplex, SumToZero, Support, Transform, UnitVector,
};
use std::sync::Arc;

/// The bijection onto the support of an unknown, and its operands.
pub(super) struct Coordinates {
    pub(super) bijection: Arc<dyn Bijection>,
    pub(super) operands: Vec<Operand>,
}

/// The prior of an unknown as it was recorded.
#[derive(Clone)]
pub(super) struct Prior {
    pub(super) family: Arc<dyn Family>,
    /// Its arguments.
    pub(super) nodes: Vec<NodeId>,
    /// Its parameters element by element.
    pub(super) parameters: Vec<Operand>,
    /// The plates that it stands in.
    pub(super) plates: Shape,
    pub(super) form: Form,
    /// The bijection of its coordinates; none where it is computed from a standard normal unknown.
    pub(super) bijection: Option<Arc<dyn Bijection>>,
    /// That standard normal unknown.
    pub(super) standard: Option<NodeId>,
}

impl Prior {
    /// The term of its density of an unknown.
    pub(super) fn term_of(&self, node: NodeId) -> TermKind {
        let value = ValueRecord::Live(node);
        TermKind::Formula {
            formula: self.family.clone().as_formula(),
            value,
            parameters: self.parameters.clone(),
        }
    }

    /// The same in a recording written anew, of an unknown that was this node.
    pub(super) fn moved(&self, rewritten: &Rewritten, node: Option<NodeId>) -> Self {
        let at = |node: &NodeId| rewritten.nodes[*node as usize];
        let new_standard = node.and_then(|node| rewritten.standard.get(&node).copied());
        Self {
            nodes: self.nodes.iter().map(at).collect(),
            parameters: rewritten.all_moved(&self.parameters),
            standard: self.standard.map(|standard| new_standard.unwrap_or(at(&standard))),
            ..self.clone()
        }
    }
}

impl Coordinates {
    /// Those of an unknown in the open plates.
    ///
    /// # Errors
    /// When the distribution is discrete, its ends are numbers out of order, or the form does not go with its support.
    pub(super) fn of(tape: &Tape, prior: &Prior, form: Form) -> Result<Self> {
        let (family, nodes) = (prior.family.as_ref(), &prior.nodes);
        let support = family.support(&super::check::lone_parameters(tape, nodes));
        let alone = |bijection: Arc<dyn Bijection>| Ok(Self { bijection, operands: vec![] });
        let slice = || {
            let innermost = tape.current_shape().0.last().map(|axis| axis.len);
            innermost.ok_or_else(|| outside_of_plates(form))
        };
        match (form, support) {
            (Form::Plain | Form::Standardised, _) => Self::plain(family, &prior.parameters, support),
            (Form::NonCentered, _) => Self::noncentered(tape, prior, support),
            (Form::Ordered, Support::Real | Support::Positive) => {
                alone(Arc::new(Ordered { slice: slice()?, positive: support == Support::Positive }))
            }
            (Form::SumToZero, Support::Real) => alone(Arc::new(SumToZero { slice: slice()? })),
            (Form::Ordered, _) => Err(wrong_support(family, "ordered", "real or positive numbers")),
            (Form::SumToZero, _) => Err(wrong_support(family, "sum_to_zero", "real numbers")),
        }
    }

    /// As location + scale x z.
    fn noncentered(tape: &Tape, prior: &Prior, support: Support) -> Result<Self> {
        let (family, parameters) = (prior.family.as_ref(), &prior.parameters);
        if let (Support::Vector { size }, false, [loc, factor]) =
            (support, family.by_precision(), &prior.nodes[..])
        {
            let rows = |at: &dyn Fn(usize) -> Vec<usize>| (0..size).map(at).collect::<Vec<_>>();
            let loc_rows =
                if tape.vector_axes(*loc).is_empty() { rows(&|_| vec![]) } else { rows(&|i| vec![i]) };
            let mut operands = vec![tape.entries(*loc, &loc_rows)];
            operands.extend((0..size).map(|j| tape.entries(*factor, &rows(&|i| vec![i, j]))));
            return Ok(Self { bijection: Arc::new(AffineVectors { size }), operands });
        }
        if let (Support::Vector { size: steps }, true, [scale, loc, initial]) =
            (support, family.walks(), &prior.nodes[..])
        {
            let operands = [loc, initial, scale].map(|node| tape.entries(*node, &vec![vec![]; steps]));
            return Ok(Self { bijection: Arc::new(RandomWalk { steps }), operands: operands.into() });
        }
        let affine = if support == Support::Positive { Affine::Exponential } else { Affine::Linear };
        match family.location_scale() {
            Some(places) => {
                let operands = places.iter().map(|place| parameters[*place].clone()).collect();
                Ok(Self { bijection: Arc::new(affine), operands })
            }
            None => Err(wrong_support(
                family,
                "noncentered",
                "a location and a scale (Normal, StudentT, LogNormal, MvNormal, ...)",
            )),
        }
    }

    fn plain(family: &dyn Family, parameters: &[Operand], support: Support) -> Result<Self> {
        if let Support::Interval { low, high } = support
            && !(low < high)
        {
            if low.is_nan() || high.is_nan() {
                return Self::between_variables(family, parameters);
            }
            let message = format!("expected bounds low < high for {}, got {low} and {high}", family.name());
            return Err(Error::new(ErrorKind::Value, message));
        }
        let array: Option<Arc<dyn Bijection>> = match support {
            Support::Vector { .. } => Some(Arc::new(Transform::Identity)),
            Support::Simplex { size } => Some(Arc::new(Simplex { slice: size })),
            Support::CholeskyCorrelation { size } => Some(Arc::new(CholeskyCorrelation { size })),
            Support::Correlation { size } => Some(Arc::new(Correlation { size })),
            Support::CholeskyCovariance { size } => Some(Arc::new(CholeskyCovariance { size })),
            Support::UnitVector { size } => Some(Arc::new(UnitVector { size })),
            Support::Circle => Some(Arc::new(Circle)),
            _ => None,
        };
        // The other end, if there is one, is infinite.
        match (support, family.ends()) {
            (Support::Above { .. }, [Some(low), _]) => {
                return Ok(Self {
                    bijection: Arc::new(Bounded::Above),
                    operands: vec![parameters[low].clone()],
                });
            }
            (Support::Below { .. }, [_, Some(high)]) => {
                return Ok(Self {
                    bijection: Arc::new(Bounded::Below),
                    operands: vec![parameters[high].clone()],
                });
            }
            _ => {}
        }
        if let Some(bijection) = array {
            return Ok(Self { bijection, operands: vec![] });
        }
        match Transform::of(support) {
            Some(transform) => Ok(Self { bijection: Arc::new(transform), operands: vec![] }),
            None if matches!(support, Support::Point { .. }) => {
                let message = format!(
                    "expected `observed = ...` for {}, or a part of a mixture of data: its value is the number given to it, and no unknown; write \
                     that number where the unknown would stand",
                    family.name()
                );
                Err(Error::new(ErrorKind::Site, message))
            }
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
    fn between_variables(family: &dyn Family, parameters: &[Operand]) -> Result<Self> {
        let ends: Vec<Operand> = family.ends().iter().flatten().map(|end| parameters[*end].clone()).collect();
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
