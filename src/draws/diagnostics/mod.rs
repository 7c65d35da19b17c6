//! Can the draws be believed? Convergence and precision of Markov chain Monte Carlo, as plain functions on chains.
//!
//! Every function takes chains as `&[&[f64]]`: one slice per chain, in the order in which the chain was walked. Chains
//! of different lengths are cut to the shortest. None of them panics or fails on bad draws: with fewer than four draws
//! per chain, without any chain, or with a draw that is NaN or infinite, the answer is NaN.
//!
//! The definitions are those of Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021,
//! <https://doi.org/10.1214/20-BA1221>; chains are split in halves first, so that a trend shows as a difference.
//!
//! # What they cannot see
//! They compare chains with each other and with themselves. A mode that no chain has visited leaves no trace in any of
//! them: R-hat is near 1 and the effective sample size large. More chains from starts farther apart make that less likely.

mod autocovariance;
mod bfmi;
mod ess;
mod mcse;
mod moments;
mod profile;
mod quantile;
mod r_hat;
mod rank;
mod split;
mod still;
pub mod weighted;

pub use bfmi::e_bfmi;
pub use ess::{ess_bulk, ess_mean, ess_quantile, ess_sd, ess_tail};
pub use mcse::{mcse_mean, mcse_quantile, mcse_sd};
pub use moments::{mean, sd};
pub use quantile::quantile;
pub use r_hat::{r_hat, r_hat_bulk, r_hat_folded, r_hat_split};
pub use still::{Standstill, standstill};

pub(super) use profile::profile;
