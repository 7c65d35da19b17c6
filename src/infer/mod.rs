//! Samplers over the narrow waist.
//!
//! A [`Target`] is what a sampler moves over, a [`Sampler`] is options and one method over it. A sampler of Markov chains makes chains that advance
//! draw by draw ([`ChainSampler`], [`MarkovChain`]); [`Chains`] runs them, whatever they are.

mod ascent;
mod board;
mod chain;
mod chains;
mod checkpoint;
mod coordinates;
mod failed;
mod generated;
mod given;
mod ledger;
mod linear;
mod markov;
mod moved;
mod named;
mod nuts;
mod places;
mod posterior_box;
mod predictive;
mod reasons;
mod record;
mod run;
mod sampler;
mod saved_chain;
mod score_check;
mod score_checked;
mod score_rounds;
mod start;
mod step_back;
mod symmetric;
mod target;

#[doc = include_str!("own_error.md")]
pub mod own_error {}

#[cfg(test)]
mod checkpoint_tests;
#[cfg(test)]
mod target_tests;
#[cfg(test)]
mod tests;

pub use chains::Chains;
pub use coordinates::Coordinates;
pub use markov::{ChainSampler, ChainStart, Diverged, LastDraw, MarkovChain, Walk};
pub use named::NamedDensity;
pub use nuts::{Metric, Nuts};
pub use sampler::{Checks, Sampler};
pub use score_check::ScoreCheck;
pub use target::Target;
