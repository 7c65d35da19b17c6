//! From the support of a distribution to R^n and back, value and log-Jacobian in one call.

mod affine;
mod bijection;
mod bounded;
mod cholesky_correlation;
mod ordered;
mod simplex;
mod slices;
#[cfg(test)]
mod slices_tests;
mod sum_to_zero;
mod support;

pub use affine::{Affine, AffineVectors};
pub use bijection::{Constrained, Transform};
pub use bounded::Bounded;
pub use cholesky_correlation::CholeskyCorrelation;
pub use ordered::Ordered;
pub use simplex::Simplex;
pub use slices::Bijection;
pub use sum_to_zero::SumToZero;
pub use support::Support;
