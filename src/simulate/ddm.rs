//! The drift-diffusion model, simulated exactly.
//!
//! `dX = v dt + dW`, `X(0) = a w`, absorbed at 0 (choice 0) and `a` (choice 1); `rt = t0 +` the time of absorption. `a` is
//! the **full** boundary separation (half of the field calls half of it `a`), `w` the relative starting point.
//!
//! There is no time step: the absorption is drawn by a walk on symmetric intervals whose exit times are drawn by exact
//! rejection (see [`first_passage`]; Devroye 2009, <https://doi.org/10.1016/j.spl.2009.07.028>), so the only error is that of
//! floating-point arithmetic.

use super::{BuiltIn, Outcome, Simulator};
use crate::dist::first_passage;
use crate::seed::Stream;

/// The drift-diffusion model with parameters `v, a, w, t0`: drift (any finite number), boundary separation (above 0, the full
/// one), relative starting point (in (0, 1)) and non-decision time in seconds (0 or above). Exact: no time step.
///
/// Its outcome is [`Outcome::TimeAndChoice`]. Parameters outside these ranges, or another number of them,
/// give a failed simulation (NaN).
///
/// # Examples
/// ```
/// use mynah::simulate::{BoxPrior, Ddm, Simulations};
/// use mynah::Seed;
/// let prior = BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)])?;
/// let pairs = Simulations::draw(&prior, &Ddm::default(), 1000, Seed(7))?;
/// assert_eq!((pairs.len(), pairs.failed), (1000, 0));
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Ddm {}

impl Simulator for Ddm {
    fn built_in(&self) -> Option<BuiltIn> {
        Some(BuiltIn::Ddm)
    }

    fn parameter_names(&self) -> Option<Vec<String>> {
        Some(["v", "a", "w", "t0"].map(String::from).to_vec())
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(Outcome::TimeAndChoice)
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        // Another number of parameters is a failed simulation, like parameters out of range.
        let &[v, a, w, t0] = theta else { return data.extend([f64::NAN; 2]) };
        let (time, choice) = first_passage::sample(v, a, w, stream);
        let rt = if t0 >= 0.0 { t0 + time } else { f64::NAN };
        data.extend([rt, f64::from(choice)]);
    }
}
