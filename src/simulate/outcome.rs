//! What a row of simulated data is.

/// What one simulation returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Outcome {
    /// A vector of real numbers of this width.
    Real {
        /// The number of columns.
        width: usize,
    },
    /// One count: 0, 1, 2, ...
    Count,
    /// A response time and a choice, as in [`crate::dist::Response`]: columns `[rt, choice]`.
    TimeAndChoice,
}

impl Outcome {
    /// The number of columns of a row of data.
    pub fn width(self) -> usize {
        match self {
            Outcome::Real { width } => width,
            Outcome::Count => 1,
            Outcome::TimeAndChoice => 2,
        }
    }

    /// Why a finite row of the right length is no value of this outcome; `None` if it is one.
    pub(crate) fn problem(self, row: &[f64]) -> Option<&'static str> {
        match (self, row) {
            (Outcome::Count, &[count]) if !(count >= 0.0 && count.fract() == 0.0) => {
                Some("a count must be a whole number, 0 or above")
            }
            (Outcome::TimeAndChoice, &[rt, _]) if !(rt > 0.0) => Some("a response must have a time above 0"),
            (Outcome::TimeAndChoice, &[_, choice]) if choice != 0.0 && choice != 1.0 => {
                Some("a response must have a choice that is 0 or 1")
            }
            _ => None,
        }
    }
}
