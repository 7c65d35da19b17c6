//! From the support of a distribution to R^n and back, value and log-Jacobian in one call.

mod bijection;
mod support;

pub use bijection::{Constrained, Transform};
pub use support::Support;
