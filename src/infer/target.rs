//! A density as `nuts-rs` wants it. Its generics are instantiated here, once, so that a user's crate that edits its model
//! does not build the sampler again (DESIGN D2).

use crate::logdensity::{DensityError, LogDensity};
use nuts_rs::{CpuLogpFunc, CpuMathError, HasDims, LogpError};
use std::collections::HashMap;

/// One chain's density, type-erased.
pub(super) struct Target(pub(super) Box<dyn LogDensity>);

/// A [`DensityError`] on its way through the sampler.
#[derive(Debug)]
pub(super) struct TargetError(DensityError);

impl std::fmt::Display for TargetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for TargetError {}

impl LogpError for TargetError {
    fn is_recoverable(&self) -> bool {
        self.0.is_recoverable()
    }
}

impl HasDims for Target {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_string(), self.0.dim() as u64)])
    }
}

impl CpuLogpFunc for Target {
    type LogpError = TargetError;
    type FlowParameters = ();
    type ExpandedVector = ();

    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, TargetError> {
        self.0.log_density_and_gradient(position, gradient).map_err(TargetError)
    }

    fn expand_vector<R: rand::Rng + ?Sized>(&mut self, _: &mut R, _: &[f64]) -> Result<(), CpuMathError> {
        Ok(())
    }
}
