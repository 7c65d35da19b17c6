//! Recording: a model function runs once, and what it does to [`Var`]s is written on a tape.
//!
//! While recording, constants are folded, equal nodes are shared, and a gather is not a node of its own where it can be
//! read through (an operand is a node together with a [`Map`]). The first mistake is kept and reported when recording
//! ends, so that model code needs no `?` after every operator.

use super::custom::CustomNode;
use super::density::Learned;
use super::op::{Binary, Unary};
use super::shape::{Axis, Map, Shape};
use super::term::Formula;
use super::var::{Argument, Var};
use crate::error::{Error, ErrorKind};
use crate::transform::Transform;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// A node's number on the tape.
pub(crate) type NodeId = u32;

/// An operand: a node and where each element of the result finds its source in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Operand {
    pub(crate) node: NodeId,
    pub(crate) map: Map,
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A number of the table of constants.
    Constant(usize),
    /// Coordinates of z from `first` on, carried to their support.
    Input {
        first: usize,
    },
    Unary(Unary, NodeId),
    Binary(Binary, Operand, Operand),
    /// The operand's elements, one after another: a gather or a broadcast.
    Copy(Operand),
    /// The sum of all elements.
    Sum(NodeId),
    /// A node of the table of custom nodes, with its inputs.
    Custom(usize, Vec<NodeId>),
}

/// A term of the log density as recorded.
pub(crate) struct TermRecord {
    pub(crate) place: String,
    pub(crate) kind: TermKind,
}

pub(crate) enum TermKind {
    Formula { formula: Arc<dyn Formula>, value: ValueRecord, parameters: Vec<Operand>, elements: usize },
    Learned { density: Arc<dyn Learned>, data: Vec<f64>, parameters: Vec<Operand>, elements: usize },
    Factor(NodeId),
}

pub(crate) enum ValueRecord {
    Observed(Vec<f64>),
    Live(NodeId),
}

/// A plate: a name and a length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plate {
    pub(crate) name: String,
    pub(crate) len: usize,
}

/// The recording in progress.
#[derive(Default)]
pub struct Tape {
    pub(crate) inner: RefCell<Recording>,
}

/// What a tape holds.
#[derive(Default)]
pub(crate) struct Recording {
    pub(crate) nodes: Vec<(Node, Shape)>,
    pub(crate) constants: Vec<Arc<[f64]>>,
    pub(crate) customs: Vec<Arc<dyn CustomNode>>,
    pub(crate) transforms: HashMap<NodeId, Transform>,
    pub(crate) terms: Vec<TermRecord>,
    pub(crate) plates: Vec<Plate>,
    pub(crate) dim: usize,
    open: Vec<u32>,
    shared: HashMap<Node, NodeId>,
    scalars: HashMap<u64, NodeId>,
    place: String,
    error: Option<Error>,
}

impl Tape {
    /// Says which statement the next operations belong to, for messages.
    pub(crate) fn set_place(&self, place: String) {
        self.inner.borrow_mut().place = place;
    }

    pub(crate) fn open_plate(&self, name: &str, len: usize) {
        let mut inner = self.inner.borrow_mut();
        let plate = inner.plates.len() as u32;
        inner.plates.push(Plate { name: name.to_string(), len });
        inner.open.push(plate);
    }

    pub(crate) fn close_plate(&self) {
        self.inner.borrow_mut().open.pop();
    }

    /// Keeps the first mistake, with the place where it was made.
    pub(crate) fn fail(&self, error: Error) {
        let mut inner = self.inner.borrow_mut();
        if inner.error.is_none() {
            let place = inner.place_in_words();
            inner.error = Some(if place.is_empty() { error } else { error.context(place) });
        }
    }

    pub(crate) fn take_error(&self) -> Option<Error> {
        self.inner.borrow_mut().error.take()
    }

    /// The shape of the plates that are open now.
    pub(crate) fn current_shape(&self) -> Shape {
        let inner = self.inner.borrow();
        Shape(inner.open.iter().map(|&plate| inner.axis(plate)).collect())
    }

    pub(crate) fn shape(&self, node: NodeId) -> Shape {
        self.inner.borrow().nodes[node as usize].1.clone()
    }

    /// A shape in words: "plate `bakeries` (5)".
    pub(crate) fn shape_in_words(&self, shape: &Shape) -> String {
        self.inner.borrow().shape_in_words(shape)
    }

    /// The names of the plates of a shape.
    pub(crate) fn plate_names(&self, shape: &Shape) -> Vec<String> {
        let inner = self.inner.borrow();
        shape.0.iter().map(|axis| inner.plates[axis.plate as usize].name.clone()).collect()
    }

    pub(crate) fn var(&self, node: NodeId) -> Var<'_> {
        Var { tape: self, node }
    }

    /// What stands in for a result after a mistake, so that recording can go on.
    pub(crate) fn poison(&self) -> NodeId {
        self.number(f64::NAN)
    }

    pub(crate) fn number(&self, number: f64) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        if let Some(&node) = inner.scalars.get(&number.to_bits()) {
            return node;
        }
        let node = inner.constant(Arc::new([number]), Shape::scalar());
        inner.scalars.insert(number.to_bits(), node);
        node
    }

    /// An array of data inside the open plates: along the innermost one, or along all of them, row by row.
    pub(crate) fn data(&self, data: &[f64]) -> NodeId {
        let shape = self.current_shape();
        let innermost = shape.0.last().copied();
        let shape = match innermost {
            Some(axis) if axis.len == data.len() => Shape(vec![axis]),
            Some(_) if shape.len() == data.len() => shape,
            Some(_) => {
                let message = format!(
                    "expected an array as long as {}, got one of length {}; pass one number per element of the plate, \
                     or gather with .at(index)",
                    self.shape_in_words(&shape),
                    data.len()
                );
                self.fail(Error::new(ErrorKind::Shape, message));
                return self.poison();
            }
            None => {
                let message = format!(
                    "expected a number, got an array of length {} outside of any plate; use it inside a plate! of \
                     that length",
                    data.len()
                );
                self.fail(Error::new(ErrorKind::Shape, message));
                return self.poison();
            }
        };
        self.inner.borrow_mut().constant(data.into(), shape)
    }

    pub(crate) fn argument(&self, argument: Argument<'_>) -> NodeId {
        match argument {
            Argument::Var(var) => var.node,
            Argument::Number(number) => self.number(number),
            Argument::Data(data) => self.data(&data),
        }
    }

    /// New coordinates of z, carried to their support by a transform, one per element of the open plates.
    pub(crate) fn input(&self, transform: Transform) -> NodeId {
        let shape = self.current_shape();
        let mut inner = self.inner.borrow_mut();
        let first = inner.dim;
        inner.dim += shape.len();
        let node = inner.push(Node::Input { first }, shape);
        inner.transforms.insert(node, transform);
        node
    }

    pub(crate) fn unary(&self, op: Unary, x: NodeId) -> NodeId {
        let shape = self.shape(x);
        self.inner.borrow_mut().add(Node::Unary(op, x), shape)
    }

    pub(crate) fn binary(&self, op: Binary, x: NodeId, y: NodeId) -> NodeId {
        let (left, right) = (self.shape(x), self.shape(y));
        let Some(shape) = self.common_shape(&left, &right) else { return self.poison() };
        let mut inner = self.inner.borrow_mut();
        let x = inner.operand(x, &shape);
        let y = inner.operand(y, &shape);
        inner.add(Node::Binary(op, x, y), shape)
    }

    /// The shape of a result of two arrays: one of the two, or, inside nested plates, their union.
    fn common_shape(&self, left: &Shape, right: &Shape) -> Option<Shape> {
        if left == right || right.is_scalar() {
            return Some(left.clone());
        }
        if left.is_scalar() {
            return Some(right.clone());
        }
        let union = left.union(right);
        let open = self.current_shape();
        if union.0.iter().all(|axis| open.contains(*axis)) {
            return Some(union);
        }
        let message = format!(
            "cannot combine an array over {} with one over {}; gather one of them to the plate of the other with \
             .at(index)",
            self.shape_in_words(left),
            self.shape_in_words(right)
        );
        self.fail(Error::new(ErrorKind::Shape, message));
        None
    }

    /// Gathers positions of the flat array `x` to the given shape. The caller has checked the positions.
    pub(crate) fn gather(&self, x: NodeId, positions: Vec<u32>, shape: Shape) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        let map = match positions[..] {
            [position] if shape.is_scalar() => Map::One(position),
            _ => Map::Index(positions.into()),
        };
        let (node, inner_map) = inner.through_copy(x);
        inner.add(Node::Copy(Operand { node, map: map.then(&inner_map) }), shape)
    }

    pub(crate) fn sum(&self, x: NodeId) -> NodeId {
        self.inner.borrow_mut().add(Node::Sum(x), Shape::scalar())
    }

    pub(crate) fn custom(&self, node: Arc<dyn CustomNode>, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        inner.customs.push(node);
        let index = inner.customs.len() - 1;
        inner.push(Node::Custom(index, inputs), shape)
    }

    /// Parameters of a statement as operands over the open plates.
    pub(crate) fn parameters(&self, names: &[String], nodes: &[NodeId]) -> Option<Vec<Operand>> {
        let shape = self.current_shape();
        for (name, &node) in names.iter().zip(nodes) {
            let own = self.shape(node);
            if !own.0.iter().all(|axis| shape.contains(*axis)) {
                let target = match shape.is_scalar() {
                    true => "outside of any plate".to_string(),
                    false => format!("in {}", self.shape_in_words(&shape)),
                };
                let message = format!(
                    "expected parameter `{name}` to be a number or an array over the open plates, got an array over \
                     {} used {target}; gather it with .at(index)",
                    self.shape_in_words(&own)
                );
                self.fail(Error::new(ErrorKind::Shape, message));
                return None;
            }
        }
        let mut inner = self.inner.borrow_mut();
        Some(nodes.iter().map(|&node| inner.operand(node, &shape)).collect())
    }

    pub(crate) fn term(&self, kind: TermKind) -> usize {
        let mut inner = self.inner.borrow_mut();
        let place = inner.place.clone();
        inner.terms.push(TermRecord { place, kind });
        inner.terms.len() - 1
    }

    /// The numbers of a constant node.
    pub(crate) fn constant_of(&self, node: NodeId) -> Option<Arc<[f64]>> {
        self.inner.borrow().constant_of(node).cloned()
    }
}

impl Recording {
    fn axis(&self, plate: u32) -> Axis {
        Axis { plate, len: self.plates[plate as usize].len }
    }

    fn place_in_words(&self) -> String {
        let plates: Vec<&str> = self.open.iter().map(|&p| self.plates[p as usize].name.as_str()).collect();
        match (self.place.is_empty(), plates.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("in plate `{}`", plates.join("`, `")),
            (false, true) => format!("at {}", self.place),
            (false, false) => format!("at {} in plate `{}`", self.place, plates.join("`, `")),
        }
    }

    fn shape_in_words(&self, shape: &Shape) -> String {
        let words = |axis: &Axis| format!("plate `{}` ({})", self.plates[axis.plate as usize].name, axis.len);
        match shape.is_scalar() {
            true => "no plate".to_string(),
            false => shape.0.iter().map(words).collect::<Vec<_>>().join(" x "),
        }
    }

    fn push(&mut self, node: Node, shape: Shape) -> NodeId {
        self.nodes.push((node, shape));
        (self.nodes.len() - 1) as NodeId
    }

    fn constant(&mut self, numbers: Arc<[f64]>, shape: Shape) -> NodeId {
        self.constants.push(numbers);
        self.push(Node::Constant(self.constants.len() - 1), shape)
    }

    pub(crate) fn constant_of(&self, node: NodeId) -> Option<&Arc<[f64]>> {
        match self.nodes[node as usize].0 {
            Node::Constant(index) => Some(&self.constants[index]),
            _ => None,
        }
    }

    /// The node behind a copy, and the map through it.
    fn through_copy(&self, node: NodeId) -> (NodeId, Map) {
        match &self.nodes[node as usize].0 {
            Node::Copy(operand) => (operand.node, operand.map.clone()),
            _ => (node, Map::Same),
        }
    }

    /// The node as an operand of a result of a shape, read through copies.
    fn operand(&mut self, node: NodeId, shape: &Shape) -> Operand {
        let broadcast = self.nodes[node as usize].1.broadcast_to(shape);
        let (source, map) = self.through_copy(node);
        let map = broadcast.then(&map);
        Operand { node: source, map }
    }

    /// Adds a node, unless it can be folded to a constant or already stands on the tape.
    fn add(&mut self, node: Node, shape: Shape) -> NodeId {
        if let Some(numbers) = self.fold(&node, shape.len()) {
            return self.constant(numbers, shape);
        }
        if let Some(&same) = self.shared.get(&node) {
            return same;
        }
        let id = self.push(node.clone(), shape);
        self.shared.insert(node, id);
        id
    }

    /// The node's value, if everything it depends on is constant.
    fn fold(&self, node: &Node, len: usize) -> Option<Arc<[f64]>> {
        match node {
            Node::Unary(op, x) => {
                let x = self.constant_of(*x)?;
                Some(x.iter().map(|&x| op.value(x)).collect())
            }
            Node::Binary(op, x, y) => {
                let (left, right) = (self.constant_of(x.node)?, self.constant_of(y.node)?);
                Some((0..len).map(|i| op.value(left[x.map.at(i)], right[y.map.at(i)])).collect())
            }
            Node::Copy(x) => {
                let source = self.constant_of(x.node)?;
                Some((0..len).map(|i| source[x.map.at(i)]).collect())
            }
            Node::Sum(x) => Some(Arc::new([self.constant_of(*x)?.iter().sum()])),
            Node::Constant(_) | Node::Input { .. } | Node::Custom(..) => None,
        }
    }
}
