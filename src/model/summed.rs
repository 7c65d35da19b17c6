//! Discrete unknowns: summed out of the log density, and drawn afterwards.
//!
//! A discrete unknown d is an array of its states, over the plates that it stands in and an axis of its own. What depends on it has that axis too: the densities
//! of data are *factors* over plates and states, and so is its own. When the model is complete, unknowns are eliminated one after another, those in most plates
//! first: the log factors that have the axis of d are added up over the plates that d is not in, and log sum exp over the states leaves a factor without
//! it (variable elimination: Zhang & Poole 1994). The sum before the last step is, up to a constant, the log probability of each state
//! given all else, from which d is drawn afterwards: backwards, each given those that were eliminated after it.

use super::check;
use super::discrete::Discrete;
use super::scope::Scope;
use super::site::{Site, SiteKind};
use super::statement::Statement;
use super::states::{Logits, Selection, Summed, SummedOut};
use crate::dist::{Density, DensityFamily, Given, Observed, in_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Axis, NodeId, Shape, Tape, TermKind, ValueRecord, Var};
use crate::transform::Support;
use std::collections::HashMap;

/// The most states of one discrete unknown.
const MOST_STATES: usize = 10_000;

impl<'s> Density<'s> {
    /// Whether it is of numbers of which there are finitely many, so that an unknown of it can be summed out.
    pub(super) fn is_summable(&self) -> bool {
        let family = match &self.family {
            DensityFamily::Formula(family) => Some(family.clone()),
            // Of any size: the support is of one kind.
            DensityFamily::Joint(family) => family.build(2).ok(),
            DensityFamily::Learned(_) | DensityFamily::Combined(_) => None,
        };
        family.is_some_and(|family| {
            let support = family.support(&vec![f64::NAN; family.parameters().len()]);
            matches!(support, Support::Boolean | Support::CountUpTo { .. } | Support::Category { .. })
        })
    }

    /// The axes of states that its arguments have.
    fn states(&self, tape: &Tape) -> Shape {
        let of = |argument: &Argument<'_>| match argument {
            Argument::Var(var) => tape.states_of(&tape.shape(tape.own(*var))),
            _ => Shape::scalar(),
        };
        let own = self.arguments.iter().map(of);
        own.chain(self.parts.iter().map(|part| part.states(tape)))
            .fold(Shape::scalar(), |all, states| all.union(&states))
    }

    /// Whether it depends on a discrete unknown that is summed out.
    pub(super) fn has_states(&self, tape: &Tape) -> bool {
        !self.states(tape).is_scalar()
    }
}

impl<'s> Statement<'s> {
    /// A discrete unknown.
    pub(super) fn discrete(self, density: Density<'s>) -> Var<'s> {
        let tape = &self.scope.tape;
        match self.scope.record_discrete(&self.name, density) {
            Ok((node, distribution)) => {
                let shape = tape.current_shape();
                self.push(SiteKind::Discrete, &shape, Some(distribution.to_string()), None, None, 1);
                tape.var(node)
            }
            Err(error) => {
                tape.fail(error);
                tape.var(tape.poison())
            }
        }
    }

    /// Data whose density depends on discrete unknowns.
    pub(super) fn data_over_states(self, density: Density<'s>, data: Observed) {
        let tape = &self.scope.tape;
        match self.scope.record_over_states(&self.name, density, data) {
            Ok((distribution, width, term)) => {
                let shape = tape.current_shape();
                self.push(
                    SiteKind::Observed,
                    &shape,
                    Some(distribution.to_string()),
                    None,
                    Some(term),
                    width,
                );
            }
            Err(error) => tape.fail(error),
        }
    }

    /// An expression with a likelihood, one of which depends on discrete unknowns.
    pub(super) fn expression_over_states(self, density: Density<'s>, node: NodeId) {
        let tape = &self.scope.tape;
        match self.scope.record_expression(&self.name, density, node) {
            Ok(distribution) => {
                let shape = tape.current_shape();
                self.push(SiteKind::Observed, &shape, Some(distribution.to_string()), None, None, 1);
            }
            Err(error) => tape.fail(error),
        }
    }

    /// A log density that depends on discrete unknowns.
    pub(super) fn factor_over_states(self, value: NodeId) {
        let shape = self.scope.tape.current_shape();
        self.scope.discrete.borrow_mut().factors.push((value, self.name.clone()));
        self.push(SiteKind::Factor, &shape, None, None, None, 1);
    }
}

impl Scope {
    /// Records the states and their log probabilities.
    fn record_discrete(&self, name: &str, density: Density<'_>) -> Result<(NodeId, &'static str)> {
        let (tape, density) = (&self.tape, density.with_arguments_over_plates(&self.tape)?);
        let plates = tape.current_shape();
        let before = tape.open_states(&density.states(tape));
        let recorded = self.resolve(density).and_then(|density| {
            let number = states_of(&density.support(tape)?, density.name())?;
            let states = tape.states_axis(name, number);
            let shape = plates.union(&Shape(vec![states]));
            let along = Shape(vec![states]).broadcast_to(&shape);
            let numbers = (0..shape.len()).map(|i| along.at(i) as f64).collect();
            let node = tape.constant(numbers, shape);
            let full = tape.current_shape().union(&Shape(vec![states]));
            let before = tape.open_states(&Shape(vec![states]));
            let recorded = density.record(tape, &Given::Node(node), &full);
            tape.close_some(before);
            Ok((node, density.name(), states, recorded?.log_prob))
        });
        tape.close_some(before);
        let (node, distribution, states, prior) = recorded?;
        let mut all = self.discrete.borrow_mut();
        all.factors.push((prior, name.to_string()));
        all.unknowns.push(Discrete { name: name.to_string(), states, plates, prior });
        Ok((node, distribution))
    }

    /// Records the log density of data over plates and states; the distribution's name, the numbers per datum, and the term that data are drawn by.
    fn record_over_states(
        &self,
        name: &str,
        density: Density<'_>,
        mut data: Observed,
    ) -> Result<(&'static str, usize, usize)> {
        let (tape, density) = (&self.tape, density.with_arguments_over_plates(&self.tape)?);
        let plates = tape.current_shape();
        let before = tape.open_states(&density.states(tape));
        let full = tape.current_shape();
        let recorded = self.resolve(density).and_then(|density| {
            let width = density.width();
            in_rows(&mut data, width, plates.len());
            check::data(tape, &data, width, &tape.shape_in_words(&plates), plates.len())?;
            check::data_of_parts(tape, &density, &data)?;
            let given = match width {
                1 => Given::Node(tape.constant(data.values.clone(), plates.clone())),
                _ => Given::Rows(data.values.clone().into(), width, plates.clone()),
            };
            Ok((density.name(), width, density.record(tape, &given, &full)?))
        });
        tape.close_some(before);
        let (distribution, width, recorded) = recorded?;
        // Of weight 0: its density is a factor.
        let nothing = tape.operand(tape.number(0.0), &full);
        let kind =
            TermKind::Combined { log_prob: nothing, draw: recorded.draw, value: ValueRecord::Computed };
        let term = tape.term(full.len(), kind);
        let mut all = self.discrete.borrow_mut();
        all.factors.push((recorded.log_prob, name.to_string()));
        all.tied.push((name.to_string(), plates, full));
        Ok((distribution, width, term))
    }

    /// Records the log density of an expression over plates and states; the distribution's name.
    fn record_expression(&self, name: &str, density: Density<'_>, node: NodeId) -> Result<&'static str> {
        let (tape, density) = (&self.tape, density.with_arguments_over_plates(&self.tape)?);
        let states = density.states(tape).union(&tape.states_of(&tape.shape(node)));
        let before = tape.open_states(&states);
        let full = tape.current_shape();
        let recorded = tape.check_parameters(&["observed".to_string()], &[node], None).and_then(|()| {
            let density = self.resolve(density)?;
            Ok((density.name(), density.record(tape, &Given::Node(node), &full)?.log_prob))
        });
        tape.close_some(before);
        let (distribution, factor) = recorded?;
        self.discrete.borrow_mut().factors.push((factor, name.to_string()));
        Ok(distribution)
    }

    /// Sums all discrete unknowns out: adds the terms that are left, and says how the unknowns and what depends on them are drawn.
    pub(super) fn sum_out(&self, sites: &mut [Site]) -> Result<Summed> {
        let recorded = self.discrete.take();
        let mut order: Vec<usize> = (0..recorded.unknowns.len()).collect();
        order.sort_by_key(|d| (recorded.unknowns[*d].plates.0.len(), *d));
        order.reverse();
        let mut factors = recorded.factors;
        let mut posteriors = HashMap::new();
        for &d in &order {
            let unknown = &recorded.unknowns[d];
            let (with, rest): (Vec<_>, Vec<_>) =
                factors.into_iter().partition(|(node, _)| self.tape.shape(*node).contains(unknown.states));
            factors = rest;
            let logits = self.added_up(&recorded.unknowns, unknown, &with)?;
            posteriors.insert(d, logits);
            let left = self.tape.shape(logits).without(&Shape(vec![unknown.states]));
            let left_over = self.tape.log_sum_exp(logits, left.clone());
            if self.tape.states_of(&left).is_scalar() {
                self.tape.set_place(format!("site `{}`, summed out", unknown.name));
                let term = self.tape.term(left.len(), TermKind::Factor(self.tape.whole(left_over)));
                if let Some(site) = sites.iter_mut().find(|site| site.name == unknown.name) {
                    site.term = Some(term);
                }
            } else {
                factors.push((left_over, unknown.name.clone()));
            }
        }
        let unknowns = &recorded.unknowns;
        let selection =
            |shape: &Shape, base: &Shape, but: Option<Axis>| self.selection(unknowns, shape, base, but);
        let logits = |node: NodeId, unknown: &Discrete| -> Result<Logits> {
            let shape = self.tape.shape(node);
            let selection = selection(&shape, &unknown.plates, Some(unknown.states))?;
            Ok(Logits { node, stride: shape.stride(unknown.states), selection })
        };
        let out = |(d, unknown): (usize, &Discrete)| {
            Ok(SummedOut {
                site: unknown.name.clone(),
                states: unknown.states.len,
                prior: logits(unknown.prior, unknown)?,
                posterior: logits(posteriors[&d], unknown)?,
            })
        };
        let tied = recorded
            .tied
            .iter()
            .map(|(name, plates, full)| Ok((name.clone(), selection(full, plates, None)?)));
        Ok(Summed {
            unknowns: unknowns.iter().enumerate().map(out).collect::<Result<_>>()?,
            eliminated: order,
            tied: tied.collect::<Result<_>>()?,
        })
    }

    /// The sum of the factors that have an unknown's states, over its plates and all states.
    fn added_up(&self, all: &[Discrete], unknown: &Discrete, factors: &[(NodeId, String)]) -> Result<NodeId> {
        let tape = &self.tape;
        let mut total: Option<NodeId> = None;
        for (node, site) in factors {
            let shape = tape.shape(*node);
            let target = unknown.plates.union(&tape.states_of(&shape));
            let others = all.iter().filter(|other| shape.contains(other.states));
            for other in others {
                if !other.plates.without(&unknown.plates).is_scalar() {
                    return Err(crossed(&unknown.name, &other.name, site));
                }
            }
            if let Some((plate, ways)) = tape.forked(&shape, &unknown.plates) {
                let [plate, ways] = [Shape(vec![plate]), ways].map(|shape| tape.shape_in_words(&shape));
                return Err(forked(&unknown.name, site, &plate, &ways));
            }
            let places = tape.places_in(&shape, &target).map_err(|_| outside(unknown, site, tape))?;
            let summed = if shape == target { *node } else { tape.sum_into(*node, places, target) };
            total = Some(total.map_or(summed, |total| {
                let shape = tape.shape(total).union(&tape.shape(summed));
                tape.add_over(total, summed, shape)
            }));
        }
        total.ok_or_else(|| {
            Error::new(ErrorKind::Site, "expected the density of a discrete unknown, got none")
        })
    }

    /// Where, in an array over plates and states, the elements of the plates are, given the states of all unknowns but one.
    fn selection(
        &self,
        all: &[Discrete],
        shape: &Shape,
        base: &Shape,
        but: Option<Axis>,
    ) -> Result<Selection> {
        let states = self.tape.states_of(shape);
        let fixed: Vec<(Axis, usize)> = states.0.iter().map(|axis| (*axis, 0)).collect();
        let start = shape.entries(base, &fixed);
        let mut axes = vec![];
        for (d, unknown) in all.iter().enumerate() {
            if shape.contains(unknown.states) && Some(unknown.states) != but {
                let places = self.tape.places_in(base, &unknown.plates);
                let places = places.map_err(|_| outside(unknown, "", &self.tape))?;
                axes.push((d, shape.stride(unknown.states), places));
            }
        }
        Ok(Selection { start: (0..base.len()).map(|i| start.at(i)).collect(), axes })
    }
}

/// How many states an unknown has.
fn states_of(support: &Support, name: &str) -> Result<usize> {
    let number = match *support {
        Support::Boolean => 2.0,
        Support::CountUpTo { most } => most + 1.0,
        Support::Category { categories } => categories as f64,
        _ => f64::NAN,
    };
    if number >= 1.0 && number <= MOST_STATES as f64 {
        return Ok(number as usize);
    }
    let message = format!(
        "expected a discrete unknown of at most {MOST_STATES} states, the same for all elements, got one of {name}; for other counts sum by hand with \
         log_sum_exp and factor!"
    );
    Err(Error::new(ErrorKind::Site, message))
}

fn outside(unknown: &Discrete, site: &str, tape: &Tape) -> Error {
    let at = if site.is_empty() { String::new() } else { format!(" at site `{site}`") };
    let message = format!(
        "expected the discrete unknown `{}` to be used in the plates where it stands, {}, or in one whose elements belong to theirs (plate!(trials = n, of = \
         subjects.by(&subject), ...)), got it used elsewhere{at}: what it is summed over must be known",
        unknown.name,
        tape.shape_in_words(&unknown.plates)
    );
    Error::new(ErrorKind::Shape, message)
}

fn forked(unknown: &str, site: &str, plate: &str, ways: &str) -> Error {
    let message = format!(
        "expected one way to the elements of the discrete unknown `{unknown}` in {plate} at site `{site}`, got several, from {ways}: they may be several of its \
         elements at once; open only one of these plates around the statement"
    );
    Error::new(ErrorKind::Shape, message)
}

fn crossed(one: &str, other: &str, site: &str) -> Error {
    let message = format!(
        "expected discrete unknowns that meet at site `{site}` to stand in plates of which one holds the other, got `{one}` and `{other}` in plates that cross: their \
         sum has as many terms as all elements together have states; give one of them to the elements of both plates"
    );
    Error::new(ErrorKind::Shape, message)
}
