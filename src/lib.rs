//! mynah

pub mod dist;
pub mod draws;
mod error;
pub mod graph;
mod logdensity;
pub mod math;
mod seed;
pub mod simulate;
pub mod transform;

pub use error::{Error, ErrorKind, Result};
pub use logdensity::{DensityError, LogDensity};
pub use seed::{Domain, Seed, Stream};
