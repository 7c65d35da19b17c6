//! A program evaluated as it reads: scalars, loops, dual numbers. Nothing here is shared with the library.

use super::distributions::normal;
use super::program::{Distribution, Expr, Fold, Function, Index, Operator, Plate, Program, Statement};
use std::cell::Cell;
use std::collections::HashMap;

/// A number with its gradient by z; no gradient stands for zeros.
#[derive(Clone, Debug)]
pub(crate) struct Dual {
    pub(crate) value: f64,
    slopes: Vec<f64>,
}

thread_local! {
    /// The greatest magnitude of a value or slope met on the way.
    static GREATEST: Cell<f64> = const { Cell::new(0.0) };
}

impl Dual {
    pub(crate) fn number(value: f64) -> Self {
        Dual { value, slopes: vec![] }
    }

    fn noted(self) -> Self {
        let size = self.slopes.iter().fold(self.value.abs(), |size, slope| size.max(slope.abs()));
        GREATEST.with(|greatest| greatest.set(greatest.get().max(size)));
        self
    }

    pub(crate) fn gradient(&self, dim: usize) -> Vec<f64> {
        (0..dim).map(|i| self.slopes.get(i).copied().unwrap_or(0.0)).collect()
    }

    fn map(&self, value: f64, slope: f64) -> Self {
        Dual { value, slopes: self.slopes.iter().map(|s| s * slope).collect() }.noted()
    }

    fn zip(&self, other: &Dual, value: f64, left: f64, right: f64) -> Self {
        let at = |slopes: &[f64], i: usize| slopes.get(i).copied().unwrap_or(0.0);
        let len = self.slopes.len().max(other.slopes.len());
        let slopes = (0..len).map(|i| left * at(&self.slopes, i) + right * at(&other.slopes, i)).collect();
        Dual { value, slopes }.noted()
    }

    pub(crate) fn add(&self, other: &Dual) -> Self {
        self.zip(other, self.value + other.value, 1.0, 1.0)
    }

    pub(crate) fn sub(&self, other: &Dual) -> Self {
        self.zip(other, self.value - other.value, 1.0, -1.0)
    }

    pub(crate) fn mul(&self, other: &Dual) -> Self {
        self.zip(other, self.value * other.value, other.value, self.value)
    }

    pub(crate) fn div(&self, other: &Dual) -> Self {
        let value = self.value / other.value;
        self.zip(other, value, 1.0 / other.value, -value / other.value)
    }

    pub(crate) fn plus(&self, number: f64) -> Self {
        self.map(self.value + number, 1.0)
    }

    pub(crate) fn times(&self, number: f64) -> Self {
        self.map(self.value * number, number)
    }

    pub(crate) fn exp(&self) -> Self {
        self.map(self.value.exp(), self.value.exp())
    }

    pub(crate) fn ln(&self) -> Self {
        self.map(self.value.ln(), 1.0 / self.value)
    }

    pub(crate) fn sigmoid(&self) -> Self {
        let y = 1.0 / (1.0 + (-self.value).exp());
        self.map(y, y * (1.0 - y))
    }

    /// log(1 + exp(x)); sums of sums may be large.
    pub(crate) fn softplus(&self) -> Self {
        let x = self.value;
        let y = if x > 30.0 { x + (-x).exp() } else { x.exp().ln_1p() };
        self.map(y, 1.0 / (1.0 + (-x).exp()))
    }

    /// log(exp(x) + exp(y)), of slopes 1 / (1 + exp(y - x)) and 1 / (1 + exp(x - y)).
    pub(crate) fn log_add_exp(&self, other: &Dual) -> Self {
        let (x, y) = (self.value, other.value);
        let value = x.max(y) + (-(x - y).abs()).exp().ln_1p();
        self.zip(other, value, 1.0 / (1.0 + (y - x).exp()), 1.0 / (1.0 + (x - y).exp()))
    }

    fn apply(&self, function: Function) -> Self {
        let x = self.value;
        match function {
            Function::Neg => self.times(-1.0),
            Function::Exp => self.exp(),
            Function::Ln => self.ln(),
            Function::Sqrt => self.map(x.sqrt(), 0.5 / x.sqrt()),
            // At 0 the middle of its slopes.
            Function::Abs => self.map(x.abs(), if x == 0.0 { 0.0 } else { x.signum() }),
            Function::Tanh => self.map(x.tanh(), 1.0 - x.tanh().powi(2)),
            Function::Sin => self.map(x.sin(), x.cos()),
            Function::Cos => self.map(x.cos(), -x.sin()),
            Function::Ln1p => self.map((1.0 + x).ln(), 1.0 / (1.0 + x)),
            Function::Logistic => self.sigmoid(),
            Function::Softplus => self.softplus(),
            Function::Powi(0) => self.map(1.0, 0.0),
            Function::Powi(n) => self.map(x.powi(n), f64::from(n) * x.powi(n - 1)),
        }
    }
}

/// What a program comes to at z.
pub(crate) struct Outcome {
    pub(crate) log_density: Dual,
    /// The sum of the magnitudes of all that was added up.
    pub(crate) magnitude: f64,
    /// The greatest magnitude of a value or slope on the way.
    pub(crate) greatest: f64,
    pub(crate) kept: Vec<(String, Vec<f64>)>,
    pub(crate) pointwise: Vec<(String, Vec<f64>)>,
}

/// Which element of each open plate is meant.
pub(crate) type Place = HashMap<usize, usize>;

enum Bound<'p> {
    Latent { first: usize, distribution: &'p Distribution },
    Expression(&'p Expr),
}

pub(crate) struct Evaluator<'p> {
    program: &'p Program,
    z: &'p [f64],
    bound: HashMap<usize, Bound<'p>>,
    outcome: Outcome,
}

impl<'p> Evaluator<'p> {
    pub(crate) fn new(program: &'p Program, z: &'p [f64]) -> Self {
        let log_density = Dual::number(0.0);
        let outcome = Outcome { log_density, magnitude: 0.0, greatest: 0.0, kept: vec![], pointwise: vec![] };
        Self { program, z, bound: HashMap::new(), outcome }
    }

    pub(crate) fn run(mut self) -> Outcome {
        GREATEST.with(|greatest| greatest.set(0.0));
        self.walk(&self.program.statements, &mut vec![]);
        self.outcome.greatest = GREATEST.with(Cell::get);
        self.outcome
    }

    fn walk(&mut self, statements: &'p [Statement], open: &mut Vec<Plate>) {
        for statement in statements {
            match statement {
                Statement::Plate(plate, body) => {
                    open.push(plate.clone());
                    self.walk(body, open);
                    open.pop();
                }
                Statement::Latent { binding, name, distribution, first } => {
                    self.bound.insert(*binding, Bound::Latent { first: *first, distribution });
                    for place in places(open) {
                        let (log_density, log_jacobian) = self.prior(*binding, &place);
                        self.add(log_density);
                        self.add(log_jacobian);
                    }
                    self.keep(name, *binding);
                }
                Statement::Observed { name, distribution, data } => {
                    let each: Vec<Dual> = places(open)
                        .iter()
                        .zip(data)
                        .map(|(place, datum)| self.log_prob(distribution, &Dual::number(*datum), place))
                        .collect();
                    let values = each.iter().map(|dual| dual.value).collect();
                    self.outcome.pointwise.push((name.clone(), values));
                    each.into_iter().for_each(|dual| self.add(dual));
                }
                Statement::Factor { value, .. } => {
                    // Its plates that are no longer open are summed over.
                    let closed = self.closed_plates(value, open);
                    for place in places(open) {
                        for inner in places(&closed) {
                            let place = place.iter().chain(&inner).map(|(k, v)| (*k, *v)).collect();
                            let value = self.value(value, &place);
                            self.add(value);
                        }
                    }
                }
                Statement::Deterministic { binding, name, value } => {
                    self.bound.insert(*binding, Bound::Expression(value));
                    self.keep(name, *binding);
                }
                Statement::Let { binding, value } => {
                    self.bound.insert(*binding, Bound::Expression(value));
                }
            }
        }
    }

    fn closed_plates(&self, value: &Expr, open: &[Plate]) -> Vec<Plate> {
        match value {
            Expr::Apply(_, inner) => match **inner {
                Expr::Read(b) => {
                    self.program.bindings[b].iter().filter(|plate| !open.contains(plate)).cloned().collect()
                }
                _ => vec![],
            },
            _ => vec![],
        }
    }

    fn add(&mut self, term: Dual) {
        self.outcome.magnitude += term.value.abs();
        self.outcome.log_density = self.outcome.log_density.add(&term);
    }

    fn keep(&mut self, name: &str, binding: usize) {
        let plates = &self.program.bindings[binding];
        let values = places(plates).iter().map(|place| self.read(binding, place).value).collect();
        self.outcome.kept.push((name.to_string(), values));
    }

    /// An unknown's coordinate of z.
    fn coordinate(&self, binding: usize, first: usize, place: &Place) -> Dual {
        let plates = &self.program.bindings[binding];
        let flat = plates.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id]);
        let mut slopes = vec![0.0; self.z.len()];
        slopes[first + flat] = 1.0;
        Dual { value: self.z[first + flat], slopes }
    }

    /// What a binding holds at a place.
    fn read(&self, binding: usize, place: &Place) -> Dual {
        match &self.bound[&binding] {
            Bound::Expression(expr) => self.value(expr, place),
            Bound::Latent { first, distribution } => {
                let z = self.coordinate(binding, *first, place);
                match distribution {
                    Distribution::NonCentered(loc, scale) => {
                        self.value(loc, place).add(&self.value(scale, place).mul(&z))
                    }
                    Distribution::Normal(..) | Distribution::StudentT(..) | Distribution::Cauchy(..) => z,
                    Distribution::Beta(..) => z.sigmoid(),
                    Distribution::Uniform(low, high) => z.sigmoid().times(high - low).plus(*low),
                    _ => z.exp(),
                }
            }
        }
    }

    /// The log density of an unknown and the log-Jacobian of its support.
    fn prior(&self, binding: usize, place: &Place) -> (Dual, Dual) {
        let Bound::Latent { first, distribution } = &self.bound[&binding] else {
            unreachable!("it is an unknown")
        };
        let z = self.coordinate(binding, *first, place);
        let log_jacobian = match distribution {
            Distribution::NonCentered(..) | Distribution::Normal(..) => Dual::number(0.0),
            Distribution::StudentT(..) | Distribution::Cauchy(..) => Dual::number(0.0),
            Distribution::Beta(..) | Distribution::Uniform(..) => {
                let width =
                    if let Distribution::Uniform(low, high) = distribution { high - low } else { 1.0 };
                let inside = z.softplus().add(&z.times(-1.0).softplus());
                inside.times(-1.0).plus(width.ln())
            }
            _ => z.clone(),
        };
        let log_density = match distribution {
            Distribution::NonCentered(..) => normal(&z, &Dual::number(0.0), &Dual::number(1.0)),
            _ => self.log_prob(distribution, &self.read(binding, place), place),
        };
        (log_density, log_jacobian)
    }

    pub(crate) fn value(&self, expr: &Expr, place: &Place) -> Dual {
        match expr {
            Expr::Number(number) => Dual::number(*number),
            Expr::Data(data, along) => Dual::number(data[place[&along.plate()]]),
            Expr::Table(table, plates) => {
                Dual::number(table[plates.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id])])
            }
            Expr::Read(binding) => self.read(*binding, place),
            Expr::Apply(function, x) => self.value(x, place).apply(*function),
            Expr::Combine(operator, x, y) => {
                let (x, y) = (self.value(x, place), self.value(y, place));
                match operator {
                    Operator::Add => x.add(&y),
                    Operator::Sub => x.sub(&y),
                    Operator::Mul => x.mul(&y),
                    Operator::Div => x.div(&y),
                    Operator::LogAddExp => x.log_add_exp(&y),
                }
            }
            Expr::At(binding, index) => self.element(*binding, &[index], place),
            Expr::At2(binding, outer, inner) => self.element(*binding, &[outer, inner], place),
            Expr::Density(distribution, x) => self.log_prob(distribution, &self.value(x, place), place),
            Expr::LogMix(parts) => {
                let [p, a, b] = [0, 1, 2].map(|i| self.value(&parts[i], place));
                let (p, rest) = (p.sigmoid(), p.times(-1.0).sigmoid());
                p.ln().add(&a).log_add_exp(&rest.ln().add(&b))
            }
            Expr::Sum { binding, over, fold, .. } => {
                let plates = &self.program.bindings[*binding];
                let summed: Vec<Plate> = plates.iter().filter(|p| over.contains(&p.id)).cloned().collect();
                let of = |inner: &Place| {
                    let place = place.iter().chain(inner).map(|(k, v)| (*k, *v)).collect();
                    self.read(*binding, &place)
                };
                let inner = places(&summed);
                let all = inner.iter().map(of);
                match fold {
                    Fold::Sum => all.fold(Dual::number(0.0), |sum, x| sum.add(&x)),
                    Fold::Mean => {
                        all.fold(Dual::number(0.0), |sum, x| sum.add(&x)).times(1.0 / inner.len() as f64)
                    }
                    Fold::LogSumExp => {
                        all.reduce(|sum, x| sum.log_add_exp(&x)).expect("plates are not empty")
                    }
                }
            }
            Expr::Stack(members, plate) => self.value(&members[place[plate]], &Place::new()),
            Expr::Dot { matrix, binding, open } => {
                let columns = &self.program.bindings[*binding][0];
                let row = open.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id]);
                (0..columns.len).fold(Dual::number(0.0), |sum, j| {
                    let x = self.read(*binding, &Place::from([(columns.id, j)]));
                    sum.add(&x.times(matrix[row * columns.len + j]))
                })
            }
            Expr::Wave(x, y, open) => {
                // As the custom node of record.rs: sin(x) + i y.
                let i = open.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id]);
                let (x, y) = (self.value(x, &Place::new()), self.value(y, &Place::new()));
                x.apply(Function::Sin).add(&y.times(i as f64))
            }
        }
    }

    /// The element of a binding that an index per plate of it leads to.
    fn element(&self, binding: usize, indices: &[&Index], place: &Place) -> Dual {
        let position = |index: &Index| match index {
            Index::One(position) => *position,
            Index::Many(positions, along) => positions[place[&along.plate()]],
        };
        let plates = &self.program.bindings[binding];
        let place = plates.iter().zip(indices).map(|(plate, index)| (plate.id, position(index))).collect();
        self.read(binding, &place)
    }
}

/// All places of some plates, the last one running fastest.
fn places(plates: &[Plate]) -> Vec<Place> {
    plates.iter().fold(vec![Place::new()], |outer, plate| {
        let inner = |place: &Place| {
            let place = place.clone();
            (0..plate.len).map(move |i| place.iter().map(|(k, v)| (*k, *v)).chain([(plate.id, i)]).collect())
        };
        outer.iter().flat_map(inner).collect()
    })
}
