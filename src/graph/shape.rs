//! Shapes: an array has one axis per plate it lives on, outermost first.
//!
//! Axes are identified by their plate, not by position or length, so that two plates of the same length never mix by
//! accident. Broadcasting an array to a larger shape, and gathering it by an index, are the same thing: a [`Map`] from
//! the positions of the result to the positions of the source.

use std::sync::Arc;

/// One axis: the plate it runs over and that plate's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Axis {
    pub(crate) plate: u32,
    pub(crate) len: usize,
}

/// The axes of an array, outermost first; empty for a scalar.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Shape(pub(crate) Vec<Axis>);

impl Shape {
    pub(crate) fn scalar() -> Self {
        Self::default()
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|axis| axis.len).product()
    }

    pub(crate) fn is_scalar(&self) -> bool {
        self.0.is_empty()
    }

    /// The lengths of the axes.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        self.0.iter().map(|axis| axis.len).collect()
    }

    pub(crate) fn contains(&self, axis: Axis) -> bool {
        self.0.contains(&axis)
    }

    /// The smallest shape that both arrays broadcast to. Plates are numbered in the order in which they open, so that
    /// sorting by plate puts the outer ones first.
    pub(crate) fn union(&self, other: &Shape) -> Shape {
        let mut axes = self.0.clone();
        axes.extend(other.0.iter().filter(|axis| !self.contains(**axis)));
        axes.sort_by_key(|axis| axis.plate);
        Shape(axes)
    }

    /// The axes that `other` lacks.
    pub(crate) fn without(&self, other: &Shape) -> Shape {
        Shape(self.0.iter().filter(|axis| !other.contains(**axis)).copied().collect())
    }

    /// The map that broadcasts an array of this shape to `target`, whose axes include all of this shape's.
    pub(crate) fn broadcast_to(&self, target: &Shape) -> Map {
        if self == target {
            return Map::Same;
        }
        if self.is_scalar() {
            return Map::One(0);
        }
        let strides: Vec<usize> = target.0.iter().map(|axis| self.stride(*axis)).collect();
        let lengths = target.lengths();
        let position = |mut flat: usize| {
            let mut source = 0;
            for (length, stride) in lengths.iter().zip(&strides).rev() {
                source += (flat % length) * stride;
                flat /= length;
            }
            source as u32
        };
        Map::Index((0..target.len()).map(position).collect())
    }

    /// The distance between neighbours along an axis; 0 for an axis that this shape lacks.
    pub(crate) fn stride(&self, axis: Axis) -> usize {
        match self.0.iter().position(|own| *own == axis) {
            Some(at) => self.0[at + 1..].iter().map(|axis| axis.len).product(),
            None => 0,
        }
    }
}

/// Where each element of a result finds its source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Map {
    /// Element i comes from element i.
    Same,
    /// Every element comes from this one.
    One(u32),
    /// Element i comes from element `index[i]`.
    Index(Arc<[u32]>),
}

impl Map {
    #[inline(always)]
    pub(crate) fn at(&self, i: usize) -> usize {
        match self {
            Map::Same => i,
            Map::One(at) => *at as usize,
            Map::Index(index) => index[i] as usize,
        }
    }

    /// The map of some elements of the result alone.
    pub(crate) fn at_all(&self, elements: &[u32]) -> Map {
        match self {
            Map::One(at) => Map::One(*at),
            map => Map::Index(elements.iter().map(|&i| map.at(i as usize) as u32).collect()),
        }
    }

    /// The same map from `len` elements to a source of `source` elements, as [`Map::Same`] where it is that.
    pub(crate) fn simplified(self, len: usize, source: usize) -> Map {
        match &self {
            Map::Index(index)
                if len == source && index.iter().enumerate().all(|(i, &at)| at as usize == i) =>
            {
                Map::Same
            }
            _ => self,
        }
    }

    /// The map that first applies `self` (result to middle) and then `inner` (middle to source).
    pub(crate) fn then(&self, inner: &Map) -> Map {
        match (self, inner) {
            (_, Map::One(at)) => Map::One(*at),
            (Map::Same, inner) => inner.clone(),
            (outer, Map::Same) => outer.clone(),
            (Map::One(at), Map::Index(index)) => Map::One(index[*at as usize]),
            (Map::Index(outer), Map::Index(index)) => {
                Map::Index(outer.iter().map(|&i| index[i as usize]).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_a_plate_into_nested_plates_repeats_along_the_missing_axis() {
        let (subjects, conditions) = (Axis { plate: 0, len: 2 }, Axis { plate: 1, len: 3 });
        let both = Shape(vec![subjects, conditions]);
        assert_eq!(Shape(vec![subjects]).broadcast_to(&both), Map::Index([0, 0, 0, 1, 1, 1].into()));
        assert_eq!(Shape(vec![conditions]).broadcast_to(&both), Map::Index([0, 1, 2, 0, 1, 2].into()));
        assert_eq!(Shape(vec![conditions]).union(&Shape(vec![subjects])), both);
        assert_eq!(Shape::scalar().broadcast_to(&both), Map::One(0));
    }

    #[test]
    fn maps_compose() {
        let outer = Map::Index([2, 0].into());
        let inner = Map::Index([5, 6, 7].into());
        assert_eq!(outer.then(&inner), Map::Index([7, 5].into()));
        assert_eq!(Map::Same.then(&inner), inner);
        assert_eq!(outer.then(&Map::One(3)), Map::One(3));
        assert_eq!(Map::One(1).then(&inner), Map::One(6));
    }
}
