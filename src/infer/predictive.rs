//! After a run: what the learned densities of a model say of their posterior ([`RowDensity::check_posterior`]).
//!
//! A few hundred draws are enough to see whether data drawn from the posterior are like those observed, and cost little beside the thousands of
//! gradients that the run took.
//!
//! [`RowDensity::check_posterior`]: crate::graph::RowDensity::check_posterior

use super::places::Places;
use crate::draws::{Draws, SamplerReport};
use crate::model::Model;
use crate::seed::{Domain, Seed};

/// The most draws looked at, and the fewest from which anything is said.
const MOST: usize = 200;
const FEWEST: usize = 10;
/// One draw in so many at most, so that short runs are not held up.
const ONE_IN: usize = 10;

impl Model {
    /// Writes what is found of the posterior to a report, each sentence with its site; nothing for a model without learned densities.
    pub(super) fn check_posterior(&self, draws: &Draws, seed: Seed, report: &mut SamplerReport) {
        let mut replay = self.density();
        let sites = replay.learned();
        let total = draws.total_draws();
        if sites.is_empty() || total < FEWEST {
            return;
        }
        let terms: Vec<usize> = sites.iter().map(|site| site.term).collect();
        let places = Places::spread(draws, (total / ONE_IN).clamp(FEWEST, MOST));
        let at_draws = places.parameters(&mut replay, draws, &terms);
        for (index, site) in sites.iter().enumerate() {
            let parameters: Vec<Vec<f64>> = at_draws.iter().map(|of_draw| of_draw[index].clone()).collect();
            let mut stream = seed.derive(index as u64).stream(Domain::Prediction, u64::MAX);
            let found = site.density.check_posterior(&parameters, &mut stream);
            report.messages.extend(found.sentences.iter().map(|said| format!("{}: {said}.", site.place)));
            report.unlike.extend(found.unlike.then(|| site.place.clone()));
        }
    }
}
