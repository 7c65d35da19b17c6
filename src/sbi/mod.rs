//! Simulation-based inference: one file per method.

mod learn;
mod nle;
mod pairs;
mod wide;

pub use nle::{LogInputs, Nle};

#[cfg(test)]
mod wide_tests;
