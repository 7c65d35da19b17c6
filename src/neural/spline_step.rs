//! The spline step of an autoregressive flow: `y` and `log dy/du` of the affine step and rational-quadratic spline of
//! [`super::spline`] (Durkan et al. 2019, arXiv:1906.04032), whose symbols are used here, for one point per spline.
//!
//! There the knots serve many data; here every datum has its own. So only the bin that holds `x` is looked at: the 2 K
//! exponentials of the softmaxes are taken in f32, in vector instructions, two of the K + 1 slopes are computed, and what
//! follows is f64.

use super::activation::exp;
use super::spline::SplineShape;

/// A spline's size with the constants of its slopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplineStep {
    shape: SplineShape,
    least_slope: f64,
    slope_offset: f64,
}

/// What the way back needs of one spline at one point.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SplineCell {
    place: Place,
    x: f64,
    inverse_scale: f64,
    w: f64,
    h: f64,
    t: f64,
    /// The slopes at the ends of the bin; in a tail, the first is that of the line.
    d: [f64; 2],
    /// Their derivatives by the raw numbers.
    by_raw_slope: [f64; 2],
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Bin(usize),
    /// On the straight line that starts at this knot.
    Tail(usize),
}

impl Default for Place {
    fn default() -> Self {
        Place::Tail(0)
    }
}

/// `y` and its derivative by `x`: that by `u` is `exp(-l)` times as large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) y: f64,
    pub(crate) slope: f64,
}

impl SplineStep {
    pub(crate) fn new(shape: SplineShape) -> Self {
        let (least_slope, slope_offset) = shape.slope_constants();
        Self { shape, least_slope, slope_offset }
    }

    /// The step at `u`; `shares` (2 K) receives the softmax probabilities of widths and heights where they are needed.
    #[inline]
    pub(crate) fn forward(&self, raw: &[f32], u: f32, shares: &mut [f32], cell: &mut SplineCell) -> Point {
        let bound = self.shape.bound;
        cell.inverse_scale = f64::from(exp(-raw[1]));
        cell.x = f64::from(u - raw[0]) * cell.inverse_scale;
        if cell.x.abs() < bound {
            self.inside(raw, shares, cell)
        } else {
            let end = if cell.x < 0.0 { 0 } else { self.shape.bins };
            (cell.d[0], cell.by_raw_slope[0]) = self.slope(raw, end);
            cell.place = Place::Tail(end);
            let corner = bound.copysign(cell.x);
            Point { y: corner + cell.d[0] * (cell.x - corner), slope: cell.d[0] }
        }
    }

    /// The slope at a knot and its derivative by the raw number.
    #[inline(always)]
    fn slope(&self, raw: &[f32], knot: usize) -> (f64, f64) {
        let z = f64::from(raw[2 + 2 * self.shape.bins + knot]) + self.slope_offset;
        let e = f64::from(exp(-z.abs() as f32));
        let derivative = if z >= 0.0 { 1.0 } else { e } / (1.0 + e);
        (self.least_slope + z.max(0.0) + e.ln_1p(), derivative)
    }

    #[inline]
    fn inside(&self, raw: &[f32], shares: &mut [f32], cell: &mut SplineCell) -> Point {
        let bins = self.shape.bins;
        let (widths, heights) = shares.split_at_mut(bins);
        softmax(&raw[2..2 + bins], widths);
        softmax(&raw[2 + bins..2 + 2 * bins], heights);
        let (bin, x0, w) = self.find(widths, |index, end| index + 1 == bins || cell.x < end);
        let (_, y0, h) = self.find(heights, |index, _| index == bin);
        let ((d0, by_raw_0), (d1, by_raw_1)) = (self.slope(raw, bin), self.slope(raw, bin + 1));
        let t = (cell.x - x0) / w;
        *cell = SplineCell {
            place: Place::Bin(bin),
            w,
            h,
            t,
            d: [d0, d1],
            by_raw_slope: [by_raw_0, by_raw_1],
            ..*cell
        };
        let (s, p, rest) = (h / w, t * (1.0 - t), 1.0 - t);
        let inverse_d = 1.0 / (s + (d0 + d1 - 2.0 * s) * p);
        let a = d1 * t * t + 2.0 * s * p + d0 * rest * rest;
        let y = y0 + h * (s * t * t + d0 * p) * inverse_d;
        Point { y, slope: s * s * a * inverse_d * inverse_d }
    }

    /// The first bin for which `found(index, end)` holds: its index, start and size.
    #[inline(always)]
    fn find(&self, shares: &[f32], found: impl Fn(usize, f64) -> bool) -> (usize, f64, f64) {
        let (factor, least) = (self.shape.softmax_factor(), self.shape.least_size());
        let mut start = -self.shape.bound;
        for (index, share) in shares.iter().enumerate() {
            let size = least + factor * f64::from(*share);
            if found(index, start + size) {
                let last = index + 1 == self.shape.bins;
                return (index, start, if last { self.shape.bound - start } else { size });
            }
            start += size;
        }
        (self.shape.bins - 1, start, least) // not reached: the last bin is always found
    }

    /// From the gradients by `y` and by `log dy/du` to those by the raw numbers, written to `by_raw`, and by `u`.
    #[inline]
    pub(crate) fn backward(
        &self,
        cell: &SplineCell,
        shares: &[f32],
        by_y: f64,
        by_log_slope: f64,
        by_raw: &mut [f32],
    ) -> f64 {
        let bins = self.shape.bins;
        by_raw.fill(0.0);
        let slopes_at = 2 + 2 * bins;
        let by_x = match cell.place {
            Place::Tail(end) => {
                let from_corner = cell.x - self.shape.bound.copysign(cell.x);
                let by_slope = by_log_slope / cell.d[0] + by_y * from_corner;
                by_raw[slopes_at + end] = (by_slope * cell.by_raw_slope[0]) as f32;
                by_y * cell.d[0]
            }
            Place::Bin(bin) => {
                let Partials { by_x, by_w, by_y0, by_h, by_slopes } = cell.partials(by_y, by_log_slope);
                for (k, by_slope) in by_slopes.into_iter().enumerate() {
                    by_raw[slopes_at + bin + k] = (by_slope * cell.by_raw_slope[k]) as f32;
                }
                let factor = self.shape.softmax_factor();
                let (widths, heights) = by_raw[2..slopes_at].split_at_mut(bins);
                softmax_gradient(&shares[..bins], bin, -by_x * factor, by_w * factor, widths);
                softmax_gradient(&shares[bins..], bin, by_y0 * factor, by_h * factor, heights);
                by_x
            }
        };
        let by_u = by_x * cell.inverse_scale;
        by_raw[0] = -by_u as f32;
        by_raw[1] = -(by_x * cell.x + by_log_slope) as f32;
        by_u
    }
}

/// The partial derivatives of `by_y y + by_log_slope log y'`.
struct Partials {
    by_x: f64,
    by_w: f64,
    by_y0: f64,
    by_h: f64,
    by_slopes: [f64; 2],
}

impl SplineCell {
    #[inline(always)]
    fn partials(&self, by_y: f64, by_log_slope: f64) -> Partials {
        let Self { w, h, t, d: [d0, d1], .. } = *self;
        let (s, rest, q) = (h / w, 1.0 - t, 1.0 - 2.0 * t);
        let p = t * rest;
        let inverse_d = 1.0 / (s + (d0 + d1 - 2.0 * s) * p);
        let inverse_a = 1.0 / (d1 * t * t + 2.0 * s * p + d0 * rest * rest);
        let ratio = (s * t * t + d0 * p) * inverse_d;
        // d(h N / D) = h (dN - ratio dD) / D, and d log y' = 2 ds / s + dA / A - 2 dD / D.
        let outer = by_y * h * inverse_d;
        let partial = |n: f64, d: f64, a: f64| {
            outer * (n - ratio * d) + by_log_slope * (a * inverse_a - 2.0 * d * inverse_d)
        };
        let by_t = partial(2.0 * s * t + d0 * q, (d0 + d1 - 2.0 * s) * q, 2.0 * (d1 * t + s * q - d0 * rest));
        let by_s = partial(t * t, 1.0 - 2.0 * p, 2.0 * p) + 2.0 * by_log_slope / s;
        let inverse_w = 1.0 / w;
        Partials {
            by_x: by_t * inverse_w,
            by_w: -(by_t * t + by_s * s) * inverse_w,
            by_y0: by_y,
            by_h: by_y * ratio + by_s * inverse_w,
            by_slopes: [partial(p, p, rest * rest), partial(0.0, p, t * t)],
        }
    }
}

/// The softmax of raw numbers.
#[inline(always)]
fn softmax(raw: &[f32], share: &mut [f32]) {
    let largest = in_lanes(raw, f32::NEG_INFINITY, |a, b| if a > b { a } else { b });
    for (share, raw) in share.iter_mut().zip(raw) {
        *share = exp(raw - largest);
    }
    let inverse = 1.0 / in_lanes(share, 0.0, |a, b| a + b);
    share.iter_mut().for_each(|share| *share *= inverse);
}

/// Folds numbers in four lanes, which do not wait for one another.
#[inline(always)]
fn in_lanes(values: &[f32], start: f32, fold: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [start; 4];
    let chunks = values.chunks_exact(4);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = fold(*lane, *value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane = fold(*lane, *value);
    }
    fold(fold(lanes[0], lanes[1]), fold(lanes[2], lanes[3]))
}

/// The gradient by the softmax's arguments where every bin before `bin` moves its start and `bin` alone counts by its size.
#[inline(always)]
fn softmax_gradient(share: &[f32], bin: usize, by_start: f64, by_size: f64, raw: &mut [f32]) {
    let before = in_lanes(&share[..bin], 0.0, |a, b| a + b);
    let (by_start, by_size) = (by_start as f32, by_size as f32);
    let mean = by_start * before + by_size * share[bin];
    for (raw, share) in raw[..bin].iter_mut().zip(share) {
        *raw = share * (by_start - mean);
    }
    raw[bin] = share[bin] * (by_size - mean);
    for (raw, share) in raw[bin + 1..].iter_mut().zip(&share[bin + 1..]) {
        *raw = -share * mean;
    }
}
