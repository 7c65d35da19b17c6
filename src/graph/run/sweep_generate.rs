//! The forward sweep that draws instead of reading z: from the prior, and data given parameters.

use super::compile::{Density, Graph, Op, Step, Term};
use super::unknown::Unknown;
use super::workspace::Workspace;
use crate::graph::density::learned::RowDensity;
use crate::graph::density::term::{Call, Slot};
use crate::graph::node::scalars;
use crate::seed::Stream;
use std::sync::Arc;

/// Data drawn for one observed statement: `width` numbers per element; `None` if its density cannot be sampled.
pub(crate) type Observed = Option<Vec<f64>>;

/// A statement whose density is learned.
pub(crate) struct LearnedSite {
    pub(crate) term: usize,
    /// The statement, for messages.
    pub(crate) place: String,
    pub(crate) density: Arc<dyn RowDensity>,
}

/// What is put back of a row of kept arrays, by their numbers, and which terms' unknowns are drawn from their priors.
pub(crate) struct Given<'a> {
    pub(crate) kept: &'a dyn Fn(usize) -> bool,
    pub(crate) drawn: &'a dyn Fn(usize) -> bool,
}

impl Graph {
    /// Draws every latent value from its prior, in order, and computes the rest. Factors play no part.
    pub(crate) fn generate(&self, work: &mut Workspace, stream: &mut Stream) {
        let longest = self.steps.iter().map(|step| step.len).max().unwrap_or(0);
        let mut drawn = vec![0.0; longest];
        for step in &self.steps {
            match &step.op {
                Op::Input(unknown) => self.draw_unknown(work, step, unknown, stream, &mut drawn),
                _ => step.compute(work),
            }
        }
    }

    /// Draws an array of unknowns from its prior.
    fn draw_unknown(
        &self,
        work: &mut Workspace,
        step: &Step,
        unknown: &Unknown,
        stream: &mut Stream,
        drawn: &mut [f64],
    ) {
        let out = &mut drawn[..step.len];
        for tries in 0.. {
            self.terms[unknown.term].sample(&work.values, stream, out);
            if unknown.bijection.settle(out, tries) {
                break;
            }
        }
        work.values[step.out..step.out + step.len].copy_from_slice(out);
    }

    /// Draws data for one observed statement given the values in the workspace.
    pub(crate) fn draw_data(&self, work: &Workspace, term: usize, stream: &mut Stream) -> Observed {
        let term = &self.terms[term];
        match &term.kind {
            Density::Formula { formula, .. } => {
                let mut out = vec![0.0; term.elements * formula.width()];
                term.sample(&work.values, stream, &mut out);
                Some(out)
            }
            Density::Bound { bound, .. } => {
                bound.density.sample(&bound.parameters(&work.values, &term.parameters), stream)
            }
            Density::Combined(draw) => draw.draw(&work.values, term.elements, stream),
            Density::Factor => None,
        }
    }

    /// Computes every array from the values of the kept ones, `row`, one after the other as [`crate::graph::Replay::append_kept`] wrote them.
    /// Inputs that are not kept (of sites that are not centred) stay unknown; their sites are kept, and all else depends on these.
    pub(crate) fn restore(&self, work: &mut Workspace, row: &[f64]) {
        let ends = self.kept.iter().scan(0, |end, (_, len)| {
            *end += len;
            Some(*end)
        });
        let there = ends.take_while(|end| *end <= row.len()).count();
        self.restore_given(work, row, &Given { kept: &|k| k < there, drawn: &|_| false }, None);
    }

    /// The same from the values of some kept arrays; the unknowns of some terms are drawn from their priors.
    pub(crate) fn restore_given(
        &self,
        work: &mut Workspace,
        row: &[f64],
        given: &Given<'_>,
        mut stream: Option<&mut Stream>,
    ) {
        let longest = self.steps.iter().map(|step| step.len).max().unwrap_or(0);
        let mut drawn = vec![0.0; if stream.is_some() { longest } else { 0 }];
        let mut starts = 0;
        let mut kept: Vec<(usize, usize, usize)> = vec![]; // offset, number of the array, its start in the row
        for (k, (slot, len)) in self.kept.iter().enumerate() {
            if (given.kept)(k) {
                kept.push((slot.offset, k, starts));
            }
            starts += len;
        }
        kept.sort_unstable();
        let put_back = |values: &mut [f64], from: usize, to: usize| {
            let first = kept.partition_point(|(offset, ..)| *offset < from);
            for (_, k, start) in kept[first..].iter().take_while(|(offset, ..)| *offset < to) {
                let (slot, len) = &self.kept[*k];
                for i in 0..*len {
                    values[slot.offset + slot.map.at(i)] = row[start + i];
                }
            }
        };
        for step in &self.steps {
            match (&step.op, &mut stream) {
                (Op::Input(unknown), Some(stream)) if (given.drawn)(unknown.term) => {
                    self.draw_unknown(work, step, unknown, stream, &mut drawn);
                    continue;
                }
                (Op::Input(_), _) => work.values[step.out..step.out + step.len].fill(0.0),
                // One at a time: what follows in the run may read a kept number.
                (Op::Scalars(run), _) => {
                    for (i, op) in run.iter().enumerate() {
                        scalars::compute(std::slice::from_ref(op), step.out + i, &mut work.values);
                        put_back(&mut work.values, step.out + i, step.out + i + 1);
                    }
                    continue;
                }
                _ => step.compute(work),
            }
            put_back(&mut work.values, step.out, step.out + step.len);
        }
    }

    /// The learned densities among the terms.
    pub(crate) fn learned(&self) -> Vec<LearnedSite> {
        let site = |(term, t): (usize, &Term)| match &t.kind {
            Density::Bound { bound, .. } => {
                Some(LearnedSite { term, place: t.place.clone(), density: bound.density.clone() })
            }
            _ => None,
        };
        self.terms.iter().enumerate().filter_map(site).collect()
    }

    /// The parameters of all rows of a learned density at the values in the workspace; none for another term.
    pub(crate) fn learned_parameters(&self, work: &Workspace, term: usize) -> Vec<f64> {
        match &self.terms[term].kind {
            Density::Bound { bound, .. } => bound.parameters(&work.values, &self.terms[term].parameters),
            _ => vec![],
        }
    }

    pub(crate) fn outside_training_region(&self, work: &Workspace) -> Option<bool> {
        let of_term = |term: &Term| match &term.kind {
            Density::Bound { bound, .. } => Some(bound.is_outside(&work.values, &term.parameters)),
            _ => None,
        };
        let of_step = |step: &Step| match &step.op {
            Op::Density(node) => node.is_outside(&work.values),
            _ => None,
        };
        let each = self.terms.iter().filter_map(of_term).chain(self.steps.iter().filter_map(of_step));
        each.reduce(|one, other| one || other)
    }
}

impl Term {
    /// Draws each element; NaN where nothing can be drawn.
    fn sample(&self, values: &[f64], stream: &mut Stream, out: &mut [f64]) {
        match &self.kind {
            Density::Formula { formula, value, plan } => {
                let parameters: &[Slot] = &self.parameters;
                formula.sample(&Call { values, value, parameters, plan }, stream, out);
            }
            Density::Combined(draw) => match draw.draw(values, self.elements, stream) {
                Some(drawn) => out.copy_from_slice(&drawn),
                None => out.fill(f64::NAN),
            },
            Density::Bound { .. } | Density::Factor => out.fill(f64::NAN),
        }
    }
}
