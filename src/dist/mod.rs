//! Distributions, one file each: the mathematics as a [`Kernel`], a tuple struct with the textbook's arguments.
//!
//! `Normal(0.0, 1.0)` with numbers is a distribution to evaluate and to draw from ([`Univariate`]); with variables or data
//! among its arguments it stands in a statement of a model ([`Distribution`]).

mod bernoulli;
mod bernoulli_logit;
mod beta;
mod categorical;
mod cauchy;
mod distribution;
mod exponential;
mod family;
pub(crate) mod first_passage;
mod flat;
mod gamma;
mod half_cauchy;
mod half_normal;
mod in_models;
mod inverse_gamma;
mod kernel;
mod log_normal;
mod normal;
mod observed;
mod poisson;
mod poisson_log;
mod response;
pub mod rows;
mod standardised;
mod student_t;
mod uniform;
mod univariate;
mod vector_kernel;
mod wiener;

pub use bernoulli::Bernoulli;
pub use bernoulli_logit::BernoulliLogit;
pub use beta::Beta;
pub use categorical::{Categorical, CategoricalLogits};
pub use cauchy::Cauchy;
pub use distribution::{Density, Distribution};
pub(crate) use distribution::{DensityFamily, Form};
pub use exponential::Exponential;
pub(crate) use family::Family;
pub use flat::Flat;
pub use gamma::Gamma;
pub use half_cauchy::HalfCauchy;
pub use half_normal::HalfNormal;
pub use in_models::NonCentered;
pub use inverse_gamma::InverseGamma;
pub use kernel::{Kernel, ParameterDomain, Partials};
pub use log_normal::LogNormal;
pub use normal::Normal;
pub use observed::{IntoObserved, Observed};
pub use poisson::Poisson;
pub use poisson_log::PoissonLog;
pub use response::Response;
pub(crate) use standardised::Standardised;
pub use student_t::StudentT;
pub use uniform::Uniform;
pub use univariate::Univariate;
pub use wiener::Wiener;
