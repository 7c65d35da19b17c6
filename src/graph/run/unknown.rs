//! The unknowns of a graph: coordinates of z carried to their arrays and back.

use super::workspace::Workspace;
use crate::graph::density::term::{Sink, Slot};
use crate::graph::node::custom::CustomScratch;
use crate::transform::Bijection;
use std::sync::Arc;

/// An array of unknowns.
pub(crate) struct Unknown {
    /// Its first coordinate, and how many there are.
    pub(crate) first: usize,
    pub(crate) coordinates: usize,
    pub(crate) bijection: Arc<dyn Bijection>,
    /// What the bijection's operands are read from, each as long as the array.
    pub(crate) operands: Vec<Slot>,
    /// Its place among the chain's scratch spaces, if there are operands.
    pub(crate) scratch: usize,
    /// The density that it is drawn from.
    pub(crate) term: usize,
}

impl Unknown {
    /// Carries z to the array of `len` numbers at `out`; returns the log-Jacobian.
    pub(crate) fn constrain(&self, work: &mut Workspace, z: &[f64], out: usize, len: usize) -> f64 {
        let z = &z[self.first..self.first + self.coordinates];
        if self.operands.is_empty() {
            return self.bijection.constrain(z, &[], &mut work.values[out..out + len]);
        }
        let (before, rest) = work.values.split_at_mut(out);
        let operands = &mut work.custom[self.scratch].x;
        self.read_operands(before, len, operands);
        self.bijection.constrain(z, operands, &mut rest[..len])
    }

    fn read_operands(&self, before: &[f64], len: usize, operands: &mut [f64]) {
        for (slot, operand) in self.operands.iter().zip(operands.chunks_exact_mut(len)) {
            slot.read_all(before, 0, operand);
        }
    }

    /// Writes the slopes along the coordinates, and adds those along the operands to their adjoints; `(out, len)` is where the array lies.
    pub(crate) fn pull_back(
        &self,
        work: &mut Workspace,
        z: &[f64],
        gradient: &mut [f64],
        (out, len): (usize, usize),
        constants: usize,
    ) {
        let own = self.first..self.first + self.coordinates;
        let (z, dz) = (&z[own.clone()], &mut gradient[own]);
        let Workspace { values, adjoints, custom, .. } = work;
        let x = &values[out..out + len];
        let (before, rest) = adjoints.split_at_mut(out - constants);
        let dx = &rest[..len];
        if self.operands.is_empty() {
            return self.bijection.pull_back(z, &[], x, dx, dz, &mut []);
        }
        let CustomScratch { x: operands, dx: slopes } = &mut custom[self.scratch];
        self.bijection.pull_back(z, operands, x, dx, dz, slopes);
        let mut sink = Sink { adjoints: before, constants };
        for (slot, slopes) in self.operands.iter().zip(slopes.chunks_exact(len)) {
            sink.add_all(slot, 0, slopes);
        }
    }

    /// The coordinates of the array at `out`, with the operands as they are in the workspace.
    pub(crate) fn unconstrain(&self, values: &[f64], out: usize, len: usize) -> Vec<f64> {
        self.coordinates_of(values, &values[out..out + len])
    }

    /// The coordinates of an array.
    pub(crate) fn coordinates_of(&self, values: &[f64], x: &[f64]) -> Vec<f64> {
        let mut operands = vec![0.0; self.operands.len() * x.len()];
        if !operands.is_empty() {
            self.read_operands(values, x.len(), &mut operands);
        }
        let mut z = vec![f64::NAN; self.coordinates];
        self.bijection.unconstrain(x, &operands, &mut z);
        z
    }
}
