//! The options of the no-U-turn sampler.

use super::metric::Metric;
use crate::error::{Error, ErrorKind, Result};
use crate::infer::chains::{Chains, chain_options};
use crate::infer::score_check::ScoreCheck;

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
    pub(super) target_acceptance: f64,
    pub(super) max_depth: u32,
    pub(super) metric: Metric,
    pub(super) score_check: Option<ScoreCheck>,
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

    /// Checks the sampler's own options.
    pub(super) fn check(&self) -> Result<()> {
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
