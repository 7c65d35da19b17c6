//! The expected scores of a learned density: what tells how far it moves a posterior ([`crate::infer::ScoreCheck`]).

use crate::progress::Reporter;
use crate::seed::Seed;
use crate::stop::Stop;

/// How much may be spent on expected scores.
#[non_exhaustive]
pub struct ScoreEffort<'a> {
    /// Simulations for each observed datum.
    pub per_datum: usize,
    /// The most seconds it may take, as estimated beforehand.
    pub seconds: f64,
    /// The root of all random numbers.
    pub seed: Seed,
    #[cfg_attr(not(feature = "neural"), expect(dead_code))]
    pub(crate) reporter: &'a Reporter,
    /// The flag that ends it.
    pub stop: &'a Stop,
}

/// What came of asking a density for its expected scores.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ScoreOutcome {
    /// The density is exact, or was not learned from a simulator: nothing to check.
    Exact,
    /// It could not be done; why, as a sentence without its end.
    NotDone(String),
    /// It was done.
    Done(ExpectedScores),
}

/// The mean score, `n_r E[d log q(x | theta) / d theta]` over data x simulated at theta, of every row r with its `n_r` data, at each of some
/// posterior draws. Were q the density that the data come from, all would be zero but for the noise of the simulations.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ExpectedScores {
    /// For each posterior draw, parameter by parameter: `parameters x rows`.
    pub by_draw: Vec<Vec<f64>>,
    /// For each of some parts of the simulations, `parameters x rows`: what the observed data pull beyond their expectation. Empty where
    /// that was not asked for or cannot be told.
    pub observed: Vec<Vec<f64>>,
    /// For each posterior draw, the logarithm of the share of the simulations of every row that succeeded.
    pub log_success: Vec<Vec<f64>>,
    /// The number of data of every row.
    pub data: Vec<f64>,
    /// The simulations that were run.
    pub simulations: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those whose data have density zero.
    pub impossible: usize,
    /// Why the first of those that failed did.
    pub reason: Option<String>,
}
