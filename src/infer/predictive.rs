//! After a run: what the learned densities of a model say of their posterior ([`RowDensity::check_posterior`]).
//!
//! A few hundred draws are enough to see whether data drawn from the posterior are like those observed, and cost little beside the thousands of
//! gradients that the run took.
//!
//! [`RowDensity::check_posterior`]: crate::graph::RowDensity::check_posterior

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
        let columns: Vec<Vec<&[f64]>> = draws
            .parameters()
            .iter()
            .filter_map(|parameter| draws.get(&parameter.name).ok())
            .flat_map(|parameter| parameter.columns())
            .collect();
        let lengths = draws.chain_lengths();
        let count = (total / ONE_IN).clamp(FEWEST, MOST);
        let mut parameters: Vec<Vec<Vec<f64>>> = vec![vec![]; sites.len()];
        for k in 0..count {
            let (chain, draw) = place_of(k * total / count, &lengths);
            let row: Vec<f64> = columns.iter().map(|column| column[chain][draw]).collect();
            replay.restore(&row);
            for (site, parameters) in sites.iter().zip(&mut parameters) {
                parameters.push(replay.learned_parameters(site.term));
            }
        }
        let mut said = vec![];
        for (index, (site, parameters)) in sites.iter().zip(&parameters).enumerate() {
            let mut stream = seed.derive(index as u64).stream(Domain::Prediction, u64::MAX);
            let sentences = site.density.check_posterior(parameters, &mut stream);
            said.extend(sentences.into_iter().map(|sentence| format!("{}: {sentence}.", site.place)));
        }
        said
    }
}

/// Chain and place of a draw counted over all chains.
fn place_of(mut index: usize, lengths: &[usize]) -> (usize, usize) {
    for (chain, length) in lengths.iter().enumerate() {
        if index < *length {
            return (chain, index);
        }
        index -= length;
    }
    unreachable!("fewer draws than counted")
}
