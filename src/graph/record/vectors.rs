//! Arrays as vectors and matrices: the axes of one that are no open plates.
//!
//! A statement of a vector stands once per element of the open plates and has axes of its own besides. Such an axis is like a plate that is not
//! open; it comes with the statement and bears its name.

use super::recording::{NodeId, Operand, Plate, PlateKind};
use super::tape::Tape;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::shape::{Axis, Map, Shape};

impl Tape {
    /// New axes of a statement: that of a name, or its rows and columns.
    pub(crate) fn own_axes(&self, name: &str, lengths: &[usize]) -> Vec<Axis> {
        let names: Vec<String> = match lengths.len() {
            1 => vec![name.to_string()],
            _ => ["rows", "columns"].iter().map(|axis| format!("{name}.{axis}")).collect(),
        };
        let mut inner = self.inner.borrow_mut();
        let mut axis = |(name, len): (String, &usize)| {
            let plate = inner.plates.len() as u32;
            inner.plates.push(Plate { name, len: *len, kind: PlateKind::Own, labels: None, parents: vec![] });
            Axis { plate, len: *len }
        };
        names.into_iter().zip(lengths).map(&mut axis).collect()
    }

    /// A new axis of a statement with the name, the length and the labels of another.
    pub(crate) fn axis_like(&self, axis: Axis) -> Axis {
        let mut inner = self.inner.borrow_mut();
        let Plate { name, len, labels, .. } = inner.plates[axis.plate as usize].clone();
        inner.plates.push(Plate { name, len, kind: PlateKind::Own, labels, parents: vec![] });
        Axis { plate: inner.plates.len() as u32 - 1, len }
    }

    /// The axes of an array that are no open plates, nor states of discrete unknowns.
    pub(crate) fn vector_axes(&self, node: NodeId) -> Vec<Axis> {
        let shape = self.shape(node);
        shape.without(&self.current_shape()).without(&self.states_of(&shape)).0
    }

    /// Numbers as a vector, or as a matrix row by row.
    pub(crate) fn constant_vector(&self, numbers: &[f64], lengths: &[usize]) -> NodeId {
        let axes = self.own_axes("numbers", lengths);
        self.inner.borrow_mut().constant(numbers.into(), Shape(axes))
    }

    /// One entry of a vector or matrix, for each element of the open plates: `at` says which along the axes that are not open.
    pub(crate) fn entry(&self, node: NodeId, at: &[usize]) -> Operand {
        let (source, open) = (self.shape(node), self.current_shape());
        let own = source.without(&open);
        let fixed: Vec<(Axis, usize)> = own.0.iter().copied().zip(at.iter().copied()).collect();
        let inner = self.inner.borrow();
        let map = source.entries(&open, &fixed);
        let (node, through) = inner.through_copy(node);
        Operand { node, map: map.then(&through) }
    }

    /// The same array with one of its axes called another of that length.
    pub(crate) fn with_axis(&self, node: NodeId, from: Axis, to: Axis) -> NodeId {
        let shape = self.shape(node);
        let target = shape.without(&Shape(vec![from])).union(&Shape(vec![to]));
        // Where each element of the result stands: the position along `to` is that along `from`.
        let slices: Vec<Map> =
            (0..to.len).map(|k| shape.entries(&target.without(&Shape(vec![to])), &[(from, k)])).collect();
        let place = Shape(vec![to]).broadcast_to(&target);
        let rest = target.without(&Shape(vec![to])).broadcast_to(&target);
        let positions = (0..target.len()).map(|i| slices[place.at(i)].at(rest.at(i)) as u32).collect();
        self.gather(node, positions, target)
    }

    /// One entry of an array along an axis, over a shape that has all of its other axes.
    pub(crate) fn entry_over(&self, node: NodeId, at: (Axis, usize), shape: &Shape) -> Operand {
        let map = self.shape(node).entries(shape, &[at]);
        let (node, through) = self.inner.borrow().through_copy(node);
        Operand { node, map: map.then(&through) }
    }

    /// Entries of a vector or matrix, one after another, for each element of the open plates.
    pub(crate) fn entries(&self, node: NodeId, at: &[Vec<usize>]) -> Operand {
        let each: Vec<Operand> = at.iter().map(|at| self.entry(node, at)).collect();
        let elements = self.current_shape().len();
        let index =
            (0..elements).flat_map(|e| each.iter().map(move |entry| entry.map.at(e) as u32)).collect();
        Operand { node: each[0].node, map: Map::Index(index) }
    }

    /// Whether an axis came with a statement of a vector.
    pub(crate) fn is_own(&self, axis: Axis) -> bool {
        self.inner.borrow().plates[axis.plate as usize].kind != PlateKind::Plate
    }

    /// The side of a square matrix.
    ///
    /// # Errors
    /// When the array has not two axes of one length beside the open plates.
    pub(crate) fn square(&self, node: NodeId, what: &str) -> Result<usize> {
        self.check_states(node, what)?;
        match self.vector_axes(node)[..] {
            [rows, columns] if rows.len == columns.len => Ok(rows.len),
            _ => {
                let message = format!(
                    "expected {what} to be a square matrix, an array over two axes of one length that are no open plates, got one over {}",
                    self.shape_in_words(&self.shape(node))
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }
}

impl Shape {
    /// Where in an array of this shape the elements of `target` are found, with some axes fixed at a position; the other axes are all among
    /// the target's.
    pub(crate) fn entries(&self, target: &Shape, fixed: &[(Axis, usize)]) -> Map {
        let position = |i: usize| {
            let (mut flat, mut at) = (i, vec![0; target.0.len()]);
            for (at, axis) in at.iter_mut().zip(&target.0).rev() {
                (*at, flat) = (flat % axis.len, flat / axis.len);
            }
            let along = |axis: &Axis| match fixed.iter().find(|(fixed, _)| fixed == axis) {
                Some((_, position)) => *position,
                None => target.0.iter().position(|own| own == axis).map_or(0, |k| at[k]),
            };
            self.0.iter().fold(0, |source, axis| source * axis.len + along(axis)) as u32
        };
        match self.0.iter().all(|axis| fixed.iter().any(|(fixed, _)| fixed == axis)) {
            true => Map::One(position(0)),
            false => {
                Map::Index((0..target.len()).map(position).collect()).simplified(target.len(), self.len())
            }
        }
    }
}
