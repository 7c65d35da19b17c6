//! mynah

pub mod dist;
pub mod graph;
pub mod math;
pub mod transform;
mod error;
mod logdensity;
mod seed;

pub use error::{Error, ErrorKind, Result};
pub use logdensity::{DensityError, LogDensity};
pub use seed::{Domain, Seed, Stream};
