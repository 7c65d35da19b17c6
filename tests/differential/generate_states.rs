//! Random discrete unknowns, data with gaps, expressions in place of data.

use super::generate::{Generator, NUMBERS};
use super::program::{Distribution, Expr, Function, Plate, Statement};

/// The most states that the discrete unknowns of a program have together.
const MOST_STATES: usize = 600;

impl Generator<'_> {
    /// What may depend on discrete unknowns.
    pub(crate) fn with_states<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        self.over_states = true;
        let written = write(self);
        self.over_states = false;
        written
    }

    /// The bindings that depend on no discrete unknown.
    pub(crate) fn stateless(&self) -> Vec<usize> {
        let stateful = |binding: &usize| self.stateful.iter().any(|(other, _)| other == binding);
        (0..self.bindings.len()).filter(|binding| !stateful(binding)).collect()
    }

    /// A binding depends on discrete unknowns if any were read since.
    pub(crate) fn note_states(&mut self, binding: usize, before: usize) {
        if self.states_read > before {
            self.stateful.push((binding, None));
        }
    }

    /// What depends on discrete unknowns, or elements of an array at the states of one.
    pub(crate) fn read_states(&mut self) -> Option<Expr> {
        if !self.over_states || !self.around.is_empty() || self.below(2) == 0 {
            return None;
        }
        let near: Vec<(usize, Option<usize>)> =
            self.stateful.iter().filter(|(binding, _)| self.far(*binding).is_empty()).copied().collect();
        if near.is_empty() {
            return None;
        }
        let (binding, states) = self.pick(&near);
        self.states_read += 1;
        let read = self.local(Expr::Read(binding), &self.bindings[binding]);
        let Some(states) = states else { return Some(read) };
        let array = |binding: &usize| match &self.far(*binding)[..] {
            [plate] if plate.len >= states => Some((*binding, plate.clone())),
            _ => None,
        };
        let arrays: Vec<(usize, Plate)> = self.stateless().iter().filter_map(array).collect();
        if arrays.is_empty() || self.below(3) == 0 {
            return Some(read);
        }
        let (array, plate) = self.pick(&arrays);
        let rest: Vec<Plate> =
            self.bindings[array].iter().filter(|other| **other != plate).cloned().collect();
        let at = Expr::AtStates(array, plate.id, Box::new(read));
        Some(self.local(at, &rest))
    }

    /// A discrete unknown, if there are not too many states already.
    pub(crate) fn discrete(&mut self) -> Option<Statement> {
        let states = self.below(2) + 2;
        let together = states.pow(self.size() as u32) * self.joint;
        if together > MOST_STATES {
            return None;
        }
        self.joint = together;
        let form = self.below(5);
        let logit = self.with_states(|it| it.expr(1));
        let distribution = match (form, states) {
            (0, 2) => Distribution::Categorical(self.pick(&[[0.3, 0.7], [0.5, 0.5]]).to_vec()),
            (0, _) => Distribution::Categorical(self.pick(&[[0.2, 0.3, 0.5], [0.5, 0.25, 0.25]]).to_vec()),
            (1, _) => {
                let bounded = |x| Expr::Apply(Function::Tanh, Box::new(x));
                let rest = (1..states).map(|_| bounded(self.with_states(|it| it.expr(1)))).collect();
                Distribution::CategoricalLogits([vec![bounded(logit)], rest].concat())
            }
            (2, 2) => Distribution::Bernoulli(self.variable(logit)),
            (3, 2) => Distribution::BernoulliLogit(logit),
            _ => Distribution::Binomial(states - 1, self.variable(logit)),
        };
        let plates = self.open.clone();
        let (name, binding) = (self.name(), self.bind(plates));
        self.stateful.push((binding, Some(states)));
        Some(Statement::Discrete { binding, name, distribution, states })
    }

    /// Between -1 and 1.
    fn variable(&self, x: Expr) -> Expr {
        Expr::Apply(Function::Tanh, Box::new(x))
    }

    /// Numbers, some of which are missing.
    fn with_gaps(&mut self, mut number: impl FnMut(&mut Self) -> f64) -> Vec<f64> {
        let size = self.size();
        let mut data: Vec<f64> = (0..size).map(|_| number(self)).collect();
        let gaps = self.below(size);
        for _ in 0..gaps {
            let at = self.below(size);
            data[at] = f64::NAN;
        }
        data
    }

    pub(crate) fn seen(&mut self) -> Statement {
        let distribution = self.with_states(Self::likelihood);
        let data = self.with_gaps(|it| it.datum(&distribution));
        Statement::Seen { name: self.name(), distribution, data }
    }

    pub(crate) fn imputed(&mut self) -> Statement {
        let distribution = self.prior();
        let from: &[f64] = match &distribution {
            Distribution::Beta(..) => &[0.2, 0.7],
            Distribution::Uniform(..) => &[-0.8, 0.3, 1.1],
            Distribution::Normal(..)
            | Distribution::NonCentered(..)
            | Distribution::StudentT(..)
            | Distribution::Mixture(..) => &NUMBERS,
            _ => &[0.3, 0.7, 0.7, 1.4],
        };
        let data = self.with_gaps(|it| it.pick(from));
        let first = self.dim;
        self.dim += data.iter().filter(|number| number.is_nan()).count();
        let plates = self.open.clone();
        let (name, binding) = (self.name(), self.bind(plates));
        Statement::Imputed { binding, name, distribution, data, first }
    }

    pub(crate) fn expression(&mut self) -> Statement {
        let value = self.with_states(|it| it.expr(2));
        let distribution = self.with_states(Self::of_expression);
        Statement::Expression { name: self.name(), distribution, value }
    }

    fn of_expression(&mut self) -> Distribution {
        match self.below(4) {
            0 => Distribution::StudentT(3.0, self.expr(1), self.positive()),
            1 => Distribution::Mixture(
                vec![self.positive(), self.positive()],
                vec![
                    Distribution::Cauchy(self.expr(1), self.positive()),
                    Distribution::Normal(self.expr(1), self.positive()),
                ],
            ),
            _ => Distribution::Normal(self.expr(1), self.positive()),
        }
    }
}
