//! Recording a recursion: the step's closure runs once, on placeholders.

use super::argument::Argument;
use super::recording::{Node, NodeId, Operand, Recording};
use super::scalars::{Function, ScalarOp};
use super::scan::Program;
use super::shape::{Map, Shape};
use super::tape::Tape;
use super::var::Var;
use crate::error::{Error, ErrorKind, Result};
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
        let starts = starts.map(|start| self.argument(start));
        let inputs = inputs.map(|input| self.argument(input));
        self.check_within("start", &starts, &rows)?;
        self.check_within("input", &inputs, &shape)?;
        let placeholder = |_: usize| self.inner.borrow_mut().push(Node::Placeholder, rows.clone());
        let of_states: [NodeId; S] = std::array::from_fn(placeholder);
        let of_inputs: [NodeId; I] = std::array::from_fn(placeholder);
        let results = step(of_states.map(|node| self.var(node)), of_inputs.map(|node| self.var(node)));
        let results = results.map(|result| self.argument(result));
        self.check_within("next state", &results, &rows)?;
        let placeholders: Vec<NodeId> = of_inputs.iter().chain(&of_states).copied().collect();
        let node = {
            let mut inner = self.inner.borrow_mut();
            let recorded = inner.program(&rows, &placeholders, (I, S), &results)?;
            let fixed = recorded.fixed.len();
            let mut operands: Vec<Operand> = recorded.fixed;
            operands.extend(inputs.iter().map(|&input| inner.operand(input, &shape)));
            operands.extend(starts.iter().map(|&start| inner.operand(start, &rows)));
            inner.programs.push(Program {
                fixed,
                inputs: I,
                states: S,
                run: recorded.run,
                results: recorded.results,
            });
            let index = inner.programs.len() - 1;
            drop(inner);
            let states = self.own_axes("states", &[S])[0];
            let mut with_states = shape.clone();
            with_states.0.push(states);
            let node = Node::Scan { program: index, operands, rows: rows.len(), steps: along.len };
            self.inner.borrow_mut().push(node, with_states)
        };
        let elements = shape.len();
        let mut inner = self.inner.borrow_mut();
        let state = |k: usize| {
            let map = if S == 1 {
                Map::Same
            } else {
                Map::Index((0..elements).map(|e| (e * S + k) as u32).collect())
            };
            inner.push(Node::Copy(Operand { node, map }), shape.clone())
        };
        let states: [NodeId; S] = std::array::from_fn(state);
        drop(inner);
        Ok(states.map(|node| self.var(node)))
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
    results: Vec<u32>,
}

/// Where a number of the step is found, before it is known how many numbers do not vary.
#[derive(Clone, Copy)]
enum Register {
    Fixed(u32),
    Placeholder(u32),
    Result(u32),
}

/// A program being put together.
struct Assembly<'r> {
    recording: &'r Recording,
    rows: &'r Shape,
    known: HashMap<NodeId, Register>,
    fixed: Vec<Operand>,
    run: Vec<(Function, [Register; 2])>,
}

impl Recording {
    /// The program of the nodes that the results depend on and that depend on a placeholder.
    fn program(
        &mut self,
        rows: &Shape,
        placeholders: &[NodeId],
        (inputs, states): (usize, usize),
        results: &[NodeId],
    ) -> Result<Recorded> {
        let known = placeholders.iter().enumerate().map(|(k, node)| (*node, Register::Placeholder(k as u32)));
        let mut assembly =
            Assembly { recording: self, rows, known: known.collect(), fixed: vec![], run: vec![] };
        let first = placeholders.iter().copied().min().unwrap_or(self.nodes.len() as NodeId);
        let wanted = assembly.depending(first, results);
        for node in wanted {
            assembly.operation(node)?;
        }
        let results: Vec<Register> =
            results.iter().map(|&node| assembly.register(&assembly_operand(node))).collect::<Result<_>>()?;
        let fixed = assembly.fixed.len() as u32;
        let place = |register: Register| match register {
            Register::Fixed(k) => k,
            Register::Placeholder(k) => fixed + k,
            Register::Result(k) => fixed + (inputs + states) as u32 + k,
        };
        let run = assembly
            .run
            .iter()
            .map(|(function, from)| ScalarOp { function: *function, places: from.map(place) });
        Ok(Recorded {
            run: run.collect(),
            results: results.into_iter().map(place).collect(),
            fixed: assembly.fixed,
        })
    }
}

/// A node, element by element.
fn assembly_operand(node: NodeId) -> Operand {
    Operand { node, map: Map::Same }
}

impl Assembly<'_> {
    /// The nodes from `first` on that results depend on and that depend on a placeholder, in the order of recording.
    fn depending(&self, first: NodeId, results: &[NodeId]) -> Vec<NodeId> {
        let nodes = &self.recording.nodes;
        let mut varies = vec![false; nodes.len()];
        for id in first as usize..nodes.len() {
            let of = |operand: NodeId| operand >= first && varies[operand as usize];
            varies[id] =
                self.known.contains_key(&(id as NodeId)) || nodes[id].0.operands().into_iter().any(of);
        }
        let mut wanted = vec![false; nodes.len()];
        results.iter().for_each(|&node| wanted[node as usize] = true);
        for id in (first as usize..nodes.len()).rev() {
            if wanted[id] && varies[id] {
                nodes[id].0.operands().into_iter().for_each(|operand| wanted[operand as usize] = true);
            }
        }
        let own = |id: &usize| wanted[*id] && varies[*id] && !self.known.contains_key(&(*id as NodeId));
        (first as usize..nodes.len()).filter(own).map(|id| id as NodeId).collect()
    }

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

    /// Where an operand is found; what does not vary becomes a number read once per row.
    fn register(&mut self, operand: &Operand) -> Result<Register> {
        if let Some(&known) = self.known.get(&operand.node) {
            let same = match &operand.map {
                Map::Same => true,
                Map::One(0) => self.rows.len() == 1,
                _ => false,
            };
            if same {
                return Ok(known);
            }
            let message = "expected each row of a recursion to depend on itself alone, got a gather of states or inputs in its step; gather before, and \
                           pass the result as an input";
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let operand = self.recording.row_operand(operand, self.rows);
        let at = self.fixed.iter().position(|known| *known == operand);
        let at = at.unwrap_or_else(|| {
            self.fixed.push(operand);
            self.fixed.len() - 1
        });
        Ok(Register::Fixed(at as u32))
    }
}

impl Recording {
    /// An operand of a node over the rows; a single number is the same in all.
    fn row_operand(&self, operand: &Operand, rows: &Shape) -> Operand {
        let single = matches!(operand.map, Map::Same)
            && self.nodes[operand.node as usize].1.len() == 1
            && rows.len() != 1;
        Operand { node: operand.node, map: if single { Map::One(0) } else { operand.map.clone() } }
    }
}
