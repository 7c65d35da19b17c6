//! The states of discrete unknowns that were summed out: where their log probabilities are, and how one of them is drawn.

use crate::graph::{NodeId, Rewritten};
use crate::seed::Stream;
use rand::RngExt;
use std::collections::HashMap;

/// What is known of discrete unknowns that were summed out.
#[derive(Clone, Default)]
pub(super) struct Summed {
    /// In the order in which they were recorded: each after those that its prior depends on.
    pub(super) unknowns: Vec<SummedOut>,
    /// Their numbers in the order in which they were eliminated.
    pub(super) eliminated: Vec<usize>,
    /// Where data that depend on them stand among those drawn for all states, by their sites.
    pub(super) tied: HashMap<String, Selection>,
}

/// One of them.
#[derive(Clone)]
pub(super) struct SummedOut {
    pub(super) site: String,
    pub(super) states: usize,
    /// The log probability of its states given what it depends on.
    pub(super) prior: Logits,
    /// The same given all else, up to a constant, those that were eliminated before it summed out.
    pub(super) posterior: Logits,
}

/// Log probabilities of states.
#[derive(Clone)]
pub(super) struct Logits {
    pub(super) node: NodeId,
    /// The distance between neighbouring states.
    pub(super) stride: usize,
    pub(super) selection: Selection,
}

/// Where in an array over plates and states each element of the plates is, given the states.
#[derive(Clone)]
pub(super) struct Selection {
    /// Its place if all states are 0.
    pub(super) start: Vec<usize>,
    /// The unknowns whose states the array has: their numbers, the distance between their neighbouring states, and which element of theirs each element
    /// belongs to.
    pub(super) axes: Vec<(usize, usize, Vec<u32>)>,
}

impl Selection {
    pub(super) fn at(&self, element: usize, states: &States) -> usize {
        let along = |(unknown, stride, places): &(usize, usize, Vec<u32>)| {
            stride * states.0[*unknown][places[element] as usize]
        };
        self.start[element] + self.axes.iter().map(along).sum::<usize>()
    }
}

/// The state of each element of each discrete unknown.
#[derive(Default)]
pub(crate) struct States(pub(super) Vec<Vec<usize>>);

impl Summed {
    /// The arrays that must be kept: priors and posteriors in turn.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.unknowns.iter().flat_map(|unknown| [unknown.prior.node, unknown.posterior.node])
    }

    /// The same in a recording written anew.
    pub(super) fn moved(&self, rewritten: &Rewritten) -> Self {
        let mut moved = self.clone();
        for unknown in &mut moved.unknowns {
            for logits in [&mut unknown.prior, &mut unknown.posterior] {
                logits.node = rewritten.nodes[logits.node as usize];
            }
        }
        moved
    }
}

/// One of some states by the logarithms of their probabilities, up to a constant.
pub(super) fn one_of(logits: impl Iterator<Item = f64> + Clone, stream: &mut Stream) -> usize {
    let most = logits.clone().fold(f64::NEG_INFINITY, f64::max);
    let weights = logits.map(|logit| (logit - most).exp());
    let mut left = stream.random::<f64>() * weights.clone().sum::<f64>();
    let passed = |weight: &f64| {
        left -= weight;
        left >= 0.0
    };
    let states = weights.clone().count();
    weights.take_while(passed).count().min(states - 1)
}
