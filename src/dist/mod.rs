//! Distributions, one file each.

mod kernel;

pub use kernel::{Kernel, ParameterDomain, Partials};
