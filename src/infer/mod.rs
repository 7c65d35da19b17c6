//! Samplers over the narrow waist.

mod chain;
mod nuts;
mod run;
mod start;
mod target;

pub use nuts::{Metric, Nuts};
