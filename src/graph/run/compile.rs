//! From a tape to a graph: equal elements stored once, dead nodes dropped, constant terms folded, every array given its place
//! in the workspace.
//!
//! The workspace is one array: constants first, then the variables in the order in which they are computed, so that a
//! node's operands always lie in front of it.

use super::density_node::{DensityNode, DensityNodes};
use super::distinct::store_distinct;
use super::draw::Draw;
use super::live::live_nodes;
use super::unknown::Unknown;
use crate::error::Result;
use crate::graph::density::bound::Bound;
use crate::graph::density::term::{Call, Formula, Plan, Slot, Value};
use crate::graph::node::custom::CustomNode;
use crate::graph::node::function::ElementFunction;
use crate::graph::node::op::{Binary, Unary};
use crate::graph::node::scalars::{Function, ScalarOp};
use crate::graph::node::scan::Scan;
use crate::graph::record::recording::{Node, NodeId, Operand, Recording, TermKind, TermRecord, ValueRecord};
use crate::graph::shape::Map;
use std::sync::Arc;

/// One array of the workspace and how it is computed.
pub(crate) struct Step {
    pub(crate) out: usize,
    pub(crate) len: usize,
    pub(crate) op: Op,
}

impl Step {
    /// Whether both are runs of scalars, one behind the other.
    fn continues_with(&self, next: &Step) -> bool {
        matches!((&self.op, &next.op), (Op::Scalars(_), Op::Scalars(_))) && self.out + self.len == next.out
    }

    fn extend(&mut self, next: Step) {
        if let (Op::Scalars(run), Op::Scalars(more)) = (&mut self.op, next.op) {
            run.extend(more);
            self.len += next.len;
        }
    }
}

pub(crate) enum Op {
    /// Coordinates of z, carried to their support.
    Input(Unknown),
    Unary(Unary, Slot),
    Binary(Binary, Slot, Slot),
    /// Single numbers, one after another.
    Scalars(Vec<ScalarOp>),
    Copy(Slot),
    /// Single numbers by their places in the workspace, one after another.
    Stack(Box<[usize]>),
    /// Element i of the source is added to element `to.at(i)` of the sums.
    Sum {
        source: Slot,
        len: usize,
        to: Map,
    },
    /// A recursion.
    Scan(Scan),
    /// The logarithms of sums of exponentials; as for `Sum`.
    LogSumExp {
        source: Slot,
        len: usize,
        to: Map,
    },
    Function(Arc<dyn ElementFunction>, Box<[Slot]>),
    /// The log density of each element.
    Density(Arc<DensityNode>),
    /// Inputs with their lengths.
    Custom {
        node: Arc<dyn CustomNode>,
        inputs: Vec<(Slot, usize)>,
        scratch: usize,
    },
}

impl Op {
    /// The number of operands of a function; 0 for others.
    pub(crate) fn function_operands(&self) -> usize {
        if let Op::Function(_, slots) = self { slots.len() } else { 0 }
    }
}

/// A term of the log density.
pub(crate) struct Term {
    /// The statement it comes from, for messages.
    pub(crate) place: String,
    pub(crate) elements: usize,
    pub(crate) parameters: Vec<Slot>,
    /// The parameters' names, for messages.
    pub(crate) names: Vec<String>,
    /// The data of a learned density in the original order, for messages.
    pub(crate) data: Vec<f64>,
    /// Nothing in it varies: its value is part of the graph's constant term.
    pub(crate) fixed: bool,
    pub(crate) kind: Density,
}

pub(crate) enum Density {
    Formula {
        formula: Arc<dyn Formula>,
        value: Value,
        plan: Plan,
    },
    /// A learned density; `scratch` is its place among the chain's scratch spaces.
    Bound {
        bound: Bound,
        scratch: usize,
    },
    /// The sum of an array.
    Factor,
    /// The sum of an array that is the density of a value drawn in this way.
    Combined(Draw),
}

/// A compiled model density: immutable, shared by all chains.
pub(crate) struct Graph {
    pub(crate) dim: usize,
    pub(crate) constants: Vec<f64>,
    pub(crate) variables: usize,
    pub(crate) steps: Vec<Step>,
    pub(crate) terms: Vec<Term>,
    /// What the data alone contribute to the log density: folded terms and carriers.
    pub(crate) constant_term: f64,
    /// Where each kept array lies, and its length.
    pub(crate) kept: Vec<(Slot, usize)>,
    pub(crate) custom_sizes: Vec<usize>,
    /// The number of density nodes whose density is learned.
    pub(crate) weighted: usize,
}

/// Compiles a recording. `keep` lists nodes whose values will be read although no term may need them.
///
/// # Errors
/// When a learned density cannot be bound to its data.
pub(crate) fn compile(mut recording: Recording, keep: &[NodeId]) -> Result<Graph> {
    let elements: Vec<usize> = keep.iter().map(|&node| recording.nodes[node as usize].1.len()).collect();
    let (lengths, kept) = store_distinct(&mut recording, keep);
    let layout = Layout::new(&recording, lengths, keep);
    let mut graph = Graph {
        dim: recording.dim,
        constants: layout.constants.clone(),
        variables: layout.variables,
        steps: vec![],
        terms: vec![],
        constant_term: 0.0,
        kept: kept.iter().map(|operand| layout.slot(operand)).zip(elements).collect(),
        custom_sizes: vec![],
        weighted: 0,
    };
    let densities = layout.densities(&mut graph.weighted)?;
    let mut bounds = 0;
    for record in &recording.terms {
        let term = layout.term(record, &mut bounds, &densities)?;
        graph.constant_term += term.constant(&graph.constants);
        graph.terms.push(term);
    }
    for node in 0..recording.nodes.len() as NodeId {
        if layout.is_variable(node) {
            let step = layout.step(node, &mut graph.custom_sizes, &densities);
            match graph.steps.last_mut() {
                Some(last) if last.continues_with(&step) => last.extend(step),
                _ => graph.steps.push(step),
            }
        }
    }
    Ok(graph)
}

pub(in crate::graph) struct Layout<'r> {
    pub(in crate::graph) recording: &'r Recording,
    /// Per node: the numbers stored of it.
    pub(in crate::graph) lengths: Vec<usize>,
    /// Per node: its offset in the workspace; `None` for dead nodes.
    offsets: Vec<Option<usize>>,
    pub(in crate::graph) constants: Vec<f64>,
    variables: usize,
    /// Per node: the term whose live value it is.
    drawn_from: Vec<usize>,
}

impl<'r> Layout<'r> {
    fn new(recording: &'r Recording, lengths: Vec<usize>, keep: &[NodeId]) -> Self {
        let live = live_nodes(recording, keep);
        let mut offsets = vec![None; recording.nodes.len()];
        let mut constants: Vec<f64> = vec![];
        for (id, (node, _)) in recording.nodes.iter().enumerate() {
            if let (true, Node::Constant(index)) = (live[id], node) {
                offsets[id] = Some(constants.len());
                constants.extend_from_slice(&recording.constants[*index]);
            }
        }
        let mut end = constants.len();
        for (id, (node, _)) in recording.nodes.iter().enumerate() {
            if live[id] && !matches!(node, Node::Constant(_)) {
                offsets[id] = Some(end);
                end += lengths[id];
            }
        }
        let mut drawn_from = vec![usize::MAX; recording.nodes.len()];
        for (index, term) in recording.terms.iter().enumerate() {
            if let TermKind::Formula { value: ValueRecord::Live(node), .. }
            | TermKind::Combined { value: ValueRecord::Live(node), .. } = &term.kind
            {
                drawn_from[*node as usize] = index;
            }
        }
        let variables = end - constants.len();
        Self { recording, lengths, offsets, constants, variables, drawn_from }
    }

    pub(in crate::graph) fn offset(&self, node: NodeId) -> usize {
        self.offsets[node as usize].expect("a live node has its place")
    }

    pub(in crate::graph) fn is_variable(&self, node: NodeId) -> bool {
        self.offsets[node as usize].is_some_and(|offset| offset >= self.constants.len())
            && !matches!(self.recording.nodes[node as usize].0, Node::Constant(_))
    }

    pub(in crate::graph) fn slot(&self, operand: &Operand) -> Slot {
        Slot { offset: self.offset(operand.node), map: operand.map.clone() }
    }

    /// The place of the only number that an operand of a scalar reads.
    fn place(&self, operand: &Operand) -> usize {
        self.offset(operand.node) + operand.map.at(0)
    }

    fn scalar(&self, function: Function, operands: [&Operand; 2]) -> Op {
        Op::Scalars(vec![ScalarOp { function, places: operands.map(|operand| self.place(operand) as u32) }])
    }

    fn step(&self, node: NodeId, custom_sizes: &mut Vec<usize>, densities: &DensityNodes) -> Step {
        let len = self.lengths[node as usize];
        let op = match &self.recording.nodes[node as usize].0 {
            Node::Input { first, operands } => Op::Input(self.unknown(node, *first, operands, custom_sizes)),
            Node::Unary(op, x) if len == 1 => self.scalar(Function::Unary(*op), [x, x]),
            Node::Binary(op, x, y) if len == 1 => self.scalar(Function::Binary(*op), [x, y]),
            Node::Unary(op, x) => Op::Unary(*op, self.slot(x)),
            Node::Binary(op, x, y) => Op::Binary(*op, self.slot(x), self.slot(y)),
            Node::Copy(x) => Op::Copy(self.slot(x)),
            Node::Stack(members) => Op::Stack(members.iter().map(|member| self.place(member)).collect()),
            Node::Sum { source, len, to } => Op::Sum { source: self.slot(source), len: *len, to: to.clone() },
            Node::LogSumExp { source, len, to } => {
                Op::LogSumExp { source: self.slot(source), len: *len, to: to.clone() }
            }
            Node::Function(index, operands) => {
                let slots = operands.iter().map(|operand| self.slot(operand)).collect();
                Op::Function(self.recording.functions[*index].clone(), slots)
            }
            Node::Density { .. } => Op::Density(densities[&node].clone()),
            Node::Custom(index, inputs) => {
                custom_sizes.push(inputs.iter().map(|(_, len)| len).sum());
                Op::Custom {
                    node: self.recording.customs[*index].clone(),
                    inputs: inputs.iter().map(|(input, len)| (self.slot(input), *len)).collect(),
                    scratch: custom_sizes.len() - 1,
                }
            }
            Node::Scan { program, operands, rows, steps } => {
                let program = self.recording.programs[*program].clone();
                let mut slots = operands.iter().map(|operand| self.slot(operand));
                custom_sizes.push(program.scratch(*rows, *steps));
                let fixed = slots.by_ref().take(program.fixed).collect();
                let inputs = slots.by_ref().take(program.inputs).collect();
                let (rows, steps, scratch) = (*rows, *steps, custom_sizes.len() - 1);
                let (affine, starts) = (program.is_affine(), slots.collect());
                Op::Scan(Scan { fixed, inputs, starts, program, affine, rows, steps, scratch })
            }
            Node::Constant(_) | Node::Placeholder => {
                unreachable!("constants are not computed, placeholders not read")
            }
        };
        Step { out: self.offset(node), len, op }
    }

    fn unknown(
        &self,
        node: NodeId,
        first: usize,
        operands: &[Operand],
        custom_sizes: &mut Vec<usize>,
    ) -> Unknown {
        let bijection = self.recording.bijections[&node].clone();
        let len = self.lengths[node as usize];
        if !operands.is_empty() {
            custom_sizes.push(operands.len() * len);
        }
        Unknown {
            first,
            coordinates: bijection.coordinates(len),
            bijection,
            operands: operands.iter().map(|operand| self.slot(operand)).collect(),
            scratch: custom_sizes.len().saturating_sub(1),
            term: self.drawn_from[node as usize],
        }
    }

    fn term(&self, record: &TermRecord, bounds: &mut usize, densities: &DensityNodes) -> Result<Term> {
        let elements = record.elements;
        let (parameters, kind) = match &record.kind {
            TermKind::Factor(value) => (vec![self.slot(value)], Density::Factor),
            TermKind::Formula { formula, value, parameters } => {
                let (plan, parameters) = self.plan(elements, parameters);
                let value = self.value(value, &plan, formula.width());
                (parameters, Density::Formula { formula: formula.clone(), value, plan })
            }
            TermKind::Learned { density, data, parameters } => {
                let (plan, parameters) = self.plan(elements, parameters);
                let bound = Bound::once(density.as_ref(), data, plan);
                let bound = bound.map_err(|error| error.context(&record.place))?;
                *bounds += 1;
                (parameters, Density::Bound { bound, scratch: *bounds - 1 })
            }
            TermKind::Combined { log_prob, draw, .. } => {
                (vec![self.slot(log_prob)], Density::Combined(self.draw(draw, elements, densities)))
            }
        };
        let live = matches!(&kind, Density::Formula { value: Value::Live(_), .. });
        let bound = matches!(&kind, Density::Bound { .. });
        let fixed = !live && !bound && parameters.iter().all(|slot| slot.offset < self.constants.len());
        let (names, data) = match &record.kind {
            TermKind::Factor(_) => (vec!["value".to_string()], vec![]),
            TermKind::Combined { value: ValueRecord::Observed(data), .. } => (vec![], data.clone()),
            TermKind::Combined { .. } => (vec![], vec![]),
            TermKind::Formula { formula, .. } => (formula.parameter_names(), vec![]),
            TermKind::Learned { density, data, .. } => (density.names().to_vec(), data.clone()),
        };
        Ok(Term { place: record.place.clone(), elements, parameters, names, data, fixed, kind })
    }

    fn value(&self, value: &ValueRecord, plan: &Plan, width: usize) -> Value {
        match value {
            ValueRecord::Observed(data) => Value::Observed(plan.sort(data, width)),
            ValueRecord::Live(node) => {
                let map = plan.order.clone().map_or(Map::Same, Map::Index);
                Value::Live(Slot { offset: self.offset(*node), map })
            }
            ValueRecord::Computed => unreachable!("a formula's value is data or an unknown"),
        }
    }

    /// The distinct rows of a term's parameters, and where a row finds each of them.
    pub(in crate::graph) fn plan(&self, elements: usize, parameters: &[Operand]) -> (Plan, Vec<Slot>) {
        let maps: Vec<Map> = parameters.iter().map(|operand| operand.map.clone()).collect();
        let plan = Plan::new(elements, &maps);
        let at_row =
            |(operand, map): (&Operand, &Map)| Slot { offset: self.offset(operand.node), map: map.clone() };
        let slots = parameters.iter().zip(&plan.parameters).map(at_row).collect();
        (plan, slots)
    }
}

impl Term {
    /// What is known of its value when the model is built: the carriers of data, and the whole of a fixed term.
    fn constant(&self, constants: &[f64]) -> f64 {
        match &self.kind {
            Density::Formula { formula, value: value @ Value::Observed(data), plan } => {
                let call = Call { values: constants, value, parameters: &self.parameters, plan };
                formula.carrier(data) + if self.fixed { formula.log_prob(&call) } else { 0.0 }
            }
            Density::Factor | Density::Combined(_) if self.fixed => {
                (0..self.elements).map(|i| self.parameters[0].read(constants, i)).sum()
            }
            _ => 0.0,
        }
    }
}
