//! What the sampler says of a run as a whole.

use super::{Moved, number};
use serde::{Deserialize, Serialize};

/// A run as a whole, beside what is known draw by draw ([`super::DrawStatistics`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SamplerReport {
    /// The sampler's name, for people: "NUTS".
    pub sampler: String,
    /// Wall-clock seconds, warm-up included.
    #[serde(with = "number")]
    pub seconds: f64,
    /// The draws asked for per chain, after warm-up; 0 when not known.
    pub requested_draws: usize,
    /// Whether the run ended before every chain had the draws asked for.
    pub stopped_early: bool,
    /// The share of draws, in [0, 1], in which a surrogate was asked outside the region it was trained on; `None` for a
    /// model without surrogates.
    pub outside_training_region: Option<f64>,
    /// How far learned likelihoods moved the posterior, or why that is not known; `None` for a model without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    /// The statements with learned likelihoods for which data drawn from the posterior are unlike those observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlike: Vec<String>,
    /// The trajectories that diverged, the first hundred of each chain, each with its reason; the commonest reasons stand in
    /// `messages`. [`Draws::divergences`](super::Draws::divergences) counts all of them.
    #[serde(default)]
    pub divergences: Vec<Divergence>,
    /// Whatever else the sampler has to say, one sentence each.
    pub messages: Vec<String>,
}

/// A trajectory that diverged: the sampler could not follow the posterior there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// The chain, counted from 0 as in the draws.
    pub chain: usize,
    /// The draw it led to, counted from 0 after warm-up.
    pub draw: usize,
    /// The density's own message, or that the energy error left all bounds.
    pub reason: String,
    /// Where the step that diverged began, in the parameters' own space: one number per label of the draws
    /// ([`Draws::labels`](super::Draws::labels)).
    #[serde(with = "number::list")]
    pub position: Vec<f64>,
}
