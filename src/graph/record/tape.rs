//! Recording: a model function runs once, and what it does to [`Var`]s is written on a tape.
//!
//! While recording, constants are folded, equal nodes are shared, and a gather is not a node of its own where it can be
//! read through (an operand is a node together with a [`Map`]). The first mistake is kept and reported when recording
//! ends, so that model code needs no `?` after every operator.

use super::recording::{FamilyRecord, Node, NodeId, Operand, Recording, TermKind, TermRecord};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::node::custom::CustomNode;
use crate::graph::node::function::ElementFunction;
use crate::graph::node::op::{Binary, Unary};
use crate::graph::shape::{Axis, Map, Shape};
use crate::transform::Bijection;
use std::cell::RefCell;
use std::sync::Arc;

/// The recording in progress.
#[derive(Default)]
pub struct Tape {
    pub(crate) inner: RefCell<Recording>,
}

impl Tape {
    /// Says which statement the next operations belong to, for messages.
    pub(crate) fn set_place(&self, place: String) {
        self.inner.borrow_mut().place = place;
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

    /// Keeps a sentence that readers of the results must see, with its place.
    pub(crate) fn warn(&self, sentence: &str) {
        let mut inner = self.inner.borrow_mut();
        let place = inner.place_in_words();
        let sentence = if place.is_empty() { sentence.to_string() } else { format!("{place}: {sentence}") };
        if !inner.warnings.contains(&sentence) {
            inner.warnings.push(sentence);
        }
    }

    pub(crate) fn shape(&self, node: NodeId) -> Shape {
        self.inner.borrow().nodes[node as usize].1.clone()
    }

    /// What stands in for a result after a mistake, so that recording can go on.
    pub(crate) fn poison(&self) -> NodeId {
        self.number(f64::NAN)
    }

    pub(crate) fn number(&self, number: f64) -> NodeId {
        self.inner.borrow_mut().number(number)
    }

    /// New coordinates of z, carried by a bijection to an array of a shape; its operands are as long as that.
    pub(crate) fn input(
        &self,
        bijection: Arc<dyn Bijection>,
        operands: Vec<Operand>,
        shape: Shape,
    ) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        let first = inner.dim;
        inner.dim += bijection.coordinates(shape.len());
        let node = inner.push(Node::Input { first, operands }, shape);
        inner.bijections.insert(node, bijection);
        node
    }

    pub(crate) fn unary(&self, op: Unary, x: NodeId) -> NodeId {
        let shape = self.shape(x);
        let mut inner = self.inner.borrow_mut();
        let x = inner.whole(x);
        inner.add(Node::Unary(op, x), shape)
    }

    pub(crate) fn binary(&self, op: Binary, x: NodeId, y: NodeId) -> NodeId {
        let (x, y) = (self.localised(x), self.localised(y));
        let (left, right) = (self.shape(x), self.shape(y));
        let shape = match self.common_shape(&left, &right) {
            Ok(shape) => shape,
            Err(error) => {
                self.fail(error);
                return self.poison();
            }
        };
        let mut inner = self.inner.borrow_mut();
        let x = inner.operand(x, &shape);
        let y = inner.operand(y, &shape);
        inner.add(Node::Binary(op, x, y), shape)
    }

    /// The sum of two arrays over a shape that both broadcast to.
    pub(crate) fn add_over(&self, x: NodeId, y: NodeId, shape: Shape) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        let [x, y] = [x, y].map(|node| inner.operand(node, &shape));
        inner.add(Node::Binary(Binary::Add, x, y), shape)
    }

    /// Gathers positions of the flat array `x` to the given shape. The caller has checked the positions.
    pub(crate) fn gather(&self, x: NodeId, positions: Vec<u32>, shape: Shape) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        let map = match positions[..] {
            [position] if shape.is_scalar() => Map::One(position),
            _ => Map::Index(positions.into()),
        };
        let Operand { node, map: through } = inner.whole(x);
        inner.add(Node::Copy(Operand { node, map: map.then(&through) }), shape)
    }

    /// One element of each scalar, along the innermost open plate. The caller has checked shapes and number.
    pub(crate) fn stack(&self, scalars: &[NodeId], shape: Shape) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        let members = scalars.iter().map(|&x| inner.operand(x, &Shape::scalar())).collect();
        inner.add(Node::Stack(members), shape)
    }

    /// The sums of `x` over the axes that `kept` lacks.
    pub(crate) fn sum(&self, x: NodeId, kept: Shape) -> NodeId {
        let shape = self.shape(x);
        let mut inner = self.inner.borrow_mut();
        let (source, to) = (inner.whole(x), kept.broadcast_to(&shape));
        match shape == kept {
            true => x,
            false => inner.add(Node::Sum { source, len: shape.len(), to }, kept),
        }
    }

    /// The logarithms of the sums of the exponentials of `x` over the axes that `kept` lacks.
    pub(crate) fn log_sum_exp(&self, x: NodeId, kept: Shape) -> NodeId {
        let shape = self.shape(x);
        let mut inner = self.inner.borrow_mut();
        let (source, to) = (inner.whole(x), kept.broadcast_to(&shape));
        match shape == kept {
            true => x,
            false => inner.add(Node::LogSumExp { source, len: shape.len(), to }, kept),
        }
    }

    /// A function of several arrays, element by element.
    pub(crate) fn function(&self, function: Arc<dyn ElementFunction>, x: &[NodeId], shape: Shape) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        inner.functions.push(function);
        let operands = x.iter().map(|&x| inner.operand(x, &shape)).collect();
        let index = inner.functions.len() - 1;
        inner.add(Node::Function(index, operands), shape)
    }

    /// The log density of each element of a shape: of an array of single numbers, `value`, or of the rows of data that the family
    /// has. The parameters are operands over the shape; the caller has checked that the value broadcasts to it.
    pub(crate) fn density(
        &self,
        family: FamilyRecord,
        value: Option<NodeId>,
        parameters: Vec<Operand>,
        shape: Shape,
    ) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        let place = inner.place.clone();
        inner.densities.push((family, place));
        let family = inner.densities.len() - 1;
        let value = value.map(|value| inner.operand(value, &shape));
        inner.add(Node::Density { family, value, parameters }, shape)
    }

    /// Numbers as an array of a shape.
    pub(crate) fn constant(&self, numbers: Vec<f64>, shape: Shape) -> NodeId {
        self.inner.borrow_mut().constant(numbers.into(), shape)
    }

    pub(crate) fn custom(&self, node: Arc<dyn CustomNode>, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        let what = "what is computed of a whole array (a product with a matrix, a node of your own)";
        let checked = inputs.iter().try_for_each(|input| self.check_states(*input, what));
        if let Err(error) = checked {
            self.fail(error);
            return self.poison();
        }
        let mut inner = self.inner.borrow_mut();
        inner.customs.push(node);
        let index = inner.customs.len() - 1;
        let input = |&x: &NodeId| (inner.whole(x), inner.nodes[x as usize].1.len());
        let inputs = inputs.iter().map(input).collect();
        inner.push(Node::Custom(index, inputs), shape)
    }

    /// Parameters of a statement as operands over the open plates.
    ///
    /// # Errors
    /// When one of them has a plate that is not open.
    pub(crate) fn parameters(&self, names: &[String], nodes: &[NodeId]) -> Result<Vec<Operand>> {
        let nodes: Vec<NodeId> = nodes.iter().map(|&node| self.localised(node)).collect();
        self.check_parameters(names, &nodes, None)?;
        let (shape, inner) = (self.current_shape(), self.inner.borrow());
        Ok(nodes.into_iter().map(|node| inner.operand(node, &shape)).collect())
    }

    /// Whether parameters of a statement broadcast to the open plates and perhaps one more axis.
    ///
    /// # Errors
    /// When one of them has another plate.
    pub(crate) fn check_parameters(
        &self,
        names: &[String],
        nodes: &[NodeId],
        more: Option<Axis>,
    ) -> Result<()> {
        let shape = self.current_shape();
        for (name, &node) in names.iter().zip(nodes) {
            let own = self.shape(node);
            if !own.0.iter().all(|axis| shape.contains(*axis) || Some(*axis) == more) {
                let target = match shape.is_scalar() {
                    true => "outside of any plate".to_string(),
                    false => format!("in {}", self.shape_in_words(&shape)),
                };
                let message = format!(
                    "expected parameter `{name}` to be a number or an array over the open plates, got an array over \
                     {} used {target}; gather it with .at(index){}",
                    self.shape_in_words(&own),
                    self.namesakes(&own, &shape)
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
        }
        Ok(())
    }

    /// An array as an operand over a shape that it broadcasts to.
    pub(crate) fn operand(&self, node: NodeId, shape: &Shape) -> Operand {
        self.inner.borrow().operand(node, shape)
    }

    /// Whether `q` was recorded as 1 - `p`.
    pub(crate) fn is_complement(&self, p: NodeId, q: NodeId) -> bool {
        let inner = self.inner.borrow();
        let whole = inner.whole(p);
        match &inner.nodes[q as usize].0 {
            Node::Binary(Binary::Sub, one, other) => {
                let is_one = |numbers: &Arc<[f64]>| numbers.iter().all(|x| *x == 1.0);
                inner.constant_of(one.node).is_some_and(is_one)
                    && *other == whole
                    && inner.nodes[q as usize].1 == inner.nodes[p as usize].1
            }
            _ => false,
        }
    }

    /// Adds a term of the log density with one value per element of a shape.
    pub(crate) fn term(&self, elements: usize, kind: TermKind) -> usize {
        let mut inner = self.inner.borrow_mut();
        let place = inner.place.clone();
        inner.terms.push(TermRecord { place, elements, kind });
        inner.terms.len() - 1
    }

    /// An array as the operand of a term, its own elements once each.
    pub(crate) fn whole(&self, node: NodeId) -> Operand {
        self.inner.borrow().whole(node)
    }

    /// The numbers of a constant node.
    pub(crate) fn constant_of(&self, node: NodeId) -> Option<Arc<[f64]>> {
        self.inner.borrow().constant_of(node).cloned()
    }

    /// The node that an array is gathered or broadcast from; itself where it is neither.
    pub(crate) fn source(&self, node: NodeId) -> NodeId {
        self.inner.borrow().through_copy(node).0
    }
}
