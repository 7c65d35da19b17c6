//! Draws without what learned likelihoods moved.

use super::{ChainDraws, Correction, Draws, Moved};
use crate::{Error, ErrorKind, Result};

/// The largest shift, in posterior sds, that is taken back: beyond it the first order in the likelihood's error is not enough.
const FARTHEST: f64 = 3.0;

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
