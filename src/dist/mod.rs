//! Distributions, one file each.

mod kernel;
mod response;

pub use kernel::{Kernel, ParameterDomain, Partials};
pub use response::Response;
