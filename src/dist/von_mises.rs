//! The von Mises distribution of angles.
//!
//! log p(x) = kappa cos(x - loc) - log(2 pi I0(kappa)), x in radians from -pi to pi; as
//! -2 kappa sin((x - loc)/2)^2 - log(2 pi) - log(exp(-kappa) I0(kappa)), in which nothing large cancels.
//!
//! Source: Mardia & Jupp, Directional Statistics (2000), section 3.5.4. Draws: Best & Fisher 1979, doi:10.2307/2346732.

use super::kernel::{Kernel, ParameterDomain, Partials, poison, unless_impossible};
use crate::math::ln_bessel_i0_scaled;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Open01, StandardNormal};
use std::f64::consts::{PI, TAU};

/// log(2 pi).
const LN_2_PI: f64 = 1.837_877_066_409_345_4;

/// The von Mises distribution of an angle in radians, from -pi to pi, with mean direction `loc` (any number, in radians) and
/// concentration `kappa` (0 or above; 0 is uniform, large ones are normal with variance 1 / kappa).
///
/// An unknown angle has two coordinates, whose direction it is: -pi and pi are joined, and a posterior may lie around them
/// ([`Circle`](crate::transform::Circle)). Its mean as a number is then no direction; that is the angle of the mean sine and the mean cosine.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn wind(bearing: &[f64]) {
///     sample!(direction ~ VonMises(0, 0.5));
///     plate!(days = bearing.len(), {
///         sample!(bearing ~ VonMises(direction, 4), observed = bearing);
///     });
///     deterministic!(south = direction.cos());
/// }
/// let posterior = wind(&[3.0, -3.1, 3.1, -2.8])?.sample(&Nuts::default().draws(300).seed(1))?;
/// assert!(posterior.get("south")?.mean()[0] < -0.8);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VonMises<L = f64, K = f64>(pub L, pub K);

/// What the parameters of [`VonMises`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct VonMisesRow {
    loc: f64,
    kappa: f64,
    /// -log(2 pi) - log(exp(-kappa) I0(kappa)).
    normaliser: f64,
    /// 1 - I1(kappa) / I0(kappa).
    spread: f64,
}

impl Kernel<2> for VonMises {
    type Row = VonMisesRow;

    const NAME: &'static str = "VonMises";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("loc", ParameterDomain::Real), ("kappa", ParameterDomain::NonNegative)];

    fn support(_: [f64; 2]) -> Support {
        Support::Circle
    }

    fn row([loc, kappa]: [f64; 2]) -> VonMisesRow {
        let (log_bessel, spread) = ln_bessel_i0_scaled(kappa);
        let normaliser = -LN_2_PI - log_bessel + poison::<Self, f64, 2, 1>([loc, kappa]);
        VonMisesRow { loc, kappa, normaliser, spread }
    }

    fn log_prob(row: &VonMisesRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &VonMisesRow, [x]: [f64; 1]) -> Partials<2> {
        if !(x.abs() <= PI) {
            return Partials { log_prob: f64::NEG_INFINITY + 0.0 * row.normaliser, ..Partials::IMPOSSIBLE };
        }
        let (sine, cosine) = (0.5 * (x - row.loc)).sin_cos();
        // cos(x - loc) - 1.
        let fall = -2.0 * sine * sine;
        let pull = 2.0 * row.kappa * sine * cosine;
        unless_impossible(Partials {
            log_prob: row.kappa * fall + row.normaliser,
            value: -pull,
            parameters: [pull, fall + row.spread],
        })
    }

    fn sample([loc, kappa]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([loc, kappa]);
        if poison.is_nan() {
            return [poison];
        }
        // Around 0 first, then turned; the remainders lie between -pi and pi.
        let angle = (loc % TAU + turn(kappa, stream)) % TAU;
        let angle = if angle > PI {
            angle - TAU
        } else if angle < -PI {
            angle + TAU
        } else {
            angle
        };
        [angle.clamp(-PI, PI)]
    }
}

/// One angle around 0. Below 1e-8 the density is even, and above 1e8 normal, to rounding.
fn turn(kappa: f64, stream: &mut Stream) -> f64 {
    let uniform = |stream: &mut Stream| -> f64 { Open01.sample(stream) };
    if kappa < 1e-8 {
        return PI * (2.0 * uniform(stream) - 1.0);
    }
    if kappa > 1e8 {
        let z: f64 = StandardNormal.sample(stream);
        return z / kappa.sqrt();
    }
    // A wrapped Cauchy number whose density lies above: with t = 1 + sqrt(1 + 4 kappa^2), rho = (t - sqrt(2 t)) / (2 kappa) and
    // r = (1 + rho^2) / (2 rho), which tends to 1 / kappa + kappa.
    let t = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
    let rho = (t - (2.0 * t).sqrt()) / (2.0 * kappa);
    let r = if kappa < 1e-5 { 1.0 / kappa + kappa } else { (1.0 + rho * rho) / (2.0 * rho) };
    loop {
        let z = (PI * uniform(stream)).cos();
        let f = (1.0 + r * z) / (r + z);
        let c = kappa * (r - f);
        let u = uniform(stream);
        if c * (2.0 - c) > u || (c / u).ln() + 1.0 >= c {
            let angle = f.clamp(-1.0, 1.0).acos();
            return if uniform(stream) < 0.5 { angle } else { -angle };
        }
    }
}
