//! The normal distribution cut off at two ends.
//!
//! log p(x) = log phi(z) - log(scale) - log(Phi(b) - Phi(a)), z = (x - loc) / scale, a and b the same of `low` and `high`;
//! low <= x <= high.
//!
//! Everything is taken relative to the point of the interval that is nearest to `loc`
//! ([`NormalInterval`]), so that intervals far in a tail, and narrow ones, keep their digits.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), section 13.10.1. Draws in a tail: Robert
//! 1995, Simulation of truncated normal variables, doi:10.1007/BF00143942.

use super::kernel::{Kernel, ParameterDomain, Partials, poison, unless_impossible};
use crate::math::NormalInterval;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1, StandardNormal, StandardUniform};

/// A normal number with mean `loc` (any number) and standard deviation `scale` (above 0) before it is cut off at `low` and `high`
/// (low below high; either may be infinite).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruncatedNormal<M = f64, S = f64, L = f64, H = f64>(pub M, pub S, pub L, pub H);

/// What the parameters of [`TruncatedNormal`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct TruncatedNormalRow {
    low: f64,
    high: f64,
    inverse_scale: f64,
    /// The point of the interval that is nearest to loc.
    nearest: f64,
    /// The interval in units of the scale around loc.
    interval: NormalInterval,
    /// Minus the logarithm of the integral of phi(z) / phi(anchor) over x.
    normaliser: f64,
}

impl Kernel<4> for TruncatedNormal {
    type Row = TruncatedNormalRow;

    const NAME: &'static str = "TruncatedNormal";

    const PARAMETERS: [(&'static str, ParameterDomain); 4] = [
        ("loc", ParameterDomain::Real),
        ("scale", ParameterDomain::Positive),
        ("low", ParameterDomain::Extended),
        ("high", ParameterDomain::Extended),
    ];

    const ENDS: [Option<usize>; 2] = [Some(2), Some(3)];

    fn support([_, _, low, high]: [f64; 4]) -> Support {
        match (low == f64::NEG_INFINITY, high == f64::INFINITY) {
            (true, true) => Support::Real,
            (true, false) => Support::Below { high },
            (false, true) if low == 0.0 => Support::Positive,
            (false, true) => Support::Above { low },
            (false, false) => Support::Interval { low, high },
        }
    }

    fn row([loc, scale, low, high]: [f64; 4]) -> TruncatedNormalRow {
        let interval =
            NormalInterval::new((low - loc) / scale, (high - loc) / scale, width(scale, low, high));
        let ordered = if low < high { 0.0 } else { f64::NAN };
        let normaliser = -scale.ln() - interval.log_integral
            + ordered
            + poison::<Self, f64, 4, 1>([loc, scale, low, high]);
        TruncatedNormalRow {
            low,
            high,
            inverse_scale: 1.0 / scale,
            nearest: loc.max(low).min(high),
            interval,
            normaliser,
        }
    }

    fn log_prob(row: &TruncatedNormalRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &TruncatedNormalRow, [x]: [f64; 1]) -> Partials<4> {
        if !(row.low <= x && x <= row.high && x.is_finite()) {
            // Of ends that are out of order, which exclude every x, the log density is NaN.
            let log_prob = if row.normaliser.is_nan() { f64::NAN } else { f64::NEG_INFINITY };
            return Partials { log_prob, ..Partials::IMPOSSIBLE };
        }
        let TruncatedNormalRow { inverse_scale, ref interval, .. } = *row;
        let offset = (x - row.nearest) * inverse_scale;
        let square = offset * (2.0 * interval.anchor + offset);
        let [at_low, at_high] = interval.ends;
        unless_impossible(Partials {
            log_prob: row.normaliser - 0.5 * square,
            value: -(interval.anchor + offset) * inverse_scale,
            parameters: [
                (offset - interval.mean) * inverse_scale,
                (square - interval.square) * inverse_scale,
                at_low * inverse_scale,
                -at_high * inverse_scale,
            ],
        })
    }

    fn sample(parameters: [f64; 4], stream: &mut Stream) -> [f64; 1] {
        let [loc, scale, low, high] = parameters;
        let poison = poison::<Self, f64, 4, 1>(parameters);
        // Numbers between the ends, which themselves are not in the support.
        let inside = [low.next_up(), high.next_down()];
        if poison.is_nan() || !(inside[0] <= inside[1]) {
            return [f64::NAN];
        }
        let nearest = loc.max(low).min(high);
        let ends = [(low - loc) / scale, (high - loc) / scale];
        let x = nearest + scale * offset(ends, width(scale, low, high), stream);
        [x.max(inside[0]).min(inside[1])]
    }
}

/// (high - low) / scale, also where the difference overflows.
fn width(scale: f64, low: f64, high: f64) -> f64 {
    if high - low < f64::INFINITY { (high - low) / scale } else { high / scale - low / scale }
}

/// One draw of a standard normal number between two ends, less the point between them that is nearest to 0.
fn offset([low, high]: [f64; 2], width: f64, stream: &mut Stream) -> f64 {
    // Ends that are one number to rounding.
    if !(low < high) {
        return 0.0;
    }
    if high <= 0.0 {
        return -offset([-high, -low], width, stream);
    }
    let anchor = low.max(0.0);
    let (first, last) = (low - anchor, if low < 0.0 { high } else { width });
    let farther = last.max(-first);
    if !(anchor < f64::INFINITY) || farther == 0.0 {
        return 0.0;
    }
    // Candidates fall evenly where the density differs little, as exponential numbers in a tail, else as normal ones.
    let narrow = farther * (anchor + 0.5 * farther) <= 2.0;
    let tail = 0.5 * anchor + 0.5 * anchor.hypot(2.0);
    loop {
        let normal: f64 = StandardNormal.sample(stream);
        let (exponential, fraction): (f64, f64) = (Exp1.sample(stream), StandardUniform.sample(stream));
        let (offset, log_chance) = if narrow {
            let offset = first + width * fraction;
            (offset, -offset * (anchor + 0.5 * offset))
        } else if anchor > 0.5 {
            let offset = exponential / tail;
            (offset, -0.5 * (anchor + offset - tail).powi(2))
        } else {
            (normal - anchor, 0.0)
        };
        let threshold: f64 = Exp1.sample(stream);
        if first <= offset && offset <= last && -threshold <= log_chance {
            return offset;
        }
    }
}
