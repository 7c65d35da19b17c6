//! mynah: a small probabilistic programming language whose likelihoods may be trained neural surrogates.

// Generated code and doc examples name this crate by its public name.
extern crate self as mynah;

pub mod dist;
pub mod draws;
mod error;
pub mod graph;
pub mod infer;
mod logdensity;
pub mod math;
pub mod model;
mod progress;
mod seed;
pub mod simulate;
mod stop;
pub mod transform;

pub use error::{Error, ErrorKind, Result};
pub use logdensity::{DensityError, LogDensity};
pub use model::Model;
pub use mynah_macros::{deterministic, factor, model, plate, sample};
pub use progress::{Progress, Step};
pub use seed::{Domain, Seed, Stream};
pub use stop::Stop;

/// What generated code names. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::Result;
    pub use crate::graph::Argument;
    pub use crate::model::Model;
}
