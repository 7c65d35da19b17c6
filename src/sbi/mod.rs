//! Simulation-based inference: one file per method.

mod learn;
mod nle;
mod options;
mod pairs;
mod wide;

pub use nle::{LogInputs, Nle};

#[cfg(test)]
mod scale_tests;
#[cfg(test)]
mod wide_tests;
