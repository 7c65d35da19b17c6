//! The two sweeps over a graph.
//!
//! Forward: every array in order, from z. Then the terms: log p(z) = sum of terms + log-Jacobians + a constant; a term
//! adds its partial derivatives to the adjoints as it is evaluated, since its own adjoint is 1. Reverse: every array in
//! reverse order passes its adjoint on to its operands (reverse-mode differentiation; Griewank & Walther 2008).

use super::compile::{Density, Graph, Op, Step, Term};
use super::workspace::Workspace;
use crate::graph::density::term::{Call, Sink, Slot};
use crate::graph::node::custom::CustomScratch;
use crate::graph::node::elementwise::{binary, binary_back, unary, unary_back};
use crate::graph::node::function;
use crate::graph::node::log_sum_exp::{log_sum_exp, log_sum_exp_back};
use crate::graph::node::scalars;
use crate::graph::shape::Map;

impl Graph {
    /// Computes every array from z; returns the sum of the log-Jacobians.
    pub(crate) fn forward(&self, work: &mut Workspace, z: &[f64]) -> f64 {
        let mut log_jacobian = 0.0;
        for step in &self.steps {
            if let Op::Input(unknown) = &step.op {
                log_jacobian += unknown.constrain(work, z, step.out, step.len);
            } else {
                step.compute(work);
            }
        }
        log_jacobian
    }

    /// The log density at z.
    pub(crate) fn log_density(&self, work: &mut Workspace, z: &[f64]) -> f64 {
        let mut total = self.constant_term + self.forward(work, z);
        for term in self.terms.iter().filter(|term| !term.fixed) {
            total += term.log_prob(work);
        }
        total
    }

    /// The log density at z, and its gradient.
    pub(crate) fn log_density_and_gradient(
        &self,
        work: &mut Workspace,
        z: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        let mut total = self.constant_term + self.forward(work, z);
        work.adjoints.fill(0.0);
        for term in self.terms.iter().filter(|term| !term.fixed) {
            total += term.accumulate(work, self.constants.len());
        }
        self.reverse(work, z, gradient);
        total
    }

    pub(in crate::graph) fn reverse(&self, work: &mut Workspace, z: &[f64], gradient: &mut [f64]) {
        let constants = self.constants.len();
        for step in self.steps.iter().rev() {
            if let Op::Input(unknown) = &step.op {
                unknown.pull_back(work, z, gradient, (step.out, step.len), constants);
            } else {
                step.pass_back(work, constants);
            }
        }
    }
}

impl Term {
    pub(in crate::graph) fn log_prob(&self, work: &mut Workspace) -> f64 {
        match &self.kind {
            Density::Formula { formula, value, plan } => {
                formula.log_prob(&Call { values: &work.values, value, parameters: &self.parameters, plan })
            }
            Density::Bound { bound, scratch } => {
                work.bound[*scratch].log_prob(bound, &work.values, &self.parameters)
            }
            Density::Factor | Density::Combined(_) => self.sum_of_factor(&work.values),
        }
    }

    fn sum_of_factor(&self, values: &[f64]) -> f64 {
        (0..self.elements).map(|i| self.parameters[0].read(values, i)).sum()
    }

    pub(in crate::graph) fn accumulate(&self, work: &mut Workspace, constants: usize) -> f64 {
        let mut sink = Sink { adjoints: &mut work.adjoints, constants };
        match &self.kind {
            Density::Formula { formula, value, plan } => {
                let call = Call { values: &work.values, value, parameters: &self.parameters, plan };
                formula.accumulate(&call, &mut sink)
            }
            Density::Bound { bound, scratch } => {
                work.bound[*scratch].accumulate(bound, &work.values, &self.parameters, &mut sink)
            }
            Density::Factor | Density::Combined(_) => {
                (0..self.elements).for_each(|i| sink.add(&self.parameters[0], i, 1.0));
                self.sum_of_factor(&work.values)
            }
        }
    }

    /// The log density of each element of this term, or `None` if it could not be found at the last forward sweep.
    pub(crate) fn pointwise(&self, work: &mut Workspace, out: &mut [f64]) {
        match &self.kind {
            Density::Formula { formula, value, plan } => {
                formula.pointwise(
                    &Call { values: &work.values, value, parameters: &self.parameters, plan },
                    out,
                );
            }
            Density::Bound { bound, scratch } => {
                work.bound[*scratch].pointwise(bound, &work.values, &self.parameters, out);
            }
            Density::Factor | Density::Combined(_) => {
                let value = &self.parameters[0];
                out.iter_mut().enumerate().for_each(|(i, out)| *out = value.read(&work.values, i));
            }
        }
    }
}

impl Step {
    /// Computes this array from its operands.
    pub(crate) fn compute(&self, work: &mut Workspace) {
        let Workspace { values, custom, weighted, blocks, .. } = work;
        if let Op::Scalars(run) = &self.op {
            return scalars::compute(run, self.out, values);
        }
        let (before, rest) = values.split_at_mut(self.out);
        let out = &mut rest[..self.len];
        match &self.op {
            Op::Input(_) | Op::Scalars(_) => unreachable!("inputs come from z, scalars are done"),
            Op::Unary(op, x) => unary(*op, before, x, out),
            Op::Binary(op, x, y) => binary(*op, before, x, y, out),
            Op::Stack(places) => out.iter_mut().zip(places).for_each(|(out, place)| *out = before[*place]),
            Op::Copy(x) => x.read_all(before, 0, out),
            Op::Sum { source, len, to } => sum(before, source, *len, to, out),
            Op::Scan(scan) => scan.forward(before, &mut custom[scan.scratch], out),
            Op::LogSumExp { source, len, to } => log_sum_exp(before, source, *len, to, out),
            Op::Function(function, slots) => function::values(function.as_ref(), slots, before, blocks, out),
            Op::Density(node) => node.forward(before, weighted, out),
            Op::Custom { node, inputs, scratch } => {
                let x = &mut custom[*scratch].x;
                let mut filled = 0;
                for (input, len) in inputs {
                    input.read_all(before, 0, &mut x[filled..filled + len]);
                    filled += len;
                }
                node.forward(x, out);
            }
        }
    }

    /// Adds what this array's adjoint means for its operands.
    fn pass_back(&self, work: &mut Workspace, constants: usize) {
        let Workspace { values, adjoints, custom, weighted, blocks, .. } = work;
        if let Op::Scalars(run) = &self.op {
            return scalars::pass_back(run, self.out, values, adjoints, constants);
        }
        let (before, rest) = adjoints.split_at_mut(self.out - constants);
        let (dout, out) = (&rest[..self.len], &values[self.out..self.out + self.len]);
        let mut sink = Sink { adjoints: before, constants };
        match &self.op {
            Op::Input(_) | Op::Scalars(_) => unreachable!("inputs pass back to z, scalars are done"),
            Op::Unary(op, x) => unary_back(*op, values, x, (out, dout), &mut sink),
            Op::Stack(places) => places.iter().zip(dout).for_each(|(place, dout)| sink.add_at(*place, *dout)),
            Op::Binary(op, x, y) => binary_back(*op, values, (x, y), (out, dout), &mut sink),
            Op::Copy(x) => sink.add_all(x, 0, dout),
            Op::Sum { source, len, to } => (0..*len).for_each(|i| sink.add(source, i, dout[to.at(i)])),
            Op::Scan(scan) => scan.backward(dout, &mut custom[scan.scratch], &mut sink),
            Op::LogSumExp { source, len, to } => {
                log_sum_exp_back(values, (source, *len, to), (out, dout), &mut sink);
            }
            Op::Function(function, slots) => {
                function::pass_back(function.as_ref(), slots, values, blocks, (out, dout), &mut sink);
            }
            Op::Density(node) => node.backward(values, weighted, dout, &mut sink),
            Op::Custom { node, inputs, scratch } => {
                let CustomScratch { x, dx } = &mut custom[*scratch];
                node.backward(x, out, dout, dx);
                let mut used = 0;
                for (input, len) in inputs {
                    sink.add_all(input, 0, &dx[used..used + len]);
                    used += len;
                }
            }
        }
    }
}

/// Adds the elements of an array up, each to its sum.
fn sum(before: &[f64], source: &Slot, len: usize, to: &Map, out: &mut [f64]) {
    out.fill(0.0);
    match (&source.map, to) {
        (Map::Same, Map::One(at)) => out[*at as usize] = before[source.offset..][..len].iter().sum(),
        _ => (0..len).for_each(|i| out[to.at(i)] += source.read(before, i)),
    }
}
