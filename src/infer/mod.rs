//! Samplers over the narrow waist.

mod chain;
mod named;
mod nuts;
mod run;
mod start;
mod target;

pub use named::NamedDensity;
pub use nuts::{Metric, Nuts};
