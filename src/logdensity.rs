//! The narrow waist: everything a sampler may know of a target.
//!
//! A target lives on unconstrained R^n. It may return minus infinity (a point of zero density); NaN and plus infinity
//! are errors, and an error says whether the sampler may go on from where it was.

use std::fmt;

/// A differentiable log density on R^n, up to a constant, with the workspace of one chain inside.
///
/// Implement it for a hand-written model and every sampler of this crate runs on it: samplers clone the value once per
/// chain, then call it many times. An implementation keeps its scratch space in `self`, so that calls allocate nothing.
///
/// # Examples
/// ```
/// use mynah::{DensityError, LogDensity};
///
/// /// A standard normal in `n` dimensions.
/// #[derive(Clone)]
/// struct Standard(usize);
///
/// impl LogDensity for Standard {
///     fn dim(&self) -> usize {
///         self.0
///     }
///     fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
///         Ok(-0.5 * z.iter().map(|z| z * z).sum::<f64>())
///     }
///     fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
///         for (g, z) in gradient.iter_mut().zip(z) {
///             *g = -z;
///         }
///         self.log_density(z)
///     }
/// }
/// assert_eq!(Standard(2).log_density(&[3.0, 4.0]).unwrap(), -12.5);
/// ```
pub trait LogDensity: Send {
    /// The number n of unconstrained dimensions.
    fn dim(&self) -> usize;

    /// The log density at `z` (length `dim()`).
    ///
    /// # Errors
    /// When the value is NaN or plus infinity, or cannot be computed.
    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError>;

    /// The log density at `z`, and its gradient written to `gradient` (both of length `dim()`).
    ///
    /// # Errors
    /// When the value or the gradient is not finite (minus infinity included: it has no gradient), or cannot be computed.
    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError>;
}

/// Why a log density has no usable value at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct DensityError {
    message: String,
    recoverable: bool,
}

impl DensityError {
    /// The point is bad, others may be good: a sampler rejects it, counts it and goes on.
    pub fn recoverable(message: impl Into<String>) -> Self {
        Self { message: message.into(), recoverable: true }
    }

    /// No point will do: a sampler stops and returns what it has.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { message: message.into(), recoverable: false }
    }

    /// Whether a sampler may reject this point and go on.
    pub fn is_recoverable(&self) -> bool {
        self.recoverable
    }
}

impl fmt::Display for DensityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DensityError {}
