//! The first-passage density f(t, w) of a standard Wiener process that starts at w in (0, 1) and is absorbed at 0,
//! where it is counted, and at 1, where it is lost.
//!
//! Two series of one function (Navarro & Fuss 2009, <https://doi.org/10.1016/j.jmp.2009.02.003>; Feller 1968,
//! chapter XIV):
//!
//! - small times, by reflections: f = (2 pi t^3)^(-1/2) exp(-w^2/2t) B, with
//!   B = sum over integers j of (w + 2j) exp(-2j (j + w) / t);
//! - large times, by sine modes:  f = pi sin(pi w) exp(-pi^2 t/2) A, with A = sum over k >= 1 of k sin(k pi w) /
//!   sin(pi w) exp(-(k^2 - 1) pi^2 t/2).
//!
//! The leading exponential stands outside, so the logarithm is exact where the density underflows. *Error*: at the
//! switch t = 0.2 the small-time terms j = 0, -1, 1, -2, 2 leave out exp(-60), and six modes leave out 49 exp(-47);
//! away from it both are better. For large times the number of modes falls from 6 to 4 and 2 where what is left out
//! is below exp(-47) again. What remains is rounding, of the order of 1e-15.
//!
//! Counted at 1 instead of 0, the density is f(t, 1 - w): [`Side`].

use std::f64::consts::PI;

const HALF_PI_SQUARED: f64 = 0.5 * PI * PI;

/// Small-time series below, large-time series from here on.
const SWITCH: f64 = 0.2;

/// Below this the density is 0 for every representable purpose: its logarithm is under -1e79 unless w is below 1e-20.
const SHORTEST: f64 = 1e-120;

/// The number of sine modes that a row holds.
const MODES: usize = 6;

/// log f with its derivatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passage {
    /// log f.
    pub(super) log_density: f64,
    /// d log f / dt.
    pub(super) time_slope: f64,
    /// d log f / dw.
    pub(super) start_slope: f64,
}

/// At which end the passage is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// At 0: f(t, w).
    Lower,
    /// At 1: f(t, 1 - w).
    Upper,
}

/// What the start w alone determines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// w.
    w: f64,
    /// log(pi sin(pi w)).
    log_sine: f64,
    /// k sin(k pi w) / sin(pi w), k = 1, 2, ...
    sines: [f64; MODES],
    /// k^2 pi cos(k pi w) / sin(pi w), k = 1, 2, ...
    cosines: [f64; MODES],
}

impl Start {
    /// The start at `w`, 0 < w < 1.
    pub(super) fn new(w: f64) -> Self {
        // The sine from the nearer end and the cosine from the middle: both keep their relative accuracy at their
        // zeros.
        let (sine, cosine) = ((PI * w.min(1.0 - w)).sin(), (PI * (0.5 - w)).sin());
        let (mut sines, mut cosines) = ([0.0; MODES], [0.0; MODES]);
        // sin(k x) / sin(x) and cos(k x) by their common recurrence y_(k+1) = 2 cos(x) y_k - y_(k-1).
        let (mut ratio, mut ratio_before) = (1.0, 0.0);
        let (mut wave, mut wave_before) = (cosine, 1.0);
        for mode in 0..MODES {
            let k = (mode + 1) as f64;
            sines[mode] = k * ratio;
            cosines[mode] = k * k * PI * wave / sine;
            (ratio, ratio_before) = (2.0 * cosine * ratio - ratio_before, ratio);
            (wave, wave_before) = (2.0 * cosine * wave - wave_before, wave);
        }
        Self { w, log_sine: (PI * sine).ln(), sines, cosines }
    }

    /// log f at time `t` > 0; `None` where it is minus infinity.
    #[inline]
    pub(super) fn passage(&self, t: f64, side: Side) -> Option<Passage> {
        if t < SWITCH {
            if t < SHORTEST {
                return None;
            }
            let rest = 1.0 - self.w;
            return Some(match side {
                Side::Lower => small_time(t, self.w, rest),
                Side::Upper => {
                    let passage = small_time(t, rest, self.w);
                    Passage { start_slope: -passage.start_slope, ..passage }
                }
            });
        }
        Some(if t < 0.4 {
            self.large_time::<6>(t, side)
        } else if t < 1.2 {
            self.large_time::<4>(t, side)
        } else {
            self.large_time::<2>(t, side)
        })
    }

    /// The sum of `K` sine modes. Seen from the other end the even modes change sign, those of the derivative with
    /// respect to w too.
    #[inline]
    fn large_time<const K: usize>(&self, t: f64, side: Side) -> Passage {
        let even = if side == Side::Lower { 1.0 } else { -1.0 };
        let decay = (-HALF_PI_SQUARED * t).exp();
        let square = decay * decay;
        // Mode k carries decay^(k^2 - 1); from k to k + 1 the exponent grows by 2k + 1.
        let (mut weight, mut step) = (1.0, decay * square);
        let (mut sum, mut time, mut start) = (1.0, 0.0, self.cosines[0]);
        for mode in 1..K {
            weight *= step;
            step *= square;
            let signed = if mode % 2 == 1 { even * weight } else { weight };
            let term = signed * self.sines[mode];
            sum += term;
            time += ((mode + 1) * (mode + 1) - 1) as f64 * term;
            start += signed * self.cosines[mode];
        }
        let inverse = 1.0 / sum;
        Passage {
            log_density: self.log_sine - HALF_PI_SQUARED * t + sum.ln(),
            time_slope: -HALF_PI_SQUARED * (1.0 + time * inverse),
            start_slope: start * inverse,
        }
    }
}

/// The reflection series, at a distance `w` from the end where passages are counted and `rest` = 1 - w from the
/// other one.
#[inline]
fn small_time(t: f64, w: f64, rest: f64) -> Passage {
    let inverse = 1.0 / t;
    let reflections = reflections(inverse, w, rest);
    let share = 1.0 / reflections.sum;
    let half_square = 0.5 * w * w * inverse;
    Passage {
        log_density: (reflections.sum * inverse * inverse.sqrt()).ln() - half_square - HALF_LN_2_PI,
        time_slope: inverse * (half_square - 1.5 + inverse * reflections.time * share),
        start_slope: reflections.start * share - w * inverse,
    }
}

const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// B, t^2 dB/dt and dB/dw.
struct Reflections {
    sum: f64,
    time: f64,
    start: f64,
}

/// B from its five leading terms, w - (2-w) q1 + (2+w) q2 - (4-w) q3 + (4+w) q4, with q1 = exp(-2(1-w)/t), q2 =
/// exp(-2(1+w)/t), q3 = exp(-4(2-w)/t) = q1^3 q2, q4 = exp(-4(2+w)/t) = q1 q2^3.
#[inline]
fn reflections(inverse: f64, w: f64, rest: f64) -> Reflections {
    let exponent = 2.0 * rest * inverse;
    if exponent > 45.0 {
        // Every reflection together is below exp(-45) of the direct path.
        return Reflections { sum: w, time: 0.0, start: 1.0 };
    }
    let (q1, leading) = if exponent < 0.5 {
        // The start is near the other end and the first two terms nearly cancel: (1 - q1) - (1 - w)(1 + q1).
        let one_minus = -(-exponent).exp_m1();
        (1.0 - one_minus, one_minus - rest * (2.0 - one_minus))
    } else {
        let q1 = (-exponent).exp();
        (q1, w - (2.0 - w) * q1)
    };
    let q2 = (-2.0 * (1.0 + w) * inverse).exp();
    let (q3, q4) = (q1 * q1 * q1 * q2, q1 * q2 * q2 * q2);
    let terms = [-(2.0 - w) * q1, (2.0 + w) * q2, -(4.0 - w) * q3, (4.0 + w) * q4];
    Reflections {
        sum: leading + terms[1] + (terms[2] + terms[3]),
        time: 2.0 * (rest * terms[0] + (1.0 + w) * terms[1])
            + 4.0 * ((2.0 - w) * terms[2] + (2.0 + w) * terms[3]),
        start: (1.0 + q1 + q2 + q3 + q4)
            + inverse * (2.0 * (terms[0] - terms[1]) + 4.0 * (terms[2] - terms[3])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two series where both have converged: two formulas, one function. Tolerance: 30 roundings of sums in
    /// which up to a digit cancels.
    #[test]
    fn the_two_series_agree_around_the_switch() {
        for i in 1..100 {
            let w = f64::from(i) / 100.0;
            let start = Start::new(w);
            for t in [0.18, 0.2, 0.22, 0.25] {
                let (small, large) = (small_time(t, w, 1.0 - w), start.large_time::<6>(t, Side::Lower));
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-13 * (1.0 + a.abs());
                assert!(close(small.log_density, large.log_density), "{t} {w}");
                assert!(close(small.time_slope, large.time_slope), "{t} {w}");
                assert!(close(small.start_slope, large.start_slope), "{t} {w}");
            }
        }
    }

    /// Fewer modes beyond their borders change nothing.
    #[test]
    fn dropped_modes_do_not_matter() {
        for w in [0.001, 0.2, 0.5, 0.9, 0.999] {
            let start = Start::new(w);
            for side in [Side::Lower, Side::Upper] {
                for (full, fewer) in [
                    (start.large_time::<6>(0.4, side), start.large_time::<4>(0.4, side)),
                    (start.large_time::<6>(1.2, side), start.large_time::<2>(1.2, side)),
                ] {
                    assert!((full.log_density - fewer.log_density).abs() < 1e-15);
                    assert!((full.time_slope / fewer.time_slope - 1.0).abs() < 1e-15);
                    assert!(
                        (full.start_slope - fewer.start_slope).abs()
                            < 1e-15 * (10.0 + full.start_slope.abs())
                    );
                }
            }
        }
    }
}
