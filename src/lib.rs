//! mynah: a small probabilistic programming language whose likelihoods may be trained neural surrogates.
//!
//! A function marked `#[model]` states a model; called with data it runs once and returns a [`Model`]; a sampler such as
//! [`infer::Nuts`] turns that into [`draws::Draws`], whose summary prints a table and, under it, whatever speaks
//! against believing it.
//!
//! ```
//! use mynah::prelude::*;
//!
//! #[model]
//! fn cookie_factory(bakery: &[usize], chips: &[u64]) {
//!     sample!(mu ~ Gamma(2.0, 0.2));
//!     sample!(sigma ~ Exponential(1.0));
//!     // One rate per bakery; `rate` stays visible after the plate, as an array over it.
//!     plate!(bakeries = 3, {
//!         sample!(rate ~ Gamma(mu.powi(2) / sigma.powi(2), mu / sigma.powi(2)));
//!     });
//!     // One count per cookie; `at` gathers each cookie's rate.
//!     plate!(cookies = chips.len(), {
//!         sample!(count ~ Poisson(rate.at(bakery)), observed = chips);
//!     });
//! }
//!
//! let (bakery, chips) = ([0, 0, 0, 1, 1, 1, 2, 2, 2], [12, 9, 11, 5, 7, 4, 8, 10, 9]);
//! let model = cookie_factory(&bakery, &chips)?;
//! let posterior = model.sample(&Nuts::default().chains(2).draws(500).target_acceptance(0.95).seed(1))?;
//! println!("{}", posterior.summary());
//! let rate = posterior.get("rate")?;
//! assert_eq!(rate.shape(), [3]);
//! assert!(rate.mean()[0] > rate.mean()[1]);
//!
//! // Mistakes are found when the model is built, and say where.
//! let error = cookie_factory(&[0, 0, 7], &[12, 9, 11]).unwrap_err();
//! assert_eq!(error.kind(), mynah::ErrorKind::Index);
//! # Ok::<(), mynah::Error>(())
//! ```
//!
//! The likelihood of an observed site may be learned instead: `simulate::Simulations::draw` pairs parameters with data,
//! `sbi::Nle` trains a network on the pairs, and the `surrogate::NeuralLikelihood` that it returns stands to the right of the
//! tilde as `ddm.given(v: v.at(subject), a, w, t0)`. The README shows it whole.
//!
//! | module | what it holds |
//! |---|---|
//! | [`prelude`] | everything a program with a model in it needs |
//! | [`macro@model`] | the statements of a model: `sample!`, `plate!`, `deterministic!`, `factor!` |
//! | [`dist`] | distributions, one file each; `Wiener` is the exact density of choices and response times |
//! | [`model`](mod@model) | a recorded model: its sites, its log density, draws from its prior |
//! | [`infer`] | samplers: NUTS |
//! | [`draws`] | what a sampler returns: named arrays, diagnostics, summary, warnings |
//! | [`simulate`] | simulators, the parallel runner, pairs of parameters and data |
//! | `sbi` | neural likelihood estimation (feature `neural`) |
//! | `surrogate` | learned likelihoods, to be used at a site (feature `neural`) |
//! | `neural` | activations and training reports; the networks themselves are private (feature `neural`) |
//! | [`graph`] | what a model is recorded as; traits for nodes and densities of your own |
//! | [`check`] | derivatives written by hand against differences; draws against draws |
//! | [`transform`], [`math`] | supports and their bijections; special functions with derivatives |
//!
//! What a sampler needs to know of a target is [`LogDensity`]: implement it and every sampler runs on a density written by
//! hand; [`infer::NamedDensity`] gives one names and supports. A distribution of your own stands from start to end at
//! [`dist::Distribution`], a node of your own at [`graph::Var::custom`].
//!
//! Without its default features (`default-features = false`) the crate is the language, the samplers, the exact distributions and
//! the simulators: no networks (feature `neural`), no Ctrl-C ([`Stop`]'s feature `interrupt`), and half as many crates to build.
//!
//! All random numbers come from a [`Seed`]; the same one gives the same numbers on any number of threads.

// Generated code and doc examples name this crate by its public name.
extern crate self as mynah;

pub mod check;
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
pub use mynah_macros::{deterministic, factor, model, plate, sample, scan, submodel};
pub use progress::{Progress, Step};
pub use seed::{Domain, Seed, Stream};
pub use stop::Stop;

/// Everything a program with a model in it needs, in one `use`.
pub mod prelude {
    pub use crate::dist::{
        AsymmetricLaplace, Bernoulli, BernoulliLogit, Beta, BetaBinomial, Binomial, BinomialLogit,
        Categorical, CategoricalLogits, Cauchy, ChiSquared, Delta, Dirichlet, DirichletMultinomial,
        ExGaussian, Exponential, Flat, FlatPositive, Gamma, GaussianRandomWalk, Geometric, Gumbel,
        HalfCauchy, HalfNormal, HalfStudentT, Hurdle, Hypergeometric, InverseGamma, InverseGaussian,
        InverseWishartCholesky, Kumaraswamy, Laplace, Lkj, LkjCholesky, LogNormal, LogUniform, Logistic,
        Mixture, Multinomial, MvNormal, MvNormalCholesky, MvNormalPrecision, MvStudentT, MvStudentTCholesky,
        NegativeBinomial, NegativeBinomial2, NegativeBinomial2Log, Normal, OrderedLogistic, Pareto, Poisson,
        PoissonLog, Response, ShiftedWald, SkewNormal, SphericalUniform, StudentT, TruncatedNormal, Uniform,
        UniformResponse, Univariate, VonMises, Weibull, Wiener, WishartCholesky, ZeroInflated,
    };
    // A program that draws with `rand_distr` names that crate's trait itself, which hides this one.
    pub use crate::dist::Distribution;
    pub use crate::draws::{Draws, Summary};
    pub use crate::graph::{AlongPlate, Var};
    pub use crate::infer::{Metric, Nuts};
    pub use crate::simulate::{BoxPrior, ChoiceTimes, Counts, Ddm, Outcome, Reals, Simulations, Simulator};
    pub use crate::{Domain, Error, ErrorKind, LogDensity, Model, Progress, Result, Seed, Stop, Stream};
    pub use crate::{deterministic, factor, model, plate, sample, scan, submodel};
    #[cfg(feature = "neural")]
    pub use crate::{sbi::Nle, surrogate::NeuralLikelihood};
}

/// The programs of the README, compiled and run with the doc examples.
#[cfg(all(doctest, feature = "neural"))]
#[doc = include_str!("../README.md")]
#[doc(hidden)]
pub mod readme {}

/// What generated code names. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::error::Result;
    pub use crate::graph::IntoArgument;
    pub use crate::model::Model;
}
