//! How far learned likelihoods moved a posterior, and what takes that back.

use super::{ChainDraws, Draws, number};
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The largest shift, in posterior sds, that is taken back: beyond it the first order in the likelihood's error is not enough.
const FARTHEST: f64 = 3.0;

/// Means moved by more posterior sds are worth a warning: a 90 % interval has then 3 % and 91 % at its ends instead of 5 % and 95 %, or worse.
const LIMIT: f64 = 0.3;
/// What the check leaves unsaid: the observed data are one sample of those that are simulated, and shifts that are large pull others along by more
/// than first order. What is left of any shift is about this share of the largest one (`benches/OWN_ERROR.md`).
const UNSAID: f64 = 0.3;

/// What a score check ([`crate::infer::ScoreCheck`]) found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Moved {
    /// For each label of the draws ([`Draws::labels`]) how far above the mean under the true likelihood its mean lies, in posterior
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

impl Draws {
    /// The draws without what the learned likelihood moved: every draw moved back by the same step in unconstrained space, so that
    /// supports hold, and such that the unknowns' means move by their shifts; all deterministic quantities are computed anew. To first order in the likelihood's error their means are
    /// those under the true likelihood; the Monte Carlo errors of that are [`Moved::mcse`]. Widths stay as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Sampling`] when no score check was made ([`Moved::messages`] say why), when the draws have been corrected
    /// before, when they were read from a file (make the check again with [`Model::score_check`](crate::Model::score_check)),
    /// and when some scalar was moved by more than 3 posterior sds, which a correction of first order cannot take back.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// let prior = BoxPrior::new([("rate", 0.5, 20.0)])?;
    /// let chips = Counts(|theta, stream| Poisson(theta[0]).sample(stream) as u64);
    /// let pairs = Simulations::draw(&prior, &chips, 5_000, 1)?;
    /// let learned = Nle::default().hidden(&[16]).max_epochs(20).fit(&pairs)?.simulator(chips)?;
    ///
    /// #[model]
    /// fn cookies(learned: &NeuralLikelihood, chips: &[u64]) {
    ///     sample!(rate ~ Gamma(2.0, 0.2));
    ///     plate!(cookies = chips.len(), {
    ///         sample!(count ~ learned.given(rate), observed = chips);
    ///     });
    /// }
    /// let posterior = cookies(&learned, &[9, 12, 7, 10, 11, 8])?.sample(&Nuts::default().draws(500).seed(1))?;
    /// println!("{}", posterior.summary());
    /// let moved = posterior.report().moved.as_ref().unwrap();
    /// let (before, after) = (posterior.get("rate")?, posterior.corrected()?);
    /// let taken_back = (before.mean()[0] - after.get("rate")?.mean()[0]) / before.sd()[0];
    /// assert!((taken_back - moved.shift[0]).abs() < 0.05);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn corrected(&self) -> Result<Draws> {
        let refuse = |what: String| Err(Error::new(ErrorKind::Sampling, what));
        let Some(moved) = &self.report().moved else {
            return refuse("expected draws of a model with a learned likelihood, got others: there is nothing to correct".into());
        };
        let Some((label, shift)) = moved.farthest() else {
            return refuse(format!(
                "expected draws with a score check, got none: {}",
                moved.messages.join(" ")
            ));
        };
        if moved.corrected {
            return refuse(
                "expected draws as they were sampled, got corrected ones; correct them once".into(),
            );
        }
        if !(shift.abs() <= FARTHEST) {
            return refuse(format!(
                "expected shifts of at most {FARTHEST} posterior sds, got {shift:+.1} for {}: a correction of first order cannot take \
                 that back; simulate more, train longer, or simulate where the posterior is",
                self.labels()[label]
            ));
        }
        let Some(Correction(mover)) = self.correction() else {
            return refuse(
                "expected draws with their model at hand, got draws from a file; make the check again with `Model::score_check`"
                    .into(),
            );
        };
        let rows: Vec<Vec<Vec<f64>>> = (0..self.chains()).map(|chain| self.rows_of(chain)).collect();
        let chains = mover(&rows).into_iter().enumerate().map(|(chain, rows)| ChainDraws {
            values: rows.concat(),
            statistics: self.columns_of(chain).to_vec(),
        });
        let mut report = self.report().clone();
        let worst = moved.mcse.iter().copied().filter(|error| error.is_finite()).fold(0.0, f64::max);
        let message = format!(
            "These draws are corrected: what the learned likelihood had moved, at most {:.2} posterior sds ({}), is taken back, with a \
             Monte Carlo error of at most {worst:.2}.",
            shift.abs(),
            self.labels()[label]
        );
        report.messages.push(message);
        report.moved = Some(Moved { corrected: true, ..moved.clone() });
        let mut draws = Draws::new(self.parameters().to_vec(), chains.collect())?;
        draws.log_weights = self.log_weights.clone();
        Ok(draws.with_report(report).with_provenance(self.provenance().cloned()))
    }
}
