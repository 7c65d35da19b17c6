//! Draws of discrete unknowns that were summed out, and of data that depend on them.

use super::Model;
use super::site::{Site, SiteKind};
use crate::graph::{NodeId, Replay, Rewritten};
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
    fn at(&self, element: usize, states: &States) -> usize {
        let along = |(unknown, stride, places): &(usize, usize, Vec<u32>)| {
            stride * states.0[*unknown][places[element] as usize]
        };
        self.start[element] + self.axes.iter().map(along).sum::<usize>()
    }
}

/// The state of each element of each discrete unknown.
#[derive(Default)]
pub(crate) struct States(Vec<Vec<usize>>);

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

impl Model {
    /// Draws the states of all discrete unknowns at the values last computed: given all data, or from their priors.
    pub(crate) fn draw_states(&self, replay: &Replay, given_data: bool, stream: &mut Stream) -> States {
        let summed = &self.source.summed;
        let mut states = States(vec![vec![]; summed.unknowns.len()]);
        let order: Vec<usize> = match given_data {
            true => summed.eliminated.iter().rev().copied().collect(),
            false => (0..summed.unknowns.len()).collect(),
        };
        let first = self.kept_sites().count();
        for d in order {
            let unknown = &summed.unknowns[d];
            let logits = if given_data { &unknown.posterior } else { &unknown.prior };
            let mut numbers = vec![];
            replay.append_kept(first + 2 * d + usize::from(given_data), &mut numbers);
            let draw = |element: usize| {
                let at = logits.selection.at(element, &states);
                one_of((0..unknown.states).map(|state| numbers[at + state * logits.stride]), stream)
            };
            states.0[d] = (0..logits.selection.start.len()).map(draw).collect();
        }
        states
    }

    /// The states of an unknown as numbers; `None` of another site.
    pub(crate) fn states_of(&self, site: &Site, states: &States) -> Option<Vec<f64>> {
        let d = self.source.summed.unknowns.iter().position(|unknown| unknown.site == site.name)?;
        Some(states.0[d].iter().map(|state| *state as f64).collect())
    }

    /// Data drawn for an observed site at the values last computed; `None` if its density cannot be drawn from.
    pub(crate) fn draw_observed(
        &self,
        site: &Site,
        replay: &mut Replay,
        states: &States,
        stream: &mut Stream,
    ) -> Option<Vec<f64>> {
        let drawn = replay.draw_data(site.term?, stream)?;
        let Some(selection) = self.source.summed.tied.get(&site.name) else { return Some(drawn) };
        let rows = (0..site.len()).map(|element| selection.at(element, states));
        Some(rows.flat_map(|row| &drawn[row * site.width..][..site.width]).copied().collect())
    }

    /// Whether the data of a site count with those of others, under the name of a discrete unknown.
    pub(crate) fn is_tied(&self, site: &Site) -> bool {
        self.source.summed.tied.contains_key(&site.name)
    }

    /// The sites whose elements are log densities of data: observed ones, and discrete unknowns for all data that depend on them.
    pub(crate) fn sites_of_data(&self) -> impl Iterator<Item = &Site> {
        let of_data = |site: &&Site| match site.kind {
            SiteKind::Observed => site.term.is_some() && !self.is_tied(site),
            SiteKind::Discrete => site.term.is_some(),
            _ => false,
        };
        self.sites().iter().filter(of_data)
    }
}

/// One of some states by the logarithms of their probabilities, up to a constant.
fn one_of(logits: impl Iterator<Item = f64> + Clone, stream: &mut Stream) -> usize {
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
