//! Reading elements of arrays: gathers.

use super::argument::{Index, IntoIndex};
use super::var::Var;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::shape::{Axis, Shape};

impl<'t> Var<'t> {
    /// Gathers an array over one plate to the open plate: element i of the result is element `index[i]` of this array.
    /// With a single position the result is a scalar. Of an array that has open plates as well, such as a vector for each of their
    /// elements, each element gathers from its own.
    ///
    /// Inside nested plates an index runs along the innermost one, or along all of them, row by row; along another one it is
    /// given as `index.along("outer")` ([`AlongPlate`](crate::graph::AlongPlate)).
    ///
    /// Positions count from 0. A position at or beyond the length of this array's plate is an error when the model is
    /// built.
    ///
    /// A discrete unknown that is summed out is an index too: `mean.at(component)`.
    pub fn at<'i>(self, index: impl IntoIndex<'i>) -> Self {
        self.at_index(&index.into_index())
    }

    fn at_index(self, index: &Index<'_>) -> Self {
        if self.tape.shape(self.node).0.len() > 1 {
            let local = self.tape.var(self.tape.localised(self.node));
            if local.node != self.node {
                return local.at_index(index);
            }
        }
        if let Index::States(states) = index {
            return self.at_states(*states);
        }
        let source = self.tape.shape(self.node);
        let source = source.without(&self.tape.states_of(&source));
        let own = self.tape.vector_axes(self.node);
        let axis = match (&source.0[..], &own[..]) {
            ([axis], _) | (_, [axis]) => *axis,
            _ => {
                return self.reject(format!(
                    "expected .at(index) on an array over one plate beside the open ones, got one over {}; use .at2(first, second) for two \
                     plates",
                    self.tape.shape_in_words(&source)
                ));
            }
        };
        let positions = index.positions();
        if let Err(error) = self.check_positions(positions, axis.len) {
            return self.fail(error);
        }
        match self.target(index) {
            Ok(target) => self.gather_along(axis, positions, &target),
            Err(error) => self.fail(error),
        }
    }

    /// Element `positions[i]` along one axis, at the same place along all others.
    pub(in crate::graph) fn gather_along(self, axis: Axis, positions: &[usize], index: &Shape) -> Self {
        let source = self.tape.shape(self.node);
        let rest = source.without(&Shape(vec![axis]));
        let target = index.union(&rest);
        let of_index = index.broadcast_to(&target);
        let base = source.entries(&target, &[(axis, 0)]);
        let stride: usize =
            source.0.iter().skip_while(|own| **own != axis).skip(1).map(|axis| axis.len).product();
        let place = |i: usize| (base.at(i) + positions[of_index.at(i)] * stride) as u32;
        self.gather((0..target.len()).map(place).collect(), target)
    }

    /// Gathers an array over two nested plates to the open plate: element i of the result is element
    /// `(outer[i], inner[i])` of this array. A single position for either stands for all i; with two of them the result is
    /// a scalar.
    pub fn at2<'i>(self, outer: impl IntoIndex<'i>, inner: impl IntoIndex<'i>) -> Self {
        let source = self.tape.shape(self.node);
        let [rows, columns] = source.lengths()[..] else {
            return self.reject(format!(
                "expected .at2(outer, inner) on an array over two plates, got one over {}",
                self.tape.shape_in_words(&source)
            ));
        };
        let (outer, inner) = (outer.into_index(), inner.into_index());
        let checked = self
            .check_positions(outer.positions(), rows)
            .and_then(|()| self.check_positions(inner.positions(), columns))
            .and_then(|()| Ok((self.target(&outer)?, self.target(&inner)?)))
            .and_then(|(rows, columns)| Ok((self.tape.common_shape(&rows, &columns)?, rows, columns)));
        let (target, rows, inner_shape) = match checked {
            Ok(shapes) => shapes,
            Err(error) => return self.fail(error),
        };
        let (to_rows, to_columns) = (rows.broadcast_to(&target), inner_shape.broadcast_to(&target));
        let position = |i| outer.positions()[to_rows.at(i)] * columns + inner.positions()[to_columns.at(i)];
        self.gather((0..target.len()).map(|i| position(i) as u32).collect(), target)
    }

    /// The shape that an index gathers to.
    fn target(self, index: &Index<'_>) -> Result<Shape> {
        match index {
            Index::One(_) => Ok(Shape::scalar()),
            Index::Many(positions) => self.tape.shape_of_index(positions.len(), None),
            Index::States(_) => Err(Error::new(
                ErrorKind::Index,
                "expected positions as data in .at2(outer, inner), got a discrete unknown; write .at(state) inside the plate",
            )),
            Index::ManyAlong(positions, plate) => self.tape.shape_of_index(positions.len(), Some(plate)),
        }
    }

    pub(in crate::graph) fn check_positions(self, positions: &[usize], len: usize) -> Result<()> {
        let Some(at) = positions.iter().position(|&position| position >= len) else { return Ok(()) };
        let source = self.tape.shape_in_words(&self.tape.shape(self.node));
        let message = format!(
            "expected positions below {len}, the length of an array over {source}, got position {} (entry {at} of the \
             index); positions count from 0",
            positions[at]
        );
        Err(Error::new(ErrorKind::Index, message))
    }

    fn gather(self, positions: Vec<u32>, target: Shape) -> Self {
        self.tape.var(self.tape.gather(self.node, positions, target))
    }
}
