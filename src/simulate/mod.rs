//! Simulators, the parallel runner, and what it returns.
//!
//! A [`Prior`] draws parameters, a [`Simulator`] turns them into data, [`SimulationOptions::run`] (or, with nothing to
//! choose, [`Simulations::draw`]) does so for many rows in parallel, and [`Simulations`] holds the pairs.

mod ddm;
mod failures;
mod model_prior;
mod named;
mod options;
mod prior;
mod provenance;
mod report;
mod runner;
mod simulations;
mod simulator;
mod store;
mod symmetry;

pub use ddm::Ddm;
pub use failures::FailureReason;
#[cfg(feature = "neural")]
pub(crate) use failures::simulate_one;
pub use named::Named;
pub use options::SimulationOptions;
#[cfg(feature = "neural")]
pub(crate) use options::match_names;
pub use prior::{BoxPrior, Prior};
pub use provenance::Provenance;
pub use report::{FailedRun, Failure, SimulationRun};
pub use simulations::{Outcome, Simulations};
pub use simulator::{BuiltIn, ChoiceTimes, Counts, Reals, Simulator};
