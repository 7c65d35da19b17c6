//! A recording written anew with some of its nodes and terms changed: what conditions, interventions and other coordinates are.
//!
//! Nodes are copied in their order, each with its operands where they stand now, so that what has become constant is folded on the way.

use super::draw_record::DrawRecord;
use super::recording::{Node, NodeId, Operand, Recording, TermKind, TermRecord, ValueRecord};
use super::tape::Tape;
use crate::graph::node::op::Binary;
use crate::graph::shape::Shape;
use crate::transform::{Bijection, Transform};
use std::collections::HashMap;
use std::sync::Arc;

/// What a node becomes. Operands are those of the recording as it was, and of nodes in front of the node.
pub(crate) enum NodeEdit {
    /// Numbers.
    Numbers(Arc<[f64]>),
    /// An unknown in these coordinates.
    Unknown(Arc<dyn Bijection>, Vec<Operand>),
    /// location + scale x z of a new unknown z.
    Standardised { location: Operand, scale: Operand },
}

/// What changes in a recording.
#[derive(Default)]
pub(crate) struct Edits {
    pub(crate) nodes: HashMap<NodeId, NodeEdit>,
    /// Terms by their number: another one, or none. The live value of a node that becomes `Standardised` is its z.
    pub(crate) terms: HashMap<usize, Option<TermKind>>,
}

/// A recording written anew, and where nodes and terms of the old one stand in it.
pub(crate) struct Rewritten {
    pub(crate) recording: Recording,
    pub(crate) nodes: Vec<NodeId>,
    /// The z of nodes that became `Standardised`, by their old numbers.
    pub(crate) standard: HashMap<NodeId, NodeId>,
    pub(crate) terms: Vec<Option<usize>>,
}

impl Recording {
    /// The same recording, ready to be compiled.
    pub(crate) fn copy(&self) -> Recording {
        Recording {
            nodes: self.nodes.clone(),
            bijections: self.bijections.clone(),
            terms: self.terms.clone(),
            dim: self.dim,
            ..self.tables()
        }
    }

    /// Whether a node is computed from others, and is not merely elements of one.
    pub(crate) fn is_computed_alone(&self, node: NodeId) -> bool {
        !matches!(self.nodes[node as usize].0, Node::Constant(_) | Node::Input { .. } | Node::Copy(_))
    }

    /// The tables that nodes refer to, without nodes.
    fn tables(&self) -> Recording {
        Recording {
            constants: self.constants.clone(),
            customs: self.customs.clone(),
            programs: self.programs.clone(),
            functions: self.functions.clone(),
            densities: self.densities.clone(),
            plates: self.plates.clone(),
            ..Recording::default()
        }
    }

    /// The recording with these changes.
    pub(crate) fn rewritten(&self, edits: &Edits) -> Rewritten {
        let mut rewritten = Rewritten {
            recording: self.tables(),
            nodes: Vec::with_capacity(self.nodes.len()),
            standard: HashMap::new(),
            terms: vec![],
        };
        for (old, (node, shape)) in self.nodes.iter().enumerate() {
            let old = old as NodeId;
            let new = match edits.nodes.get(&old) {
                Some(edit) => rewritten.edited(old, edit, shape),
                None => rewritten.copied(node, shape, || self.bijections[&old].clone()),
            };
            rewritten.nodes.push(new);
        }
        for (index, term) in self.terms.iter().enumerate() {
            let kind = edits.terms.get(&index).map_or(Some(&term.kind), Option::as_ref);
            rewritten.term(term, kind);
        }
        rewritten
    }
}

impl Tape {
    /// A recording as it stood in some open plates.
    pub(crate) fn of(mut recording: Recording, open: &Shape) -> Self {
        recording.open = open.0.iter().map(|axis| axis.plate).collect();
        Self { inner: recording.into() }
    }
}

impl Rewritten {
    pub(crate) fn moved(&self, operand: &Operand) -> Operand {
        Operand { node: self.nodes[operand.node as usize], map: operand.map.clone() }
    }

    pub(crate) fn all_moved(&self, operands: &[Operand]) -> Vec<Operand> {
        operands.iter().map(|operand| self.moved(operand)).collect()
    }

    fn unknown(&mut self, bijection: Arc<dyn Bijection>, operands: Vec<Operand>, shape: &Shape) -> NodeId {
        let first = self.recording.dim;
        self.recording.dim += bijection.coordinates(shape.len());
        let node = self.recording.push(Node::Input { first, operands }, shape.clone());
        self.recording.bijections.insert(node, bijection);
        node
    }

    fn edited(&mut self, old: NodeId, edit: &NodeEdit, shape: &Shape) -> NodeId {
        match edit {
            NodeEdit::Numbers(numbers) => self.recording.constant(numbers.clone(), shape.clone()),
            NodeEdit::Unknown(bijection, operands) => {
                let operands = self.all_moved(operands);
                self.unknown(bijection.clone(), operands, shape)
            }
            NodeEdit::Standardised { location, scale } => {
                let z = self.unknown(Arc::new(Transform::Identity), vec![], shape);
                self.standard.insert(old, z);
                let (location, scale) = (self.moved(location), self.moved(scale));
                let z = self.recording.whole(z);
                let deviation = self.recording.add(Node::Binary(Binary::Mul, scale, z), shape.clone());
                let deviation = self.recording.whole(deviation);
                self.recording.add(Node::Binary(Binary::Add, location, deviation), shape.clone())
            }
        }
    }

    fn copied(&mut self, node: &Node, shape: &Shape, bijection: impl Fn() -> Arc<dyn Bijection>) -> NodeId {
        let copy = match node {
            Node::Input { operands, .. } => {
                let operands = self.all_moved(operands);
                return self.unknown(bijection(), operands, shape);
            }
            Node::Constant(_) | Node::Placeholder => node.clone(),
            Node::Unary(op, x) => Node::Unary(*op, self.moved(x)),
            Node::Binary(op, x, y) => Node::Binary(*op, self.moved(x), self.moved(y)),
            Node::Copy(x) => Node::Copy(self.moved(x)),
            Node::Stack(members) => Node::Stack(self.all_moved(members)),
            Node::Sum { source, len, to } => {
                Node::Sum { source: self.moved(source), len: *len, to: to.clone() }
            }
            Node::LogSumExp { source, len, to } => {
                Node::LogSumExp { source: self.moved(source), len: *len, to: to.clone() }
            }
            Node::Function(index, operands) => Node::Function(*index, self.all_moved(operands)),
            Node::Density { family, value, parameters } => Node::Density {
                family: *family,
                value: value.as_ref().map(|value| self.moved(value)),
                parameters: self.all_moved(parameters),
            },
            Node::Custom(index, inputs) => {
                Node::Custom(*index, inputs.iter().map(|(x, len)| (self.moved(x), *len)).collect())
            }
            Node::Scan { program, operands, rows, steps } => Node::Scan {
                program: *program,
                operands: self.all_moved(operands),
                rows: *rows,
                steps: *steps,
            },
        };
        match copy {
            Node::Constant(_) | Node::Placeholder => self.recording.push(copy, shape.clone()),
            copy => self.recording.add(copy, shape.clone()),
        }
    }

    fn term(&mut self, record: &TermRecord, kind: Option<&TermKind>) {
        let index = kind.map(|kind| {
            let kind = self.kind(kind);
            self.recording.terms.push(TermRecord {
                place: record.place.clone(),
                elements: record.elements,
                kind,
            });
            self.recording.terms.len() - 1
        });
        self.terms.push(index);
    }

    fn kind(&self, kind: &TermKind) -> TermKind {
        match kind {
            TermKind::Formula { formula, value, parameters } => TermKind::Formula {
                formula: formula.clone(),
                value: self.value(value),
                parameters: self.all_moved(parameters),
            },
            TermKind::Learned { density, data, parameters } => TermKind::Learned {
                density: density.clone(),
                data: data.clone(),
                parameters: self.all_moved(parameters),
            },
            TermKind::Factor(value) => TermKind::Factor(self.moved(value)),
            TermKind::Combined { log_prob, draw, value } => TermKind::Combined {
                log_prob: self.moved(log_prob),
                draw: self.draw(draw),
                value: self.value(value),
            },
        }
    }

    /// An unknown that has become numbers is data.
    fn value(&self, value: &ValueRecord) -> ValueRecord {
        let ValueRecord::Live(node) = value else { return value.clone() };
        let new = self.standard.get(node).copied().unwrap_or(self.nodes[*node as usize]);
        match self.recording.constant_of(new) {
            Some(numbers) => ValueRecord::Observed(numbers.to_vec()),
            None => ValueRecord::Live(new),
        }
    }

    fn draw(&self, draw: &DrawRecord) -> DrawRecord {
        match draw {
            DrawRecord::Formula { formula, parameters } => {
                DrawRecord::Formula { formula: formula.clone(), parameters: self.all_moved(parameters) }
            }
            DrawRecord::Learned(node) => DrawRecord::Learned(self.nodes[*node as usize]),
            DrawRecord::Rule { rule, operands, parts } => DrawRecord::Rule {
                rule: rule.clone(),
                operands: self.all_moved(operands),
                parts: parts.iter().map(|part| self.draw(part)).collect(),
            },
        }
    }
}
