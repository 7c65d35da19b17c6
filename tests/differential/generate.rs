//! Random programs from small pools.

use super::program::{Along, Distribution, Expr, Function, Operator, Plate, PlateKind, Program, Statement};
use mynah::Stream;
use rand::RngExt;

pub(crate) const NAMES: [&str; 3] = ["rows", "groups", "times"];
pub(crate) const LENGTHS: [usize; 4] = [1, 2, 3, 3];
pub(crate) const NUMBERS: [f64; 5] = [-0.8, 0.3, 0.3, 1.1, 0.0];

pub(crate) struct Generator<'s> {
    stream: &'s mut Stream,
    pub(crate) bindings: Vec<Vec<Plate>>,
    /// The bindings that are unknowns.
    pub(crate) unknowns: Vec<usize>,
    /// All plates and axes so far, each at its id.
    pub(crate) plates: Vec<Plate>,
    /// The names of the parts that are being written, each with a dot behind it, and the number of sites of this one.
    prefix: String,
    sites: usize,
    /// The bindings that depend on discrete unknowns, with their numbers of states where they are such.
    pub(crate) stateful: Vec<(usize, Option<usize>)>,
    /// How many states all discrete unknowns have together.
    pub(crate) joint: usize,
    /// Whether what is written may depend on discrete unknowns, and how often it has read such.
    pub(crate) over_states: bool,
    pub(crate) states_read: usize,
    pub(crate) dim: usize,
    pub(crate) open: Vec<Plate>,
    /// The plates that are open around a scalar; none elsewhere.
    pub(crate) around: Vec<Plate>,
    /// Index arrays that were used before, to be used again.
    pub(crate) indices: Vec<Vec<usize>>,
}

impl<'s> Generator<'s> {
    pub(crate) fn new(stream: &'s mut Stream) -> Self {
        Self {
            stream,
            bindings: vec![],
            unknowns: vec![],
            plates: vec![],
            prefix: String::new(),
            sites: 0,
            stateful: vec![],
            joint: 1,
            over_states: false,
            states_read: 0,
            dim: 0,
            open: vec![],
            around: vec![],
            indices: vec![],
        }
    }

    pub(crate) fn program(mut self) -> Program {
        let count = self.below(5) + 4;
        let mut statements: Vec<Statement> = (0..count).flat_map(|_| self.statement()).collect();
        let last = self.observed();
        statements.push(last);
        Program { statements, bindings: self.bindings, dim: self.dim }
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.stream.random_range(0..n)
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub(crate) fn size(&self) -> usize {
        self.open.iter().map(|plate| plate.len).product()
    }

    pub(crate) fn bind(&mut self, plates: Vec<Plate>) -> usize {
        self.bindings.push(plates);
        self.bindings.len() - 1
    }

    pub(crate) fn name(&mut self) -> String {
        self.sites += 1;
        format!("{}s{}", self.prefix, self.sites)
    }

    fn statement(&mut self) -> Vec<Statement> {
        match self.below(22) {
            16 if self.prefix.len() < 7 => vec![self.part()],
            17 if !self.open.is_empty() => vec![self.seen()],
            18 if !self.open.is_empty() && self.dim + self.size() <= 14 => vec![self.imputed()],
            19 => vec![self.expression()],
            20 | 21 => self.discrete().into_iter().collect(),
            10..=12 if self.dim + 3 * self.size() <= 14 => vec![self.unknown()],
            13 if !self.open.is_empty() => vec![self.recursion()],
            14 | 15 => vec![self.observed_vectors()],
            0..=3 if self.open.len() < 3 => vec![self.plate()],
            4 | 5 if self.dim + self.size() <= 14 => vec![self.latent()],
            6 => vec![self.observed()],
            7 => {
                let (name, value) = (self.name(), self.with_states(Self::factor));
                vec![Statement::Factor { name, value }]
            }
            8 => {
                let before = self.states_read;
                let value = self.with_states(|it| it.expr(2));
                let plates = self.plates_of(&value);
                let (name, binding) = (self.name(), self.bind(plates));
                self.note_states(binding, before);
                vec![Statement::Deterministic { binding, name, value }]
            }
            9 => {
                // A variable over closed plates alone is gathered where it is used, which may be another place.
                let before = self.states_read;
                self.over_states = true;
                let value = match self.open.iter().any(|plate| matches!(plate.kind, PlateKind::Of(..))) {
                    true => Expr::Combine(Operator::Add, Box::new(self.expr(2)), Box::new(Expr::Number(0.0))),
                    false => self.expr(2),
                };
                self.over_states = false;
                let plates = self.plates_of(&value);
                let binding = self.bind(plates);
                self.note_states(binding, before);
                vec![Statement::Let { binding, value }]
            }
            _ => vec![],
        }
    }

    fn plate(&mut self) -> Statement {
        let known = self.plates_to_enter_again();
        let again = !known.is_empty() && self.below(3) == 0;
        let plate = if again { self.pick(&known) } else { self.new_plate() };
        self.open.push(plate.clone());
        let count = self.below(3) + 1;
        let body = (0..count).flat_map(|_| self.statement()).collect();
        self.open.pop();
        Statement::Plate(plate, again, body)
    }

    /// A part of the model: its sites have names of its own, which may be those of others behind another prefix.
    fn part(&mut self) -> Statement {
        let name = self.name();
        let outside = (std::mem::replace(&mut self.prefix, format!("{name}.")), self.sites);
        self.sites = 0;
        let count = self.below(3) + 1;
        let body = (0..count).flat_map(|_| self.statement()).collect();
        (self.prefix, self.sites) = outside;
        Statement::Part(name, body)
    }

    pub(crate) fn prior(&mut self) -> Distribution {
        match self.below(11) {
            10 => Distribution::Mixture(
                vec![self.positive(), self.positive()],
                vec![
                    Distribution::Normal(self.expr(1), self.positive()),
                    Distribution::Cauchy(self.expr(1), self.positive()),
                ],
            ),
            0..=2 => Distribution::Normal(self.expr(2), self.positive()),
            3 => Distribution::NonCentered(self.expr(2), self.positive()),
            4 => Distribution::LogNormal(self.expr(1), self.positive()),
            5 => Distribution::Exponential(self.positive()),
            6 => Distribution::HalfNormal(self.positive()),
            7 => Distribution::Gamma([1.0, 2.0, 3.0][self.below(3)], self.positive()),
            8 => Distribution::Beta(2.0, 3.0),
            _ => match self.below(3) {
                0 => Distribution::Uniform(-1.0, 2.0),
                1 => Distribution::HalfCauchy(self.positive()),
                _ => Distribution::StudentT(3.0, self.expr(1), self.positive()),
            },
        }
    }

    fn latent(&mut self) -> Statement {
        let distribution = self.prior();
        let first = self.dim;
        self.dim += self.size();
        let plates = self.open.clone();
        let (name, binding) = (self.name(), self.bind(plates));
        self.unknowns.push(binding);
        Statement::Latent { binding, name, distribution, first }
    }

    fn observed(&mut self) -> Statement {
        let distribution = self.with_states(Self::likelihood);
        let size = self.size();
        let data = (0..size).map(|_| self.datum(&distribution)).collect();
        Statement::Observed { name: self.name(), distribution, data }
    }

    /// What a factor adds: any expression, or any binding whole, its plates open or not.
    fn factor(&mut self) -> Expr {
        let known = self.stateless();
        match known.is_empty() {
            false if self.below(3) == 0 => {
                let binding = self.pick(&known);
                let whole = Expr::Apply(Function::Tanh, Box::new(Expr::Read(binding)));
                self.local(whole, &self.bindings[binding])
            }
            _ => self.expr(2),
        }
    }

    pub(crate) fn positive(&mut self) -> Expr {
        match self.below(3) {
            0 => Expr::Number(0.7),
            _ => {
                let bounded = Expr::Apply(Function::Tanh, Box::new(self.expr(1)));
                Expr::Apply(Function::Exp, Box::new(bounded))
            }
        }
    }

    /// An expression over the open plates.
    pub(crate) fn expr(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.below(4) == 0 {
            return self.leaf();
        }
        match self.below(12) {
            10 => self.density(depth - 1),
            11 => {
                let logit = Expr::Apply(Function::Tanh, Box::new(self.expr(depth - 1)));
                Expr::LogMix(Box::new([logit, self.expr(depth - 1), self.expr(depth - 1)]))
            }
            0..=2 => {
                let x = Box::new(self.expr(depth - 1));
                self.apply(x)
            }
            3..=6 => {
                let operators =
                    [Operator::Add, Operator::Add, Operator::Sub, Operator::Mul, Operator::LogAddExp];
                let operator = self.pick(&operators);
                Expr::Combine(operator, Box::new(self.expr(depth - 1)), Box::new(self.expr(depth - 1)))
            }
            7 => {
                // A denominator away from 0.
                let square = Expr::Apply(Function::Powi(2), Box::new(self.expr(depth - 1)));
                let below = Expr::Combine(Operator::Add, Box::new(square), Box::new(Expr::Number(1.5)));
                Expr::Combine(Operator::Div, Box::new(self.expr(depth - 1)), Box::new(below))
            }
            8 if !self.open.is_empty() && !self.over_states => self.stack(depth - 1),
            9 if self.around.is_empty() && !self.over_states => self.wave(depth - 1),
            _ => self.leaf(),
        }
    }

    pub(crate) fn apply(&mut self, x: Box<Expr>) -> Expr {
        use Function::*;
        let function = self.pick(&[
            Neg,
            Tanh,
            Sin,
            Cos,
            Logistic,
            Softplus,
            Abs,
            Powi(2),
            Powi(0),
            Powi(-1),
            Exp,
            Ln,
            Sqrt,
            Ln1p,
        ]);
        // Some functions are met where they are tame.
        let inside = match function {
            Exp | Powi(2) => Expr::Apply(Tanh, x),
            Powi(-1) => {
                Expr::Combine(Operator::Add, Box::new(Expr::Apply(Tanh, x)), Box::new(Expr::Number(2.0)))
            }
            Ln | Sqrt | Ln1p => Expr::Apply(Softplus, x),
            _ => *x,
        };
        Expr::Apply(function, Box::new(inside))
    }

    /// A scalar inside the open plates.
    fn scalar(&mut self, depth: usize) -> Expr {
        if self.open.is_empty() {
            return self.expr(depth);
        }
        self.around = std::mem::take(&mut self.open);
        let scalar = self.expr(depth);
        self.open = std::mem::take(&mut self.around);
        scalar
    }

    fn stack(&mut self, depth: usize) -> Expr {
        let plate = self.open[self.open.len() - 1].clone();
        Expr::Stack((0..plate.len).map(|_| self.scalar(depth)).collect(), plate.id)
    }

    fn wave(&mut self, depth: usize) -> Expr {
        let (x, y) = (Box::new(self.scalar(depth)), Box::new(self.scalar(depth)));
        Expr::Wave(x, y, self.open.clone())
    }

    pub(crate) fn numbers(&mut self) -> Expr {
        match (self.open.is_empty(), self.below(4)) {
            (true, _) | (_, 0) => Expr::Number(self.pick(&NUMBERS)),
            (_, 1) => {
                let size = self.size();
                // A table as long as the innermost of several plates would be read as numbers along it.
                match self.open.len() > 1 && self.open.last().is_some_and(|plate| plate.len == size) {
                    true => Expr::Number(self.pick(&NUMBERS)),
                    false => {
                        let table = (0..size).map(|_| self.pick(&NUMBERS)).collect();
                        Expr::Table(table, self.open.clone())
                    }
                }
            }
            _ => {
                let (plate, along) = self.along(true);
                Expr::Data((0..plate.len).map(|_| self.pick(&NUMBERS)).collect(), along)
            }
        }
    }

    /// An open plate for numbers to run along, and whether it is said; `strict` where two of a length must be told apart.
    pub(crate) fn along(&mut self, strict: bool) -> (Plate, Along) {
        let (open, inner) = (self.open.clone(), self.open[self.open.len() - 1].clone());
        let twins = open.iter().filter(|plate| plate.len == inner.len).count();
        match self.below(2) == 0 && (twins == 1 || !strict) {
            true => (inner.clone(), Along::Innermost(inner.id)),
            false => {
                let plate = self.pick(&open);
                (plate.clone(), Along::Said(plate.id))
            }
        }
    }
}
