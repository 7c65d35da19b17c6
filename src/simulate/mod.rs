//! Simulators, the parallel runner, and what it returns.

mod simulations;

pub use simulations::{Outcome, Simulations};
