//! The no-U-turn sampler, by `nuts-rs`.
//!
//! Hoffman & Gelman (2014, arXiv:1111.4246) with multinomial sampling of the trajectory (Betancourt 2017,
//! arXiv:1701.02434), step size by dual averaging, and a mass matrix adapted from draws *and* gradients (Seyboldt, Carlson
//! & Carpenter 2026, "fisher divergence" adaptation of nutpie). Each chain has a stream of its own and runs from start to
//! end on one thread: the draws do not depend on the number of threads.

use super::chain::{ChainPlan, run_chain};
use super::run::run_chains;
use crate::draws::{Draws, Parameter};
use crate::error::{Error, ErrorKind, Result};
use crate::logdensity::LogDensity;
use crate::model::Model;
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;

/// The no-U-turn sampler and its options.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `chains` | 4 | independent chains | 1 or more |
/// | `warmup` | 1000 | draws per chain for adaptation, not kept | 20 or more |
/// | `draws` | 1000 | draws per chain that are kept | 1 or more |
/// | `target_acceptance` | 0.8 | the mean acceptance that the step size is tuned to; raise it when there are divergences | above 0.5, below 1 |
/// | `max_depth` | 10 | at most 2^`max_depth` - 1 gradients per draw | 1 to 20 |
/// | `metric` | `Metric::Diagonal` | the form of the mass matrix | |
/// | `seed` | 0 | the root of all random numbers | |
/// | `threads` | all cores | how many chains run at once | 1 or more |
/// | `progress` | a bar on a terminal | see [`Progress`] | |
/// | `stop` | never | a flag that ends the run early and keeps what is done | |
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
    pub(super) chains: usize,
    pub(super) warmup: usize,
    pub(super) draws: usize,
    pub(super) target_acceptance: f64,
    pub(super) max_depth: u32,
    pub(super) metric: Metric,
    pub(super) seed: Seed,
    pub(super) threads: Option<usize>,
    pub(super) progress: Progress,
    pub(super) stop: Stop,
}

/// The form of the mass matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Metric {
    /// One scale per dimension.
    #[default]
    Diagonal,
    /// One scale per dimension, corrected along the few directions in which the posterior is most correlated. Costs a
    /// little more per step; pays when parameters are strongly correlated.
    LowRank,
}

impl Default for Nuts {
    fn default() -> Self {
        Self {
            chains: 4,
            warmup: 1000,
            draws: 1000,
            target_acceptance: 0.8,
            max_depth: 10,
            metric: Metric::Diagonal,
            seed: Seed(0),
            threads: None,
            progress: Progress::Auto,
            stop: Stop::new(),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $value;
            self
        }
    )*};
}

impl Nuts {
    setters! {
        /// The number of independent chains.
        chains: usize = chains;
        /// Draws per chain for adaptation.
        warmup: usize = warmup;
        /// Draws per chain that are kept.
        draws: usize = draws;
        /// The mean acceptance that the step size is tuned to.
        target_acceptance: f64 = target_acceptance;
        /// The largest depth of a trajectory's tree.
        max_depth: u32 = max_depth;
        /// The form of the mass matrix.
        metric: Metric = metric;
        /// The seed.
        seed: impl Into<Seed> = seed.into();
        /// How many chains run at once.
        threads: usize = Some(threads);
        /// How the run shows how far it is.
        progress: Progress = progress;
        /// The flag that ends the run early.
        stop: &Stop = stop.clone();
    }

    /// Samples a hand-written density; its dimensions are named `z[0]`, `z[1]`, ...
    ///
    /// # Errors
    /// When an option is out of range, or no chain finds a point of finite density to start from.
    pub fn run(&self, density: &(impl LogDensity + Clone + Sync + 'static)) -> Result<Draws> {
        let parameters = vec![Parameter::new("z", vec![density.dim()])];
        self.run_with(parameters, &|| {
            let record = |z: &[f64], row: &mut Vec<f64>| {
                row.extend_from_slice(z);
                None
            };
            ChainPlan { density: Box::new(density.clone()), record: Box::new(record) }
        })
    }

    pub(super) fn run_with(
        &self,
        parameters: Vec<Parameter>,
        plan: &(dyn Fn() -> ChainPlan + Sync),
    ) -> Result<Draws> {
        self.check()?;
        run_chains(self, parameters, &|chain, reporter| run_chain(self, plan(), chain, reporter))
    }

    fn check(&self) -> Result<()> {
        let rules = [
            (self.chains >= 1, format!("expected at least 1 chain, got {}", self.chains)),
            (self.draws >= 1, format!("expected at least 1 draw per chain, got {}", self.draws)),
            (
                self.warmup >= 20,
                format!("expected at least 20 warm-up draws to adapt the step size, got {}", self.warmup),
            ),
            (
                self.target_acceptance > 0.5 && self.target_acceptance < 1.0,
                format!("expected a target acceptance above 0.5 and below 1, got {}", self.target_acceptance),
            ),
            (
                (1..=20).contains(&self.max_depth),
                format!("expected a maximal depth from 1 to 20, got {}", self.max_depth),
            ),
            (self.threads != Some(0), "expected at least 1 thread, got 0".to_string()),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, message)) => {
                Err(Error::new(ErrorKind::Options, format!("{message}; see the options of Nuts")))
            }
            None => Ok(()),
        }
    }
}

impl Model {
    /// Draws from the posterior with NUTS.
    ///
    /// # Errors
    /// When an option is out of range, the model has no unknowns, or no chain finds a point of finite density to start
    /// from; the message then names the site and the values of its parameters. A chain that fails later keeps its draws,
    /// and the result says so, as it does when a learned likelihood got data unlike those it was trained on
    /// ([`SamplerReport::messages`](crate::draws::SamplerReport::messages)).
    pub fn sample(&self, nuts: &Nuts) -> Result<Draws> {
        if self.dim() == 0 {
            let message = "expected a model with at least one unknown, got one without; add a `sample!` without `observed`";
            return Err(Error::new(ErrorKind::Sampling, message));
        }
        let parameters =
            self.kept_sites().map(|site| Parameter::new(&site.name, site.shape.clone())).collect();
        let draws = nuts.run_with(parameters, &|| {
            let mut replay = self.density();
            let kept = self.kept_sites().count();
            let record = move |z: &[f64], row: &mut Vec<f64>| {
                replay.run_forward(z);
                (0..kept).for_each(|k| replay.append_kept(k, row));
                replay.outside_training_region()
            };
            ChainPlan { density: Box::new(self.density()), record: Box::new(record) }
        })?;
        let mut report = draws.report().clone();
        report.messages.splice(0..0, self.warnings().iter().cloned().chain(self.density().doubts()));
        Ok(draws.with_report(report))
    }
}
