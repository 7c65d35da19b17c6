//! Random vectors, slices and recursions.

use super::generate::{Generator, NUMBERS};
use super::program::{
    Distribution, Expr, Factor, Function, Index, Operator, Plate, PlateKind, Prior, Recursion, Statement,
    Unknown, Vector,
};

const SIZES: [usize; 4] = [1, 2, 2, 3];

/// Between 1 / e and e.
fn moderate(x: Expr) -> Expr {
    Expr::Apply(Function::Exp, Box::new(Expr::Apply(Function::Tanh, Box::new(x))))
}

/// A variable, though its formula is a number.
fn variable(x: Expr) -> Expr {
    Expr::Apply(Function::Tanh, Box::new(x))
}

impl Generator<'_> {
    pub(crate) fn unknown(&mut self) -> Statement {
        let inside = !self.open.is_empty();
        let (prior, axes) = match self.below(11) {
            0 | 1 if inside => (self.ordered(), None),
            2 | 3 if inside => (Prior::SumToZero(Distribution::Normal(self.expr(2), self.positive())), None),
            4 => {
                let width = moderate(self.expr(1));
                (Prior::Between(self.expr(1), width), Some(vec![]))
            }
            5 => (Prior::Above(moderate(self.expr(1)), 1.5), Some(vec![])),
            6 => (Prior::NonCenteredStudent(self.expr(1), self.positive()), Some(vec![])),
            7 => (Prior::NonCenteredLogNormal(variable(self.expr(1)), self.positive()), Some(vec![])),
            8 => {
                let (concentration, axes) = self.concentration();
                (Prior::Dirichlet(concentration), Some(axes))
            }
            9 => {
                let rows = self.pick(&SIZES);
                let eta = moderate(self.expr(1));
                (Prior::LkjCholesky(eta), Some(vec![(String::new(), rows); 2]))
            }
            _ => {
                let (loc, factor, axis) = self.normal_vectors();
                let noncentered = self.below(2) == 0;
                (Prior::MvNormal { loc, factor, noncentered }, Some(vec![axis]))
            }
        };
        let name = self.name();
        self.finished(name, prior, axes)
    }

    fn ordered(&mut self) -> Prior {
        match self.below(3) {
            0 => Prior::Ordered(Distribution::Exponential(self.positive()), true),
            1 => Prior::Ordered(Distribution::StudentT(3.0, self.expr(1), self.positive()), false),
            _ => Prior::Ordered(Distribution::Normal(self.expr(1), self.positive()), false),
        }
    }

    /// The statement with its axes: own ones (an empty name: the statement's), or the innermost plate where it is a slice.
    fn finished(&mut self, name: String, prior: Prior, axes: Option<Vec<(String, usize)>>) -> Statement {
        let mut repeated = self.open.clone();
        let along = match axes {
            None => vec![repeated.pop().expect("slices stand inside of plates")],
            Some(axes) => {
                axes.iter().enumerate().map(|(k, axis)| self.axis(&name, axis, (k, axes.len()))).collect()
            }
        };
        let size: usize = along.iter().map(|plate| plate.len).product();
        let coordinates = match &prior {
            Prior::SumToZero(_) | Prior::Dirichlet(_) => size - 1,
            Prior::LkjCholesky(_) => size.isqrt() * (size.isqrt() - 1) / 2,
            _ => size,
        };
        let first = self.dim;
        self.dim += coordinates * repeated.iter().map(|plate| plate.len).product::<usize>();
        let binding = self.bind(repeated.iter().chain(&along).cloned().collect());
        self.unknowns.push(binding);
        Statement::Unknown(Unknown { binding, name, prior, first, coordinates, repeated, size, along })
    }

    /// An axis of a statement; an earlier vector's where its id is said in place of a name.
    fn axis(&mut self, site: &str, (name, len): &(String, usize), (k, count): (usize, usize)) -> Plate {
        if let Some(id) = name.strip_prefix('#') {
            let plate = self.plates[id.parse::<usize>().expect("an id")].clone();
            // Where it comes after all open plates the same axis, else one like it.
            return match Some(plate.id) > self.open.last().map(|plate| plate.id) {
                true => plate,
                false => self.add_plate(plate.name, plate.len, PlateKind::Own),
            };
        }
        let name = match (count, k) {
            (1, _) => site.to_string(),
            (_, 0) => format!("{site}.rows"),
            _ => format!("{site}.columns"),
        };
        self.add_plate(name, *len, PlateKind::Own)
    }

    /// The unknowns that are vectors here: over one plate that is not open, of this size.
    fn vectors(&self, size: usize) -> Vec<(usize, Plate)> {
        let vector = |binding: &usize| match &self.far(*binding)[..] {
            [plate] if plate.len == size => Some((*binding, plate.clone())),
            _ => None,
        };
        self.unknowns.iter().filter_map(vector).collect()
    }

    /// An array over one closed plate, and that plate.
    fn array(&mut self, size: usize) -> Option<(Expr, Plate)> {
        let known = self.vectors(size);
        if known.is_empty() {
            return None;
        }
        let (binding, plate) = self.pick(&known);
        let read = Expr::Read(binding);
        let array = match self.below(4) {
            0 => read,
            1 => Expr::Apply(Function::Sin, Box::new(read)),
            2 if plate.kind.is_own() => {
                Expr::Combine(Operator::Mul, Box::new(read), Box::new(variable(self.expr(1))))
            }
            _ => Expr::Combine(Operator::Add, Box::new(read), Box::new(Expr::Number(0.3))),
        };
        Some((self.local(array, &self.bindings[binding]), plate))
    }

    /// Concentrations of shares and the name of their axis.
    fn concentration(&mut self) -> (Vector, Vec<(String, usize)>) {
        let size = self.below(2) + 2;
        let size = if self.vectors(size).is_empty() { 5 - size } else { size };
        let array = if self.below(4) > 0 { self.array(size) } else { None };
        match array {
            Some((array, plate)) => {
                (Vector::Array(moderate(array), plate.id), vec![(format!("#{}", plate.id), size)])
            }
            None => {
                let numbers = (0..size).map(|_| self.pick(&[0.5, 1.0, 2.0, 2.0])).collect();
                (Vector::Numbers(numbers), vec![(String::new(), size)])
            }
        }
    }

    /// Location and factor of normal vectors, and the axis that they have.
    fn normal_vectors(&mut self) -> (Vector, Factor, (String, usize)) {
        let matrices = self.matrices();
        let (factor, size) = match !matrices.is_empty() && self.below(4) > 0 {
            true => {
                let (binding, rows) = self.pick(&matrices);
                (self.correlated(binding), rows)
            }
            false => {
                let size = self.pick(&SIZES);
                (self.constant_factor(size), size)
            }
        };
        let array = if self.below(3) > 0 { self.array(size) } else { None };
        match array {
            Some((array, plate)) => {
                (Vector::Array(array, plate.id), factor, (format!("#{}", plate.id), size))
            }
            None if self.below(2) == 0 => {
                (Vector::Same(variable(self.expr(1))), factor, (String::new(), size))
            }
            None => {
                let numbers = (0..size).map(|_| self.pick(&NUMBERS)).collect();
                (Vector::Numbers(numbers), factor, (String::new(), size))
            }
        }
    }

    fn constant_factor(&mut self, size: usize) -> Factor {
        let mut entry = |k: usize| {
            let number = self.pick(&NUMBERS);
            if k / size == k % size { 0.7 + number.abs() } else { number }
        };
        Factor::Numbers((0..size * size).map(&mut entry).collect())
    }

    /// The factors of correlation matrices that are there, with their rows.
    fn matrices(&self) -> Vec<(usize, usize)> {
        let matrix = |binding: &usize| match &self.far(*binding)[..] {
            [rows, columns] if rows.name.ends_with(".rows") && columns.name.ends_with(".columns") => {
                Some((*binding, rows.len))
            }
            _ => None,
        };
        self.unknowns.iter().filter_map(matrix).collect()
    }

    /// A factor of correlations, its rows scaled where it is the only one.
    fn correlated(&mut self, binding: usize) -> Factor {
        let axes = self.far(binding);
        let matrix = self.local(Expr::Read(binding), &self.bindings[binding]);
        let (rows, axes) = (axes[0].len, [axes[0].id, axes[1].id]);
        let single: Vec<(usize, Plate)> = self
            .vectors(rows)
            .into_iter()
            .filter(|(binding, _)| self.bindings[*binding].len() == 1)
            .collect();
        let scale = match self.below(4) {
            _ if self.bindings[binding].len() > 2 => None,
            0 | 1 if !single.is_empty() => {
                let (binding, plate) = self.pick(&single);
                Some(Vector::Array(moderate(Expr::Read(binding)), plate.id))
            }
            0 => Some(Vector::Same(moderate(self.expr(1)))),
            1 => Some(Vector::Numbers((0..rows).map(|_| self.pick(&[0.7, 0.7, 1.3])).collect())),
            _ => None,
        };
        Factor::Array { matrix, axes, scale }
    }

    pub(crate) fn observed_vectors(&mut self) -> Statement {
        let (loc, factor, (_, size)) = self.normal_vectors();
        let data = (0..self.size() * size).map(|_| self.pick(&NUMBERS)).collect();
        Statement::ObservedVectors { name: self.name(), loc, factor, size, data }
    }

    pub(crate) fn recursion(&mut self) -> Statement {
        let along = self.open[self.open.len() - 1].clone();
        let (states, inputs) = (self.below(2) + 1, self.below(3));
        let starts = (0..states).map(|_| self.steady(1)).collect();
        let inputs: Vec<Expr> = (0..inputs).map(|_| self.expr(1)).collect();
        let step = (0..states).map(|_| self.step(3, (states, inputs.len()))).collect();
        let (name, open) = (self.name(), self.open.clone());
        let bindings = (0..states).map(|_| self.bind(open.clone())).collect();
        Statement::Scan(Recursion { name, bindings, starts, inputs, step, along })
    }

    /// What does not vary along the innermost plate.
    fn steady(&mut self, depth: usize) -> Expr {
        if depth > 0 && self.below(2) == 0 {
            let operator = self.pick(&[Operator::Add, Operator::Mul]);
            return Expr::Combine(
                operator,
                Box::new(variable(self.steady(depth - 1))),
                Box::new(self.steady(depth - 1)),
            );
        }
        let known = self.stateless();
        if known.is_empty() {
            return Expr::Number(self.pick(&NUMBERS));
        }
        let binding = self.pick(&known);
        let rows = &self.open[..self.open.len() - 1];
        let plates = self.bindings[binding].clone();
        match &plates[..] {
            _ if plates.iter().all(|plate| rows.contains(plate)) => Expr::Read(binding),
            [plate] => Expr::At(binding, plate.id, Index::One(self.below(plate.len))),
            _ => Expr::Number(self.pick(&NUMBERS)),
        }
    }

    /// The next state, of so many states and inputs.
    fn step(&mut self, depth: usize, (states, inputs): (usize, usize)) -> Expr {
        if depth == 0 || self.below(5) == 0 {
            return match self.below(4) {
                0 => self.steady(1),
                1 if inputs > 0 => Expr::Input(self.below(inputs)),
                _ => Expr::State(self.below(states)),
            };
        }
        match self.below(3) {
            0 => {
                let x = self.step(depth - 1, (states, inputs));
                self.apply(Box::new(x))
            }
            _ => {
                let operators =
                    [Operator::Add, Operator::Sub, Operator::Mul, Operator::Mul, Operator::LogAddExp];
                let operator = self.pick(&operators);
                let [x, y] = [0, 1].map(|_| Box::new(self.step(depth - 1, (states, inputs))));
                Expr::Combine(operator, x, y)
            }
        }
    }
}
