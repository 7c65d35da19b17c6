//! mynah: a small probabilistic programming language whose likelihoods may be trained neural surrogates.

// Generated code and doc examples name this crate by its public name.
extern crate self as mynah;

pub mod dist;
pub mod draws;
mod error;
mod file;
pub mod graph;
pub mod infer;
mod logdensity;
pub mod math;
pub mod model;
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
pub use model::Model;
pub use mynah_macros::{deterministic, factor, model, plate, sample};
pub use progress::{Progress, Step};
pub use seed::{Domain, Seed, Stream};
pub use stop::Stop;

/// Everything a program with a model in it needs, in one `use`.
pub mod prelude {
    pub use crate::dist::{
        Bernoulli, BernoulliLogit, Beta, Categorical, CategoricalLogits, Cauchy, Exponential, Flat, Gamma,
        HalfCauchy, HalfNormal, InverseGamma, LogNormal, Normal, Poisson, PoissonLog, Response, StudentT,
        Uniform, Univariate, Wiener,
    };
    pub use crate::draws::{Draws, Summary};
    pub use crate::graph::Var;
    pub use crate::infer::{Metric, Nuts};
    pub use crate::simulate::{ChoiceTimes, Counts, Ddm, Simulations};
    pub use crate::{Domain, Error, Model, Progress, Result, Seed, Stop, Stream};
    pub use crate::{deterministic, factor, model, plate, sample};
    #[cfg(feature = "neural")]
    pub use crate::{sbi::Nle, surrogate::NeuralLikelihood};
}

/// What generated code names. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::Result;
    pub use crate::graph::Argument;
    pub use crate::model::Model;
}
