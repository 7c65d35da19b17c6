//! What must be known of simulations by whoever uses what was learned from them.

use super::{BuiltIn, FailureReason, Simulations};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The simulations behind a learned density, in numbers. It goes with the density, into its file and into the report of
/// every posterior drawn with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Provenance {
    /// The rows of the table, copies included.
    pub rows: usize,
    /// The independent simulations among them: copies of one simulation ([`Ddm::augment`](super::Ddm::augment)) count once.
    pub independent: usize,
    /// The simulations that were run but failed.
    pub failed: usize,
    /// Why they failed, the commonest reason first; at most five.
    pub reasons: Vec<FailureReason>,
    /// The simulator, where it is one of this library and no row was changed by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulator: Option<BuiltIn>,
}

impl Provenance {
    /// The share of the simulations run that failed, from 0 to 1; 0 where none was run.
    pub fn failed_share(&self) -> f64 {
        let run = self.failed as f64 + self.independent as f64;
        if run > 0.0 { self.failed as f64 / run } else { 0.0 }
    }

    /// The rows for each independent simulation: 1 without copies.
    pub fn rows_per_simulation(&self) -> f64 {
        self.rows as f64 / self.independent.max(1) as f64
    }
}

impl Simulations {
    /// How many independent simulations the rows come from: copies of one count once.
    pub fn independent(&self) -> usize {
        self.groups.iter().collect::<HashSet<_>>().len()
    }

    /// These simulations in numbers.
    pub fn provenance(&self) -> Provenance {
        Provenance {
            rows: self.len(),
            independent: self.independent(),
            failed: self.failed,
            reasons: self.reasons.clone(),
            simulator: self.built_in(),
        }
    }
}
