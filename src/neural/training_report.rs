//! How a training run went.

use serde::{Deserialize, Serialize};

/// How a training run went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainingReport {
    /// The epochs run.
    pub epochs: usize,
    /// The epoch whose weights were kept, counted from 1; 0 when none was finished.
    pub best_epoch: usize,
    /// The optimiser steps taken.
    pub steps: usize,
    /// The steps left out because the loss or its gradient was not finite.
    pub skipped: usize,
    /// The mean loss of each epoch's batches, in nats per simulation.
    pub training_loss: Vec<f64>,
    /// The loss on held-out simulations after each epoch, in nats per simulation.
    pub validation_loss: Vec<f64>,
    /// Whether training ended because a [`Stop`](crate::Stop) asked.
    pub stopped: bool,
    /// The time it took.
    pub seconds: f64,
    /// What speaks against what was learned, a sentence each: a loss that was still falling, a loss on held-out simulations that parted
    /// from that in training, a run that was stopped. Empty when nothing does.
    pub messages: Vec<String>,
}

impl TrainingReport {
    /// The lowest loss on held-out simulations, in nats per simulation: that of the weights that were kept.
    pub fn best_loss(&self) -> f64 {
        self.validation_loss.iter().copied().fold(f64::INFINITY, f64::min)
    }
}
