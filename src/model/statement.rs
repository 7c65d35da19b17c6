//! Statements: from a name and a distribution to nodes and terms.

use super::check;
use super::coordinates::{Coordinates, Prior};
use super::scope::Scope;
use super::site::{Site, SiteKind};
use crate::dist::{
    Density, DensityFamily, Distribution, Form, IntoValue, Observed, Parameters, Standardised, Value,
    close_for_vectors, in_rows, joint_parameters,
};
use crate::error::{Error, ErrorKind};
use crate::graph::{Argument, IntoArgument, NodeId, Shape, TermKind, ValueRecord, Var};
use crate::transform::Support;

/// A statement that has its name and waits for its content.
#[must_use = "a statement without content adds nothing to the model"]
pub struct Statement<'s> {
    pub(super) scope: &'s Scope,
    pub(super) name: String,
    /// The name without those of the submodels around it.
    pub(super) own: String,
}

impl Scope {
    /// Opens a statement. Call it before the statement's distribution is written, so that mistakes in it are reported
    /// with its name.
    pub fn site(&self, name: impl Into<String>) -> Statement<'_> {
        let own = name.into();
        let name = format!("{}{own}", self.prefix.borrow());
        self.tape.set_place(format!("site `{name}`"));
        if own.is_empty() {
            let message = "expected a name of at least one character for the site, got an empty one";
            self.tape.fail(Error::new(ErrorKind::Site, message));
        }
        if !self.names.borrow_mut().insert(name.clone()) {
            let message = format!(
                "the name `{name}` is taken by an earlier statement; give every site a name of its own"
            );
            self.tape.fail(Error::new(ErrorKind::Site, message));
        }
        Statement { scope: self, name, own }
    }
}

impl<'s> Statement<'s> {
    /// An unknown with a prior: one element per element of the open plates.
    pub fn sample(self, distribution: impl Distribution<'s>) -> Var<'s> {
        self.latent(distribution.density())
    }

    /// Data with a likelihood: one datum per element of the open plates.
    ///
    /// An expression of data and unknowns may stand in place of data. What is added is the density of the *expression*: where it transforms data by an
    /// unknown (a power to be learned, say), add the logarithm of its derivative by the data with `factor!`, or the result is no density of the
    /// data.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// The power of Box & Cox (1964): (y^p - 1) / p is normal, with the derivative y^(p - 1).
    /// #[model]
    /// fn power(y: &[f64]) {
    ///     sample!(p ~ Normal(1, 0.5));
    ///     sample!(mean ~ Normal(0, 5));
    ///     plate!(rows = y.len(), {
    ///         let log_y: Vec<f64> = y.iter().map(|y| y.ln()).collect();
    ///         let transformed = ((p * &log_y).exp() - 1.0) / p;
    ///         sample!(transformed ~ Normal(mean, 1), observed = transformed);
    ///         factor!(derivative = (p - 1.0) * &log_y);
    ///     });
    /// }
    /// assert_eq!(power(&[0.8, 1.9, 3.1])?.dim(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn observe(self, distribution: impl Distribution<'s>, data: impl IntoValue<'s>) {
        let tape = &self.scope.tape;
        match data.into_value() {
            Value::Data(data) => self.likelihood(distribution.density(), data),
            Value::Var(value) => self.expression(distribution.density(), value),
            Value::Along(numbers, plate) => {
                let value = tape.var(tape.argument(Argument::DataAlong(numbers, plate)));
                self.expression(distribution.density(), value);
            }
        }
    }

    /// A quantity computed from others, kept with the draws under its name.
    pub fn deterministic(self, value: impl IntoArgument<'s>) -> Var<'s> {
        let tape = &self.scope.tape;
        let node = tape.localised(tape.argument(value.into_argument()));
        let shape = tape.shape(node);
        self.push(SiteKind::Deterministic, &shape, None, Some(node), None, 1);
        tape.var(node)
    }

    /// A term added to the log density, once per element of the open plates: inside a plate of ten, a number counts ten
    /// times. The elements of an array are summed, over plates that are no longer open too.
    pub fn factor(self, log_density: impl IntoArgument<'s>) {
        let tape = &self.scope.tape;
        let mut value = tape.var(tape.localised(tape.argument(log_density.into_argument())));
        let shape = tape.shape(value.node);
        let repeats = tape.current_shape().without(&shape).len();
        if repeats > 1 {
            value *= repeats as f64;
        }
        if !tape.states_of(&shape).is_scalar() {
            return self.factor_over_states(value.node);
        }
        let term = tape.term(shape.len(), TermKind::Factor(tape.whole(value.node)));
        self.push(SiteKind::Factor, &shape, None, None, Some(term), 1);
    }

    pub(super) fn latent(self, mut density: Density<'s>) -> Var<'s> {
        if density.form == Form::Standardised {
            return self.noncentered(density);
        }
        if density.is_summable() && density.form == Form::Plain {
            return self.discrete(density);
        }
        if density.has_states(&self.scope.tape) {
            let tape = &self.scope.tape;
            tape.fail(Error::new(
                ErrorKind::Site,
                "expected `observed = ...`, or a prior that depends on no discrete unknown, got one that does; a prior that is one of several is a Mixture of them",
            ));
            return tape.var(tape.poison());
        }
        if let DensityFamily::Combined(_) = density.family {
            return self.combined_latent(density);
        }
        let tape = &self.scope.tape;
        if let Some(plate) = close_for_vectors(tape, &mut density) {
            let vectors = self.latent(density);
            tape.put_back(plate);
            return vectors;
        }
        let Some(Parameters { operands: parameters, nodes, axes }) = self.parameters(&mut density) else {
            return tape.var(tape.poison());
        };
        let DensityFamily::Formula(family) = &density.family else {
            tape.fail(Error::new(
                ErrorKind::Site,
                "expected `observed = ...`: a learned likelihood is the density of data, not of an unknown",
            ));
            return tape.var(tape.poison());
        };
        let (family, plates) = (family.clone(), tape.current_shape());
        let form = density.form;
        let mut prior = Prior { family, nodes, parameters, plates, form, bijection: None, standard: None };
        let coordinates = match Coordinates::of(tape, &prior, density.form) {
            Ok(coordinates) => coordinates,
            Err(error) => {
                tape.fail(error);
                return tape.var(tape.poison());
            }
        };
        let support = prior.family.support(&check::lone_parameters(tape, &prior.nodes));
        let elements = tape.current_shape();
        let axes = match axes {
            Some(axis) if support.axes() == [axis.len] => vec![axis],
            _ => tape.own_axes(&self.name, &support.axes()),
        };
        let shape = elements.union(&Shape(axes));
        let node = tape.input(coordinates.bijection.clone(), coordinates.operands, shape.clone());
        let (kind, name) = (prior.term_of(node), prior.family.name().to_string());
        prior.bijection = Some(coordinates.bijection);
        self.scope.priors.borrow_mut().insert(self.name.clone(), prior);
        self.add_unknown((node, &shape), support, name, (elements.len(), kind))
    }

    /// The statement of an unknown that has its node, with the number of elements and the kind of its term.
    pub(super) fn add_unknown(
        self,
        (node, shape): (NodeId, &Shape),
        support: Support,
        name: String,
        (elements, kind): (usize, TermKind),
    ) -> Var<'s> {
        let tape = &self.scope.tape;
        let term = tape.term(elements, kind);
        self.scope.unknowns.borrow_mut().insert(node, (self.name.clone(), support));
        self.push(SiteKind::Latent, shape, Some(name), Some(node), Some(term), 1);
        tape.var(node)
    }

    /// x = location + scale x z with z standard normal: the same prior in coordinates that a sampler finds easier when
    /// the data say little about each element (Papaspiliopoulos, Roberts & Skold 2007, doi:10.1214/088342307000000014).
    fn noncentered(self, mut density: Density<'s>) -> Var<'s> {
        let (scope, tape) = (self.scope, &self.scope.tape);
        let Some(Parameters { nodes, operands: parameters, .. }) = self.parameters(&mut density) else {
            return tape.var(tape.poison());
        };
        let (location, scale) = (tape.var(nodes[0]), tape.var(nodes[1]));
        let name = self.name.clone();
        let standard = self.latent(Standardised(location, scale).density());
        let value = location + scale * standard;
        scope.unknowns.borrow_mut().insert(value.node, (name.clone(), Support::Real));
        if let DensityFamily::Formula(family) = density.family {
            let (plates, standard) = (tape.current_shape(), Some(standard.node));
            let form = Form::NonCentered;
            let prior = Prior { family, nodes, parameters, plates, form, bijection: None, standard };
            scope.priors.borrow_mut().insert(name.clone(), prior);
        }
        if let Some(site) = scope.sites.borrow_mut().last_mut().filter(|site| site.name == name) {
            site.node = Some(value.node);
        }
        value
    }

    pub(super) fn likelihood(self, mut density: Density<'s>, mut data: Observed) {
        if density.has_states(&self.scope.tape) {
            return self.data_over_states(density, data);
        }
        if let DensityFamily::Combined(_) = density.family {
            return self.combined_likelihood(density, data);
        }
        let tape = &self.scope.tape;
        if let Some(plate) = close_for_vectors(tape, &mut density) {
            self.likelihood(density, data);
            return tape.put_back(plate);
        }
        let Some(Parameters { operands: parameters, nodes, .. }) = self.parameters(&mut density) else {
            return;
        };
        let shape = tape.current_shape();
        let elements = shape.len();
        let (width, name) = match &density.family {
            DensityFamily::Formula(family) => (family.width(), family.name()),
            DensityFamily::Learned(learned) => (learned.width(), "learned"),
            DensityFamily::Joint(_) | DensityFamily::Combined(_) => unreachable!("both are told apart above"),
        };
        in_rows(&mut data, width, elements);
        let checked = check::data(tape, &data, width, &tape.shape_in_words(&shape), elements)
            .and_then(|()| check::data_of_family(tape, &density.family, &nodes, &data));
        if let Err(error) = checked {
            tape.fail(error);
            return;
        }
        let data = data.values;
        let kind = match density.family {
            DensityFamily::Learned(density) => TermKind::Learned { density, data, parameters },
            DensityFamily::Formula(family) => {
                let formula = family.as_formula();
                TermKind::Formula { formula, value: ValueRecord::Observed(data), parameters }
            }
            DensityFamily::Joint(_) | DensityFamily::Combined(_) => unreachable!("both are told apart above"),
        };
        let term = tape.term(elements, kind);
        self.push(SiteKind::Observed, &shape, Some(name.to_string()), None, Some(term), width);
    }

    /// The parameters as nodes and as operands over the open plates, checked.
    fn parameters(&self, density: &mut Density<'s>) -> Option<Parameters> {
        let tape = &self.scope.tape;
        if let Some(error) = density.error.take() {
            tape.fail(error);
            return None;
        }
        let arguments = std::mem::take(&mut density.arguments);
        if let DensityFamily::Joint(family) = density.family.clone() {
            return match joint_parameters(tape, family.as_ref(), arguments) {
                Ok((built, parameters)) => {
                    density.family = DensityFamily::Formula(built);
                    Some(parameters)
                }
                Err(error) => {
                    tape.fail(error);
                    None
                }
            };
        }
        let nodes: Vec<NodeId> =
            arguments.into_iter().map(|argument| tape.localised(tape.argument(argument))).collect();
        if let DensityFamily::Formula(family) = &density.family
            && let Err(error) = check::constant_parameters(tape, family.as_ref(), &nodes)
        {
            tape.fail(error);
            return None;
        }
        if let DensityFamily::Formula(family) = &density.family {
            check::unknowns_in_domain(tape, family.as_ref(), &nodes, &self.scope.unknowns.borrow());
        }
        match tape.parameters(&density.names(), &nodes) {
            Ok(operands) => Some(Parameters { operands, nodes, axes: None }),
            Err(error) => {
                tape.fail(error);
                None
            }
        }
    }

    pub(super) fn push(
        self,
        kind: SiteKind,
        shape: &Shape,
        distribution: Option<String>,
        node: Option<NodeId>,
        term: Option<usize>,
        width: usize,
    ) {
        let plates = self.scope.tape.plate_names(shape);
        let labels = self.scope.tape.labels_of(shape);
        let shape = shape.lengths();
        let site = Site { name: self.name, kind, plates, labels, shape, distribution, node, term, width };
        self.scope.sites.borrow_mut().push(site);
        self.scope.tape.set_place(String::new());
    }
}
