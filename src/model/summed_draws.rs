//! Draws of discrete unknowns that were summed out, and of data that depend on them.

use super::Model;
use super::site::{Site, SiteKind};
use super::states::{States, one_of};
use crate::graph::Replay;
use crate::seed::Stream;

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
