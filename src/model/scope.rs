//! Recording a model: what the macros expand to, to be used by hand as well.

use super::check;
use super::coordinates::{Coordinates, Prior};
use super::site::{Site, SiteKind};
use crate::dist::{
    Density, DensityFamily, Distribution, Form, IntoValue, Observed, Parameters, Standardised, Value,
    in_rows, joint_parameters,
};
use crate::error::{Error, ErrorKind};
use crate::graph::{
    Argument, IntoArgument, IntoAxis, IntoIndex, NodeId, Shape, Tape, TermKind, ValueRecord, Var,
};
use crate::transform::Support;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The model being recorded.
///
/// | macro | by hand |
/// |---|---|
/// | `sample!(mu ~ Normal(0.0, 1.0));` | `let mu = scope.site("mu").sample(Normal(0.0, 1.0));` |
/// | `sample!(y ~ Normal(mu, 1.0), observed = data);` | `scope.site("y").observe(Normal(mu, 1.0), data);` |
/// | `deterministic!(twice = mu * 2.0);` | `let twice = scope.site("twice").deterministic(mu * 2.0);` |
/// | `factor!(penalty = -mu.abs());` | `scope.site("penalty").factor(-mu.abs());` |
/// | `scan!(x = x0, (y = &data) => a * x + y);` | `let [x] = scope.scan("x", [x0], [data], \|[x], [y]\| [a * x + y]);`, each `.into()` |
/// | `submodel!(subjects = effects(&names));` | `let subjects = scope.submodel("subjects", \|scope\| effects(&names, scope))?;` |
/// | `plate!(rows = 3, { ... });` | `scope.enter("rows", 3); ... scope.exit();` |
/// | `plate!(rows, { ... });` | `scope.enter_again("rows"); ... scope.exit();` |
/// | `plate!(trials = 9, of = rows.by(&row), { ... });` | `scope.enter_of("trials", 9, "rows", &row); ... scope.exit();` |
///
/// Mistakes are kept until the model is complete and then returned by [`Model::record`](super::Model::record): the first
/// one, with the place where it was made.
#[derive(Default)]
pub struct Scope {
    pub(crate) tape: Tape,
    pub(crate) sites: RefCell<Vec<Site>>,
    names: RefCell<HashSet<String>>,
    /// The names of the submodels that are being recorded, each with a dot behind it.
    prefix: RefCell<String>,
    pub(super) priors: RefCell<HashMap<String, Prior>>,
    /// The unknowns by their nodes: name and support, for what is said of their use as parameters.
    pub(super) unknowns: RefCell<HashMap<NodeId, (String, Support)>>,
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

    /// Opens a plate: the statements until [`Scope::exit`] stand for so many independent elements each. Every plate needs its
    /// exit; a model that ends inside a plate is refused. Labels in place of a length travel with the arrays to draws and summaries.
    pub fn enter(&self, plate: &str, elements: impl IntoAxis) {
        self.tape.open_plate(plate, elements.into_axis());
    }

    /// Opens the last plate of a name once more: arrays over it are arrays over the open plate again.
    pub fn enter_again(&self, plate: &str) {
        self.tape.open_again(plate);
    }

    /// Opens a plate whose elements belong to those of an earlier plate, element i to element `index[i]`: arrays over that one gather themselves.
    pub fn enter_of<'i>(
        &self,
        plate: &str,
        elements: impl IntoAxis,
        parent: &str,
        index: impl IntoIndex<'i>,
    ) {
        self.tape.open_of(plate, elements.into_axis(), parent, index);
    }

    /// Closes the innermost plate.
    pub fn exit(&self) {
        self.tape.close_plate();
    }

    /// The states of a recursion along the innermost open plate: arrays over the open plates, whose element t is what `step` makes of the states
    /// at t - 1 (before the first element, `starts`) and of the inputs at t (arrays over the plate: data or variables). What else the step reads is the same
    /// at all t. The step is a formula of single numbers; it is recorded once, and time and memory are linear in the elements.
    /// `scan!(x = x0, (y = &data) => ...)` is a call of this.
    pub fn scan<'s, const S: usize, const I: usize>(
        &'s self,
        name: &str,
        starts: [Argument<'s>; S],
        inputs: [Argument<'s>; I],
        step: impl FnOnce([Var<'s>; S], [Var<'s>; I]) -> [Argument<'s>; S],
    ) -> [Var<'s>; S] {
        self.tape.set_place(format!("scan `{name}`"));
        let states = self.tape.scan(starts, inputs, step).unwrap_or_else(|error| {
            self.tape.fail(error);
            [self.tape.var(self.tape.poison()); S]
        });
        self.tape.set_place(String::new());
        states
    }

    /// Records a model that is a part of this one: the sites that `part` records are named `name.site`. What it returns is returned.
    ///
    /// # Errors
    /// What `part` returns; [`ErrorKind::Shape`] when it leaves a plate open, or closes one that it did not open.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Effects of groups around 0, of a spread that is learned.
    /// #[model]
    /// fn effects(names: &[&str], scale: f64) -> Var {
    ///     sample!(spread ~ HalfNormal(scale));
    ///     plate!(groups = names, {
    ///         sample!(effect ~ Normal(0, spread).noncentered());
    ///     });
    ///     effect
    /// }
    ///
    /// #[model]
    /// fn crossed(reader: &[usize], text: &[usize], seconds: &[f64]) {
    ///     submodel!(readers = effects(&["ada", "grace"], 1.0));
    ///     submodel!(texts = effects(&["short", "long", "odd"], 2.0));
    ///     plate!(rows = seconds.len(), {
    ///         sample!(seconds ~ Normal(readers.at(reader) + texts.at(text), 1), observed = seconds);
    ///     });
    /// }
    /// let model = crossed(&[0, 0, 1, 1], &[0, 1, 1, 2], &[0.2, 0.9, 1.3, 2.2])?;
    /// let names: Vec<&str> = model.kept_sites().map(|site| site.name.as_str()).collect();
    /// assert_eq!(names, ["readers.spread", "readers.effect", "texts.spread", "texts.effect"]);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn submodel<'s, T>(
        &'s self,
        name: impl Into<String>,
        part: impl FnOnce(&'s Scope) -> crate::Result<T>,
    ) -> crate::Result<T> {
        let (name, outside) = (name.into(), self.prefix.borrow().clone());
        if name.is_empty() {
            let message = "expected a name of at least one character for the submodel, got an empty one";
            return Err(Error::new(ErrorKind::Site, message));
        }
        let open = self.tape.current_shape();
        self.prefix.replace(format!("{outside}{name}."));
        let value = part(self);
        self.prefix.replace(outside);
        let value = value.map_err(|error| error.context(format!("in submodel `{name}`")))?;
        let left = self.tape.current_shape();
        match left == open {
            true => Ok(value),
            false => {
                let message = format!(
                    "expected submodel `{name}` to end in the plates in which it began, {}, got it to end in {}; every `enter` needs its `exit`",
                    self.tape.shape_in_words(&open),
                    self.tape.shape_in_words(&left)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    /// Data as a variable of the open plate, for formulae that start with data.
    pub fn data<'s>(&'s self, data: impl IntoArgument<'s>) -> Var<'s> {
        self.tape.var(self.tape.argument(data.into_argument()))
    }
}

/// A statement that has its name and waits for its content.
#[must_use = "a statement without content adds nothing to the model"]
pub struct Statement<'s> {
    pub(super) scope: &'s Scope,
    pub(super) name: String,
    /// The name without those of the submodels around it.
    pub(super) own: String,
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
        let term = tape.term(shape.len(), TermKind::Factor(tape.whole(value.node)));
        self.push(SiteKind::Factor, &shape, None, None, Some(term), 1);
    }

    pub(super) fn latent(self, mut density: Density<'s>) -> Var<'s> {
        if density.form == Form::Standardised {
            return self.noncentered(density);
        }
        if let DensityFamily::Combined(_) = density.family {
            return self.combined_latent(density);
        }
        let tape = &self.scope.tape;
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
        if let DensityFamily::Combined(_) = density.family {
            return self.combined_likelihood(density, data);
        }
        let tape = &self.scope.tape;
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
