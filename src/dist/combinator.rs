//! Distributions that are put together of others: what each says of itself, and how any density is recorded as a variable.
//!
//! A combinator's log density is an expression of the log densities of its parts, which are nodes of the graph
//! (`graph/run/density_node.rs`); a draw is made of draws of the parts (`graph/run/draw.rs`).

use super::density::{Density, DensityFamily, Form};
use super::family::Family;
use super::joint_arguments::joint_parameters;
use super::kernel::ParameterDomain;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axis, DrawRecord, FamilyRecord, Formula, NodeId, Operand, Shape, Tape};
use crate::transform::Support;
use std::sync::Arc;

/// A distribution put together of parts.
pub(crate) trait Combinator: Send + Sync {
    /// Its name, for messages: "Mixture".
    fn name(&self) -> &'static str;

    /// The names and domains of its own parameters; `None` where infinities are welcome too.
    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)>;

    /// The numbers per value.
    fn width(&self, parts: &[Resolved]) -> usize {
        parts[0].width()
    }

    /// The axis that the parameters of its parts may have beside the plates of a value: that of what is summed out.
    fn axis(&self, _: &Own<'_>) -> Option<Axis> {
        None
    }

    /// Its own parameters, brought to the axes of its parts.
    fn arranged(&self, own: &Own<'_>) -> Result<Vec<NodeId>> {
        Ok(own.nodes.to_vec())
    }

    /// What is wrong with parts and parameters, if anything is.
    fn check(&self, _: &Own<'_>) -> Result<()> {
        Ok(())
    }

    /// Records the log density of a value, and how it is drawn from.
    fn record(&self, own: &Own<'_>, value: &Given, shape: &Shape) -> Result<Recorded>;

    /// Where an unknown with this prior lies.
    fn support(&self, own: &Own<'_>) -> Result<Support>;

    /// The ends of an unknown's support, where it has some that are not numbers, or one alone; `None` where the support says all.
    fn ends(&self, _: &Own<'_>) -> Option<[Option<NodeId>; 2]> {
        None
    }

    /// Whether a datum is possible, whatever the variables are.
    fn allows(&self, own: &Own<'_>, datum: &[f64]) -> bool;

    /// What data should be, in words.
    fn expected(&self, own: &Own<'_>) -> String;
}

/// What a combinator is applied to.
pub(crate) struct Own<'a> {
    pub(crate) tape: &'a Tape,
    /// Its own parameters.
    pub(crate) nodes: &'a [NodeId],
    pub(crate) parts: &'a [Resolved],
}

impl Own<'_> {
    /// A parameter of its own, if that is a single number.
    pub(crate) fn number(&self, parameter: usize) -> Option<f64> {
        self.tape.constant_of(self.nodes[parameter]).filter(|numbers| numbers.len() == 1).map(|x| x[0])
    }
}

/// The value whose density is recorded.
pub(crate) enum Given {
    /// One number per element of a node.
    Node(NodeId),
    /// Rows of data along a shape: the numbers, how many each row has.
    Rows(Arc<[f64]>, usize, Shape),
}

/// A density as nodes.
pub(crate) struct Recorded {
    pub(crate) log_prob: NodeId,
    pub(crate) draw: DrawRecord,
}

/// A density whose arguments are nodes.
pub(crate) struct Resolved {
    pub(crate) family: DensityFamily,
    pub(crate) nodes: Vec<NodeId>,
    /// Of a density of vectors, the parameters of each element of the plates that are open.
    entries: Option<Vec<Operand>>,
    pub(crate) parts: Vec<Resolved>,
}

impl Density<'_> {
    /// Records the arguments; constants outside of their domains are errors.
    pub(crate) fn resolve(self, tape: &Tape) -> Result<Resolved> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Form::Ordered | Form::SumToZero = self.form {
            let message = "expected a prior of unknowns for .ordered() and .sum_to_zero(), got the density of a value or a part of another; leave \
                           it out there";
            return Err(Error::new(ErrorKind::Site, message));
        }
        if let DensityFamily::Joint(family) = &self.family {
            let (family, parameters) = joint_parameters(tape, family.as_ref(), self.arguments)?;
            let (family, entries) = (DensityFamily::Formula(family), Some(parameters.operands));
            return Ok(Resolved { family, nodes: parameters.nodes, entries, parts: vec![] });
        }
        let nodes =
            self.arguments.into_iter().map(|argument| tape.localised(tape.argument(argument))).collect();
        let parts: Result<Vec<_>> = self.parts.into_iter().map(|part| part.resolve(tape)).collect();
        let mut resolved = Resolved { family: self.family, nodes, entries: None, parts: parts? };
        if let DensityFamily::Combined(combinator) = &resolved.family {
            resolved.nodes = combinator.arranged(&resolved.own(tape))?;
        }
        resolved.check(tape)?;
        Ok(resolved)
    }
}

impl Resolved {
    fn check(&self, tape: &Tape) -> Result<()> {
        let name = self.name();
        for ((parameter, domain), &node) in self.parameters().iter().zip(&self.nodes) {
            let Some(domain) = domain else { continue };
            check_constant(tape, name, (parameter, *domain), node)?;
        }
        match &self.family {
            DensityFamily::Combined(combinator) => combinator.check(&self.own(tape)),
            _ => Ok(()),
        }
    }

    pub(crate) fn own<'a>(&'a self, tape: &'a Tape) -> Own<'a> {
        Own { tape, nodes: &self.nodes, parts: &self.parts }
    }

    /// Calls `each` for the parameters of it and of its parts.
    pub(crate) fn all_nodes(&self, each: &mut impl FnMut(NodeId)) {
        self.nodes.iter().for_each(|node| each(*node));
        self.parts.iter().for_each(|part| part.all_nodes(each));
    }

    pub(crate) fn name(&self) -> &'static str {
        match &self.family {
            DensityFamily::Formula(family) => family.name(),
            DensityFamily::Learned(_) => "learned",
            DensityFamily::Combined(combinator) => combinator.name(),
            DensityFamily::Joint(family) => family.name(),
        }
    }

    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)> {
        match &self.family {
            DensityFamily::Formula(family) => {
                family.parameters().into_iter().map(|(name, domain)| (name, Some(domain))).collect()
            }
            DensityFamily::Learned(learned) => {
                learned.names().iter().map(|name| (name.clone(), None)).collect()
            }
            DensityFamily::Combined(combinator) => combinator.parameters(),
            DensityFamily::Joint(_) => vec![],
        }
    }

    pub(crate) fn width(&self) -> usize {
        match &self.family {
            DensityFamily::Formula(family) => family.width(),
            DensityFamily::Learned(learned) => learned.width(),
            DensityFamily::Combined(combinator) => combinator.width(&self.parts),
            DensityFamily::Joint(_) => 1,
        }
    }

    /// Calls `each` for every family of a formula in it, with its parameters.
    pub(crate) fn families(&self, each: &mut impl FnMut(&dyn Family, &[NodeId])) {
        if let (DensityFamily::Formula(family), None) = (&self.family, &self.entries) {
            each(family.as_ref(), &self.nodes);
        }
        self.parts.iter().for_each(|part| part.families(each));
    }

    /// The axis that parameters may have beside the plates of a value, here or in what this is a part of.
    fn axis(&self, tape: &Tape, outer: Option<Axis>) -> Option<Axis> {
        match &self.family {
            DensityFamily::Combined(combinator) => combinator.axis(&self.own(tape)).or(outer),
            _ => outer,
        }
    }

    /// All parameters broadcast to the open plates, and perhaps one more axis.
    pub(crate) fn check_plates(&self, tape: &Tape, outer: Option<Axis>) -> Result<()> {
        let axis = self.axis(tape, outer);
        if self.entries.is_none() {
            let names: Vec<String> = self.parameters().into_iter().map(|(name, _)| name).collect();
            tape.check_parameters(&names, &self.nodes, axis)?;
        }
        self.parts.iter().try_for_each(|part| part.check_plates(tape, axis))
    }

    /// The smallest shape that a shape and all parameters broadcast to, but for the axis of what is summed out.
    pub(crate) fn shape_with(&self, tape: &Tape, shape: Shape) -> Result<Shape> {
        self.shape_but_for(tape, shape, None)
    }

    fn shape_but_for(&self, tape: &Tape, shape: Shape, outer: Option<Axis>) -> Result<Shape> {
        let axis = self.axis(tape, outer);
        if self.entries.is_some() {
            return tape.common_shape(&shape, &tape.current_shape());
        }
        let summed = Shape(axis.into_iter().collect());
        let with =
            |shape: Shape, node: &NodeId| tape.common_shape(&shape, &tape.shape(*node).without(&summed));
        let shape = self.nodes.iter().try_fold(shape, with)?;
        self.parts.iter().try_fold(shape, |shape, part| part.shape_but_for(tape, shape, axis))
    }

    /// The parameters that are single numbers; NaN for the others.
    fn lone_parameters(&self, tape: &Tape) -> Vec<f64> {
        let count = self.parameters().len();
        let own = self.own(tape);
        let number = |parameter| if self.entries.is_some() { None } else { own.number(parameter) };
        (0..count).map(|parameter| number(parameter).unwrap_or(f64::NAN)).collect()
    }

    /// Where an unknown with this prior lies.
    pub(crate) fn support(&self, tape: &Tape) -> Result<Support> {
        match &self.family {
            DensityFamily::Formula(family) => Ok(family.support(&self.lone_parameters(tape))),
            DensityFamily::Combined(combinator) => combinator.support(&self.own(tape)),
            DensityFamily::Learned(_) | DensityFamily::Joint(_) => Err(Error::new(
                ErrorKind::Site,
                "expected `observed = ...`: a learned likelihood is the density of data, not of an unknown",
            )),
        }
    }

    /// The ends of an unknown's support; see [`Combinator::ends`].
    pub(crate) fn ends(&self, tape: &Tape) -> Option<[Option<NodeId>; 2]> {
        match &self.family {
            DensityFamily::Combined(combinator) => combinator.ends(&self.own(tape)),
            _ => None,
        }
    }

    /// Whether a datum is possible, whatever the variables are.
    pub(crate) fn allows(&self, tape: &Tape, datum: &[f64]) -> bool {
        match &self.family {
            DensityFamily::Formula(family) => {
                let support = family.support(&self.lone_parameters(tape));
                let open =
                    matches!(support, Support::Interval { low, high } if low.is_nan() || high.is_nan());
                if open { datum.iter().all(|x| x.is_finite()) } else { support.contains(datum) }
            }
            DensityFamily::Learned(_) | DensityFamily::Joint(_) => datum.iter().all(|x| x.is_finite()),
            DensityFamily::Combined(combinator) => combinator.allows(&self.own(tape), datum),
        }
    }

    /// What data should be, in words.
    pub(crate) fn expected(&self, tape: &Tape) -> String {
        match &self.family {
            DensityFamily::Formula(family) => family.support(&self.lone_parameters(tape)).to_string(),
            DensityFamily::Learned(_) | DensityFamily::Joint(_) => "finite numbers".to_string(),
            DensityFamily::Combined(combinator) => combinator.expected(&self.own(tape)),
        }
    }

    /// Records the log density of a value over a shape that it and the parameters broadcast to, and how it is drawn from.
    pub(crate) fn record(&self, tape: &Tape, value: &Given, shape: &Shape) -> Result<Recorded> {
        match &self.family {
            DensityFamily::Combined(combinator) => combinator.record(&self.own(tape), value, shape),
            DensityFamily::Formula(family) => {
                self.record_formula(tape, family.clone().as_formula(), value, shape)
            }
            DensityFamily::Learned(learned) => {
                let record = FamilyRecord::Learned(learned.clone(), rows_over(tape, value, shape)?);
                let log_prob = tape.density(record, None, self.operands(tape, shape)?, shape.clone());
                Ok(Recorded { log_prob, draw: DrawRecord::Learned(log_prob) })
            }
            DensityFamily::Joint(_) => unreachable!("it is a formula since its size is known"),
        }
    }

    fn record_formula(
        &self,
        tape: &Tape,
        formula: Arc<dyn Formula>,
        value: &Given,
        shape: &Shape,
    ) -> Result<Recorded> {
        let (record, value) = match value {
            Given::Node(node) => (FamilyRecord::Formula(formula.clone()), Some(*node)),
            rows => (FamilyRecord::Rows(formula.clone(), rows_over(tape, rows, shape)?), None),
        };
        let parameters = self.operands(tape, shape)?;
        let log_prob = tape.density(record, value, parameters.clone(), shape.clone());
        Ok(Recorded { log_prob, draw: DrawRecord::Formula { formula, parameters } })
    }

    /// The parameters over a shape.
    fn operands(&self, tape: &Tape, shape: &Shape) -> Result<Vec<Operand>> {
        match &self.entries {
            None => Ok(self.nodes.iter().map(|&node| tape.operand(node, shape)).collect()),
            Some(entries) if *shape == tape.current_shape() => Ok(entries.clone()),
            Some(_) => {
                let message = format!(
                    "expected vectors of the open plates ({}) for {}, got some over {}",
                    tape.shape_in_words(&tape.current_shape()),
                    self.name(),
                    tape.shape_in_words(shape)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }
}

/// The rows of data, one per element of a shape.
fn rows_over(tape: &Tape, value: &Given, shape: &Shape) -> Result<Arc<[f64]>> {
    let (numbers, width, own) = match value {
        Given::Rows(numbers, width, own) => (numbers.clone(), *width, own.clone()),
        Given::Node(node) => match tape.constant_of(*node) {
            Some(numbers) => (numbers, 1, tape.shape(*node)),
            None => {
                let message = "expected data as the value of a learned likelihood, got a variable; a learned likelihood is the \
                               density of data, not of an unknown";
                return Err(Error::new(ErrorKind::Site, message));
            }
        },
    };
    if own == *shape {
        return Ok(numbers);
    }
    let map = own.broadcast_to(shape);
    Ok((0..shape.len()).flat_map(|i| numbers[map.at(i) * width..][..width].iter().copied()).collect())
}

/// Constant parameters lie in their domains, and counts among them, such as numbers of trials, are constant.
pub(crate) fn check_constant(
    tape: &Tape,
    family: &str,
    (name, domain): (&str, ParameterDomain),
    node: NodeId,
) -> Result<()> {
    let known = matches!(domain, ParameterDomain::Count | ParameterDomain::Known);
    if known && tape.constant_of(tape.source(node)).is_none() {
        let why = match domain {
            ParameterDomain::Count => {
                "counts such as numbers of trials are known; sum an unknown one out with factor!"
            }
            _ => "there is no slope to follow where all lies on one number; give that number",
        };
        let message = format!(
            "expected a number or data for the parameter `{name}` of {family}, got a variable: {why}"
        );
        return Err(Error::new(ErrorKind::Value, message));
    }
    let Some(numbers) = tape.constant_of(node) else { return Ok(()) };
    match numbers.iter().find(|&&number| !domain.contains(number)) {
        None => Ok(()),
        Some(bad) => {
            let message = format!(
                "expected {domain} for the parameter `{name}` of {family}, got {bad}; check the numbers passed to it"
            );
            Err(Error::new(ErrorKind::Value, message))
        }
    }
}
