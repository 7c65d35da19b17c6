//! The Wiener first-passage density: choice and response time of a drift-diffusion model (DDM).
//!
//! Evidence moves as dX = v dt + dW from X(0) = a w until it reaches 0 (choice 0) or a (choice 1); the response
//! time rt is the time this takes plus a non-decision time t0. The density of (rt, choice) is *defective*: over rt
//! it integrates to the probability of the choice.
//!
//! log p(rt, 0) = -2 log(a) - v a w - v^2 (rt - t0)/2 + log f((rt - t0)/a^2, w), and for choice 1 the same with -v
//! and 1 - w; f is the density of a standard process (file series.rs).
//!
//! Source: Navarro & Fuss 2009, <https://doi.org/10.1016/j.jmp.2009.02.003>.

mod series;
mod trial;

pub use trial::WienerRow;

use super::Response;
use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::seed::Stream;
use crate::transform::Support;

/// The distribution of choice and response time of a drift-diffusion model with
///
/// - `v`: drift, any number, towards choice 1 if positive;
/// - `a`: boundary **separation**, above 0 (half of the field calls half of this *a*);
/// - `w`: relative starting point, between 0 and 1, distance from the lower boundary over `a`;
/// - `t0`: non-decision time in seconds, 0 or above.
///
/// The diffusion coefficient is 1. A value is `[rt, choice]`, rt in seconds, choice 1 = upper boundary. The log
/// density and all its derivatives are good to about 1e-12 relative, far tails included; rt <= t0 has log density
/// minus infinity.
///
/// # Examples
/// ```
/// use mynah::dist::{Response, Wiener};
/// let trial = Response { rt: 0.5816, choice: 1 };
/// let log_prob = Wiener(4.3509, 2.1346, 0.3704, 0.0892).log_prob(trial);
/// assert!((log_prob + 0.21027534507094335).abs() < 1e-12); // mpmath, 60 digits
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wiener<V = f64, A = f64, W = f64, T = f64>(pub V, pub A, pub W, pub T);

impl Wiener {
    /// The log density of a trial; minus infinity for rt <= t0 and for choices other than 0 and 1, NaN if a
    /// parameter lies outside its domain.
    pub fn log_prob(&self, trial: Response) -> f64 {
        <Self as Kernel<4, 2>>::log_prob(&<Self as Kernel<4, 2>>::row(self.parameters()), trial.row())
    }

    /// One exact draw. Its rt is NaN if a parameter lies outside its domain.
    pub fn sample(&self, stream: &mut Stream) -> Response {
        let [rt, choice] = <Self as Kernel<4, 2>>::sample(self.parameters(), stream);
        Response { rt, choice: u8::from(choice == 1.0) }
    }

    fn parameters(&self) -> [f64; 4] {
        [self.0, self.1, self.2, self.3]
    }
}

impl Kernel<4, 2> for Wiener {
    type Row = WienerRow;

    const NAME: &'static str = "Wiener";

    const PARAMETERS: [(&'static str, ParameterDomain); 4] = [
        ("v", ParameterDomain::Real),
        ("a", ParameterDomain::Positive),
        ("w", ParameterDomain::Unit),
        ("t0", ParameterDomain::NonNegative),
    ];

    fn support(_: [f64; 4]) -> Support {
        Support::TimeAndChoice
    }

    #[inline]
    fn row(parameters: [f64; 4]) -> WienerRow {
        WienerRow::new(parameters, poison::<Self, f64, 4, 2>(parameters))
    }

    #[inline]
    fn log_prob(row: &WienerRow, x: [f64; 2]) -> f64 {
        // The gradient is dead code here and the compiler drops it.
        row.partials(x).log_prob
    }

    #[inline]
    fn partials(row: &WienerRow, x: [f64; 2]) -> Partials<4> {
        row.partials(x)
    }

    fn sample([v, a, w, t0]: [f64; 4], stream: &mut Stream) -> [f64; 2] {
        let (time, choice) = super::first_passage::sample(v, a, w, stream);
        [if t0 >= 0.0 { time + t0 } else { f64::NAN }, f64::from(choice)]
    }
}
