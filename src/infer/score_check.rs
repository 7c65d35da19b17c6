//! The score check and its options: how far learned likelihoods moved a posterior. The mathematics and its limits: [`super::own_error`].

use crate::error::{Error, ErrorKind, Result};
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;

/// The check that tells how far learned likelihoods moved each posterior mean, in posterior sds: by simulating data at posterior draws
/// and looking whether the learned density's scores are zero on average, as those of the true density are.
///
/// [`Model::sample`](crate::Model::sample) makes it after every run ([`Nuts::score_check`](super::Nuts::score_check) changes or skips it) for likelihoods whose simulator is
/// known (`NeuralLikelihood::simulator`); [`Model::score_check`](crate::Model::score_check) makes it for draws that are there. The result stands in
/// [`SamplerReport::moved`](crate::draws::SamplerReport::moved) and as the column `moved` of the summary, which warns of shifts above 0.3;
/// [`Draws::corrected`](crate::draws::Draws::corrected) takes the shifts back.
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
