//! Where the graph and the networks meet: trained densities, frozen, as log densities of the graph.

mod bound;
mod classes;
mod damage;
mod frozen;
mod given;
mod likelihood;
mod region;
mod seen;
#[cfg(test)]
mod tests;
mod times;
mod weights;

pub(crate) use frozen::{FrozenFlow, FrozenMlp, Parts};
pub use likelihood::NeuralLikelihood;
pub use region::Region;
pub(crate) use seen::Seen;
pub(crate) use times::choice_input;
