//! The two sweeps over a graph.
//!
//! Forward: every array in order, from z. Then the terms: log p(z) = sum of terms + log-Jacobians + a constant; a term
//! adds its partial derivatives to the adjoints as it is evaluated, since its own adjoint is 1. Reverse: every array in
//! reverse order passes its adjoint on to its operands (reverse-mode differentiation; Griewank & Walther 2008).

use super::compile::{Density, Graph, Op, Step, Term};
use super::op::{Binary, Unary};
use super::scalars;
use super::shape::Map;
use super::term::{Call, Sink, Slot};
use super::workspace::{CustomScratch, Workspace};
use crate::transform::Transform;

impl Graph {
    /// Computes every array from z; returns the sum of the log-Jacobians.
    pub(crate) fn forward(&self, work: &mut Workspace, z: &[f64]) -> f64 {
        let mut log_jacobian = 0.0;
        for step in &self.steps {
            if let Op::Input { first, transform, .. } = &step.op {
                log_jacobian +=
                    constrain(*transform, &z[*first..], &mut work.values[step.out..step.out + step.len]);
            } else {
                step.compute(&mut work.values, &mut work.custom);
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

    fn reverse(&self, work: &mut Workspace, z: &[f64], gradient: &mut [f64]) {
        let constants = self.constants.len();
        for step in self.steps.iter().rev() {
            if let Op::Input { first, transform, .. } = &step.op {
                let x = &work.values[step.out..step.out + step.len];
                let dx = &work.adjoints[step.out - constants..][..step.len];
                unconstrain_slopes(*transform, &z[*first..], x, dx, &mut gradient[*first..]);
            } else {
                step.pass_back(work, constants);
            }
        }
    }
}

/// Carries z to its support; returns the sum of the log-Jacobians.
fn constrain(transform: Transform, z: &[f64], x: &mut [f64]) -> f64 {
    match transform {
        Transform::Identity => {
            x.copy_from_slice(&z[..x.len()]);
            0.0
        }
        Transform::Exp => {
            let mut sum = 0.0;
            for (x, z) in x.iter_mut().zip(z) {
                *x = z.exp();
                sum += z;
            }
            sum
        }
        _ => {
            let mut sum = 0.0;
            for (x, z) in x.iter_mut().zip(z) {
                let constrained = transform.constrain(*z);
                *x = constrained.value;
                sum += constrained.log_jacobian;
            }
            sum
        }
    }
}

/// From the gradient with respect to x to the one with respect to z, the log-Jacobian's included.
fn unconstrain_slopes(transform: Transform, z: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64]) {
    match transform {
        Transform::Identity => dz[..dx.len()].copy_from_slice(dx),
        Transform::Exp => {
            for ((dz, dx), x) in dz.iter_mut().zip(dx).zip(x) {
                *dz = dx * x + 1.0;
            }
        }
        _ => {
            for ((dz, dx), z) in dz.iter_mut().zip(dx).zip(z) {
                let constrained = transform.constrain(*z);
                *dz = dx * constrained.value_slope + constrained.log_jacobian_slope;
            }
        }
    }
}

impl Term {
    fn log_prob(&self, work: &mut Workspace) -> f64 {
        match &self.kind {
            Density::Formula { formula, value, plan } => {
                formula.log_prob(&Call { values: &work.values, value, parameters: &self.parameters, plan })
            }
            Density::Bound { bound, scratch } => {
                bound.log_prob(&work.values, &self.parameters, &mut work.bound[*scratch])
            }
            Density::Factor => self.sum_of_factor(&work.values),
        }
    }

    fn sum_of_factor(&self, values: &[f64]) -> f64 {
        (0..self.elements).map(|i| self.parameters[0].read(values, i)).sum()
    }

    fn accumulate(&self, work: &mut Workspace, constants: usize) -> f64 {
        let mut sink = Sink { adjoints: &mut work.adjoints, constants };
        match &self.kind {
            Density::Formula { formula, value, plan } => {
                let call = Call { values: &work.values, value, parameters: &self.parameters, plan };
                formula.accumulate(&call, &mut sink)
            }
            Density::Bound { bound, scratch } => {
                bound.accumulate(&work.values, &self.parameters, &mut work.bound[*scratch], &mut sink)
            }
            Density::Factor => {
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
                bound.pointwise(&work.values, &self.parameters, &mut work.bound[*scratch], out);
            }
            Density::Factor => {
                let value = &self.parameters[0];
                out.iter_mut().enumerate().for_each(|(i, out)| *out = value.read(&work.values, i));
            }
        }
    }
}

impl Step {
    /// Computes this array from its operands.
    pub(crate) fn compute(&self, values: &mut [f64], custom: &mut [CustomScratch]) {
        if let Op::Scalars(run) = &self.op {
            return scalars::compute(run, self.out, values);
        }
        let (before, rest) = values.split_at_mut(self.out);
        let out = &mut rest[..self.len];
        match &self.op {
            Op::Input { .. } | Op::Scalars(_) => unreachable!("inputs come from z, scalars are done"),
            Op::Unary(op, x) => unary(*op, before, x, out),
            Op::Binary(op, x, y) => binary(*op, before, x, y, out),
            Op::Stack(places) => out.iter_mut().zip(places).for_each(|(out, place)| *out = before[*place]),
            Op::Copy(x) => {
                for (i, out) in out.iter_mut().enumerate() {
                    *out = before[x.offset + x.map.at(i)];
                }
            }
            Op::Sum { source, len, to } => sum(before, source, *len, to, out),
            Op::Custom { node, inputs, scratch } => {
                let x = &mut custom[*scratch].x;
                let mut filled = 0;
                for (input, len) in inputs {
                    let x = &mut x[filled..filled + len];
                    x.iter_mut().enumerate().for_each(|(i, x)| *x = input.read(before, i));
                    filled += len;
                }
                node.forward(x, out);
            }
        }
    }

    /// Adds what this array's adjoint means for its operands.
    fn pass_back(&self, work: &mut Workspace, constants: usize) {
        let Workspace { values, adjoints, custom, .. } = work;
        if let Op::Scalars(run) = &self.op {
            return scalars::pass_back(run, self.out, values, adjoints, constants);
        }
        let (before, rest) = adjoints.split_at_mut(self.out - constants);
        let (dout, out) = (&rest[..self.len], &values[self.out..self.out + self.len]);
        let mut sink = Sink { adjoints: before, constants };
        match &self.op {
            Op::Input { .. } | Op::Scalars(_) => unreachable!("inputs pass back to z, scalars are done"),
            Op::Unary(op, x) => {
                (0..self.len).for_each(|i| sink.add(x, i, dout[i] * op.slope(x.read(values, i), out[i])));
            }
            Op::Stack(places) => places.iter().zip(dout).for_each(|(place, dout)| sink.add_at(*place, *dout)),
            Op::Binary(op, x, y) => binary_back(*op, values, (x, y), (out, dout), &mut sink),
            Op::Copy(x) => (0..self.len).for_each(|i| sink.add(x, i, dout[i])),
            Op::Sum { source, len, to } => (0..*len).for_each(|i| sink.add(source, i, dout[to.at(i)])),
            Op::Custom { node, inputs, scratch } => {
                let CustomScratch { x, dx } = &mut custom[*scratch];
                node.backward(x, out, dout, dx);
                let mut used = 0;
                for (input, len) in inputs {
                    (0..*len).for_each(|i| sink.add(input, i, dx[used + i]));
                    used += len;
                }
            }
        }
    }
}

fn unary(op: Unary, before: &[f64], x: &Slot, out: &mut [f64]) {
    match op {
        Unary::Exp => each(before, x, out, f64::exp),
        Unary::Powi(2) => each(before, x, out, |x| x * x),
        op => each(before, x, out, |x| op.value(x)),
    }
}

#[inline(always)]
fn each(before: &[f64], x: &Slot, out: &mut [f64], f: impl Fn(f64) -> f64) {
    match &x.map {
        Map::Same => out.iter_mut().zip(&before[x.offset..]).for_each(|(out, x)| *out = f(*x)),
        _ => out.iter_mut().enumerate().for_each(|(i, out)| *out = f(x.read(before, i))),
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

/// One loop per operation, so that the operation is known inside it.
fn binary(op: Binary, before: &[f64], x: &Slot, y: &Slot, out: &mut [f64]) {
    match op {
        Binary::Add => zip(before, x, y, out, |x, y| x + y),
        Binary::Sub => zip(before, x, y, out, |x, y| x - y),
        Binary::Mul => zip(before, x, y, out, |x, y| x * y),
        Binary::Div => zip(before, x, y, out, |x, y| x / y),
        op => zip(before, x, y, out, |x, y| op.value(x, y)),
    }
}

#[inline(always)]
fn zip(before: &[f64], x: &Slot, y: &Slot, out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    let (left, right, n) = (&before[x.offset..], &before[y.offset..], out.len());
    match (&x.map, &y.map) {
        (Map::Same, Map::Same) => {
            out.iter_mut().zip(&left[..n]).zip(&right[..n]).for_each(|((out, x), y)| *out = f(*x, *y));
        }
        (Map::Same, Map::One(at)) => {
            let y = right[*at as usize];
            out.iter_mut().zip(&left[..n]).for_each(|(out, x)| *out = f(*x, y));
        }
        (Map::One(at), Map::Same) => {
            let x = left[*at as usize];
            out.iter_mut().zip(&right[..n]).for_each(|(out, y)| *out = f(x, *y));
        }
        (x, y) => out.iter_mut().enumerate().for_each(|(i, out)| *out = f(left[x.at(i)], right[y.at(i)])),
    }
}

fn binary_back(
    op: Binary,
    values: &[f64],
    slots: (&Slot, &Slot),
    out: (&[f64], &[f64]),
    sink: &mut Sink<'_>,
) {
    match op {
        Binary::Add => zip_back(values, slots, out, sink, |_, _, _| (1.0, 1.0)),
        Binary::Sub => zip_back(values, slots, out, sink, |_, _, _| (1.0, -1.0)),
        Binary::Mul => zip_back(values, slots, out, sink, |x, y, _| (y, x)),
        op => zip_back(values, slots, out, sink, |x, y, out| op.slopes(x, y, out)),
    }
}

#[inline(always)]
fn zip_back(
    values: &[f64],
    (x, y): (&Slot, &Slot),
    (out, dout): (&[f64], &[f64]),
    sink: &mut Sink<'_>,
    slopes: impl Fn(f64, f64, f64) -> (f64, f64),
) {
    for i in 0..out.len() {
        let (left, right) = (values[x.offset + x.map.at(i)], values[y.offset + y.map.at(i)]);
        let (dx, dy) = slopes(left, right, out[i]);
        sink.add(x, i, dout[i] * dx);
        sink.add(y, i, dout[i] * dy);
    }
}
