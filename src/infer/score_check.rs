//! How far learned likelihoods moved a posterior: the score check. The mathematics and its limits: [`super::own_error`].

use super::moved::{Pulled, covariances};
use super::score_rounds::{Rounds, unchecked};
use crate::draws::{Draws, Moved};
use crate::error::{Error, ErrorKind, Result, panic_message};
use crate::model::Model;
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// The check that tells how far learned likelihoods moved each posterior mean, in posterior sds: by simulating data at posterior draws
/// and looking whether the learned density's scores are zero on average, as those of the true density are.
///
/// [`Model::sample`] makes it after every run ([`Nuts::score_check`](super::Nuts::score_check) changes or skips it) for likelihoods whose simulator is
/// known (`NeuralLikelihood::simulator`); [`Model::score_check`] makes it for draws that are there. The result stands in
/// [`SamplerReport::moved`](crate::draws::SamplerReport::moved) and as the column `moved` of the summary, which warns of shifts above 0.3;
/// [`Draws::corrected`] takes the shifts back.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `simulations` | 1000 | simulations for each observed datum; the Monte Carlo error is about `1 / sqrt(simulations)` sds | 16 to 1 000 000 |
/// | `seconds` | 2 | the most it may take, as estimated from a few simulations; where that is too little, a quarter or a sixteenth of the simulations are run, or none, and the report says so | 0 or more; infinite: any |
/// | `seed` | that of the sampler; 0 | same seed, same shifts on any number of threads (where the time is not what limits the simulations) | |
/// | `progress` | that of the sampler; [`Progress::Auto`] | how to show how far it is | |
/// | `stop` | that of the sampler; never | a flag that ends the check and keeps the draws | |
///
/// # What it computes, and its limits
/// The learned posterior's mean of a quantity h lies `Cov(h, L)` too high, `L = sum_r n_r b_r' theta_r`, where b_r is the mean of the gradient
/// of log q(x | theta) over data x simulated at row r of the parameters, and n_r the number of its data: first order in the error of q, and
/// expected over data like the model's own. For data that the model does not describe, and beyond some 2 posterior sds, it is an alarm more than a
/// measure. It says nothing of widths. A simulator that does not make the data (another time step, no lapses) makes the
/// check judge by that simulator. Derivation, assumptions and measurements: [`own_error`](super::own_error).
#[derive(Clone, Debug)]
pub struct ScoreCheck {
    pub(super) simulations: usize,
    pub(super) seconds: f64,
    pub(super) seed: Option<Seed>,
    pub(super) progress: Option<Progress>,
    pub(super) stop: Option<Stop>,
}

impl Default for ScoreCheck {
    fn default() -> Self {
        Self { simulations: 1000, seconds: 2.0, seed: None, progress: None, stop: None }
    }
}

impl ScoreCheck {
    /// Simulations for each observed datum.
    pub fn simulations(mut self, per_datum: usize) -> Self {
        self.simulations = per_datum;
        self
    }

    /// The most seconds it may take.
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// The seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = Some(seed.into());
        self
    }

    /// How to show how far it is.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The flag that ends it.
    pub fn stop(mut self, stop: &Stop) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// The same with what a sampler has for what is not set.
    pub(super) fn or(&self, seed: Seed, progress: &Progress, stop: &Stop) -> Self {
        Self {
            seed: self.seed.or(Some(seed)),
            progress: self.progress.clone().or(Some(progress.clone())),
            stop: self.stop.clone().or(Some(stop.clone())),
            ..*self
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |expected: &str, got: String| {
            Err(Error::new(
                ErrorKind::Options,
                format!("expected {expected}, got {got}; see the options of ScoreCheck"),
            ))
        };
        if !(16..=1_000_000).contains(&self.simulations) {
            return wrong("16 to 1 000 000 simulations for each datum", self.simulations.to_string());
        }
        match self.seconds >= 0.0 {
            true => Ok(()),
            false => wrong("0 seconds or more", self.seconds.to_string()),
        }
    }
}

impl Model {
    /// Makes the score check for draws of this model: the same draws, with the result in their report
    /// ([`SamplerReport::moved`](crate::draws::SamplerReport::moved)) in place of an earlier one. Draws of a model without learned likelihoods
    /// come back as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] for an option out of range; [`ErrorKind::Shape`] when the draws are not of this model's unknowns;
    /// [`ErrorKind::Value`] when they have been corrected.
    pub fn score_check(&self, draws: &Draws, check: &ScoreCheck) -> Result<Draws> {
        check.check()?;
        self.check_own(draws)?;
        if draws.report().moved.as_ref().is_some_and(|moved| moved.corrected) {
            let message = "expected draws as they were sampled, got corrected ones; check the former";
            return Err(Error::new(ErrorKind::Value, message));
        }
        Ok(self.with_score_check(draws.clone(), check))
    }

    /// # Errors
    /// When the draws are not of this model's unknowns and deterministic quantities.
    pub(super) fn check_own(&self, draws: &Draws) -> Result<()> {
        let own = self.kept_sites().map(|site| (site.name.as_str(), &site.shape[..]));
        if own.eq(draws.parameters().iter().map(|parameter| (parameter.name.as_str(), &parameter.shape[..])))
        {
            return Ok(());
        }
        let message = "expected draws of this model's unknowns and deterministic quantities, got draws of others; sample this model";
        Err(Error::new(ErrorKind::Shape, message))
    }

    /// The draws with what the check finds. A panic in the model's code costs the check alone.
    pub(super) fn with_score_check(&self, draws: Draws, check: &ScoreCheck) -> Draws {
        let start = Instant::now();
        let found = catch_unwind(AssertUnwindSafe(|| self.moved(&draws, check))).unwrap_or_else(|payload| {
            let mut moved = Moved::default();
            moved.messages.push(format!(
                "The error of the learned likelihood was not checked: a panic in the model's code: {}.",
                panic_message(payload.as_ref())
            ));
            Some((moved, vec![]))
        });
        let Some((mut moved, pulled)) = found else { return draws };
        moved.seconds = start.elapsed().as_secs_f64();
        let mut report = draws.report().clone();
        report.moved = Some(moved);
        let draws = draws.with_report(report);
        match pulled.is_empty() {
            true => draws,
            false => draws.with_correction(self.correction(pulled)),
        }
    }

    /// What is found of every label, and what pulls; `None` for a model without learned likelihoods.
    fn moved(&self, draws: &Draws, check: &ScoreCheck) -> Option<(Moved, Vec<Pulled>)> {
        let mut replay = self.density();
        let (mut moved, pulled) = Rounds::of(self, draws, check, &mut replay)?.run(&mut replay);
        if !pulled.is_empty() {
            let covariances = covariances(&mut replay, draws, &pulled);
            (moved.shift, moved.mcse) = (covariances.shift, covariances.mcse);
        }
        Some((moved, pulled))
    }

    /// What is said of learned likelihoods that are not checked.
    pub(super) fn unchecked(&self) -> Vec<String> {
        self.density().learned().iter().flat_map(unchecked).collect()
    }
}
