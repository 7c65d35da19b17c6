//! How far learned likelihoods moved a posterior.

use super::number;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Means moved by more posterior sds are worth a warning: a 90 % interval has then 3 % and 91 % at its ends instead of 5 % and 95 %, or worse.
const LIMIT: f64 = 0.3;
/// What the check leaves unsaid: the observed data are one sample of those that are simulated, and shifts that are large pull others along by more
/// than first order. What is left of any shift is about this share of the largest one (`benches/OWN_ERROR.md`).
const UNSAID: f64 = 0.3;

/// What a score check ([`crate::infer::ScoreCheck`]) found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Moved {
    /// For each label of the draws ([`Draws::labels`](super::Draws::labels)) how far above the mean under the true likelihood its mean lies, in posterior
    /// sds; NaN where a draw is not finite. Empty when the check was not made.
    #[serde(with = "number::list")]
    pub shift: Vec<f64>,
    /// The Monte Carlo standard errors of these, from simulations and draws.
    #[serde(with = "number::list")]
    pub mcse: Vec<f64>,
    /// The statements whose likelihoods were checked.
    pub sites: Vec<String>,
    /// The simulations that were run for it.
    pub simulations: usize,
    /// The time it took.
    #[serde(with = "number")]
    pub seconds: f64,
    /// What else it found, or why it was not made, a sentence each.
    pub messages: Vec<String>,
    /// Whether these draws have had the shift taken back: it is then the one that they had before.
    pub corrected: bool,
}

impl Moved {
    /// The standard error of a label's shift as a statement on these data: its Monte Carlo error, and 0.3 of the largest of all shifts, because
    /// the check speaks of data like the observed ones, not of these very data, and to first order (as measured; see
    /// [`own_error`](crate::infer::own_error)). NaN for a label that has none.
    pub fn error(&self, label: usize) -> f64 {
        let largest = self.farthest().map_or(0.0, |(_, shift)| shift.abs());
        self.mcse.get(label).map_or(f64::NAN, |mcse| mcse.hypot(UNSAID * largest))
    }

    /// The numbers of the labels that were moved by more than 0.3 posterior sds and that error, which the summary warns of.
    pub fn far(&self) -> Vec<usize> {
        let far = |label: &usize| self.beyond_limit(*label) > 0.0;
        (0..self.shift.len()).filter(far).collect()
    }

    /// By how much a shift exceeds what is worth a warning; NaN for none.
    pub(super) fn beyond_limit(&self, label: usize) -> f64 {
        self.shift.get(label).map_or(f64::NAN, |shift| shift.abs() - self.error(label) - LIMIT)
    }

    /// The largest shift of all, in size, and its label's number.
    pub(super) fn farthest(&self) -> Option<(usize, f64)> {
        let finite = self.shift.iter().copied().enumerate().filter(|(_, shift)| shift.is_finite());
        finite.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))
    }
}

/// Takes the shift out of rows of draws, chain by chain.
type Mover = dyn Fn(&[Vec<Vec<f64>>]) -> Vec<Vec<Vec<f64>>> + Send + Sync;

/// How the shift is taken back, while the model is at hand. Equality of draws does not ask for it.
#[derive(Clone)]
pub(crate) struct Correction(pub(crate) Arc<Mover>);

impl PartialEq for Correction {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Correction")
    }
}
