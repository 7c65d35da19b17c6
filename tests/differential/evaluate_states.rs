//! Discrete unknowns: all their joint states, one after another.

use super::dual::Dual;
use super::evaluate::{Evaluator, Place};
use super::program::{Distribution, Expr};
use std::cell::RefCell;
use std::collections::HashMap;

/// What a log density is of.
#[derive(Clone, Copy)]
pub(crate) enum X<'p> {
    Number(f64),
    Of(&'p Expr),
    /// A binding.
    Bound(usize),
}

/// A term of the log density: that of a value, or the value itself.
#[derive(Clone, Copy)]
pub(crate) struct Term<'p> {
    pub(crate) density: Option<&'p Distribution>,
    pub(crate) x: X<'p>,
}

/// A term that depends on discrete unknowns, with the elements of theirs that it depends on.
struct Deferred<'p> {
    term: Term<'p>,
    place: Place,
    slots: Vec<usize>,
    values: HashMap<Vec<usize>, Dual>,
}

/// All elements of all discrete unknowns are slots, one after another.
#[derive(Default)]
pub(crate) struct Enumeration<'p> {
    /// How many states each slot has, and the one it is in.
    counts: Vec<usize>,
    states: RefCell<Vec<usize>>,
    /// The slots that were read.
    read: RefCell<Vec<usize>>,
    deferred: Vec<Deferred<'p>>,
}

impl Enumeration<'_> {
    /// New slots; the first of them.
    pub(crate) fn open(&mut self, len: usize, states: usize) -> usize {
        let first = self.counts.len();
        self.counts.resize(first + len, states);
        self.states.borrow_mut().resize(first + len, 0);
        first
    }

    pub(crate) fn forget(&self) {
        self.read.borrow_mut().clear();
    }

    pub(crate) fn was_read(&self) -> bool {
        !self.read.borrow().is_empty()
    }
}

impl<'p> Evaluator<'p> {
    pub(crate) fn state_of(&self, binding: usize, first: usize, place: &Place) -> Dual {
        let plates = &self.program.bindings[binding];
        let slot = first + plates.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id]);
        self.enumeration.read.borrow_mut().push(slot);
        Dual::number(self.enumeration.states.borrow()[slot] as f64)
    }

    /// Adds a term now, and returns its value, or when states are summed over, where it depends on any.
    pub(crate) fn term(&mut self, term: Term<'p>, place: Place) -> Option<f64> {
        self.enumeration.forget();
        let value = self.evaluated(&term, &place);
        let mut slots = self.enumeration.read.take();
        if slots.is_empty() {
            let number = value.value;
            self.add(value);
            return Some(number);
        }
        slots.sort_unstable();
        slots.dedup();
        self.enumeration.deferred.push(Deferred { term, place, slots, values: HashMap::new() });
        None
    }

    fn evaluated(&self, term: &Term<'_>, place: &Place) -> Dual {
        let x = match term.x {
            X::Number(number) => Dual::number(number),
            X::Of(expr) => self.value(expr, place),
            X::Bound(binding) => self.read(binding, place),
        };
        match term.density {
            Some(density) => self.log_prob(density, &x, place),
            None => x,
        }
    }

    /// The log of the sum of the densities over all joint states.
    pub(crate) fn sum_over_states(&mut self) {
        let mut deferred = std::mem::take(&mut self.enumeration.deferred);
        let mut total: Option<Dual> = None;
        loop {
            let mut joint = Dual::number(0.0);
            for part in &mut deferred {
                let here = {
                    let states = self.enumeration.states.borrow();
                    part.slots.iter().map(|slot| states[*slot]).collect::<Vec<usize>>()
                };
                let value =
                    part.values.entry(here).or_insert_with(|| self.evaluated(&part.term, &part.place));
                joint = joint.add(value);
                if total.is_none() {
                    self.outcome.magnitude += value.value.abs();
                }
            }
            total = Some(total.map_or(joint.clone(), |total| total.log_add_exp(&joint)));
            if !self.next_states() {
                break;
            }
        }
        self.add(total.expect("there is one joint state at least"));
    }

    /// The next joint state, if there is one.
    fn next_states(&self) -> bool {
        let mut states = self.enumeration.states.borrow_mut();
        for (state, count) in states.iter_mut().zip(&self.enumeration.counts) {
            *state += 1;
            if *state < *count {
                return true;
            }
            *state = 0;
        }
        false
    }
}
