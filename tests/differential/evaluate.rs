//! A program evaluated as it reads: scalars, loops, dual numbers. Nothing here is shared with the library.

use super::dual::{Dual, GREATEST};
use super::evaluate_latent::{Latent, Rewriting};
use super::evaluate_states::{Enumeration, Term, X};
use super::program::{
    Distribution, Expr, Fold, Function, Index, Operator, Plate, Program, Recursion, Statement, Unknown,
};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What a program comes to at z.
pub(crate) struct Outcome {
    pub(crate) log_density: Dual,
    /// The sum of the magnitudes of all that was added up.
    pub(crate) magnitude: f64,
    /// The greatest magnitude of a value or slope on the way.
    pub(crate) greatest: f64,
    pub(crate) kept: Vec<(String, Vec<f64>)>,
    pub(crate) pointwise: Vec<(String, Vec<f64>)>,
    /// The unknowns, and what may become of them.
    pub(crate) unknowns: Vec<UnknownSite>,
    /// The coordinates of unknowns that are known.
    pub(crate) fixed: Vec<bool>,
}

pub(crate) struct UnknownSite {
    pub(crate) name: String,
    /// Whether it may be sampled as it is, and as location + scale z.
    pub(crate) centered: bool,
    pub(crate) noncentered: bool,
}

/// Which element of each open plate is meant.
pub(crate) type Place = HashMap<usize, usize>;

enum Bound<'p> {
    Latent(Latent<'p>),
    /// A discrete unknown: its first slot.
    Discrete(usize),
    Unknown(&'p Unknown),
    State(&'p Recursion, usize),
    Expression(&'p Expr),
}

/// What a recursion's step reads: its states before it, its inputs.
pub(crate) type Frame = (Vec<Dual>, Vec<Dual>);

pub(crate) struct Evaluator<'p> {
    pub(crate) program: &'p Program,
    pub(crate) rewriting: &'p Rewriting,
    pub(crate) z: &'p [f64],
    bound: HashMap<usize, Bound<'p>>,
    /// The innermost recursion last.
    pub(crate) frames: RefCell<Vec<Frame>>,
    pub(crate) enumeration: Enumeration<'p>,
    pub(crate) outcome: Outcome,
}

impl<'p> Evaluator<'p> {
    pub(crate) fn new(program: &'p Program, z: &'p [f64], rewriting: &'p Rewriting) -> Self {
        let log_density = Dual::number(0.0);
        let outcome = Outcome {
            log_density,
            magnitude: 0.0,
            greatest: 0.0,
            kept: vec![],
            pointwise: vec![],
            unknowns: vec![],
            fixed: vec![false; z.len()],
        };
        let (bound, frames, enumeration) = (HashMap::new(), RefCell::default(), Enumeration::default());
        Self { program, rewriting, z, bound, frames, enumeration, outcome }
    }

    pub(crate) fn run(mut self) -> Outcome {
        GREATEST.with(|greatest| greatest.set(0.0));
        self.walk(&self.program.statements, &mut vec![]);
        self.sum_over_states();
        self.outcome.greatest = GREATEST.with(Cell::get);
        self.outcome
    }

    fn walk(&mut self, statements: &'p [Statement], open: &mut Vec<Plate>) {
        for statement in statements {
            match statement {
                Statement::Plate(plate, _, body) => {
                    open.push(plate.clone());
                    self.walk(body, open);
                    open.pop();
                }
                Statement::Latent { binding, name, distribution, first } => {
                    let latent = self.new_latent(name, *binding, distribution, *first, None);
                    self.priors(name, &latent, open);
                    self.bound.insert(*binding, Bound::Latent(latent));
                }
                Statement::Imputed { binding, name, distribution, data, first } => {
                    self.seen(name, distribution, data, open);
                    let name = format!("{name}.missing");
                    let latent = self.new_latent(&name, *binding, distribution, *first, Some(data));
                    self.priors(&name, &latent, open);
                    self.bound.insert(*binding, Bound::Latent(latent));
                }
                Statement::Seen { name, distribution, data } => self.seen(name, distribution, data, open),
                Statement::Expression { name, distribution, value } => {
                    let each = places(open)
                        .into_iter()
                        .map(|place| self.term(Term { density: Some(distribution), x: X::Of(value) }, place));
                    let each = each.collect();
                    self.note_pointwise(name, each);
                }
                Statement::Part(_, body) => self.walk(body, open),
                Statement::Discrete { binding, distribution, states, .. } => {
                    let all = places(open);
                    let first = self.enumeration.open(all.len(), *states);
                    self.bound.insert(*binding, Bound::Discrete(first));
                    for place in all {
                        self.term(Term { density: Some(distribution), x: X::Bound(*binding) }, place);
                    }
                }
                Statement::Unknown(unknown) => {
                    self.bound.insert(unknown.binding, Bound::Unknown(unknown));
                    self.priors_of_slices(unknown);
                }
                Statement::Scan(recursion) => {
                    for (k, binding) in recursion.bindings.iter().enumerate() {
                        self.bound.insert(*binding, Bound::State(recursion, k));
                    }
                    // Wild states count though nothing reads them: a recursion goes through all of them on its way back.
                    for place in places(open) {
                        self.read(recursion.bindings[0], &place);
                    }
                }
                Statement::ObservedVectors { name, loc, factor, size, data } => {
                    let rows = places(open).into_iter().zip(data.chunks_exact(*size));
                    let each: Vec<Dual> = rows
                        .map(|(place, data)| {
                            let x: Vec<Dual> = data.iter().map(|x| Dual::number(*x)).collect();
                            self.normal_vector(&x, loc, factor, &place)
                        })
                        .collect();
                    self.observed(name, each);
                }
                Statement::Observed { name, distribution, data } => {
                    self.seen(name, distribution, data, open);
                }
                Statement::Factor { value, .. } => {
                    // Its plates that are no longer open are summed over.
                    let closed = self.closed_plates(value, open);
                    for place in places(open) {
                        for inner in places(&closed) {
                            let place = place.iter().chain(&inner).map(|(k, v)| (*k, *v)).collect();
                            self.term(Term { density: None, x: X::Of(value) }, place);
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

    /// Data, those that are missing left out.
    fn seen(&mut self, name: &str, distribution: &'p Distribution, data: &'p [f64], open: &[Plate]) {
        let seen = places(open).into_iter().zip(data).filter(|(_, datum)| !datum.is_nan());
        let each = seen.map(|(place, datum)| {
            self.term(Term { density: Some(distribution), x: X::Number(*datum) }, place)
        });
        let each = each.collect();
        self.note_pointwise(name, each);
    }

    /// The log densities of a statement, unless they depend on discrete unknowns.
    fn note_pointwise(&mut self, name: &str, each: Vec<Option<f64>>) {
        if let Some(values) = each.into_iter().collect() {
            self.outcome.pointwise.push((name.to_string(), values));
        }
    }

    pub(crate) fn observed(&mut self, name: &str, each: Vec<Dual>) {
        let values = each.iter().map(|dual| dual.value).collect();
        self.outcome.pointwise.push((name.to_string(), values));
        each.into_iter().for_each(|dual| self.add(dual));
    }

    fn closed_plates(&self, value: &Expr, open: &[Plate]) -> Vec<Plate> {
        match value {
            Expr::Local(inner, hops) => {
                let mut closed = self.closed_plates(inner, open);
                closed.retain(|plate| hops.iter().all(|hop| hop.from != plate.id));
                closed
            }
            Expr::Apply(_, inner) => match **inner {
                Expr::Read(b) => {
                    self.program.bindings[b].iter().filter(|plate| !open.contains(plate)).cloned().collect()
                }
                _ => vec![],
            },
            _ => vec![],
        }
    }

    pub(crate) fn add(&mut self, term: Dual) {
        self.outcome.magnitude += term.value.abs();
        self.outcome.log_density = self.outcome.log_density.add(&term);
    }

    pub(crate) fn keep(&mut self, name: &str, binding: usize) {
        let plates = &self.program.bindings[binding];
        self.enumeration.forget();
        let values = places(plates).iter().map(|place| self.read(binding, place).value).collect();
        if !self.enumeration.was_read() {
            self.outcome.kept.push((name.to_string(), values));
        }
    }

    /// What a binding holds at a place.
    pub(crate) fn read(&self, binding: usize, place: &Place) -> Dual {
        match &self.bound[&binding] {
            Bound::Expression(expr) => self.value(expr, place),
            Bound::Unknown(unknown) => self.element_of_slice(unknown, place),
            Bound::State(recursion, k) => self.state(recursion, *k, place),
            Bound::Latent(latent) => self.latent(latent, place),
            Bound::Discrete(first) => self.state_of(binding, *first, place),
        }
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
            Expr::At(binding, plate, index) => self.element(*binding, &[(*plate, index)], place),
            Expr::AtStates(binding, plate, states) => {
                let state = self.value(states, place).value as usize;
                self.element(*binding, &[(*plate, &Index::One(state))], place)
            }
            Expr::At2(binding, outer, inner) => {
                let plates = &self.program.bindings[*binding];
                self.element(*binding, &[(plates[0].id, outer), (plates[1].id, inner)], place)
            }
            Expr::Local(inner, hops) => {
                let found = hops.iter().map(|hop| (hop.from, hop.index[place[&hop.through]]));
                self.value(inner, &place.iter().map(|(k, v)| (*k, *v)).chain(found).collect())
            }
            Expr::Gaps { binding, data, plate } => match data[place[plate]] {
                Some(number) => Dual::number(number),
                None => {
                    let before = data[..place[plate]].iter().filter(|number| number.is_none()).count();
                    let gaps = self.program.bindings[*binding][0].id;
                    self.read(*binding, &Place::from([(gaps, before)]))
                }
            },
            Expr::State(k) => self.frames.borrow().last().expect("inside of a step").0[*k].clone(),
            Expr::Input(k) => self.frames.borrow().last().expect("inside of a step").1[*k].clone(),
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

    /// The element of a binding that indices along plates of its lead to, at the same place along the others.
    fn element(&self, binding: usize, indices: &[(usize, &Index)], place: &Place) -> Dual {
        let position = |index: &Index| match index {
            Index::One(position) => *position,
            Index::Many(positions, along) => positions[place[&along.plate()]],
        };
        let found = indices.iter().map(|(plate, index)| (*plate, position(index)));
        self.read(binding, &place.iter().map(|(k, v)| (*k, *v)).chain(found).collect())
    }
}

/// All places of some plates, the last one running fastest.
pub(crate) fn places(plates: &[Plate]) -> Vec<Place> {
    plates.iter().fold(vec![Place::new()], |outer, plate| {
        let inner = |place: &Place| {
            let place = place.clone();
            (0..plate.len).map(move |i| place.iter().map(|(k, v)| (*k, *v)).chain([(plate.id, i)]).collect())
        };
        outer.iter().flat_map(inner).collect()
    })
}
