//! The no-U-turn sampler, by `nuts-rs`.
//!
//! Hoffman & Gelman (2014, arXiv:1111.4246) with multinomial sampling of the trajectory (Betancourt 2017,
//! arXiv:1701.02434), step size by dual averaging, and a mass matrix adapted from draws *and* gradients (Seyboldt, Carlson
//! & Carpenter 2026, "fisher divergence" adaptation of nutpie). Each chain has a stream of its own and runs from start to
//! end on one thread: the draws do not depend on the number of threads.

mod adapted;
mod affine;
mod chain;
mod density;
mod low_rank;
mod metric;
mod options;
mod settings;
mod statistics;

pub use metric::Metric;
pub use options::Nuts;

use super::chains::Chains;
use super::markov::{ChainSampler, ChainStart, MarkovChain, Walk};
use super::sampler::{Checks, Sampler};
use super::target::Target;
use crate::draws::{DrawStatistics, Draws};
use crate::error::Result;
use crate::logdensity::LogDensity;

impl Nuts {
    /// Samples a hand-written density; its dimensions are named `z[0]`, `z[1]`, ...
    ///
    /// # Errors
    /// When an option is out of range, no chain finds a point of finite density to start from, or the density does not
    /// depend on some dimension.
    pub fn run(&self, density: &(impl LogDensity + Clone + Sync + 'static)) -> Result<Draws> {
        self.sample(&Target::of_density(density))
    }
}

impl Sampler for Nuts {
    fn sample(&self, target: &Target<'_>) -> Result<Draws> {
        target.check()?;
        self.check()?;
        self.chains.run(target, self)
    }

    fn checks(&self) -> Checks {
        let Chains { seed, progress, stop, .. } = self.chains.clone();
        Checks { score_check: self.score_check.clone(), seed, progress, stop }
    }
}

impl ChainSampler for Nuts {
    fn name(&self) -> &str {
        "NUTS"
    }

    fn options(&self) -> Vec<(String, String)> {
        vec![
            ("target_acceptance".to_owned(), self.target_acceptance.to_string()),
            ("max_depth".to_owned(), self.max_depth.to_string()),
            ("metric".to_owned(), format!("{:?}", self.metric)),
        ]
    }

    fn statistics(&self) -> Vec<&str> {
        DrawStatistics::NAMES.to_vec()
    }

    fn chain<'a>(&'a self, start: ChainStart<'a>) -> Result<Box<dyn MarkovChain + 'a>, String> {
        chain::begin(self, start)
    }

    fn remarks(&self, chains: &[Walk<'_>]) -> Vec<String> {
        metric::advice(self.metric, chains).into_iter().collect()
    }
}
