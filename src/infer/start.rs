//! Where a chain starts.
//!
//! Uniform in (-2, 2) on the unconstrained scale, as in Stan; the half-width shrinks after every 20 failures, since wide
//! starts can be too wild for models with many dimensions.

use crate::error::{Error, ErrorKind, Result};
use crate::logdensity::LogDensity;
use crate::seed::Stream;
use rand::RngExt;

const TRIES: usize = 200;
const TRIES_PER_WIDTH: usize = 20;
const WIDTH: f64 = 2.0;

/// A point of finite density and gradient.
///
/// # Errors
/// When none of many random points will do; the message says what the density said of the last one.
pub(super) fn starting_point(density: &mut dyn LogDensity, stream: &mut Stream) -> Result<Vec<f64>> {
    let mut z = vec![0.0; density.dim()];
    let mut gradient = vec![0.0; density.dim()];
    let mut reason = String::new();
    for attempt in 0..TRIES {
        let width = WIDTH * 0.7_f64.powi((attempt / TRIES_PER_WIDTH) as i32);
        z.iter_mut().for_each(|z| *z = stream.random_range(-width..width));
        match density.log_density_and_gradient(&z, &mut gradient) {
            Ok(_) => return Ok(z),
            Err(error) if !error.is_recoverable() => {
                return Err(failure("a fatal error", &error.to_string()));
            }
            Err(error) => reason = error.to_string(),
        }
    }
    Err(failure(&format!("none at {TRIES} random points"), &reason))
}

fn failure(what: &str, reason: &str) -> Error {
    let message = format!(
        "expected a finite log density at a starting point, got {what}; at the last one {reason}. Check that the data are \
         possible under the prior, and that no parameter leaves its range"
    );
    Error::new(ErrorKind::Sampling, message)
}
