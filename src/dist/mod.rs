//! Distributions, one file each.

#![allow(clippy::neg_cmp_op_on_partial_ord)] // `!(x > 0.0)` is written so that NaN fails too.

mod bernoulli;
mod bernoulli_logit;
mod beta;
mod cauchy;
mod exponential;
pub(crate) mod first_passage;
mod gamma;
mod half_cauchy;
mod half_normal;
mod inverse_gamma;
mod kernel;
mod log_normal;
mod normal;
mod poisson;
mod poisson_log;
mod response;
mod student_t;
mod uniform;
mod univariate;
mod wiener;

pub use bernoulli::{Bernoulli, BernoulliRow};
pub use bernoulli_logit::{BernoulliLogit, BernoulliLogitRow};
pub use beta::{Beta, BetaRow};
pub use cauchy::{Cauchy, CauchyRow};
pub use exponential::{Exponential, ExponentialRow};
pub use gamma::{Gamma, GammaRow};
pub use half_cauchy::{HalfCauchy, HalfCauchyRow};
pub use half_normal::{HalfNormal, HalfNormalRow};
pub use inverse_gamma::{InverseGamma, InverseGammaRow};
pub use kernel::{Kernel, ParameterDomain, Partials};
pub use log_normal::{LogNormal, LogNormalRow};
pub use normal::{Normal, NormalRow};
pub use poisson::{Poisson, PoissonRow};
pub use poisson_log::{PoissonLog, PoissonLogRow};
pub use response::Response;
pub use student_t::{StudentT, StudentTRow};
pub use uniform::{Uniform, UniformRow};
pub use univariate::Univariate;
pub use wiener::{Wiener, WienerRow};
