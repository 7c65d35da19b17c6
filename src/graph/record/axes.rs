//! Plates as axes: their labels, entering one again, and plates whose elements belong to those of another.

use super::argument::IntoIndex;
use super::operand::NodeId;
use super::recording::{Parent, Plate, PlateKind};
use super::tape::Tape;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::shape::{Axis, Shape};
use std::sync::Arc;

/// The elements of a plate: how many there are, and their labels if they have any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisElements {
    pub(crate) len: usize,
    pub(crate) labels: Option<Arc<[String]>>,
}

/// What a plate can run over: a length, or labels (a slice, an array or a `Vec` of `String` or `&str`), which draws and summaries then carry:
/// `rate[Berlin]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a plate runs over",
    label = "expected a length such as `y.len()`, or labels such as `&[\"Berlin\", \"Paris\"]` or a `&[String]`"
)]
pub trait IntoAxis {
    /// The elements.
    fn into_axis(self) -> AxisElements;
}

impl IntoAxis for usize {
    fn into_axis(self) -> AxisElements {
        AxisElements { len: self, labels: None }
    }
}

macro_rules! labels {
    ($([$($generics:tt)*] $labels:ty;)*) => {$(
        impl<$($generics)*> IntoAxis for $labels {
            fn into_axis(self) -> AxisElements {
                let labels: Arc<[String]> = self.iter().map(|label| label.to_string()).collect();
                AxisElements { len: labels.len(), labels: Some(labels) }
            }
        }
    )*};
}

labels! {
    [] &[String];
    [] &Vec<String>;
    [] Vec<String>;
    [] &[&str];
    [] &Vec<&str>;
    [] Vec<&str>;
    [const N: usize] [&str; N];
    [const N: usize] &[&str; N];
    [const N: usize] &[String; N];
}

impl Tape {
    /// Opens a plate that was open before: arrays over it are arrays over the open plate again.
    ///
    /// # Errors
    /// When there was none of this name, or it comes before one that is open now.
    pub(crate) fn open_again(&self, name: &str) {
        self.set_place(String::new());
        if let Err(error) = self.find_again(name) {
            self.fail(error);
            self.open_plate(name, 1usize.into_axis());
        }
    }

    fn find_again(&self, name: &str) -> Result<()> {
        let plate = self.closed_plate(name)?;
        let last = self.inner.borrow().open.last().copied();
        if last >= Some(plate) {
            let message = format!(
                "expected plate `{name}` to be entered again outside of the plates that came after it, got it inside of {}; turn the nesting around, or \
                 gather with .at(index)",
                self.shape_in_words(&self.current_shape())
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        self.inner.borrow_mut().open.push(plate);
        Ok(())
    }

    /// The last plate of a name.
    fn closed_plate(&self, name: &str) -> Result<u32> {
        let inner = self.inner.borrow();
        let found =
            inner.plates.iter().rposition(|plate| plate.name == name && plate.kind == PlateKind::Plate);
        found.map(|plate| plate as u32).ok_or_else(|| {
            let mut known: Vec<String> = inner
                .plates
                .iter()
                .filter(|plate| plate.kind == PlateKind::Plate)
                .map(|plate| format!("`{}`", plate.name))
                .collect();
            known.dedup();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!("expected the name of an earlier plate, got `{name}`; there is {known}");
            Error::new(ErrorKind::Shape, message)
        })
    }

    /// Opens a plate whose elements belong to those of an earlier one: element i to element `index[i]`.
    pub(crate) fn open_of<'i>(
        &self,
        name: &str,
        elements: AxisElements,
        parent: &str,
        index: impl IntoIndex<'i>,
    ) {
        let index = index.into_index();
        let positions = index.positions();
        let found = self.closed_plate(parent).and_then(|plate| {
            if self.inner.borrow().open.contains(&plate) {
                let message = format!(
                    "expected plate `{parent}` to be closed before plate `{name}` opens, whose elements belong to its own, got it open: inside of it every \
                     element of `{parent}` would have all of them; close `{parent}` first"
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let len = self.inner.borrow().plates[plate as usize].len;
            let fits = positions.len() == elements.len;
            match positions.iter().position(|position| *position >= len) {
                None if fits => Ok(Parent { plate, index: positions.iter().map(|p| *p as u32).collect() }),
                None => {
                    let message = format!(
                        "expected one position in plate `{parent}` for each of the {} elements of plate `{name}`, got {}",
                        elements.len,
                        positions.len()
                    );
                    Err(Error::new(ErrorKind::Shape, message))
                }
                Some(at) => {
                    let message = format!(
                        "expected positions below {len}, the length of plate `{parent}`, got {} for element {at} of plate `{name}`; positions count \
                         from 0",
                        positions[at]
                    );
                    Err(Error::new(ErrorKind::Index, message))
                }
            }
        });
        self.open_plate(name, elements);
        match found {
            Ok(parent) => {
                let mut inner = self.inner.borrow_mut();
                let plate = inner.plates.last_mut().expect("the plate that was opened");
                plate.parents = vec![parent];
            }
            Err(error) => self.fail(error),
        }
    }

    /// An array with its axes over plates to whose elements those of an open plate belong gathered to that plate.
    pub(crate) fn localised(&self, node: NodeId) -> NodeId {
        if !self.has_parents() {
            return node;
        }
        let open = self.current_shape();
        let mut node = node;
        for axis in self.shape(node).without(&open).0 {
            let found =
                open.0.iter().rev().find_map(|own| self.way_up(*own, axis).map(|index| (*own, index)));
            if let Some((own, index)) = found {
                node = self.var(node).gather_along(axis, &index, &Shape(vec![own])).node;
            }
        }
        node
    }

    fn has_parents(&self) -> bool {
        let inner = self.inner.borrow();
        inner.open.iter().any(|plate| !inner.plates[*plate as usize].parents.is_empty())
    }

    /// Which element of an outer plate each element of a plate belongs to, over as many plates between them as there are.
    pub(in crate::graph) fn way_up(&self, from: Axis, to: Axis) -> Option<Vec<usize>> {
        self.ways_up(from, to).into_iter().next()
    }

    /// All such ways: the elements of a plate may belong to those of several others that lead there. An axis leads to itself.
    pub(in crate::graph) fn ways_up(&self, from: Axis, to: Axis) -> Vec<Vec<usize>> {
        let inner = self.inner.borrow();
        let mut found = vec![];
        let mut ways: Vec<(u32, Vec<usize>)> = vec![(from.plate, (0..from.len).collect())];
        while let Some((plate, index)) = ways.pop() {
            if plate == to.plate {
                if !found.contains(&index) {
                    found.push(index);
                }
                continue;
            }
            // Popped first: the plate itself where it is a parent, then the innermost.
            let mut parents: Vec<&Parent> = inner.plates[plate as usize].parents.iter().collect();
            parents.sort_by_key(|parent| parent.plate == to.plate);
            let step = |parent: &Parent| index.iter().map(|at| parent.index[*at] as usize).collect();
            ways.extend(parents.into_iter().map(|parent| (parent.plate, step(parent))));
        }
        found
    }

    /// Puts one plate in place of all that are open, whose elements are some of theirs (by their positions, row by row): arrays over those gather
    /// themselves. [`Tape::close_some`] with what is returned undoes it.
    pub(crate) fn open_some(&self, name: &str, elements: &[usize]) -> Vec<u32> {
        let open = self.current_shape();
        let (lengths, labels) = (open.lengths(), self.labels_of(&open));
        let places: Vec<Vec<usize>> = elements.iter().map(|flat| places(*flat, &lengths)).collect();
        let label = |place: &Vec<usize>| {
            let each = place.iter().zip(&labels);
            let words = each.map(|(at, labels)| labels.get(*at).cloned().unwrap_or_else(|| at.to_string()));
            words.collect::<Vec<_>>().join(",")
        };
        let labels = Some(places.iter().map(label).collect());
        let parent = |(k, axis): (usize, &Axis)| Parent {
            plate: axis.plate,
            index: places.iter().map(|place| place[k] as u32).collect(),
        };
        let parents = open.0.iter().enumerate().map(parent).collect();
        let (name, len) = (name.to_string(), elements.len());
        let mut inner = self.inner.borrow_mut();
        inner.plates.push(Plate { name, len, kind: PlateKind::Plate, labels, parents });
        let plate = (inner.plates.len() - 1) as u32;
        std::mem::replace(&mut inner.open, vec![plate])
    }

    /// Opens the plates again that [`Tape::open_some`] put aside.
    pub(crate) fn close_some(&self, open: Vec<u32>) {
        self.inner.borrow_mut().open = open;
    }

    /// The labels of the axes of a shape, none of an axis without.
    pub(crate) fn labels_of(&self, shape: &Shape) -> Vec<Vec<String>> {
        let inner = self.inner.borrow();
        let labels = |axis: &Axis| {
            inner.plates[axis.plate as usize].labels.as_ref().map_or(vec![], |labels| labels.to_vec())
        };
        shape.0.iter().map(labels).collect()
    }
}

/// The positions along axes of these lengths of an element of an array, given its place row by row.
pub(in crate::graph) fn places(mut flat: usize, lengths: &[usize]) -> Vec<usize> {
    let mut places = vec![0; lengths.len()];
    for (place, length) in places.iter_mut().zip(lengths).rev() {
        *place = flat % length;
        flat /= length;
    }
    places
}

/// Labels are there and differ.
pub(in crate::graph) fn check_labels(elements: &AxisElements) -> Result<()> {
    let Some(labels) = &elements.labels else { return Ok(()) };
    let twice = (0..labels.len()).find(|k| labels[..*k].contains(&labels[*k]) || labels[*k].is_empty());
    match twice {
        None => Ok(()),
        Some(k) => {
            let message = format!(
                "expected labels that differ and are not empty, got `{}` at position {k} once more or empty",
                labels[k]
            );
            Err(Error::new(ErrorKind::Site, message))
        }
    }
}
