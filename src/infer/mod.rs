//! Samplers over the narrow waist.

mod affine;
mod ascent;
mod board;
mod chain;
mod failed;
mod generated;
mod given;
mod limits;
mod linear;
mod low_rank;
mod metric;
mod moved;
mod named;
mod nuts;
mod origin;
mod places;
mod posterior_box;
mod predictive;
mod reasons;
mod run;
mod score_check;
mod score_rounds;
mod start;
mod statistics;
mod step_back;
mod symmetric;
mod target;

#[doc = include_str!("own_error.md")]
pub mod own_error {}

#[cfg(test)]
mod tests;

pub use metric::Metric;
pub use named::NamedDensity;
pub use nuts::Nuts;
pub use score_check::ScoreCheck;
