//! A conditional density of one real number: an affine step and a monotone rational-quadratic spline under a standard
//! normal (Durkan, Bekasov, Murray & Papamakarios 2019, arXiv:1906.04032).
//!
//! With raw numbers from a network (location `m`, log scale `l`, and the spline's) and
//!
//! `x = exp(-l) sinh(c (u - m)) / c`, which for curvature c = 0 is the affine step `x = exp(-l) (u - m)`:
//!
//! `log q(u) = log N(y(x); 0, 1) + log y'(x) + log cosh(c (u - m)) - l`.
//!
//! *Why the sinh.* With `u = ln(t) / sd` and `c = sd / 2` it is the transform of the Birnbaum-Saunders distribution
//! (1969, doi:10.2307/3212003), x = (sqrt(t / b) - sqrt(b / t)) / a: a normal x then has tails `exp(-k / t)` for short and
//! `exp(-k t)` for long times t, which are those of the first passage of a diffusion. A normal in `ln t` has neither, and data
//! in the tails are where a likelihood learned from few of them must extrapolate well.
//!
//! The spline has `K` bins on `[-B, B]` (both axes). Widths and heights are a softmax of `K` raw numbers each, with a least
//! share per bin; the `K + 1` slopes at the knots are a softplus with a least slope. Outside `[-B, B]` the spline goes on as a straight
//! line with the slope of its end, so that `y` has a continuous derivative everywhere. Inside a bin that starts at `(x0, y0)`,
//! with width `w`, height `h`, mean slope `s = h / w`, end slopes `d0, d1`, and `t = (x - x0) / w`, `p = t (1 - t)`:
//!
//! - `D = s + (d0 + d1 - 2 s) p`, `N = s t^2 + d0 p`, `y = y0 + h N / D`;
//! - `A = d1 t^2 + 2 s p + d0 (1 - t)^2`, `y' = s^2 A / D^2`.
//!
//! The one routine for value and partial derivatives, in f64, serves training and the frozen likelihood.

/// The least share of the interval that a bin takes, in units of `1 / K`.
const LEAST_SHARE: f64 = 0.01;
/// The least slope at a knot.
const LEAST_SLOPE: f64 = 1e-3;
/// `ln(sqrt(2 pi))`.
pub(super) const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_7;

/// The size of a spline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SplineShape {
    /// The number K of bins.
    pub(crate) bins: usize,
    /// The half-width B of the interval.
    pub(crate) bound: f64,
    /// The curvature c of the step before the spline; 0 for an affine one.
    pub(crate) curvature: f64,
}

impl SplineShape {
    /// The number of raw numbers per density: location, log scale, K widths, K heights, K + 1 slopes.
    pub(crate) fn raw_len(self) -> usize {
        3 * self.bins + 3
    }

    /// What multiplies a softmax probability in a width or height, beside the least one.
    pub(crate) fn softmax_factor(self) -> f64 {
        2.0 * self.bound * (1.0 - LEAST_SHARE)
    }

    /// The least width or height of a bin.
    pub(crate) fn least_size(self) -> f64 {
        2.0 * self.bound * LEAST_SHARE / self.bins as f64
    }

    /// The least slope, and the number added to a raw slope so that raw 0 means slope 1.
    pub(crate) fn slope_constants(self) -> (f64, f64) {
        (LEAST_SLOPE, (1.0 - LEAST_SLOPE).exp_m1().ln())
    }
}

/// One density: the knots computed from raw numbers.
#[derive(Clone, Debug)]
pub(crate) struct Spline {
    pub(super) shape: SplineShape,
    pub(super) location: f64,
    pub(super) log_scale: f64,
    pub(super) inverse_scale: f64,
    /// K + 1 knots each.
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) slope: Vec<f64>,
    /// The softmax probabilities of widths and heights and the derivatives of the slopes: what the way back needs.
    width_share: Vec<f64>,
    height_share: Vec<f64>,
    slope_derivative: Vec<f64>,
}

/// Sums of partial derivatives over the data that share a density.
#[derive(Clone, Debug)]
pub(crate) struct SplineGradient {
    pub(super) location: f64,
    pub(super) log_scale: f64,
    /// Per bin: `x0`, width, `y0`, height.
    pub(super) bins: Vec<[f64; 4]>,
    pub(super) slope: Vec<f64>,
}

impl Spline {
    /// A density with room for its knots, of no meaning until [`Spline::set`].
    pub(crate) fn new(shape: SplineShape) -> Self {
        let (bins, knots) = (shape.bins, shape.bins + 1);
        Self {
            shape,
            location: 0.0,
            log_scale: 0.0,
            inverse_scale: 1.0,
            x: vec![0.0; knots],
            y: vec![0.0; knots],
            slope: vec![1.0; knots],
            width_share: vec![0.0; bins],
            height_share: vec![0.0; bins],
            slope_derivative: vec![0.0; knots],
        }
    }

    /// Computes the knots from raw numbers (length [`SplineShape::raw_len`]).
    pub(crate) fn set(&mut self, raw: &[f32]) {
        let bins = self.shape.bins;
        self.location = f64::from(raw[0]);
        self.log_scale = f64::from(raw[1]);
        self.inverse_scale = (-self.log_scale).exp();
        let (widths, rest) = raw[2..].split_at(bins);
        let (heights, slopes) = rest.split_at(bins);
        softmax_knots(self.shape, widths, &mut self.width_share, &mut self.x);
        softmax_knots(self.shape, heights, &mut self.height_share, &mut self.y);
        let (least, offset) = self.shape.slope_constants();
        for k in 0..=bins {
            let z = f64::from(slopes[k]) + offset;
            let e = (-z.abs()).exp();
            self.slope[k] = least + z.max(0.0) + e.ln_1p();
            self.slope_derivative[k] = if z >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) };
        }
    }

    /// The bin of `x`; the caller handles the tails.
    #[inline]
    fn bin(&self, x: f64) -> usize {
        let inner = &self.x[1..self.shape.bins];
        inner.iter().map(|knot| usize::from(x >= *knot)).sum()
    }

    /// x at `u`, its derivative times the scale, and the derivative of that one's logarithm.
    #[inline(always)]
    fn step(&self, u: f64) -> (f64, f64, f64) {
        let (distance, c) = (u - self.location, self.shape.curvature);
        if c == 0.0 {
            return (distance * self.inverse_scale, 1.0, 0.0);
        }
        let e = (c * distance).exp();
        let (sinh, cosh) = (0.5 * (e - 1.0 / e), 0.5 * (e + 1.0 / e));
        (sinh / c * self.inverse_scale, cosh, c * sinh / cosh)
    }

    /// The log density at `u`.
    pub(crate) fn log_prob(&self, u: f64) -> f64 {
        let ((x, cosh, _), bound) = (self.step(u), self.shape.bound);
        let (y, slope) = if x.abs() < bound {
            let k = self.bin(x);
            let segment = Segment::new(self, k, x);
            (segment.y, segment.slope)
        } else {
            let slope = if x < 0.0 { self.slope[0] } else { self.slope[self.shape.bins] };
            (bound.copysign(x) + slope * (x - bound.copysign(x)), slope)
        };
        (slope * cosh).ln() - 0.5 * y * y - LN_SQRT_2PI - self.log_scale
    }

    /// The log density at `u` and its derivative with respect to `u`; adds the partial derivatives to `gradient`.
    pub(crate) fn log_prob_and_partials(&self, u: f64, gradient: &mut SplineGradient) -> (f64, f64) {
        let (x, cosh, log_cosh_slope) = self.step(u);
        let (slope, y, dx) =
            if x.abs() < self.shape.bound { self.inside(x, gradient) } else { self.tail(x, gradient) };
        let du = dx * self.inverse_scale * cosh + log_cosh_slope;
        gradient.location -= du;
        gradient.log_scale -= dx * x + 1.0;
        ((slope * cosh).ln() - 0.5 * y * y - LN_SQRT_2PI - self.log_scale, du)
    }

    /// `y'` and `y` inside the interval, and the derivative of `log N(y) + log y'` in x.
    #[inline]
    fn inside(&self, x: f64, gradient: &mut SplineGradient) -> (f64, f64, f64) {
        let k = self.bin(x);
        let segment = Segment::new(self, k, x);
        let partials = segment.partials();
        for (sum, partial) in gradient.bins[k].iter_mut().zip(partials.bin) {
            *sum += partial;
        }
        gradient.slope[k] += partials.slopes[0];
        gradient.slope[k + 1] += partials.slopes[1];
        (segment.slope, segment.y, -partials.bin[0])
    }

    /// The same on the straight lines outside.
    #[inline]
    fn tail(&self, x: f64, gradient: &mut SplineGradient) -> (f64, f64, f64) {
        let end = if x < 0.0 { 0 } else { self.shape.bins };
        let corner = self.shape.bound.copysign(x);
        let slope = self.slope[end];
        let y = corner + slope * (x - corner);
        gradient.slope[end] += 1.0 / slope - y * (x - corner);
        (slope, y, -y * slope)
    }

    /// Carries summed partial derivatives back to the raw numbers, times `factor`; overwrites `raw`.
    pub(crate) fn raw_gradient(&self, gradient: &SplineGradient, factor: f64, raw: &mut [f32]) {
        let bins = self.shape.bins;
        raw[0] = (factor * gradient.location) as f32;
        raw[1] = (factor * gradient.log_scale) as f32;
        let (widths, rest) = raw[2..].split_at_mut(bins);
        let (heights, slopes) = rest.split_at_mut(bins);
        let scale = factor * self.shape.softmax_factor();
        softmax_gradient(&gradient.bins, 0, &self.width_share, scale, widths);
        softmax_gradient(&gradient.bins, 2, &self.height_share, scale, heights);
        for (k, raw) in slopes.iter_mut().enumerate() {
            *raw = (factor * gradient.slope[k] * self.slope_derivative[k]) as f32;
        }
    }
}

impl SplineGradient {
    /// Sums at zero.
    pub(crate) fn new(shape: SplineShape) -> Self {
        Self {
            location: 0.0,
            log_scale: 0.0,
            bins: vec![[0.0; 4]; shape.bins],
            slope: vec![0.0; shape.bins + 1],
        }
    }

    /// Adds other sums, times a factor.
    pub(crate) fn add_scaled(&mut self, other: &SplineGradient, factor: f64) {
        self.location += factor * other.location;
        self.log_scale += factor * other.log_scale;
        let sums = self.bins.as_flattened_mut().iter_mut().chain(&mut self.slope);
        let partials = other.bins.as_flattened().iter().chain(&other.slope);
        sums.zip(partials).for_each(|(sum, partial)| *sum += factor * partial);
    }

    /// Sets all sums to zero.
    pub(crate) fn clear(&mut self) {
        (self.location, self.log_scale) = (0.0, 0.0);
        self.bins.fill([0.0; 4]);
        self.slope.fill(0.0);
    }
}

/// Knots from -B to B whose distances are a softmax with a least size.
fn softmax_knots(shape: SplineShape, raw: &[f32], share: &mut [f64], knots: &mut [f64]) {
    let largest = raw.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for (share, raw) in share.iter_mut().zip(raw) {
        *share = f64::from(raw - largest).exp();
        total += *share;
    }
    let (factor, least) = (shape.softmax_factor(), shape.least_size());
    let inverse = 1.0 / total;
    let mut knot = -shape.bound;
    for (k, share) in share.iter_mut().enumerate() {
        *share *= inverse;
        knots[k] = knot;
        knot += least + factor * *share;
    }
    knots[shape.bins] = shape.bound;
}

/// From partial derivatives by bin start (`bins[k][at]`) and bin size (`bins[k][at + 1]`) to the softmax's arguments. A bin's
/// size moves the start of every later bin.
fn softmax_gradient(bins: &[[f64; 4]], at: usize, share: &[f64], scale: f64, raw: &mut [f32]) {
    let (mut later, mut mean) = (0.0, 0.0);
    for (bin, share) in bins.iter().zip(share).rev() {
        mean += share * (bin[at + 1] + later);
        later += bin[at];
    }
    later = 0.0;
    for (k, bin) in bins.iter().enumerate().rev() {
        raw[k] = (scale * share[k] * (bin[at + 1] + later - mean)) as f32;
        later += bin[at];
    }
}

/// The spline inside one bin at one point: the symbols of the file's head.
struct Segment {
    w: f64,
    h: f64,
    s: f64,
    d0: f64,
    d1: f64,
    t: f64,
    p: f64,
    numerator: f64,
    inverse_d: f64,
    a: f64,
    y: f64,
    slope: f64,
}

/// The partial derivatives of `log N(y) + log y'`.
struct Partials {
    /// With respect to x0 (minus that with respect to x), width, y0, height.
    bin: [f64; 4],
    /// With respect to the two slopes.
    slopes: [f64; 2],
}

impl Segment {
    #[inline(always)]
    fn new(spline: &Spline, k: usize, x: f64) -> Self {
        let (x0, w) = (spline.x[k], spline.x[k + 1] - spline.x[k]);
        let (y0, h) = (spline.y[k], spline.y[k + 1] - spline.y[k]);
        let (d0, d1) = (spline.slope[k], spline.slope[k + 1]);
        let (t, s) = ((x - x0) / w, h / w);
        let p = t * (1.0 - t);
        let inverse_d = 1.0 / (s + (d0 + d1 - 2.0 * s) * p);
        let numerator = s * t * t + d0 * p;
        let a = d1 * t * t + 2.0 * s * p + d0 * (1.0 - t) * (1.0 - t);
        let y = y0 + h * numerator * inverse_d;
        let slope = s * s * a * inverse_d * inverse_d;
        Self { w, h, s, d0, d1, t, p, numerator, inverse_d, a, y, slope }
    }

    #[inline(always)]
    fn partials(&self) -> Partials {
        let Self { w, h, s, d0, d1, t, p, numerator, inverse_d, a, y, .. } = *self;
        let (q, rest) = (1.0 - 2.0 * t, 1.0 - t);
        let inverse_a = 1.0 / a;
        let ratio = numerator * inverse_d;
        // d(h N / D) = h (dN - ratio dD) / D, and d log y' = 2 ds / s + dA / A - 2 dD / D; y enters with factor -y.
        let outer = -y * h * inverse_d;
        let partial = |n: f64, d: f64, a: f64| outer * (n - ratio * d) + a * inverse_a - 2.0 * d * inverse_d;
        let by_t = partial(2.0 * s * t + d0 * q, (d0 + d1 - 2.0 * s) * q, 2.0 * (d1 * t + s * q - d0 * rest));
        let by_s = partial(t * t, 1.0 - 2.0 * p, 2.0 * p) + 2.0 / s;
        let by_d0 = partial(p, p, rest * rest);
        let by_d1 = partial(0.0, p, t * t);
        let inverse_w = 1.0 / w;
        Partials {
            bin: [-by_t * inverse_w, -(by_t * t + by_s * s) * inverse_w, -y, -y * ratio + by_s * inverse_w],
            slopes: [by_d0, by_d1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: SplineShape = SplineShape { bins: 5, bound: 3.0, curvature: 0.0 };
    const CURVED: SplineShape = SplineShape { curvature: 0.4, ..SHAPE };

    fn raw() -> Vec<f32> {
        (0..SHAPE.raw_len()).map(|i| ((i * 29 + 7) % 23) as f32 / 11.5 - 1.0).collect()
    }

    fn log_prob(shape: SplineShape, raw: &[f32], u: f64) -> f64 {
        let mut spline = Spline::new(shape);
        spline.set(raw);
        spline.log_prob(u)
    }

    #[test]
    fn raw_zeros_give_the_standard_normal() {
        for u in [-5.0f64, -1.0, 0.0, 0.3, 4.0] {
            let expected = -0.5 * u * u - LN_SQRT_2PI;
            assert!((log_prob(SHAPE, &vec![0.0; SHAPE.raw_len()], u) - expected).abs() < 1e-12, "{u}");
        }
    }

    // The trapezoid rule on a function with continuous derivatives: error about (step)^2 = 1e-6.
    #[test]
    fn the_density_integrates_to_one() {
        let step = 1e-3;
        for shape in [SHAPE, CURVED] {
            let density = |i| log_prob(shape, &raw(), f64::from(i) * step).exp();
            let total: f64 = (-20_000..20_000).map(|i| density(i) * step).sum();
            assert!((total - 1.0).abs() < 1e-6, "{total}");
        }
    }

    // Central differences: 1e-6 relative. The raw numbers are f32, so their differences use a step that f32 holds exactly.
    #[test]
    fn partials_meet_finite_differences_inside_and_in_the_tails() {
        for (shape, u) in
            [SHAPE, CURVED].into_iter().flat_map(|s| [-9.0, -2.1, -0.7, 0.11, 0.9, 1.7, 6.5].map(|u| (s, u)))
        {
            let raw = raw();
            let mut spline = Spline::new(shape);
            spline.set(&raw);
            let mut sums = SplineGradient::new(shape);
            let (value, du) = spline.log_prob_and_partials(u, &mut sums);
            assert!((value - log_prob(shape, &raw, u)).abs() < 1e-13);
            let numeric = (log_prob(shape, &raw, u + 1e-5) - log_prob(shape, &raw, u - 1e-5)) / 2e-5;
            assert!((du - numeric).abs() < 1e-6 * (1.0 + numeric.abs()), "d/du at {u}: {du} {numeric}");
            let mut gradient = vec![0.0; raw.len()];
            spline.raw_gradient(&sums, 1.0, &mut gradient);
            for i in 0..raw.len() {
                let (mut up, mut down) = (raw.clone(), raw.clone());
                up[i] += 1.0 / 4096.0;
                down[i] -= 1.0 / 4096.0;
                let step = f64::from(up[i]) - f64::from(down[i]);
                let numeric = (log_prob(shape, &up, u) - log_prob(shape, &down, u)) / step;
                let error = (f64::from(gradient[i]) - numeric).abs();
                assert!(error < 2e-6 * (1.0 + numeric.abs()), "raw {i} at {u}: {} {numeric}", gradient[i]);
            }
        }
    }
}
