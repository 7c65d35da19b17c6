//! Simulators, the parallel runner, and what it returns.
//!
//! A [`Prior`] draws parameters, a [`Simulator`] turns them into data, [`SimulationOptions::run`] (or, with nothing to
//! choose, [`Simulations::draw`]) does so for many rows in parallel, and [`Simulations`] holds the pairs.

mod built_in;
mod by_name;
mod ddm;
mod failures;
mod model_prior;
mod options;
mod outcome;
mod parameter_names;
mod prior;
mod provenance;
mod report;
mod runner;
mod simulations;
mod simulator;
mod store;
mod symmetry;

pub use built_in::BuiltIn;
pub use ddm::Ddm;
pub use failures::FailureReason;
#[cfg(feature = "neural")]
pub(crate) use failures::simulate_one;
pub use options::SimulationOptions;
pub use outcome::Outcome;
#[cfg(feature = "neural")]
pub(crate) use parameter_names::match_names;
pub use prior::{BoxPrior, Prior};
pub use provenance::Provenance;
pub use report::{FailedRun, Failure, SimulationRun};
pub use simulations::Simulations;
pub use simulator::{ChoiceTimes, Counts, Named, Reals, Simulator};
