//! What is said of one scalar: where it lies, how wide it is, whether to believe it.

use serde::Serialize;

/// What the draws say of one scalar.
///
/// Of draws with weights ([`Draws::with_log_weights`](super::Draws::with_log_weights)) all of it is weighted, the effective sample sizes are those of the mean and of the tails
/// (see [`weighted`](super::diagnostics::weighted)), and R-hat is NaN. Of others,
/// moments and quantiles are of all draws; the diagnostics, of the chains cut to the shortest, are NaN where they are undefined: fewer
/// than four draws per chain, a draw that is not finite, or (R-hat) draws that never move.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SummaryRow {
    /// The scalar's label: `mu`, `rate[0]`.
    pub name: String,
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
    /// The 5 % quantile.
    pub q5: f64,
    /// The median.
    pub q50: f64,
    /// The 95 % quantile.
    pub q95: f64,
    /// The Monte Carlo standard error of the mean; the effective sample size counts for at most the number of draws.
    pub mcse_mean: f64,
    /// The effective sample size in the bulk.
    pub ess_bulk: f64,
    /// The effective sample size in the tails: the smaller one of the 5 % and the 95 % quantile.
    pub ess_tail: f64,
    /// Rank-normalised split R-hat, 1 when the chains agree.
    pub r_hat: f64,
    /// How far learned likelihoods moved the mean, in posterior sds ([`Moved`](super::Moved)); `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<f64>,
    /// The Monte Carlo standard error of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_mcse: Option<f64>,
}
