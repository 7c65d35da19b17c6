//! mynah

pub mod dist;
mod error;
pub mod graph;
mod logdensity;
pub mod math;
#[cfg(feature = "neural")]
pub mod neural;
mod progress;
#[cfg(feature = "neural")]
pub mod sbi;
mod seed;
pub mod simulate;
mod stop;
#[cfg(feature = "neural")]
pub mod surrogate;
pub mod transform;

pub use error::{Error, ErrorKind, Result};
pub use logdensity::{DensityError, LogDensity};
pub use progress::{Progress, Step};
pub use seed::{Domain, Seed, Stream};
pub use stop::Stop;
