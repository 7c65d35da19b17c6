//! Pairs of parameters and simulated data.

/// What one simulation returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// Pairs of parameters and data drawn from a prior and a simulator: what a surrogate is trained on.
///
/// Both tables are stored row by row; row `i` of one belongs to row `i` of the other. Every number is finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulations {
    /// The names of the parameters, in the order of the columns of `parameters`.
    pub names: Vec<String>,
    /// The parameters, `len() x names.len()`.
    pub parameters: Vec<f64>,
    /// What a row of `data` means.
    pub outcome: Outcome,
    /// The data, `len() x outcome.width()`.
    pub data: Vec<f64>,
    /// How many simulations were run but failed (non-finite numbers), and are not in the tables.
    pub failed: usize,
}

impl Simulations {
    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.parameters.len() / self.names.len().max(1)
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
