//! Simulation-based inference: one file per method.

mod nle;

pub use nle::{LogInputs, Nle};
