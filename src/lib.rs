//! mynah

pub mod dist;
mod error;
pub mod graph;
mod logdensity;
pub mod math;
pub mod simulate;
mod seed;
pub mod transform;

pub use error::{Error, ErrorKind, Result};
pub use logdensity::{DensityError, LogDensity};
pub use seed::{Domain, Seed, Stream};
