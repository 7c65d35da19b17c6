//! What one chain hands in: its draws row by row, and what the sampler knew of each.

use super::number;
use serde::{Deserialize, Serialize};

/// What the sampler knew of one draw. A sampler without one of these notions leaves its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DrawStatistics {
    /// Whether the trajectory that led here diverged: its energy error left all bounds.
    pub diverging: bool,
    /// The depth of the trajectory's tree (it has up to `2^depth` leapfrog steps).
    pub depth: u32,
    /// Whether the tree stopped because it was as deep as allowed, not because the trajectory turned.
    pub max_depth_reached: bool,
    /// The energy (minus log density plus kinetic) at the start of the draw; nats, up to a constant.
    #[serde(with = "number")]
    pub energy: f64,
    /// The log density of the draw in unconstrained space; nats, up to a constant.
    #[serde(with = "number")]
    pub log_density: f64,
    /// The step size of the integrator.
    #[serde(with = "number")]
    pub step_size: f64,
    /// The mean acceptance probability along the trajectory, in [0, 1].
    #[serde(with = "number")]
    pub acceptance: f64,
    /// How many gradients the draw cost.
    pub gradients: u32,
}

/// The draws of one chain after warm-up, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChainDraws {
    /// The draws row by row: all scalar columns of the first draw, then of the second, ...
    pub values: Vec<f64>,
    /// One entry per draw, or none at all for a sampler that has no statistics.
    pub statistics: Vec<DrawStatistics>,
}

impl ChainDraws {
    /// An empty chain with room for this many draws of this many columns.
    pub fn with_capacity(draws: usize, columns: usize) -> Self {
        Self { values: Vec::with_capacity(draws * columns), statistics: Vec::with_capacity(draws) }
    }

    /// Adds a draw: one value per scalar column, and its statistics.
    pub fn push(&mut self, row: &[f64], statistics: DrawStatistics) {
        self.values.extend_from_slice(row);
        self.statistics.push(statistics);
    }
}
