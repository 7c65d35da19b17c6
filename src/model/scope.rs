//! Recording a model: what the macros expand to, to be used by hand as well.

use super::coordinates::Prior;
use super::discrete::Recorded;
use super::site::Site;
use crate::error::{Error, ErrorKind};
use crate::graph::{Argument, IntoArgument, IntoAxis, IntoIndex, NodeId, Tape, Var};
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
    pub(super) names: RefCell<HashSet<String>>,
    /// The names of the submodels that are being recorded, each with a dot behind it.
    pub(super) prefix: RefCell<String>,
    pub(super) discrete: RefCell<Recorded>,
    pub(super) priors: RefCell<HashMap<String, Prior>>,
    /// The unknowns by their nodes: name and support, for what is said of their use as parameters.
    pub(super) unknowns: RefCell<HashMap<NodeId, (String, Support)>>,
}

impl Scope {
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
