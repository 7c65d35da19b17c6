//! Simulation-based inference: one file per method.

mod nle;
mod pairs;

pub use nle::{LogInputs, Nle};
