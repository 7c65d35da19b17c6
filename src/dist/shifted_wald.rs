//! The shifted Wald distribution: response times of an accumulator with one boundary.
//!
//! A Wiener process with `drift` and unit variance starts at 0; x - shift is the time at which it first reaches `boundary`. With
//! t = x - shift,
//!
//! log p(x) = log(boundary) - log(2 pi t^3) / 2 - (boundary - drift t)^2 / (2 t), x > shift.
//!
//! Source: Anders, Alario & Van Maanen 2016, The shifted Wald distribution for response time data analysis, doi:10.1037/met0000066.

use super::inverse_gaussian::draw;
use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::normal::HALF_LN_2_PI;
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;

/// The shifted Wald distribution of response times: first passage of a Wiener process with `drift` (above 0) and unit variance at
/// `boundary` (above 0, its distance from the start), after a non-decision time `shift` (0 or above, in the unit of x). Its mean is
/// shift + boundary / drift. The accumulator of a race; for two boundaries see [`Wiener`](super::Wiener).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftedWald<V = f64, A = f64, T = f64>(pub V, pub A, pub T);

/// What the parameters of [`ShiftedWald`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct ShiftedWaldRow<N = f64> {
    /// The drift.
    drift: N,
    /// The boundary.
    boundary: N,
    /// The shift.
    shift: N,
    /// 1 / boundary.
    inverse_boundary: N,
    /// log(boundary) - log(2 pi) / 2.
    normaliser: N,
}

impl Kernel<3> for ShiftedWald {
    kernel_by_formula! { ShiftedWaldRow, 3 }

    const NAME: &'static str = "ShiftedWald";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("drift", ParameterDomain::Positive),
        ("boundary", ParameterDomain::Positive),
        ("shift", ParameterDomain::NonNegative),
    ];

    const ENDS: [Option<usize>; 2] = [Some(2), None];

    fn support([.., shift]: [f64; 3]) -> Support {
        Support::Above { low: shift }
    }

    fn sample([drift, boundary, shift]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 3, 1>([drift, boundary, shift]);
        // Above the largest shift there is no number.
        if poison.is_nan() || shift == f64::MAX {
            return [f64::NAN];
        }
        // In units of boundary^2 the mean is 1 / (boundary drift) and the shape is 1.
        let time = boundary * draw(1.0 / (boundary * drift), 1.0, stream) * boundary;
        [if time.is_nan() { f64::MAX } else { (shift + time).clamp(shift.next_up(), f64::MAX) }]
    }
}

impl VectorKernel<3> for ShiftedWald {
    type Shared<N: Number> = ShiftedWaldRow<N>;

    #[inline(always)]
    fn row<N: Number>([drift, boundary, shift]: [N; 3]) -> ShiftedWaldRow<N> {
        let poison = poison::<Self, N, 3, 1>([drift, boundary, shift]);
        ShiftedWaldRow {
            drift,
            boundary,
            shift,
            inverse_boundary: boundary.reciprocal(),
            normaliser: boundary.ln() - HALF_LN_2_PI + poison,
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &ShiftedWaldRow<N>, x: N) -> Partials<3, N> {
        let time = x - row.shift;
        let inverse = time.reciprocal();
        // The mean way still to go at that time, and its ratio to time.
        let way = row.boundary - row.drift * time;
        let rate = way * inverse;
        let slope = rate * 0.5 * (row.boundary + row.drift * time) * inverse - inverse * 1.5;
        let partials = Partials {
            log_prob: row.normaliser - time.ln() * 1.5 - way * rate * 0.5,
            value: slope,
            parameters: [way, row.inverse_boundary - rate, -slope],
        };
        let inside = x.both(row.shift.less_than(x), x.less_than(x.all(f64::INFINITY)));
        // A shift outside of its domain excludes x but has no density either.
        let inside = possible(inside, partials);
        Partials { log_prob: inside.log_prob + row.normaliser.nan_unless_finite(), ..inside }
    }
}
