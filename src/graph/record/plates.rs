//! Plates while a model is recorded: which are open, and which of them an array of plain numbers runs along.
//!
//! A variable knows its plates. Plain numbers do not, and must be given theirs: never is one of two open plates chosen
//! because its length happens to agree.

use super::axes::{AxisElements, check_labels};
use super::recording::{Plate, PlateKind};
use super::tape::Tape;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::shape::{Axis, Shape};

/// The most elements that open plates may have together: arrays of twice this size no longer fit an ordinary machine.
const MOST_ELEMENTS: usize = 1 << 28;

impl Tape {
    pub(crate) fn open_plate(&self, name: &str, elements: AxisElements) {
        self.set_place(String::new());
        let checked = self.check_plate(name, elements.len).and_then(|()| check_labels(&elements));
        let AxisElements { len, labels } =
            if checked.is_ok() { elements } else { AxisElements { len: 1, labels: None } };
        {
            let mut inner = self.inner.borrow_mut();
            let plate = inner.plates.len() as u32;
            inner.plates.push(Plate {
                name: name.to_string(),
                len,
                kind: PlateKind::Plate,
                labels,
                parents: vec![],
            });
            inner.open.push(plate);
        }
        if let Err(error) = checked {
            self.fail(error);
        }
    }

    fn check_plate(&self, name: &str, len: usize) -> Result<()> {
        let fail = |message: String| Err(Error::new(ErrorKind::Shape, message));
        if len == 0 {
            return fail(
                "expected at least one element in the plate, got 0; leave the plate out for empty data"
                    .into(),
            );
        }
        let outer = self.current_shape();
        if outer.len().checked_mul(len).is_none_or(|elements| elements > MOST_ELEMENTS) {
            return fail(format!(
                "expected at most {MOST_ELEMENTS} elements in the open plates together, got {} x {len}",
                outer.len()
            ));
        }
        if self.plate_names(&outer).iter().any(|open| open == name) {
            return fail("the plate stands inside another one of its name; give it a name of its own".into());
        }
        Ok(())
    }

    /// Closes the innermost plate.
    pub(crate) fn close_plate(&self) {
        let closed = self.inner.borrow_mut().open.pop();
        if closed.is_none() {
            let message = "expected an open plate to exit, got none; every `exit` needs an `enter` before it";
            self.fail(Error::new(ErrorKind::Shape, message));
        }
        self.set_place(String::new());
    }

    /// Closes the innermost plate for part of a statement, which goes on in it.
    pub(crate) fn set_aside(&self, innermost: Axis) {
        let closed = self.inner.borrow_mut().open.pop();
        debug_assert_eq!(closed, Some(innermost.plate));
    }

    /// Opens a plate again that was set aside.
    pub(crate) fn put_back(&self, axis: Axis) {
        self.inner.borrow_mut().open.push(axis.plate);
    }

    /// What is wrong with a recording that ends now: plates that are still open.
    pub(crate) fn check_closed(&self) -> Result<()> {
        let open = self.current_shape();
        if open.is_scalar() {
            return Ok(());
        }
        let message = format!(
            "expected every plate to be closed at the end of the model, got {} still open: an `enter` without its \
             `exit`, or a `continue`, `break` or `return` that left the plate's block; what followed would have become \
             part of the plate",
            self.shape_in_words(&open)
        );
        Err(Error::new(ErrorKind::Shape, message))
    }

    /// The shape of the plates that are open now.
    pub(crate) fn current_shape(&self) -> Shape {
        let inner = self.inner.borrow();
        let axis = |&plate: &u32| Axis { plate, len: inner.plates[plate as usize].len };
        Shape(inner.open.iter().map(axis).collect())
    }

    /// A shape in words: "plate `bakeries` (5)".
    pub(crate) fn shape_in_words(&self, shape: &Shape) -> String {
        match shape.is_scalar() {
            true => "no plate".to_string(),
            false => shape.0.iter().map(|&axis| self.axis_in_words(axis)).collect::<Vec<_>>().join(" x "),
        }
    }

    fn axis_in_words(&self, axis: Axis) -> String {
        let inner = self.inner.borrow();
        let Plate { name, kind, .. } = &inner.plates[axis.plate as usize];
        let what = if *kind == PlateKind::States { "the states of" } else { "plate" };
        format!("{what} `{name}` ({})", axis.len)
    }

    /// The names of the plates of a shape.
    pub(crate) fn plate_names(&self, shape: &Shape) -> Vec<String> {
        let inner = self.inner.borrow();
        shape.0.iter().map(|axis| inner.plates[axis.plate as usize].name.clone()).collect()
    }

    /// Says so where plates of two shapes share a name and are not the same; empty otherwise.
    pub(crate) fn namesakes(&self, left: &Shape, right: &Shape) -> String {
        let names = self.plate_names(right);
        let twin = |axis: &&Axis| !right.contains(**axis) && names.contains(&self.plate_name(**axis));
        match left.0.iter().find(twin) {
            None => String::new(),
            Some(&axis) => format!(
                "; there are two plates named `{}` here: every plate! opens a new one, whose elements are others",
                self.plate_name(axis)
            ),
        }
    }

    fn plate_name(&self, axis: Axis) -> String {
        self.inner.borrow().plates[axis.plate as usize].name.clone()
    }

    /// The axis of a shape that runs over the plate of a name.
    ///
    /// # Errors
    /// When the shape has none or several of that name.
    pub(crate) fn axis_named(&self, shape: &Shape, name: &str) -> Result<Axis> {
        let named: Vec<Axis> =
            shape.0.iter().filter(|axis| self.plate_name(**axis) == name).copied().collect();
        match named[..] {
            [axis] => Ok(axis),
            _ => {
                let how_many = if named.is_empty() { "none" } else { "several" };
                let message = format!(
                    "expected the name of one plate of {}, got `{name}`, the name of {how_many} of them",
                    self.shape_in_words(shape)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    /// The shape of an array of data: along the plate that is named, or else along the innermost open plate, or along all
    /// of them, row by row.
    ///
    /// # Errors
    /// When no plate fits, or when the length fits the innermost plate and one around it.
    pub(crate) fn shape_of_data(&self, len: usize, along: Option<&str>) -> Result<Shape> {
        let open = self.current_shape();
        match (along, open.0.last()) {
            (Some(name), _) => self.shape_along(name, len),
            (None, None) => Err(Error::new(
                ErrorKind::Shape,
                format!(
                    "expected a number, got an array of length {len} outside of any plate; use it inside a plate! of \
                     that length"
                ),
            )),
            (None, Some(inner)) if inner.len == len => match self.plates_of_length(len)[..] {
                [_] => Ok(Shape(vec![*inner])),
                _ => Err(Error::new(ErrorKind::Shape, self.which_plate(len))),
            },
            (None, Some(_)) if open.len() == len => Ok(open),
            _ => {
                let message = format!(
                    "expected an array as long as {}, got one of length {len}; pass one number per element of the \
                     plate, or gather with .at(index){}",
                    self.shape_in_words(&open),
                    self.outer_plate(len)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    /// The shape that an index gathers to: along the plate that is named, or else the innermost open plate, or all of
    /// them, row by row. An index that fits the innermost plate and one around it is taken along the innermost, with a
    /// warning.
    ///
    /// # Errors
    /// When no plate fits.
    pub(crate) fn shape_of_index(&self, len: usize, along: Option<&str>) -> Result<Shape> {
        let open = self.current_shape();
        match (along, open.0.last()) {
            (Some(name), _) => self.shape_along(name, len),
            (None, Some(inner)) if inner.len == len => {
                if self.plates_of_length(len).len() > 1 {
                    let taken = self.plate_name(*inner);
                    self.warn(&format!(
                        "an index was taken along plate `{taken}`. {}",
                        self.which_plate(len)
                    ));
                }
                Ok(Shape(vec![*inner]))
            }
            (None, Some(_)) if open.len() == len => Ok(open),
            _ => {
                let message = format!(
                    "expected an index with one entry per element of the open plate ({}), got {len} entries{}",
                    self.shape_in_words(&open),
                    self.outer_plate(len)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    fn shape_along(&self, name: &str, len: usize) -> Result<Shape> {
        let axis = self.axis_named(&self.current_shape(), name)?;
        match axis.len == len {
            true => Ok(Shape(vec![axis])),
            false => {
                let message = format!(
                    "expected one entry per element of {} in .along, got {len}",
                    self.axis_in_words(axis)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    fn plates_of_length(&self, len: usize) -> Vec<Axis> {
        self.current_shape().0.into_iter().filter(|axis| axis.len == len).collect()
    }

    fn which_plate(&self, len: usize) -> String {
        let plates: Vec<String> =
            self.plates_of_length(len).iter().map(|axis| format!("`{}`", self.plate_name(*axis))).collect();
        format!(
            "Several open plates have length {len} ({}): say which one an array of that length runs along, as in \
             x.along(\"{}\").",
            plates.join(", "),
            plates[0].trim_matches('`')
        )
    }

    /// The hint that an array would fit a plate around the innermost one.
    fn outer_plate(&self, len: usize) -> String {
        match self.plates_of_length(len).first() {
            Some(axis) => format!("; along plate `{0}` it is x.along(\"{0}\")", self.plate_name(*axis)),
            None => String::new(),
        }
    }

    /// The shape of a result of two arrays: one of the two, or, inside nested plates, their union.
    pub(crate) fn common_shape(&self, left: &Shape, right: &Shape) -> Result<Shape> {
        if left == right || right.is_scalar() {
            return Ok(left.clone());
        }
        if left.is_scalar() {
            return Ok(right.clone());
        }
        let union = left.union(right);
        let open = self.current_shape();
        let states = self.states_of(&union);
        if union.0.iter().all(|axis| open.contains(*axis) || states.contains(*axis)) {
            return Ok(union);
        }
        // A vector with one number per element, or two vectors along the same axes.
        let [left_own, right_own] = [left, right].map(|shape| shape.without(&open).without(&states));
        let one = left_own.is_scalar() || right_own.is_scalar() || left_own == right_own;
        if one && left_own.union(&right_own).0.iter().all(|axis| self.is_own(*axis)) {
            return Ok(union);
        }
        let message = format!(
            "cannot combine an array over {} with one over {}; gather one of them to the plate of the other with \
             .at(index){}",
            self.shape_in_words(left),
            self.shape_in_words(right),
            self.namesakes(left, right)
        );
        Err(Error::new(ErrorKind::Shape, message))
    }
}
