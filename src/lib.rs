//! mynah

pub mod dist;
mod error;
pub mod graph;
mod logdensity;
pub mod math;
mod progress;
mod seed;
pub mod simulate;
mod stop;
pub mod transform;

pub use error::{Error, ErrorKind, Result};
pub use logdensity::{DensityError, LogDensity};
pub use progress::{Progress, Step};
pub use seed::{Domain, Seed, Stream};
pub use stop::Stop;
