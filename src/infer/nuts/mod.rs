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
mod settings;
mod statistics;

pub use metric::Metric;

use super::chains::{Chains, chain_options};
use super::markov::{ChainSampler, ChainStart, MarkovChain, Walk};
use super::sampler::{Checks, Sampler};
use super::score_check::ScoreCheck;
use super::target::Target;
use crate::draws::{DrawStatistics, Draws};
use crate::error::{Error, ErrorKind, Result};
use crate::logdensity::LogDensity;

/// The no-U-turn sampler and its options.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `target_acceptance` | 0.8 | the mean acceptance that the step size is tuned to; raise it when there are divergences | above 0.5, below 1 |
/// | `max_depth` | 10 | at most 2^`max_depth` - 1 gradients per draw | 1 to 20 |
/// | `metric` | `Metric::Diagonal` | the form of the mass matrix | |
/// | `score_check` | [`ScoreCheck::default`] | how it is found out how far learned likelihoods moved the posterior | `None`: not at all |
/// | `chains`, `warmup`, `draws`, `seed`, `threads`, `progress`, `stop`, `start`, `checkpoint`, ... | | those of [`Chains`]; a warm-up of 20 or more | |
///
/// # What R-hat cannot see
/// R-hat compares chains with each other. A mode, or a heavy tail, that *all* chains missed leaves no trace in it, nor in
/// any other diagnostic of these draws. The starts are therefore spread: out of many candidates, one half from the prior,
/// those that lead to comparable densities are kept, and chains take ones far from each other. Where candidates find
/// several modes the chains then stay in different ones and R-hat says so, though how much each mode weighs is not to be had
/// from such a run. A mode that no candidate found stays unseen: where you know or suspect one, start a chain in it.
///
/// # Panics in your code
/// A panic in a density or a custom node ends its chain and stands in the report; the draws made before are kept. The
/// message that Rust prints for every panic is printed as ever: this library does not touch the program's panic hook.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn coin(heads: &[u64]) {
///     sample!(p ~ Beta(1.0, 1.0));
///     plate!(tosses = heads.len(), {
///         sample!(toss ~ Bernoulli(p), observed = heads);
///     });
/// }
/// let posterior = coin(&[1, 0, 1, 1])?.sample(&Nuts::default().chains(2).draws(500).seed(1))?;
/// // The exact posterior is Beta(4, 2), of mean 2/3.
/// assert!((posterior.get("p")?.mean()[0] - 2.0 / 3.0).abs() < 0.05);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Nuts {
    pub(in crate::infer) chains: Chains,
    target_acceptance: f64,
    max_depth: u32,
    metric: Metric,
    score_check: Option<ScoreCheck>,
}

impl Default for Nuts {
    fn default() -> Self {
        Self {
            chains: Chains::default(),
            target_acceptance: 0.8,
            max_depth: 10,
            metric: Metric::Diagonal,
            score_check: Some(ScoreCheck::default()),
        }
    }
}

impl Nuts {
    chain_options!(chains);

    /// All options of how chains are run at once.
    pub fn with_chains(mut self, chains: Chains) -> Self {
        self.chains = chains;
        self
    }

    /// The mean acceptance that the step size is tuned to.
    pub fn target_acceptance(mut self, target_acceptance: f64) -> Self {
        self.target_acceptance = target_acceptance;
        self
    }

    /// The largest depth of a trajectory's tree.
    pub fn max_depth(mut self, max_depth: u32) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// The form of the mass matrix.
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// The check of learned likelihoods after the run; `None` leaves it out.
    pub fn score_check(mut self, score_check: impl Into<Option<ScoreCheck>>) -> Self {
        self.score_check = score_check.into();
        self
    }

    /// Samples a hand-written density; its dimensions are named `z[0]`, `z[1]`, ...
    ///
    /// # Errors
    /// When an option is out of range, no chain finds a point of finite density to start from, or the density does not
    /// depend on some dimension.
    pub fn run(&self, density: &(impl LogDensity + Clone + Sync + 'static)) -> Result<Draws> {
        self.sample(&Target::of_density(density))
    }

    /// Checks the sampler's own options.
    fn check(&self) -> Result<()> {
        let rules = [
            (
                self.chains.warmup >= 20,
                format!(
                    "expected at least 20 warm-up draws to adapt the step size, got {}",
                    self.chains.warmup
                ),
            ),
            (
                self.target_acceptance > 0.5 && self.target_acceptance < 1.0,
                format!("expected a target acceptance above 0.5 and below 1, got {}", self.target_acceptance),
            ),
            (
                (1..=20).contains(&self.max_depth),
                format!("expected a maximal depth from 1 to 20, got {}", self.max_depth),
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, message)) => {
                Err(Error::new(ErrorKind::Options, format!("{message}; see the options of Nuts")))
            }
            None => Ok(()),
        }
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
