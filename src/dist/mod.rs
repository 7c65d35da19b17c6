//! Distributions, one file each.

pub(crate) mod first_passage;
mod kernel;
mod response;

pub use kernel::{Kernel, ParameterDomain, Partials};
pub use response::Response;
