//! What all samplers have in common: options, and one method over a target.

use super::score_check::ScoreCheck;
use super::target::Target;
use crate::draws::Draws;
use crate::error::Result;
use crate::model::Model;
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;

/// A sampler: options, and draws from a target.
///
/// [`Model::sample`] and [`NamedDensity::sample`](super::NamedDensity::sample) take any. A sampler that runs Markov chains is made of a
/// [`ChainSampler`](super::ChainSampler) and [`Chains`](super::Chains).
///
/// # Examples
/// Draws from the prior, weighted by the likelihood:
/// ```
/// use mynah::draws::{ChainDraws, Draws, Provenance};
/// use mynah::infer::{Sampler, Target};
/// use mynah::prelude::*;
///
/// struct FromPrior { draws: u64, seed: Seed }
///
/// impl Sampler for FromPrior {
///     fn sample(&self, target: &Target<'_>) -> Result<Draws> {
///         let (mut coordinates, mut z) = (target.coordinates(), vec![f64::NAN; target.dim()]);
///         let (mut chain, mut log_weights) = (ChainDraws::default(), vec![]);
///         for draw in 0..self.draws {
///             coordinates.draw_prior(&mut self.seed.stream(Domain::User, draw), &mut z);
///             coordinates.draw(&z, &mut chain.values);
///             let parts = coordinates.parts(&z).expect("a model has a prior and a likelihood");
///             log_weights.push(parts.map_or(f64::NEG_INFINITY, |(_, likelihood)| likelihood));
///         }
///         let from = Provenance::new("prior", [("draws".into(), self.draws.to_string())], Some(self.seed.0));
///         Draws::new(target.parameters(), vec![chain])?.with_provenance(from).with_log_weights(vec![log_weights])
///     }
/// }
///
/// #[model]
/// fn coin(heads: &[u64]) {
///     sample!(p ~ Beta(1.0, 1.0));
///     plate!(tosses = heads.len(), {
///         sample!(toss ~ Bernoulli(p), observed = heads);
///     });
/// }
/// let posterior = coin(&[1, 0, 1, 1])?.sample(&FromPrior { draws: 4000, seed: Seed(1) })?;
/// // The exact posterior is Beta(4, 2), of mean 2/3.
/// assert!((posterior.get("p")?.mean()[0] - 2.0 / 3.0).abs() < 0.02);
/// assert!(posterior.weight_ess().unwrap() > 1500.0);
/// # Ok::<(), mynah::Error>(())
/// ```
pub trait Sampler {
    /// Draws from a target.
    ///
    /// # Errors
    /// When an option is out of range, or nothing can be drawn.
    fn sample(&self, target: &Target<'_>) -> Result<Draws>;

    /// How draws of a model with learned likelihoods are checked afterwards.
    fn checks(&self) -> Checks {
        Checks::default()
    }
}

impl<S: Sampler + ?Sized> Sampler for &S {
    fn sample(&self, target: &Target<'_>) -> Result<Draws> {
        (**self).sample(target)
    }

    fn checks(&self) -> Checks {
        (**self).checks()
    }
}

impl<S: Sampler + ?Sized> Sampler for Box<S> {
    fn sample(&self, target: &Target<'_>) -> Result<Draws> {
        (**self).sample(target)
    }

    fn checks(&self) -> Checks {
        (**self).checks()
    }
}

/// How draws of a model with learned likelihoods are checked after a run.
#[derive(Clone, Debug)]
pub struct Checks {
    /// The check that finds out how far learned likelihoods moved the posterior; `None` leaves it out.
    pub score_check: Option<ScoreCheck>,
    /// The root of the random numbers of all checks.
    pub seed: Seed,
    /// How checks show how far they are.
    pub progress: Progress,
    /// The flag that ends them early.
    pub stop: Stop,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            score_check: Some(ScoreCheck::default()),
            seed: Seed(0),
            progress: Progress::Auto,
            stop: Stop::new(),
        }
    }
}

impl Model {
    /// Draws from the posterior, with [`Nuts`](super::Nuts) or any other sampler.
    ///
    /// # Errors
    /// When an option is out of range, the model has no unknowns or one that nothing depends on, or no point of finite
    /// density is found to start from; the message then names the site and the values of its parameters. A chain that fails
    /// later keeps its draws, and the result says so, as it says why trajectories diverged and when a learned likelihood
    /// got data unlike those it was trained on
    /// ([`SamplerReport::messages`](crate::draws::SamplerReport::messages)).
    pub fn sample(&self, sampler: &dyn Sampler) -> Result<Draws> {
        let checks = sampler.checks();
        checks.score_check.iter().try_for_each(ScoreCheck::check)?;
        let target = Target::of_model(self);
        target.check()?;
        let draws = sampler.sample(&target)?;
        let mut report = draws.report().clone();
        report.messages.splice(0..0, self.warnings().iter().cloned().chain(self.density().doubts()));
        if draws.log_weights(0).is_some() {
            report.messages.extend(self.unchecked_weights());
            return Ok(draws.with_report(report));
        }
        self.check_posterior(&draws, checks.seed, &mut report);
        if checks.score_check.is_none() {
            report.messages.extend(self.unchecked());
        }
        let draws = draws.with_report(report);
        Ok(match &checks.score_check {
            Some(check) => {
                self.with_score_check(draws, &check.or(checks.seed, &checks.progress, &checks.stop))
            }
            None => draws,
        })
    }

    /// What is said of draws with weights, which the checks of learned likelihoods cannot read.
    fn unchecked_weights(&self) -> Option<String> {
        let any = !self.density().learned().is_empty();
        any.then(|| "The learned likelihood was not checked: these draws have weights, and its checks want draws that count alike.".to_owned())
    }
}
