//! Whether the options of [`Nle`] can be used, a message per rule.

use super::Nle;
use crate::error::{Error, ErrorKind, Result};
use crate::neural::Activation;

/// The most passes over the simulations that can be asked for.
const MOST_EPOCHS: usize = 1_000_000;

impl Nle {
    /// The one place where options are checked.
    pub(super) fn check(&self) -> Result<()> {
        let rules = [
            (
                possible_layers(&self.hidden),
                "hidden",
                "1 to 16 layers of 1 to 4096 units",
                format!("{:?}", self.hidden),
            ),
            (
                self.activation != Activation::Identity,
                "activation",
                "Silu or Tanh",
                format!("{:?}", self.activation),
            ),
            ((2..=128).contains(&self.bins), "bins", "2 to 128", self.bins.to_string()),
            (
                self.bound > 0.0 && self.bound <= 1e3,
                "bound",
                "a number above 0, at most 1000",
                self.bound.to_string(),
            ),
            (
                self.transforms.is_none_or(|transforms| (1..=100).contains(&transforms)),
                "transforms",
                "1 to 100",
                self.transforms.unwrap_or(0).to_string(),
            ),
            (
                self.flow_hidden.as_deref().is_none_or(possible_layers),
                "flow_hidden",
                "1 to 16 layers of 1 to 4096 units",
                format!("{:?}", self.flow_hidden.as_deref().unwrap_or(&[])),
            ),
            ((1..=100).contains(&self.ensemble), "ensemble", "1 to 100", self.ensemble.to_string()),
            (self.batch >= 1, "batch", "1 or more", self.batch.to_string()),
            (
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "learning_rate",
                "a number above 0",
                self.learning_rate.to_string(),
            ),
            (
                (0.0..1.0).contains(&self.averaging),
                "averaging",
                "0 or more, below 1",
                self.averaging.to_string(),
            ),
            (
                self.max_epochs.is_none_or(|epochs| (1..=MOST_EPOCHS).contains(&epochs)),
                "max_epochs",
                "1 to 1000000",
                self.max_epochs.unwrap_or(0).to_string(),
            ),
            (self.patience >= 1, "patience", "1 or more", self.patience.to_string()),
            (
                self.validation_fraction > 0.0 && self.validation_fraction < 1.0,
                "validation_fraction",
                "a number between 0 and 1",
                self.validation_fraction.to_string(),
            ),
            (
                self.weight_decay >= 0.0 && self.weight_decay.is_finite(),
                "weight_decay",
                "0 or more",
                self.weight_decay.to_string(),
            ),
            (self.clip > 0.0, "clip", "a number above 0", self.clip.to_string()),
        ];
        match rules.into_iter().find(|rule| !rule.0) {
            None => Ok(()),
            Some((_, option, expected, got)) => Err(Error::new(
                ErrorKind::Options,
                format!("Nle: expected `{option}` to be {expected}, got {got}; set it with .{option}(...)"),
            )),
        }
    }
}

/// Whether hidden layers can be made.
fn possible_layers(hidden: &[usize]) -> bool {
    (1..=16).contains(&hidden.len()) && hidden.iter().all(|units| (1..=4096).contains(units))
}
