//! Draws with what the score check finds of them.

use super::moved::{Pulled, covariances};
use super::score_check::ScoreCheck;
use super::score_rounds::{Rounds, unchecked};
use crate::draws::{Draws, Moved};
use crate::error::{Error, ErrorKind, Result, panic_message};
use crate::model::Model;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

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
