//! Where the graph and the networks meet: trained densities, frozen, as log densities of the graph.

mod bound;
mod checked;
mod classes;
mod coverage;
mod density;
mod ensemble;
mod expected_error;
mod frozen;
mod given;
mod known_simulator;
mod likelihood;
#[cfg(test)]
mod mixture_tests;
mod moments;
mod predictive;
mod region;
mod sampling;
#[cfg(test)]
mod sampling_tests;
mod score;
mod score_job;
mod seen;
mod shifted;
mod stored_coverage;
mod stored_numbers;
mod stored_wide;
#[cfg(test)]
mod tests;
mod times;
#[cfg(test)]
mod weighted_tests;
mod weights;
mod weights_header;
mod weights_read;
mod wide;

#[cfg(test)]
pub(crate) use coverage::Coverage;
pub(crate) use expected_error::few;
pub(crate) use frozen::{FrozenFlow, FrozenMlp, FrozenWide, Parts};
pub use likelihood::NeuralLikelihood;
pub use region::Region;
pub(crate) use seen::Seen;
pub(crate) use times::choice_input;
