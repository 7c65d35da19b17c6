//! Distributions, one file each.

mod distribution;
pub(crate) mod first_passage;
mod family;
mod in_models;
mod kernel;
mod normal;
mod observed;
mod response;

pub(crate) use distribution::DensityFamily;
pub use distribution::{Density, Distribution};
pub(crate) use family::Family;
pub use in_models::NonCentered;
pub use kernel::{Kernel, ParameterDomain, Partials};
pub use normal::Normal;
pub use observed::Observed;
pub use response::Response;
