//! A graph as a target for samplers: the shared graph with one chain's workspace.

use super::compile::{Density, Graph, Op, Step};
use super::sweep_generate::{Given, LearnedSite, Observed};
use super::workspace::Workspace;
use crate::graph::node::custom::CustomScratch;
use crate::graph::node::gather::BLOCK;
use crate::logdensity::{DensityError, LogDensity};
use crate::seed::Stream;
use std::sync::Arc;

/// The log density of a model, ready to be evaluated.
///
/// Clones share the graph and own their workspace. After the first gradient nothing is allocated.
pub struct Replay {
    pub(in crate::graph) graph: Arc<Graph>,
    pub(in crate::graph) work: Workspace,
}

impl Clone for Replay {
    fn clone(&self) -> Self {
        Self::new(self.graph.clone())
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replay of {} nodes in {} dimensions", self.graph.steps.len(), self.graph.dim)
    }
}

impl LogDensity for Replay {
    fn dim(&self) -> usize {
        self.graph.dim
    }

    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        self.check_lengths(&[z.len()])?;
        let value = self.graph.log_density(&mut self.work, z);
        match value.is_nan() || value == f64::INFINITY {
            true => Err(self.explain(value, &[])),
            false => Ok(value),
        }
    }

    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        self.check_lengths(&[z.len(), gradient.len()])?;
        let value = self.graph.log_density_and_gradient(&mut self.work, z, gradient);
        match value.is_finite() && gradient.iter().all(|g| g.is_finite()) {
            true => Ok(value),
            false => Err(self.explain(value, gradient)),
        }
    }
}

impl Graph {
    /// What one chain needs.
    fn workspace(&self) -> Workspace {
        let mut values = self.constants.clone();
        values.resize(self.constants.len() + self.variables, 0.0);
        let scratch = |kind: &Density| match kind {
            Density::Bound { bound, .. } => Some(bound.scratch()),
            _ => None,
        };
        let most = self.steps.iter().map(|step| step.op.function_operands()).max().unwrap_or(0);
        let weighted = |op: &Op| match op {
            Op::Density(node) => node.weighted_scratch(),
            _ => None,
        };
        Workspace {
            values,
            adjoints: vec![0.0; self.variables],
            bound: self.terms.iter().filter_map(|term| scratch(&term.kind)).collect(),
            weighted: self.steps.iter().filter_map(|step| weighted(&step.op)).collect(),
            blocks: vec![[0.0; BLOCK]; most],
            custom: self
                .custom_sizes
                .iter()
                .map(|&n| CustomScratch { x: vec![0.0; n], dx: vec![0.0; n] })
                .collect(),
        }
    }
}

impl Replay {
    pub(crate) fn new(graph: Arc<Graph>) -> Self {
        let work = graph.workspace();
        Self { graph, work }
    }

    /// Points and gradients are as long as there are dimensions.
    pub(in crate::graph) fn check_lengths(&self, lengths: &[usize]) -> Result<(), DensityError> {
        match lengths.iter().find(|len| **len != self.graph.dim) {
            None => Ok(()),
            Some(len) => {
                let message =
                    format!("expected a point and a gradient of {} numbers, got {len}", self.graph.dim);
                Err(DensityError::fatal(message))
            }
        }
    }

    /// Computes every array at z, so that kept values can be read.
    pub(crate) fn run_forward(&mut self, z: &[f64]) {
        self.graph.forward(&mut self.work, z);
    }

    /// Appends the `k`-th kept array as last computed.
    pub(crate) fn append_kept(&self, k: usize, row: &mut Vec<f64>) {
        let (slot, len) = &self.graph.kept[k];
        row.extend((0..*len).map(|i| slot.read(&self.work.values, i)));
    }

    /// Computes every array from the values of the kept ones, as [`Replay::append_kept`] wrote them one after the other.
    pub(crate) fn restore(&mut self, row: &[f64]) {
        self.graph.restore(&mut self.work, row);
    }

    /// The same from some kept arrays, the unknowns of some terms drawn from their priors.
    pub(crate) fn restore_given(&mut self, row: &[f64], given: &Given<'_>, stream: &mut Stream) {
        self.graph.restore_given(&mut self.work, row, given, Some(stream));
    }

    /// The statements whose density is learned.
    pub(crate) fn learned(&self) -> Vec<LearnedSite> {
        self.graph.learned()
    }

    /// The parameters of all rows of a learned statement, column by column, at the values last computed.
    pub(crate) fn learned_parameters(&self, term: usize) -> Vec<f64> {
        self.graph.learned_parameters(&self.work, term)
    }

    /// Draws every latent value from its prior, in order, and computes the rest.
    pub(crate) fn draw_prior(&mut self, stream: &mut Stream) {
        self.graph.generate(&mut self.work, stream);
    }

    /// Writes the unconstrained point of the unknowns as last computed or drawn; what has none (a draw from a flat prior)
    /// is left as it is.
    pub(crate) fn unconstrained(&self, z: &mut [f64]) {
        for step in &self.graph.steps {
            if let Op::Input(unknown) = &step.op {
                let at = unknown.unconstrain(&self.work.values, step.out, step.len);
                let places = z[unknown.first..].iter_mut().zip(at);
                places.filter(|(_, at)| at.is_finite()).for_each(|(z, at)| *z = at);
            }
        }
    }

    /// Moves the coordinates of the unknown drawn in a term, whose values are the `kept`-th kept array, to where that array
    /// has these values; the unknowns recorded before it must stand already. A site written with `noncentered()` is affine
    /// in its coordinates: location and scale are read off at 0 and 1.
    ///
    /// # Errors
    /// The first element whose value no point has.
    pub(crate) fn place(
        &mut self,
        term: usize,
        kept: usize,
        values: &[f64],
        z: &mut [f64],
    ) -> Result<(), usize> {
        let graph = self.graph.clone();
        let of_term = |step: &&Step| matches!(&step.op, Op::Input(unknown) if unknown.term == term);
        let Some(step) = graph.steps.iter().find(of_term) else { return Err(0) };
        let Op::Input(unknown) = &step.op else { return Err(0) };
        let places = unknown.first..unknown.first + unknown.coordinates;
        if graph.kept[kept].0.offset == step.out {
            if !unknown.operands.is_empty() {
                self.run_forward(z);
            }
            z[places.clone()].copy_from_slice(&unknown.coordinates_of(&self.work.values, values));
        } else {
            let mut ends = [0.0, 1.0].map(|end| {
                z[places.clone()].fill(end);
                self.run_forward(z);
                let mut row = vec![];
                self.append_kept(kept, &mut row);
                row.into_iter()
            });
            for (z, value) in z[places.clone()].iter_mut().zip(values) {
                let [low, high] = [0, 1].map(|end| ends[end].next().unwrap_or(f64::NAN));
                *z = (value - low) / (high - low);
            }
        }
        z[places].iter().position(|z| !z.is_finite()).map_or(Ok(()), Err)
    }

    /// The first coordinate of the unknown drawn in a term.
    pub(crate) fn first_coordinate(&self, term: usize) -> Option<usize> {
        self.graph.steps.iter().find_map(|step| match &step.op {
            Op::Input(unknown) if unknown.term == term => Some(unknown.first),
            _ => None,
        })
    }

    /// A coordinate's name, for messages: "site `x`, element 3".
    pub(crate) fn coordinate_name(&self, coordinate: usize) -> String {
        let named = |step: &Step| match &step.op {
            Op::Input(unknown)
                if (unknown.first..unknown.first + unknown.coordinates).contains(&coordinate) =>
            {
                let place = &self.graph.terms[unknown.term].place;
                Some(match (unknown.coordinates == step.len, step.len) {
                    (_, 1) => place.clone(),
                    (true, _) => format!("{place}, element {}", coordinate - unknown.first),
                    (false, _) => format!("{place}, coordinate {}", coordinate - unknown.first),
                })
            }
            _ => None,
        };
        self.graph.steps.iter().find_map(named).unwrap_or_else(|| format!("dimension {coordinate}"))
    }

    /// The statement whose log density changes most from one point to another: where a trajectory came to grief, be it
    /// that the density fell or that its slope was too steep for the step.
    pub(crate) fn greatest_change(&mut self, from: &[f64], to: &[f64]) -> Option<String> {
        let mut at = |z: &[f64]| -> Vec<f64> {
            (0..self.graph.terms.len()).map(|term| self.pointwise(z, term).iter().sum()).collect()
        };
        let (before, after) = (at(from), at(to));
        let change = |term: &usize| {
            let change = (after[*term] - before[*term]).abs();
            if change.is_nan() { f64::INFINITY } else { change }
        };
        let term = (0..before.len()).max_by(|a, b| change(a).total_cmp(&change(b)))?;
        let (place, before, after) = (&self.graph.terms[term].place, before[term], after[term]);
        Some(format!("in the last step the log density of {place} went from {before:.4} to {after:.4}"))
    }

    /// Draws data for the observed statement that is term number `term`, given the values last computed.
    pub(crate) fn draw_data(&mut self, term: usize, stream: &mut Stream) -> Observed {
        self.graph.draw_data(&self.work, term, stream)
    }

    /// The log density of each element of a term at z.
    pub(crate) fn pointwise(&mut self, z: &[f64], term: usize) -> Vec<f64> {
        self.run_forward(z);
        self.pointwise_here(term)
    }

    /// The same at the values last computed.
    pub(crate) fn pointwise_here(&mut self, term: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.graph.terms[term].elements];
        self.graph.terms[term].pointwise(&mut self.work, &mut out);
        out
    }

    /// Whether any learned density was asked, at the values last computed, about parameters outside the region it was
    /// trained on; `None` if the model has no such density.
    pub(crate) fn outside_training_region(&mut self) -> Option<bool> {
        self.graph.outside_training_region(&self.work)
    }

    /// Says which statement spoils the log density at the point last evaluated, and which numbers it was asked about; or
    /// along which unknown the slope is not finite.
    pub(in crate::graph) fn explain(&mut self, value: f64, gradient: &[f64]) -> DensityError {
        if let Some(culprit) = self.graph.culprit(&mut self.work) {
            return DensityError::recoverable(culprit);
        }
        DensityError::recoverable(match gradient.iter().position(|slope| !slope.is_finite()) {
            Some(k) if value.is_finite() => {
                let (slope, name) = (gradient[k], self.coordinate_name(k));
                format!("the log density is {value} but its slope along {name} is {slope}")
            }
            _ => format!("the log density is {value}"),
        })
    }

    /// What learned densities have to say of the data they are bound to, a sentence each.
    pub(crate) fn doubts(&self) -> Vec<String> {
        self.graph.doubts()
    }
}
