//! Samplers over the narrow waist.

mod affine;
mod ascent;
mod board;
mod chain;
mod given;
mod limits;
mod linear;
mod low_rank;
mod metric;
mod named;
mod nuts;
mod origin;
mod predictive;
mod reasons;
mod run;
mod start;
mod statistics;
mod symmetric;
mod target;

#[cfg(test)]
mod tests;

pub use metric::Metric;
pub use named::NamedDensity;
pub use nuts::Nuts;
