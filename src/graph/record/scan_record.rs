//! Recording a recursion: the step's closure runs once, on placeholders.

use super::argument::Argument;
use super::recording::{Node, NodeId, Operand, Recording};
use super::tape::Tape;
use super::var::Var;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::node::program::Program;
use crate::graph::node::scalars::{Function, ScalarOp};
use crate::graph::shape::{Axis, Map, Shape};
use std::collections::HashMap;

impl Tape {
    /// The states of a recursion along the innermost open plate, arrays over the open plates. `step` makes the next states of the previous ones and of the
    /// inputs at an element.
    ///
    /// # Errors
    /// Outside of plates; when an input is no array over the open plates; when the step is no formula of single numbers.
    pub(crate) fn scan<'t, const S: usize, const I: usize>(
        &'t self,
        starts: [Argument<'t>; S],
        inputs: [Argument<'t>; I],
        step: impl FnOnce([Var<'t>; S], [Var<'t>; I]) -> [Argument<'t>; S],
    ) -> Result<[Var<'t>; S]> {
        let shape = self.current_shape();
        let Some(along) = shape.0.last().copied() else {
            let message = "expected a plate for the recursion to run along, got none open; write plate!(times = n, { scan!(...); ... })";
            return Err(Error::new(ErrorKind::Shape, message));
        };
        let rows = Shape(shape.0[..shape.0.len() - 1].to_vec());
        let starts = starts.map(|start| self.localised(self.argument(start)));
        let inputs = inputs.map(|input| self.localised(self.argument(input)));
        self.check_within("start", &starts, &rows)?;
        self.check_within("input", &inputs, &shape)?;
        let placeholder = |_: usize| self.inner.borrow_mut().push(Node::Placeholder, rows.clone());
        let of_states: [NodeId; S] = std::array::from_fn(placeholder);
        let of_inputs: [NodeId; I] = std::array::from_fn(placeholder);
        let results = step(of_states.map(|node| self.var(node)), of_inputs.map(|node| self.var(node)));
        let results = results.map(|result| self.argument(result));
        self.check_within("next state", &results, &rows)?;
        let ready = self.ahead(&rows, (&of_inputs, &inputs), &of_states, &results);
        let recorded = self.inner.borrow().program(&rows, &ready, &of_states, &results)?;
        let node = self.scan_node(recorded, &starts, &rows, along);
        let state = |k: usize| {
            let places = |elements: usize| (0..elements).map(|e| (e * S + k) as u32).collect();
            let map = if S == 1 { Map::Same } else { Map::Index(places(shape.len())) };
            self.inner.borrow_mut().push(Node::Copy(Operand { node, map }), shape.clone())
        };
        Ok(std::array::from_fn(|k| self.var(state(k))))
    }

    /// The node of a recorded step over the open plates, one number per state along an axis of its own.
    fn scan_node(&self, recorded: Recorded, starts: &[NodeId], rows: &Shape, along: Axis) -> NodeId {
        let Recorded { run, fixed, inputs, results } = recorded;
        let shape = self.current_shape();
        let mut with_states = shape.clone();
        with_states.0.extend(self.own_axes("states", &[starts.len()]));
        let mut inner = self.inner.borrow_mut();
        let program =
            Program { fixed: fixed.len(), inputs: inputs.len(), states: starts.len(), run, results };
        let mut operands = fixed;
        operands.extend(inputs.iter().map(|&input| inner.operand(input, &shape)));
        operands.extend(starts.iter().map(|&start| inner.operand(start, rows)));
        inner.programs.push(program);
        let program = inner.programs.len() - 1;
        inner.push(Node::Scan { program, operands, rows: rows.len(), steps: along.len }, with_states)
    }

    /// The numbers of the step that depend on inputs but on no state, as arrays over the open plates: they are computed all at once, ahead of the
    /// recursion. Maps what stands for an element to the array.
    fn ahead(
        &self,
        rows: &Shape,
        (of_inputs, inputs): (&[NodeId], &[NodeId]),
        of_states: &[NodeId],
        results: &[NodeId],
    ) -> HashMap<NodeId, NodeId> {
        let mut ready: HashMap<NodeId, NodeId> =
            of_inputs.iter().copied().zip(inputs.iter().copied()).collect();
        let (wanted, of_state) = {
            let inner = self.inner.borrow();
            let first = of_states.iter().chain(of_inputs).copied().min().unwrap_or(0);
            let sources: Vec<NodeId> = of_inputs.iter().chain(of_states).copied().collect();
            let of_state = inner.depending(first, of_states);
            let varies = inner.depending(first, &sources);
            let wanted = inner.wanted(first, results, &varies);
            (wanted.into_iter().filter(|node| !sources.contains(node)).collect::<Vec<_>>(), of_state)
        };
        for node in wanted.into_iter().filter(|node| !of_state[*node as usize]) {
            let recorded = self.inner.borrow().nodes[node as usize].0.clone();
            let array = |operand: &Operand| self.array_of(operand, rows, &ready);
            let computed = match &recorded {
                Node::Unary(op, x) => array(x).map(|x| self.unary(*op, x)),
                Node::Binary(op, x, y) => array(x).zip(array(y)).map(|(x, y)| self.binary(*op, x, y)),
                _ => None,
            };
            ready.extend(computed.map(|array| (node, array)));
        }
        ready
    }

    /// The array that an operand of the step is; `None` where the step gathers from it.
    fn array_of(&self, operand: &Operand, rows: &Shape, ready: &HashMap<NodeId, NodeId>) -> Option<NodeId> {
        match ready.get(&operand.node) {
            Some(array) => is_row_by_row(operand, rows).then_some(*array),
            None => {
                let mut inner = self.inner.borrow_mut();
                let operand = inner.row_operand(operand, rows);
                Some(inner.add(Node::Copy(operand), rows.clone()))
            }
        }
    }

    fn check_within(&self, what: &str, nodes: &[NodeId], shape: &Shape) -> Result<()> {
        for &node in nodes {
            let own = self.shape(node);
            if !own.0.iter().all(|axis| shape.contains(*axis)) {
                let place = if shape.is_scalar() {
                    "a single number".to_string()
                } else {
                    format!("a number or an array over {}", self.shape_in_words(shape))
                };
                let message = format!(
                    "expected {place} for each {what} of a recursion, got an array over {}: what varies along the recursion's plate is an \
                     input, as in scan!(x = x0, (y = &data) => ...)",
                    self.shape_in_words(&own)
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
        }
        Ok(())
    }
}

/// A step as operations on registers, and what it reads besides.
struct Recorded {
    run: Vec<ScalarOp>,
    fixed: Vec<Operand>,
    /// Arrays.
    inputs: Vec<NodeId>,
    results: Vec<u32>,
}

/// Where a number of the step is found, before it is known how many numbers of each kind there are.
#[derive(Clone, Copy)]
enum Register {
    Fixed(u32),
    Input(u32),
    State(u32),
    Result(u32),
}

/// A program being put together.
struct Assembly<'r> {
    recording: &'r Recording,
    rows: &'r Shape,
    /// What stands for an element of an array that is there.
    ready: &'r HashMap<NodeId, NodeId>,
    known: HashMap<NodeId, Register>,
    fixed: Vec<Operand>,
    inputs: Vec<NodeId>,
    run: Vec<(Function, [Register; 2])>,
}

impl Recording {
    /// The program of the nodes that the results depend on and that depend on a state.
    fn program(
        &self,
        rows: &Shape,
        ready: &HashMap<NodeId, NodeId>,
        states: &[NodeId],
        results: &[NodeId],
    ) -> Result<Recorded> {
        let first = states.iter().chain(ready.keys()).copied().min().unwrap_or(0);
        let sources: Vec<NodeId> = states.iter().chain(ready.keys()).copied().collect();
        let varies = self.depending(first, &sources);
        let wanted = self.wanted(first, results, &varies);
        let known = states.iter().enumerate().map(|(k, node)| (*node, Register::State(k as u32))).collect();
        let mut assembly =
            Assembly { recording: self, rows, ready, known, fixed: vec![], inputs: vec![], run: vec![] };
        for node in wanted.into_iter().filter(|node| !sources.contains(node)) {
            assembly.operation(node)?;
        }
        // A result that does not depend on a state may vary along some of the rows' plates alone.
        let results: Vec<Register> = results
            .iter()
            .map(|node| assembly.register(&self.operand(*node, rows)))
            .collect::<Result<_>>()?;
        let Assembly { fixed, inputs, run, .. } = assembly;
        let starts = [fixed.len(), fixed.len() + inputs.len(), fixed.len() + inputs.len() + states.len()]
            .map(|at| at as u32);
        let place = |register: Register| match register {
            Register::Fixed(k) => k,
            Register::Input(k) => starts[0] + k,
            Register::State(k) => starts[1] + k,
            Register::Result(k) => starts[2] + k,
        };
        let run = run
            .iter()
            .map(|(function, from)| ScalarOp { function: *function, places: from.map(place) })
            .collect();
        Ok(Recorded { run, results: results.into_iter().map(place).collect(), fixed, inputs })
    }

    /// Which nodes from `first` on are or depend on one of the sources.
    fn depending(&self, first: NodeId, sources: &[NodeId]) -> Vec<bool> {
        let mut depends = vec![false; self.nodes.len()];
        for id in first as usize..self.nodes.len() {
            let of = |operand: NodeId| operand >= first && depends[operand as usize];
            depends[id] =
                sources.contains(&(id as NodeId)) || self.nodes[id].0.operands().into_iter().any(of);
        }
        depends
    }

    /// The nodes that vary and that results depend on, in the order of recording.
    fn wanted(&self, first: NodeId, results: &[NodeId], varies: &[bool]) -> Vec<NodeId> {
        let mut wanted = vec![false; self.nodes.len()];
        results.iter().for_each(|&node| wanted[node as usize] = true);
        for id in (first as usize..self.nodes.len()).rev() {
            if wanted[id] && varies[id] {
                self.nodes[id].0.operands().into_iter().for_each(|operand| wanted[operand as usize] = true);
            }
        }
        (first as usize..self.nodes.len())
            .filter(|id| wanted[*id] && varies[*id])
            .map(|id| id as NodeId)
            .collect()
    }

    /// An operand of a node over the rows; a single number is the same in all.
    fn row_operand(&self, operand: &Operand, rows: &Shape) -> Operand {
        let single = matches!(operand.map, Map::Same)
            && self.nodes[operand.node as usize].1.len() == 1
            && rows.len() != 1;
        Operand { node: operand.node, map: if single { Map::One(0) } else { operand.map.clone() } }
    }
}

impl Assembly<'_> {
    fn operation(&mut self, node: NodeId) -> Result<()> {
        let (function, operands) = match &self.recording.nodes[node as usize].0 {
            Node::Unary(op, x) => (Function::Unary(*op), [x.clone(), x.clone()]),
            Node::Binary(op, x, y) => (Function::Binary(*op), [x.clone(), y.clone()]),
            Node::Copy(x) => {
                let register = self.register(x)?;
                self.known.insert(node, register);
                return Ok(());
            }
            _ => {
                let message = "expected a formula of single numbers (+ - * /, exp, ln, powi, ...) as the step of a recursion, got sums, \
                               matrices, densities or nodes of your own in it; compute them before, and pass them as inputs";
                return Err(Error::new(ErrorKind::Shape, message));
            }
        };
        let from = [self.register(&operands[0])?, self.register(&operands[1])?];
        self.known.insert(node, Register::Result(self.run.len() as u32));
        self.run.push((function, from));
        Ok(())
    }

    /// Where an operand is found. What does not vary becomes a number read once per row, what is ready an input.
    fn register(&mut self, operand: &Operand) -> Result<Register> {
        let known = self.known.get(&operand.node).copied();
        let array = self.ready.get(&operand.node).copied();
        if known.is_none() && array.is_none() {
            let operand = self.recording.row_operand(operand, self.rows);
            return Ok(Register::Fixed(place_of(&mut self.fixed, operand)));
        }
        if !is_row_by_row(operand, self.rows) {
            let message = "expected each row of a recursion to depend on itself alone, got a gather of states or inputs in its step; gather before, and \
                           pass the result as an input";
            return Err(Error::new(ErrorKind::Shape, message));
        }
        Ok(match (known, array) {
            (Some(known), _) => known,
            (None, Some(array)) => Register::Input(place_of(&mut self.inputs, array)),
            (None, None) => unreachable!("one of them is there"),
        })
    }
}

/// Whether each row reads its own number.
fn is_row_by_row(operand: &Operand, rows: &Shape) -> bool {
    matches!(operand.map, Map::Same) || (rows.len() == 1 && operand.map == Map::One(0))
}

/// Where a member stands in a list; it is added to the end if it is not there.
fn place_of<T: PartialEq>(list: &mut Vec<T>, member: T) -> u32 {
    let at = list.iter().position(|known| *known == member);
    at.unwrap_or_else(|| {
        list.push(member);
        list.len() - 1
    }) as u32
}
