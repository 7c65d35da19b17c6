//! After a run: what the learned densities of a model say of their posterior ([`RowDensity::check_posterior`]).
//!
//! A few hundred draws are enough to see whether data drawn from the posterior are like those observed, and cost little beside the thousands of
//! gradients that the run took.
//!
//! [`RowDensity::check_posterior`]: crate::graph::RowDensity::check_posterior

use super::places::Places;
use crate::draws::Draws;
use crate::model::Model;
use crate::seed::{Domain, Seed};

/// The most draws looked at, and the fewest from which anything is said.
const MOST: usize = 200;
const FEWEST: usize = 10;
/// One draw in so many at most, so that short runs are not held up.
const ONE_IN: usize = 10;

impl Model {
    /// Sentences about the posterior, each with its site; none for a model without learned densities.
    pub(super) fn check_posterior(&self, draws: &Draws, seed: Seed) -> Vec<String> {
        let mut replay = self.density();
        let sites = replay.learned();
        let total = draws.total_draws();
        if sites.is_empty() || total < FEWEST {
            return vec![];
        }
        let terms: Vec<usize> = sites.iter().map(|site| site.term).collect();
        let places = Places::spread(draws, (total / ONE_IN).clamp(FEWEST, MOST));
        let at_draws = places.parameters(&mut replay, draws, &terms);
        let mut said = vec![];
        for (index, site) in sites.iter().enumerate() {
            let parameters: Vec<Vec<f64>> = at_draws.iter().map(|of_draw| of_draw[index].clone()).collect();
            let mut stream = seed.derive(index as u64).stream(Domain::Prediction, u64::MAX);
            let sentences = site.density.check_posterior(&parameters, &mut stream);
            said.extend(sentences.into_iter().map(|sentence| format!("{}: {sentence}.", site.place)));
        }
        said
    }
}
