//! Arrays over what discrete unknowns may be: an axis of states beside the plates.
//!
//! A discrete unknown that is summed out is an array of all of its states. Whatever is computed from it has its axis too, and so have the densities of
//! what depends on it, until they are added up over the states (`model/summed.rs`).

use super::recording::{Node, NodeId, Plate, PlateKind};
use super::tape::Tape;
use super::var::Var;
use crate::error::{Error, ErrorKind};
use crate::graph::shape::{Axis, Map, Shape};

impl Tape {
    /// A new axis of so many states.
    pub(crate) fn states_axis(&self, name: &str, len: usize) -> Axis {
        let mut inner = self.inner.borrow_mut();
        let (name, kind) = (name.to_string(), PlateKind::States);
        inner.plates.push(Plate { name, len, kind, labels: None, parents: vec![] });
        Axis { plate: inner.plates.len() as u32 - 1, len }
    }

    /// The axes of a shape that are of states.
    pub(crate) fn states_of(&self, shape: &Shape) -> Shape {
        let inner = self.inner.borrow();
        let is_states = |axis: &&Axis| inner.plates[axis.plate as usize].kind == PlateKind::States;
        Shape(shape.0.iter().filter(is_states).copied().collect())
    }

    /// Opens axes of states beside the open plates; [`Tape::close_some`] with what is returned undoes it.
    pub(crate) fn open_states(&self, states: &Shape) -> Vec<u32> {
        let mut inner = self.inner.borrow_mut();
        let before = inner.open.clone();
        inner.open.extend(states.0.iter().map(|axis| axis.plate));
        inner.open.sort_unstable();
        before
    }

    /// The sums of an array over the elements that have one place in `to`.
    pub(crate) fn sum_into(&self, x: NodeId, to: Vec<u32>, target: Shape) -> NodeId {
        let len = self.shape(x).len();
        let mut inner = self.inner.borrow_mut();
        let source = inner.whole(x);
        inner.add(Node::Sum { source, len, to: Map::Index(to.into()) }, target)
    }

    /// The first axis of `to` that is reached on several ways, with the axes from which.
    pub(crate) fn forked(&self, from: &Shape, to: &Shape) -> Option<(Axis, Shape)> {
        to.0.iter().find_map(|&axis| {
            let ways = |own: &Axis| self.ways_up(*own, axis).len();
            let leading: Vec<Axis> = from.0.iter().filter(|own| ways(own) > 0).copied().collect();
            let total: usize = leading.iter().map(ways).sum();
            (total > 1).then_some((axis, Shape(leading)))
        })
    }

    /// Where each element of a shape stands in another one: along axes that both have, or that one of its own belongs to.
    ///
    /// # Errors
    /// The first axis of `to` that is neither.
    pub(crate) fn places_in(&self, from: &Shape, to: &Shape) -> std::result::Result<Vec<u32>, Axis> {
        let lengths = from.lengths();
        let mut ways: Vec<(usize, Option<Vec<usize>>)> = vec![];
        for axis in &to.0 {
            let same = from.0.iter().position(|own| own == axis).map(|k| (k, None));
            let up = || {
                from.0
                    .iter()
                    .enumerate()
                    .rev()
                    .find_map(|(k, own)| Some((k, Some(self.way_up(*own, *axis)?))))
            };
            ways.push(same.or_else(up).ok_or(*axis)?);
        }
        let place = |flat: usize| {
            let at = super::axes::places(flat, &lengths);
            let step = |place: usize, ((k, way), axis): (&(usize, Option<Vec<usize>>), &Axis)| {
                place * axis.len + way.as_ref().map_or(at[*k], |way| way[at[*k]])
            };
            ways.iter().zip(&to.0).fold(0, step) as u32
        };
        Ok((0..from.len()).map(place).collect())
    }

    /// What cannot be said of arrays over states.
    pub(in crate::graph) fn check_states(&self, node: NodeId, what: &str) -> crate::Result<()> {
        match self.states_of(&self.shape(node)).is_scalar() {
            true => Ok(()),
            false => {
                let message = format!(
                    "expected numbers that depend on no discrete unknown for {what}, got some that do; sum it out by hand with log_sum_exp"
                );
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }
}

impl<'t> Var<'t> {
    /// Of an array over one plate beside the open ones, the elements at the states of a discrete unknown.
    pub(in crate::graph) fn at_states(self, states: Var<'_>) -> Self {
        let tape = self.tape;
        let index = tape.localised(tape.own(states));
        let shape = tape.shape(index);
        let (Some(numbers), false) = (tape.constant_of(index), tape.states_of(&shape).is_scalar()) else {
            return self.reject(
                "expected positions as data (`&[usize]`) or a discrete unknown in .at(index), got a variable that is neither".to_string(),
            );
        };
        let own = tape.vector_axes(self.node);
        let [axis] = own[..] else {
            let source = tape.shape_in_words(&tape.shape(self.node));
            return self.reject(format!(
                "expected .at(state) on an array over one plate beside the open ones, got one over {source}"
            ));
        };
        let positions: Vec<usize> = numbers.iter().map(|state| *state as usize).collect();
        match self.check_positions(&positions, axis.len) {
            Ok(()) => self.gather_along(axis, &positions, &shape),
            Err(error) => self.fail(error),
        }
    }
}
