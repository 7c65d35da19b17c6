//! A likelihood learned from simulations and their symmetric copies.

use super::options::Options;
use mynah::prelude::*;
use mynah::simulate::Prior;
use std::time::Instant;

/// What was learned, and at what cost.
pub(crate) struct Learned {
    pub(crate) ddm: NeuralLikelihood,
    /// Simulation and training.
    pub(crate) seconds: f64,
}

/// Simulates from the prior and trains.
pub(crate) fn learn(prior: &dyn Prior, options: &Options, seed: u64) -> mynah::Result<Learned> {
    let start = Instant::now();
    let pairs = Simulations::draw(prior, &Ddm::default(), options.simulations, Seed(seed))?;
    let pairs = Ddm::default().augment(&pairs, options.copies, seed)?;
    let ddm = Nle::default()
        .shift("t0")
        .ensemble(options.ensemble)
        .max_epochs(options.epochs)
        .batch(options.batch)
        .learning_rate(options.rate)
        .weight_decay(options.decay)
        .seed(seed)
        .fit(&pairs)?;
    Ok(Learned { ddm, seconds: start.elapsed().as_secs_f64() })
}
