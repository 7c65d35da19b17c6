//! Simulators, the parallel runner, and what it returns.
//!
//! A [`Prior`] draws parameters, a [`Simulator`] turns them into data, [`SimulationOptions::run`] (or, with nothing to
//! choose, [`Simulations::draw`]) does so for many rows in parallel, and [`Simulations`] holds the pairs.

mod ddm;
mod model_prior;
mod options;
mod prior;
mod report;
mod runner;
mod simulations;
mod simulator;
mod store;
mod symmetry;

pub use ddm::Ddm;
pub use options::SimulationOptions;
pub use prior::{BoxPrior, Prior};
pub use report::{Failure, SimulationRun};
pub use simulations::{Outcome, Simulations};
pub use simulator::{ChoiceTimes, Counts, Simulator};
