//! The no-U-turn sampler, by `nuts-rs`.
//!
//! Hoffman & Gelman (2014, arXiv:1111.4246) with multinomial sampling of the trajectory (Betancourt 2017,
//! arXiv:1701.02434), step size by dual averaging, and a mass matrix adapted from draws *and* gradients (Seyboldt, Carlson
//! & Carpenter 2026, "fisher divergence" adaptation of nutpie). Each chain has a stream of its own and runs from start to
//! end on one thread: the draws do not depend on the number of threads.

use super::chain::ChainPlan;
use super::given::GivenStart;
use super::metric::Metric;
use super::origin::{COORDINATES, DensityOrigin, ModelOrigin, Origin};
use super::run::run_chains;
use super::score_check::ScoreCheck;
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
/// | `warmup` | 1000 | draws per chain for adaptation, not kept | 20 to 2^32 |
/// | `draws` | 1000 | draws per chain that are kept | 1 or more, as many as there is memory for |
/// | `target_acceptance` | 0.8 | the mean acceptance that the step size is tuned to; raise it when there are divergences | above 0.5, below 1 |
/// | `max_depth` | 10 | at most 2^`max_depth` - 1 gradients per draw | 1 to 20 |
/// | `metric` | `Metric::Diagonal` | the form of the mass matrix | |
/// | `seed` | 0 | the root of all random numbers | |
/// | `threads` | all cores | how many chains run at once | 1 or more; no more than chains, nor than 256 or the cores |
/// | `progress` | a bar on a terminal | see [`Progress`] | |
/// | `stop` | never | a flag that ends the run early and keeps what is done | |
/// | `start` | chosen | where chains start, see [`Nuts::start`] | |
/// | `score_check` | [`ScoreCheck::default`] | how it is found out how far learned likelihoods moved the posterior | `None`: not at all |
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
    pub(super) start: GivenStart,
    pub(super) score_check: Option<ScoreCheck>,
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
            start: GivenStart::default(),
            score_check: Some(ScoreCheck::default()),
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
        /// The check of learned likelihoods after the run; `None` leaves it out.
        score_check: impl Into<Option<ScoreCheck>> = score_check.into();
    }

    /// Where all chains start: values by site, in the parameters' own space, flat in the order of the site's plates. Sites
    /// that are not named start as they would have. A hand-written density has one site, `z`.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn groups(y: &[f64]) {
    ///     sample!(scale ~ HalfNormal(2.0));
    ///     plate!(groups = y.len(), {
    ///         sample!(mean ~ Normal(0.0, scale));
    ///         sample!(y ~ Normal(mean, 1.0), observed = y);
    ///     });
    /// }
    /// let nuts = Nuts::default()
    ///     .start(&[("scale", &[1.5]), ("mean", &[0.0, 0.0])])
    ///     .start_chain(3, &[("mean", &[2.0, -2.0])]);
    /// let posterior = groups(&[0.3, -0.9])?.sample(&nuts.draws(200))?;
    /// # assert_eq!(posterior.chains(), 4);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    ///
    /// [`Model::sample`] returns an error when there is no unknown of such a name, when the values are not as many as the
    /// site has elements, when one is not in the site's support, and when the log density is not finite there.
    pub fn start(mut self, values: &[(&str, &[f64])]) -> Self {
        self.start.add(None, values);
        self
    }

    /// Where one chain starts, counted from 0; this wins over [`Nuts::start`].
    pub fn start_chain(mut self, chain: usize, values: &[(&str, &[f64])]) -> Self {
        self.start.add(Some(chain), values);
        self
    }

    /// Samples a hand-written density; its dimensions are named `z[0]`, `z[1]`, ...
    ///
    /// # Errors
    /// When an option is out of range, no chain finds a point of finite density to start from, or the density does not
    /// depend on some dimension.
    pub fn run(&self, density: &(impl LogDensity + Clone + Sync + 'static)) -> Result<Draws> {
        if density.dim() == 0 {
            let message = "expected a density of at least one dimension, got one of none";
            return Err(Error::new(ErrorKind::Sampling, message));
        }
        let parameters = vec![Parameter::new(COORDINATES, vec![density.dim()])];
        let plan = || {
            let record = |z: &[f64], row: &mut Vec<f64>| {
                row.extend_from_slice(z);
                None
            };
            let blame = |_: &[f64], _: &[f64]| None;
            ChainPlan { density: Box::new(density.clone()), record: Box::new(record), blame: Box::new(blame) }
        };
        self.run_with(parameters, &mut DensityOrigin::unnamed(density.clone()), &plan)
    }

    pub(super) fn run_with(
        &self,
        parameters: Vec<Parameter>,
        origin: &mut dyn Origin,
        plan: &(dyn Fn() -> ChainPlan + Sync),
    ) -> Result<Draws> {
        self.check(parameters.iter().map(Parameter::width).sum())?;
        run_chains(self, parameters, origin, plan)
    }
}

impl Model {
    /// Draws from the posterior with NUTS.
    ///
    /// # Errors
    /// When an option is out of range, the model has no unknowns or one that nothing depends on, or no point of finite
    /// density is found to start from; the message then names the site and the values of its parameters. A chain that fails
    /// later keeps its draws, and the result says so, as it says why trajectories diverged and when a learned likelihood
    /// got data unlike those it was trained on
    /// ([`SamplerReport::messages`](crate::draws::SamplerReport::messages)).
    pub fn sample(&self, nuts: &Nuts) -> Result<Draws> {
        nuts.score_check.iter().try_for_each(ScoreCheck::check)?;
        if self.dim() == 0 {
            let message = "expected a model with at least one unknown, got one without; add a `sample!` without `observed`";
            return Err(Error::new(ErrorKind::Sampling, message));
        }
        let parameters = self
            .kept_sites()
            .map(|site| Parameter::new(&site.name, site.shape.clone()).with_coordinates(site.labels.clone()))
            .collect();
        let draws = nuts.run_with(parameters, &mut ModelOrigin::new(self), &|| {
            let mut replay = self.density();
            let kept = self.kept_sites().count();
            let record = move |z: &[f64], row: &mut Vec<f64>| {
                replay.run_forward(z);
                (0..kept).for_each(|k| replay.append_kept(k, row));
                replay.outside_training_region()
            };
            let mut replay = self.density();
            let blame = move |from: &[f64], to: &[f64]| replay.greatest_change(from, to);
            ChainPlan { density: Box::new(self.density()), record: Box::new(record), blame: Box::new(blame) }
        })?;
        let mut report = draws.report().clone();
        report.messages.splice(0..0, self.warnings().iter().cloned().chain(self.density().doubts()));
        self.check_posterior(&draws, nuts.seed, &mut report);
        if nuts.score_check.is_none() {
            report.messages.extend(self.unchecked());
        }
        let draws = draws.with_report(report);
        Ok(match &nuts.score_check {
            Some(check) => self.with_score_check(draws, &check.or(nuts.seed, &nuts.progress, &nuts.stop)),
            None => draws,
        })
    }
}
