//! From the support of a distribution to R^n and back, value and log-Jacobian in one call.

mod affine;
mod bijection;
mod bounded;
mod cholesky_correlation;
mod cholesky_covariance;
mod circle;
mod correlation;
mod ordered;
mod random_walk;
mod simplex;
mod slices;
#[cfg(test)]
mod slices_tests;
mod sum_to_zero;
mod support;
mod unit_vector;

pub use affine::{Affine, AffineVectors};
pub use bijection::{Constrained, Transform};
pub use bounded::Bounded;
pub use cholesky_correlation::CholeskyCorrelation;
pub use cholesky_covariance::CholeskyCovariance;
pub use circle::Circle;
pub use correlation::Correlation;
pub use ordered::Ordered;
pub use random_walk::RandomWalk;
pub use simplex::Simplex;
pub use slices::Bijection;
pub use sum_to_zero::SumToZero;
pub use support::Support;
pub use unit_vector::UnitVector;
