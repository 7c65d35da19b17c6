//! Floor 2: from the support of a distribution to R^n and back, value and log-Jacobian in one call.

mod support;

pub use support::{Constrained, Support, Transform};
