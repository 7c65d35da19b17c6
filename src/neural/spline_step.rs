//! The spline step of an autoregressive flow: `y` and `log dy/du` of the affine step and rational-quadratic spline of
//! [`super::spline`] (Durkan et al. 2019, arXiv:1906.04032), whose symbols are used here, for one point per spline.
//!
//! There the knots serve many data; here every datum has its own. So only the bin that holds `x` is looked at: the 2 K
//! exponentials of the softmaxes and two of the K + 1 slopes are computed, in f32, for a vector of splines at once. On the straight
//! lines outside the interval the bin is the first or the last, and of its slopes the outer one counts.

use super::cells::{Step, Table};
use super::lanes::Lanes;
use super::spline::SplineShape;
use pulp::Simd;

/// A spline's size with its constants in f32.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplineStep {
    bins: usize,
    bound: f32,
    /// What multiplies a softmax probability in a width or height, and what is added to it.
    factor: f32,
    least_size: f32,
    least_slope: f32,
    slope_offset: f32,
}

/// The numbers kept for the way back, beside the 2 K softmax probabilities of widths and heights, which come after them.
mod kept {
    pub(super) const X: usize = 0;
    pub(super) const INVERSE_SCALE: usize = 1;
    pub(super) const BIN: usize = 2;
    pub(super) const W: usize = 3;
    pub(super) const H: usize = 4;
    pub(super) const T: usize = 5;
    /// The two slopes, and their derivatives by the raw numbers.
    pub(super) const D: usize = 6;
    pub(super) const D_BY_RAW: usize = 8;
    pub(super) const SHARES: usize = 10;
}

impl SplineStep {
    pub(crate) fn new(shape: SplineShape) -> Self {
        let (least_slope, slope_offset) = shape.slope_constants();
        Self {
            bins: shape.bins,
            bound: shape.bound as f32,
            factor: shape.softmax_factor() as f32,
            least_size: shape.least_size() as f32,
            least_slope: least_slope as f32,
            slope_offset: slope_offset as f32,
        }
    }

    /// The softmax of the K raw numbers from `from` on, kept from `to` on.
    #[inline(always)]
    fn softmax<S: Simd>(self, raw: &Table<'_, S>, from: usize, kept: &mut Table<'_, S>, to: usize) {
        let mut largest = raw.get(from);
        for k in 1..self.bins {
            largest = largest.max(raw.get(from + k));
        }
        let mut total = largest.all(0.0);
        for k in 0..self.bins {
            let share = (raw.get(from + k) - largest).exp();
            kept.set(to + k, share);
            total = total + share;
        }
        let inverse = total.all(1.0) / total;
        for k in 0..self.bins {
            kept.set(to + k, kept.get(to + k) * inverse);
        }
    }

    /// The start and the size of the last bin for which `holds(index, start)` is true; it is for the first, and for none after one
    /// for which it is not.
    #[inline(always)]
    fn find<S: Simd>(
        self,
        kept: &Table<'_, S>,
        from: usize,
        holds: impl Fn(usize, Lanes<S>) -> S::m32s,
    ) -> (Lanes<S>, Lanes<S>, Lanes<S>) {
        let mut start = kept.get(from).all(-self.bound);
        let (mut bin, mut first, mut size) = (start.all(0.0), start, start);
        for k in 0..self.bins {
            let here = match k + 1 == self.bins {
                true => -start + self.bound,
                false => kept.get(from + k) * self.factor + self.least_size,
            };
            let mask = holds(k, start);
            if k == 0 {
                size = here;
            } else {
                bin = bin.all(k as f32).or(mask, bin);
                first = start.or(mask, first);
                size = here.or(mask, size);
            }
            start = start + here;
        }
        (bin, first, size)
    }

    /// The slopes at the two ends of a bin and their derivatives by the raw numbers.
    #[inline(always)]
    fn slopes<S: Simd>(self, raw: &Table<'_, S>, bin: Lanes<S>) -> [(Lanes<S>, Lanes<S>); 2] {
        let from = 2 + 2 * self.bins;
        let mut ends = [raw.get(from), raw.get(from + 1)];
        for k in 1..self.bins {
            let mask = bin.all(k as f32).at_most(bin);
            ends = [raw.get(from + k).or(mask, ends[0]), raw.get(from + k + 1).or(mask, ends[1])];
        }
        [self.slope(ends[0]), self.slope(ends[1])]
    }

    /// A slope and its derivative by the raw number.
    #[inline(always)]
    fn slope<S: Simd>(self, raw: Lanes<S>) -> (Lanes<S>, Lanes<S>) {
        let z = raw + self.slope_offset;
        let (zero, one) = (z.all(0.0), z.all(1.0));
        let e = (-z.abs()).exp();
        let derivative = one.or(zero.at_most(z), e) / (e + one);
        (z.max(zero) + e.ln_1p() + self.least_slope, derivative)
    }

    /// Writes the gradient by the softmax's arguments where every bin before `bin` moves its start and `bin` alone counts by its
    /// size.
    #[inline(always)]
    fn softmax_gradient<S: Simd>(
        self,
        shares: &Table<'_, S>,
        from: usize,
        by_size: BySize<S>,
        by_raw: &mut Table<'_, S>,
        to: usize,
    ) {
        let mut mean = by_size.bin.all(0.0);
        for k in 0..self.bins {
            mean = shares.get(from + k).mul_add(by_size.of(k), mean);
        }
        for k in 0..self.bins {
            by_raw.set(to + k, shares.get(from + k) * (by_size.of(k) - mean));
        }
    }
}

/// The gradient by the size of every bin, from that by the start and the size of one.
struct BySize<S: Simd> {
    bin: Lanes<S>,
    by_start: Lanes<S>,
    by_size: Lanes<S>,
}

impl<S: Simd> BySize<S> {
    #[inline(always)]
    fn of(&self, k: usize) -> Lanes<S> {
        let (k, zero) = (self.bin.all(k as f32), self.bin.all(0.0));
        self.by_start.or(k.less_than(self.bin), self.by_size.or(k.at_most(self.bin), zero))
    }
}

impl Step for SplineStep {
    fn raw_len(self) -> usize {
        3 * self.bins + 3
    }

    fn kept_len(self) -> usize {
        kept::SHARES + 2 * self.bins
    }

    #[inline(always)]
    fn forward<S: Simd>(
        self,
        raw: &Table<'_, S>,
        u: Lanes<S>,
        kept: &mut Table<'_, S>,
    ) -> (Lanes<S>, Lanes<S>) {
        let log_scale = raw.get(1);
        let inverse_scale = (-log_scale).exp();
        let x = (u - raw.get(0)) * inverse_scale;
        let (zero, one, bound) = (x.all(0.0), x.all(1.0), x.all(self.bound));
        self.softmax(raw, 2, kept, kept::SHARES);
        self.softmax(raw, 2 + self.bins, kept, kept::SHARES + self.bins);
        let (bin, x0, w) = self.find(
            kept,
            kept::SHARES,
            #[inline(always)]
            |_, start| start.at_most(x),
        );
        let heights = kept::SHARES + self.bins;
        let (_, y0, h) = self.find(
            kept,
            heights,
            #[inline(always)]
            |k, _| bin.all(k as f32).at_most(bin),
        );
        let [(d0, d0_by_raw), (d1, d1_by_raw)] = self.slopes(raw, bin);
        let t = ((x - x0) / w).max(zero).min(one);
        let values = [x, inverse_scale, bin, w, h, t, d0, d1, d0_by_raw, d1_by_raw];
        for (number, value) in values.into_iter().enumerate() {
            kept.set(number, value);
        }
        let Bin { s, p, rest, inverse_d, numerator } = Bin::new(w, h, t, d0, d1);
        let y = y0 + h * numerator * inverse_d;
        let slope = s * s * (d1 * t * t + (s + s) * p + d0 * rest * rest) * inverse_d * inverse_d;
        let inside = x.abs().less_than(bound);
        let left = x.less_than(zero);
        let (corner, end) = ((-bound).or(left, bound), d0.or(left, d1));
        let (y, slope) = (y.or(inside, (x - corner).mul_add(end, corner)), slope.or(inside, end));
        (y, slope.ln() - log_scale)
    }

    #[inline(always)]
    fn backward<S: Simd>(
        self,
        kept: &Table<'_, S>,
        by_y: Lanes<S>,
        by_log_slope: Lanes<S>,
        by_raw: &mut Table<'_, S>,
    ) -> Lanes<S> {
        let [x, bin] = [kept.get(kept::X), kept.get(kept::BIN)];
        let (zero, bound) = (x.all(0.0), x.all(self.bound));
        let inside = x.abs().less_than(bound);
        let partials = Partials::new(kept, by_y, by_log_slope);
        // Outside, y = corner + d (x - corner) with the slope d of the outer end.
        let left = x.less_than(zero);
        let end = kept.get(kept::D).or(left, kept.get(kept::D + 1));
        let by_end = by_log_slope / end + by_y * (x - (-bound).or(left, bound));
        let by_x = partials.by_x.or(inside, by_y * end);
        let slope = (partials.by_slopes[0].or(inside, by_end.or(left, zero))) * kept.get(kept::D_BY_RAW);
        let next = (partials.by_slopes[1].or(inside, zero.or(left, by_end))) * kept.get(kept::D_BY_RAW + 1);
        let (bins, factor) = (self.bins, zero.all(self.factor).or(inside, zero));
        let widths = BySize { bin, by_start: -by_x * factor, by_size: partials.by_w * factor };
        let heights = BySize { bin, by_start: by_y * factor, by_size: partials.by_h * factor };
        self.softmax_gradient(kept, kept::SHARES, widths, by_raw, 2);
        self.softmax_gradient(kept, kept::SHARES + bins, heights, by_raw, 2 + bins);
        for k in 0..=bins {
            let at = zero.all(k as f32);
            let lower = slope.or(at.at_most(bin), next); // k = bin, or else k = bin + 1
            let near = lower.or(at.at_most(bin + 1.0), zero);
            by_raw.set(2 + 2 * bins + k, zero.or(at.less_than(bin), near));
        }
        let by_u = by_x * kept.get(kept::INVERSE_SCALE);
        by_raw.set(0, -by_u);
        by_raw.set(1, -by_x.mul_add(x, by_log_slope));
        by_u
    }
}

/// The symbols of a bin at a point.
struct Bin<S: Simd> {
    s: Lanes<S>,
    p: Lanes<S>,
    rest: Lanes<S>,
    inverse_d: Lanes<S>,
    numerator: Lanes<S>,
}

impl<S: Simd> Bin<S> {
    #[inline(always)]
    fn new(w: Lanes<S>, h: Lanes<S>, t: Lanes<S>, d0: Lanes<S>, d1: Lanes<S>) -> Self {
        let (s, rest) = (h / w, -t + 1.0);
        let p = t * rest;
        let inverse_d = s.all(1.0) / (s + (d0 + d1 - s - s) * p);
        Self { s, p, rest, inverse_d, numerator: s * t * t + d0 * p }
    }
}

/// The partial derivatives of `by_y y + by_log_slope log y'` inside the interval; that by y0 is `by_y`.
struct Partials<S: Simd> {
    by_x: Lanes<S>,
    by_w: Lanes<S>,
    by_h: Lanes<S>,
    by_slopes: [Lanes<S>; 2],
}

impl<S: Simd> Partials<S> {
    #[inline(always)]
    fn new(kept: &Table<'_, S>, by_y: Lanes<S>, by_log_slope: Lanes<S>) -> Self {
        let [w, h, t] = [kept.get(kept::W), kept.get(kept::H), kept.get(kept::T)];
        let [d0, d1] = [kept.get(kept::D), kept.get(kept::D + 1)];
        let Bin { s, p, rest, inverse_d, numerator } = Bin::new(w, h, t, d0, d1);
        let (one, q) = (t.all(1.0), rest - t);
        let inverse_a = one / (d1 * t * t + (s + s) * p + d0 * rest * rest);
        let ratio = numerator * inverse_d;
        // d(h N / D) = h (dN - ratio dD) / D, and d log y' = 2 ds / s + dA / A - 2 dD / D.
        let by_n = by_y * h * inverse_d;
        let by_a = by_log_slope * inverse_a;
        let by_d = -(by_n * ratio + (by_log_slope + by_log_slope) * inverse_d);
        let by_t = by_n * ((s + s) * t + d0 * q)
            + by_d * (d0 + d1 - s - s) * q
            + by_a * (d1 * t + s * q - d0 * rest) * 2.0;
        let by_s = by_n * t * t + by_d * (one - p - p) + by_a * (p + p) + (by_log_slope + by_log_slope) / s;
        let inverse_w = one / w;
        Self {
            by_x: by_t * inverse_w,
            by_w: -(by_t * t + by_s * s) * inverse_w,
            by_h: by_y * ratio + by_s * inverse_w,
            by_slopes: [(by_n + by_d) * p + by_a * rest * rest, by_d * p + by_a * t * t],
        }
    }
}
