//! What a tape holds: nodes with their shapes, terms, plates.
//!
//! A node is known by what it computes *and* by its shape, which names the plates it runs over. The same numbers gathered in
//! two plates of one length are two nodes: shared by their operands alone, the second would carry the axis of the first.

use super::draw_record::DrawRecord;
pub(crate) use super::operand::{NodeId, Operand};
use crate::error::Error;
use crate::graph::density::formula_of_numbers::of_columns;
use crate::graph::density::learned::Learned;
use crate::graph::density::term::Formula;
use crate::graph::node::custom::CustomNode;
use crate::graph::node::function::ElementFunction;
use crate::graph::node::log_sum_exp::log_sum_exp_of_numbers;
use crate::graph::node::op::{Binary, Unary};
use crate::graph::node::program::Program;
use crate::graph::shape::{Map, Shape};
use crate::transform::Bijection;
use std::collections::HashMap;
use std::sync::Arc;

/// What a node computes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A number of the table of constants.
    Constant(usize),
    /// Coordinates of z from `first` on, carried to their support, whose ends may be operands.
    Input {
        first: usize,
        operands: Vec<Operand>,
    },
    Unary(Unary, Operand),
    Binary(Binary, Operand, Operand),
    /// The operand's elements, one after another: a gather or a broadcast.
    Copy(Operand),
    /// One element of each operand, one after another.
    Stack(Vec<Operand>),
    /// Sums of the operand's elements: element i is added to element `to.at(i)` of the result.
    Sum {
        source: Operand,
        len: usize,
        to: Map,
    },
    /// The logarithms of sums of exponentials; as for `Sum`.
    LogSumExp {
        source: Operand,
        len: usize,
        to: Map,
    },
    /// A function of the table of functions, element by element.
    Function(usize, Vec<Operand>),
    /// The log density of each element: a family of the table of densities, the value unless the table has it, the parameters.
    Density {
        family: usize,
        value: Option<Operand>,
        parameters: Vec<Operand>,
    },
    /// A node of the table of custom nodes, with its inputs and their lengths.
    Custom(usize, Vec<(Operand, usize)>),
    /// A recursion of the table of programs along the innermost axis but that of its states: what it reads is what does not vary, the inputs
    /// and the starts.
    Scan {
        program: usize,
        operands: Vec<Operand>,
        rows: usize,
        steps: usize,
    },
    /// What stands for a state or an input while a recursion's step is recorded.
    Placeholder,
}

impl Node {
    /// The nodes that this one is computed from.
    pub(in crate::graph) fn operands(&self) -> Vec<NodeId> {
        match self {
            Node::Constant(_) | Node::Placeholder => vec![],
            Node::Unary(_, x) | Node::Copy(x) => vec![x.node],
            Node::Sum { source: x, .. } | Node::LogSumExp { source: x, .. } => vec![x.node],
            Node::Binary(_, x, y) => vec![x.node, y.node],
            Node::Input { operands, .. }
            | Node::Stack(operands)
            | Node::Scan { operands, .. }
            | Node::Function(_, operands) => operands.iter().map(|operand| operand.node).collect(),
            Node::Density { value, parameters, .. } => {
                value.iter().chain(parameters).map(|operand| operand.node).collect()
            }
            Node::Custom(_, inputs) => inputs.iter().map(|(input, _)| input.node).collect(),
        }
    }
}

/// A family of densities as a node uses it.
#[derive(Clone)]
pub(crate) enum FamilyRecord {
    /// Of values that are an operand of the node.
    Formula(Arc<dyn Formula>),
    /// Of data of several numbers per element, row by row.
    Rows(Arc<dyn Formula>, Arc<[f64]>),
    /// The same, learned.
    Learned(Arc<dyn Learned>, Arc<[f64]>),
}

/// A term of the log density as recorded.
#[derive(Clone)]
pub(crate) struct TermRecord {
    pub(crate) place: String,
    pub(crate) elements: usize,
    pub(crate) kind: TermKind,
}

#[derive(Clone)]
pub(crate) enum TermKind {
    Formula {
        formula: Arc<dyn Formula>,
        value: ValueRecord,
        parameters: Vec<Operand>,
    },
    Learned {
        density: Arc<dyn Learned>,
        data: Vec<f64>,
        parameters: Vec<Operand>,
    },
    /// The sum of an array.
    Factor(Operand),
    /// A density put together of others: its elements, how it is drawn from, the unknown that it is the density of or the data.
    Combined {
        log_prob: Operand,
        draw: DrawRecord,
        value: ValueRecord,
    },
}

#[derive(Clone)]
pub(crate) enum ValueRecord {
    Observed(Vec<f64>),
    /// An unknown, by the node of its coordinates.
    Live(NodeId),
    /// An expression, which stands in the log density's own nodes.
    Computed,
}

/// The plate whose elements those of another belong to, and which of them each one's is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) plate: u32,
    pub(crate) index: Arc<[u32]>,
}

/// What an axis runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlateKind {
    /// The elements of a plate.
    Plate,
    /// The numbers of a vector: it came with a statement and is never open.
    Own,
    /// The states of a discrete unknown that is summed out: open only while densities are recorded that depend on it.
    States,
}

/// An axis: a name and a length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plate {
    pub(crate) name: String,
    pub(crate) len: usize,
    pub(crate) kind: PlateKind,
    /// The labels of its elements.
    pub(crate) labels: Option<Arc<[String]>>,
    /// The plates whose elements its own belong to: one of them for each element.
    pub(crate) parents: Vec<Parent>,
}

/// The recording in progress, and what is compiled when it ends.
#[derive(Default)]
pub(crate) struct Recording {
    pub(crate) nodes: Vec<(Node, Shape)>,
    pub(crate) constants: Vec<Arc<[f64]>>,
    pub(crate) customs: Vec<Arc<dyn CustomNode>>,
    pub(crate) programs: Vec<Program>,
    pub(crate) bijections: HashMap<NodeId, Arc<dyn Bijection>>,
    pub(crate) functions: Vec<Arc<dyn ElementFunction>>,
    /// The families of density nodes, with the statements that they stand in.
    pub(crate) densities: Vec<(FamilyRecord, String)>,
    pub(crate) terms: Vec<TermRecord>,
    pub(crate) plates: Vec<Plate>,
    pub(crate) dim: usize,
    /// What is worth a word although the model can be built, one sentence each.
    pub(crate) warnings: Vec<String>,
    /// The open plates, outermost first.
    pub(in crate::graph) open: Vec<u32>,
    /// The statement that is being recorded.
    pub(in crate::graph) place: String,
    pub(in crate::graph) error: Option<Error>,
    pub(in crate::graph) shared: HashMap<(Node, Shape), NodeId>,
    pub(in crate::graph) scalars: HashMap<u64, NodeId>,
}

impl Recording {
    /// Where a message's mistake was made: "at site `y` in plate `rows`"; empty outside of both.
    pub(in crate::graph) fn place_in_words(&self) -> String {
        let plates: Vec<&str> = self.open.iter().map(|&p| self.plates[p as usize].name.as_str()).collect();
        match (self.place.is_empty(), plates.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("in plate `{}`", plates.join("`, `")),
            (false, true) => format!("at {}", self.place),
            (false, false) => format!("at {} in plate `{}`", self.place, plates.join("`, `")),
        }
    }

    pub(in crate::graph) fn push(&mut self, node: Node, shape: Shape) -> NodeId {
        self.nodes.push((node, shape));
        (self.nodes.len() - 1) as NodeId
    }

    pub(in crate::graph) fn constant(&mut self, numbers: Arc<[f64]>, shape: Shape) -> NodeId {
        self.constants.push(numbers);
        self.push(Node::Constant(self.constants.len() - 1), shape)
    }

    /// A constant scalar; equal ones (bit for bit) are one node.
    pub(in crate::graph) fn number(&mut self, number: f64) -> NodeId {
        if let Some(&node) = self.scalars.get(&number.to_bits()) {
            return node;
        }
        let node = self.constant(Arc::new([number]), Shape::scalar());
        self.scalars.insert(number.to_bits(), node);
        node
    }

    pub(crate) fn constant_of(&self, node: NodeId) -> Option<&Arc<[f64]>> {
        match self.nodes[node as usize].0 {
            Node::Constant(index) => Some(&self.constants[index]),
            _ => None,
        }
    }

    /// The node behind a copy, and the map through it.
    pub(in crate::graph) fn through_copy(&self, node: NodeId) -> (NodeId, Map) {
        match &self.nodes[node as usize].0 {
            Node::Copy(operand) => (operand.node, operand.map.clone()),
            _ => (node, Map::Same),
        }
    }

    /// The node as an operand of a result of a shape, read through copies.
    pub(in crate::graph) fn operand(&self, node: NodeId, shape: &Shape) -> Operand {
        let broadcast = self.nodes[node as usize].1.broadcast_to(shape);
        let (source, map) = self.through_copy(node);
        Operand { node: source, map: broadcast.then(&map) }
    }

    /// The node as an operand, element by element.
    pub(in crate::graph) fn whole(&self, node: NodeId) -> Operand {
        let (node, map) = self.through_copy(node);
        Operand { node, map }
    }

    /// Adds a node, unless it can be folded to a constant or already stands on the tape.
    pub(in crate::graph) fn add(&mut self, node: Node, shape: Shape) -> NodeId {
        if let Some(numbers) = self.fold(&node, shape.len()) {
            return self.constant(numbers, shape);
        }
        let key = (node, shape);
        if let Some(&same) = self.shared.get(&key) {
            return same;
        }
        let id = self.push(key.0.clone(), key.1.clone());
        self.shared.insert(key, id);
        id
    }

    /// The numbers of an operand, if they are constant.
    fn constants_at(&self, operand: &Operand, len: usize) -> Option<Vec<f64>> {
        let source = self.constant_of(operand.node)?;
        Some((0..len).map(|i| source[operand.map.at(i)]).collect())
    }

    /// The node's value, if everything it depends on is constant.
    fn fold(&self, node: &Node, len: usize) -> Option<Arc<[f64]>> {
        match node {
            Node::Unary(op, x) => {
                let x = self.constants_at(x, len)?;
                Some(x.iter().map(|&x| op.value(x)).collect())
            }
            Node::Binary(op, x, y) => {
                let (left, right) = (self.constant_of(x.node)?, self.constant_of(y.node)?);
                Some((0..len).map(|i| op.value(left[x.map.at(i)], right[y.map.at(i)])).collect())
            }
            Node::Copy(x) => self.constants_at(x, len).map(Into::into),
            Node::Stack(members) => {
                members.iter().map(|x| self.constants_at(x, 1).map(|numbers| numbers[0])).collect()
            }
            Node::Sum { source, len: terms, to } => {
                let numbers = self.constants_at(source, *terms)?;
                let mut sums = vec![0.0; len];
                numbers.iter().enumerate().for_each(|(i, x)| sums[to.at(i)] += x);
                Some(sums.into())
            }
            Node::LogSumExp { source, len: terms, to } => {
                let numbers = self.constants_at(source, *terms)?;
                Some(log_sum_exp_of_numbers(&numbers, to, len).into())
            }
            Node::Function(index, operands) => {
                let columns: Option<Vec<_>> = operands.iter().map(|x| self.constants_at(x, len)).collect();
                Some(self.functions[*index].of_columns(&columns?).into())
            }
            Node::Density { family, value: Some(value), parameters } => {
                let FamilyRecord::Formula(formula) = &self.densities[*family].0 else { return None };
                let data = self.constants_at(value, len)?;
                let columns: Option<Vec<_>> = parameters.iter().map(|x| self.constants_at(x, len)).collect();
                Some(of_columns(formula.as_ref(), data, &columns?).into())
            }
            Node::Constant(_)
            | Node::Input { .. }
            | Node::Custom(..)
            | Node::Density { .. }
            | Node::Scan { .. }
            | Node::Placeholder => None,
        }
    }
}
