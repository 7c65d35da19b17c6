//! Statements whose distribution is put together of others: mixtures, truncated and censored distributions.

use super::check;
use super::scope::Scope;
use super::site::SiteKind;
use super::statement::Statement;
use crate::dist::{Density, Given, Observed, Recorded, Resolved, in_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Operand, Shape, Tape, TermKind, ValueRecord, Var};
use crate::transform::{Bijection, Bounded, Circle, Support, Transform};
use std::sync::Arc;

impl<'s> Statement<'s> {
    /// An unknown with such a prior.
    pub(super) fn combined_latent(self, density: Density<'s>) -> Var<'s> {
        let (scope, tape) = (self.scope, &self.scope.tape);
        match scope.unknown_of_parts(density) {
            Ok((node, support, name, term)) => {
                let shape = tape.current_shape();
                self.add_unknown((node, &shape), support, name.to_string(), (shape.len(), term))
            }
            Err(error) => {
                tape.fail(error);
                tape.var(tape.poison())
            }
        }
    }

    /// An expression of unknowns and data with a likelihood.
    pub(super) fn expression(self, density: Density<'s>, value: Var<'s>) {
        let (scope, tape) = (self.scope, &self.scope.tape);
        let node = tape.localised(tape.own(value));
        if density.has_states(tape) || !tape.states_of(&tape.shape(node)).is_scalar() {
            return self.expression_over_states(density, node);
        }
        let shape = tape.current_shape();
        match scope.expression_of_parts(density, node, &shape) {
            Ok((name, term)) => {
                let term = tape.term(shape.len(), term);
                self.push(SiteKind::Observed, &shape, Some(name.to_string()), None, Some(term), 1);
            }
            Err(error) => tape.fail(error),
        }
    }

    /// Data with such a likelihood.
    pub(super) fn combined_likelihood(self, density: Density<'s>, data: Observed) {
        let (scope, tape) = (self.scope, &self.scope.tape);
        let shape = tape.current_shape();
        match scope.data_of_parts(density, data, &shape) {
            Ok((name, width, term)) => {
                let term = tape.term(shape.len(), term);
                self.push(SiteKind::Observed, &shape, Some(name.to_string()), None, Some(term), width);
            }
            Err(error) => tape.fail(error),
        }
    }
}

/// The bijection onto a support.
fn onto(name: &str, support: Support) -> Result<Arc<dyn Bijection>> {
    if support == Support::Circle {
        return Ok(Arc::new(Circle));
    }
    match Transform::of(support) {
        Some(transform) => Ok(Arc::new(transform)),
        None => {
            let message = format!(
                "expected `observed = ...` for {name}, a distribution of {support}: an unknown of it must be one continuous number for \
                 gradient-based samplers; sum a discrete unknown out with factor!"
            );
            Err(Error::new(ErrorKind::Site, message))
        }
    }
}

/// The bijection onto what lies between ends, one of which there is at least.
fn between(tape: &Tape, ends: [Option<NodeId>; 2], shape: &Shape) -> (Arc<dyn Bijection>, Vec<Operand>) {
    let bijection = match ends {
        [Some(_), Some(_)] => Bounded::Between,
        [Some(_), None] => Bounded::Above,
        [None, _] => Bounded::Below,
    };
    let operands = ends.iter().flatten().map(|&end| tape.operand(end, shape)).collect();
    (Arc::new(bijection), operands)
}

impl Scope {
    /// The arguments as nodes, which must broadcast to the open plates.
    pub(super) fn resolve(&self, density: Density<'_>) -> Result<Resolved> {
        let resolved = density.resolve(&self.tape)?;
        let unknowns = self.unknowns.borrow();
        resolved
            .families(&mut |family, nodes| check::unknowns_in_domain(&self.tape, family, nodes, &unknowns));
        resolved.check_plates(&self.tape, None)?;
        Ok(resolved)
    }

    /// A new unknown: its node, support, the distribution's name, its term.
    fn unknown_of_parts(&self, density: Density<'_>) -> Result<(NodeId, Support, &'static str, TermKind)> {
        let (tape, density) = (&self.tape, self.resolve(density)?);
        let (name, support) = (density.name(), density.support(tape)?);
        let shape = tape.current_shape();
        let (bijection, operands) = match density.ends(tape) {
            Some(ends) => between(tape, ends, &shape),
            None => (onto(name, support)?, vec![]),
        };
        let node = tape.input(bijection, operands, shape.clone());
        let recorded = density.record(tape, &Given::Node(node), &shape)?;
        Ok((node, support, name, self.term_of(recorded, ValueRecord::Live(node), &shape)))
    }

    /// The distribution's name, the numbers per datum, and the term of data.
    fn data_of_parts(
        &self,
        density: Density<'_>,
        mut data: Observed,
        shape: &Shape,
    ) -> Result<(&'static str, usize, TermKind)> {
        let (tape, density) = (&self.tape, self.resolve(density)?);
        let width = density.width();
        in_rows(&mut data, width, shape.len());
        check::data(tape, &data, width, &tape.shape_in_words(shape), shape.len())?;
        check::data_of_parts(tape, &density, &data)?;
        let given = match width {
            1 => Given::Node(tape.constant(data.values.clone(), shape.clone())),
            _ => Given::Rows(data.values.clone().into(), width, shape.clone()),
        };
        let recorded = density.record(tape, &given, shape)?;
        Ok((density.name(), width, self.term_of(recorded, ValueRecord::Observed(data.values), shape)))
    }

    /// The distribution's name and the term of an expression.
    fn expression_of_parts(
        &self,
        density: Density<'_>,
        node: NodeId,
        shape: &Shape,
    ) -> Result<(&'static str, TermKind)> {
        let (tape, density) = (&self.tape, self.resolve(density)?);
        tape.check_parameters(&["observed".to_string()], &[node], None)?;
        if density.width() > 1 {
            let message = format!(
                "expected data of {} numbers per element for {}, got an expression of one number per element",
                density.width(),
                density.name()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let recorded = density.record(tape, &Given::Node(node), shape)?;
        Ok((density.name(), self.term_of(recorded, ValueRecord::Computed, shape)))
    }

    fn term_of(&self, Recorded { log_prob, draw }: Recorded, value: ValueRecord, shape: &Shape) -> TermKind {
        TermKind::Combined { log_prob: self.tape.operand(log_prob, shape), draw, value }
    }
}
