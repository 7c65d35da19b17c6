//! The log density of many data that share one spline, and its partial derivatives, in vectors: what a likelihood of response
//! times spends its time on. The mathematics and the symbols are those of [`super::spline`]; what that computes for one datum
//! is what this is tested against.
//!
//! The bin of each datum is found by comparing it with all knots, and what it has is added to all bins, times 1 for its own and 0
//! for the others: with few bins that costs less than reading and writing at places that differ between the data.

use super::doubles::{BLOCK, Doubles};
use super::scaler::DataScaler;
use super::spline::{LN_SQRT_2PI, Spline, SplineGradient, SplineShape};
use pulp::{Arch, Simd, WithSimd};

/// Sums over data by bin and knot, one for each place of a vector.
#[derive(Clone, Debug)]
pub(crate) struct SplineSums {
    /// Of each bin x0, width, y0, height; of each knot the slope. Each a block of [`BLOCK`].
    sums: Vec<f64>,
}

/// The sum of log densities, and of their derivatives by the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Total {
    pub(crate) log_prob: f64,
    pub(crate) by_datum: f64,
}

impl SplineSums {
    pub(crate) fn new(shape: SplineShape) -> Self {
        Self { sums: vec![0.0; (5 * shape.bins + 1) * BLOCK] }
    }

    /// The total over data, each moved by minus `shift`; adds the partial derivatives to `gradient`. Minus infinity at a time that
    /// is not after the shift.
    pub(crate) fn total(
        &mut self,
        spline: &Spline,
        scaler: &DataScaler,
        values: &[f64],
        shift: f64,
        gradient: &mut SplineGradient,
    ) -> Total {
        if scaler.log && values.iter().any(|y| y - shift <= 0.0) {
            return Total { log_prob: f64::NEG_INFINITY, by_datum: 0.0 };
        }
        let (blocks, rest) = values.split_at(values.len() - values.len() % BLOCK);
        let mut total = Total { log_prob: 0.0, by_datum: 0.0 };
        if !blocks.is_empty() {
            self.sums.fill(0.0);
            total =
                Arch::new().dispatch(Blocks { spline, scaler, values: blocks, shift, sums: self, gradient });
        }
        for y in rest {
            let (u, log_slope) = scaler.apply(y - shift);
            let (log_prob, by_u) = spline.log_prob_and_partials(u, gradient);
            total.log_prob += log_prob + log_slope;
            total.by_datum += scaler.by_datum(y - shift, by_u);
        }
        total
    }
}

struct Blocks<'a> {
    spline: &'a Spline,
    scaler: &'a DataScaler,
    values: &'a [f64],
    shift: f64,
    sums: &'a mut SplineSums,
    gradient: &'a mut SplineGradient,
}

impl WithSimd for Blocks<'_> {
    type Output = Total;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Total {
        let Self { spline, scaler, values, shift, sums, gradient } = self;
        let zero = Doubles::splat(simd, 0.0);
        let (mut log_prob, mut by_datum, mut location, mut log_scale) = (zero, zero, zero, zero);
        for at in 0..values.len() / S::F64_LANES {
            let y = Doubles::load(simd, values, at) - shift;
            let log_y = if scaler.log { y.ln() } else { zero };
            let u = (if scaler.log { log_y } else { y } - scaler.mean) * (1.0 / scaler.sd);
            let step = Step::new(spline, u);
            let bin = Bin::new(spline, step.x);
            let place = Place::new(&bin, step.x, spline.shape.bound);
            place.add_to(&bin, spline.shape.bins, &mut sums.sums);
            let by_u = place.by_x.mul_add(step.x_by_u, step.log_slope_by_u);
            location = location - by_u;
            log_scale = log_scale - (place.by_x * step.x + 1.0);
            let half_square = place.y * place.y * 0.5;
            log_prob = log_prob + ((place.slope * step.cosh).ln() - half_square - log_y);
            let by_value = by_u * (1.0 / scaler.sd);
            by_datum = by_datum + if scaler.log { (by_value - 1.0) / y } else { by_value };
        }
        gradient.location += location.sum();
        gradient.log_scale += log_scale.sum();
        collect(simd, &sums.sums, spline.shape.bins, gradient);
        let constant = LN_SQRT_2PI + spline.log_scale + scaler.sd.ln();
        Total { log_prob: log_prob.sum() - values.len() as f64 * constant, by_datum: by_datum.sum() }
    }
}

/// The step before the spline.
struct Step<S: Simd> {
    x: Doubles<S>,
    x_by_u: Doubles<S>,
    cosh: Doubles<S>,
    log_slope_by_u: Doubles<S>,
}

impl<S: Simd> Step<S> {
    #[inline(always)]
    fn new(spline: &Spline, u: Doubles<S>) -> Self {
        let (distance, c) = (u - spline.location, spline.shape.curvature);
        let (zero, one) = (u.all(0.0), u.all(1.0));
        let inverse_scale = u.all(spline.inverse_scale);
        if c == 0.0 {
            return Self {
                x: distance * inverse_scale,
                x_by_u: inverse_scale,
                cosh: one,
                log_slope_by_u: zero,
            };
        }
        let e = (distance * c).exp();
        let inverse = one / e;
        let (sinh, cosh) = ((e - inverse) * 0.5, (e + inverse) * 0.5);
        let x = sinh * (spline.inverse_scale / c);
        Self { x, x_by_u: inverse_scale * cosh, cosh, log_slope_by_u: sinh * c / cosh }
    }
}

/// The bin of each datum.
struct Bin<S: Simd> {
    index: Doubles<S>,
    x0: Doubles<S>,
    w: Doubles<S>,
    y0: Doubles<S>,
    h: Doubles<S>,
    d0: Doubles<S>,
    d1: Doubles<S>,
}

impl<S: Simd> Bin<S> {
    /// The last bin that starts at or before x, or else the first.
    #[inline(always)]
    fn new(spline: &Spline, x: Doubles<S>) -> Self {
        let Spline { x: xs, y: ys, slope: slopes, .. } = spline;
        let mut index = x.all(0.0);
        let [mut x0, mut x1, mut y0, mut y1] = [x.all(xs[0]), x.all(xs[1]), x.all(ys[0]), x.all(ys[1])];
        let [mut d0, mut d1] = [x.all(slopes[0]), x.all(slopes[1])];
        for k in 1..spline.shape.bins {
            let start = x.all(xs[k]);
            let mask = start.at_most(x);
            index = x.all(k as f64).or(mask, index);
            (x0, x1) = (start.or(mask, x0), x.all(xs[k + 1]).or(mask, x1));
            (y0, y1) = (x.all(ys[k]).or(mask, y0), x.all(ys[k + 1]).or(mask, y1));
            (d0, d1) = (x.all(slopes[k]).or(mask, d0), x.all(slopes[k + 1]).or(mask, d1));
        }
        Self { index, x0, w: x1 - x0, y0, h: y1 - y0, d0, d1 }
    }
}

/// The spline at each datum with the partial derivatives of `log N(y) + log y'`.
struct Place<S: Simd> {
    y: Doubles<S>,
    slope: Doubles<S>,
    by_x: Doubles<S>,
    /// By x0, width, y0 and height of the bin, and by the slopes at its ends.
    partials: [Doubles<S>; 6],
}

impl<S: Simd> Place<S> {
    #[inline(always)]
    fn new(bin: &Bin<S>, x: Doubles<S>, bound: f64) -> Self {
        let Bin { x0, w, y0, h, d0, d1, .. } = *bin;
        let (zero, one, bound) = (x.all(0.0), x.all(1.0), x.all(bound));
        let inverse_w = one / w;
        let (t, s) = (((x - x0) * inverse_w).max(zero).min(one), h * inverse_w);
        let (rest, q) = (one - t, one - t - t);
        let p = t * rest;
        let inverse_d = one / (s + (d0 + d1 - s - s) * p);
        let a = d1 * t * t + (s + s) * p + d0 * rest * rest;
        let (inverse_a, ratio) = (one / a, (s * t * t + d0 * p) * inverse_d);
        let (inner_y, inner_slope) = (h.mul_add(ratio, y0), s * s * a * inverse_d * inverse_d);
        // d(h N / D) = h (dN - ratio dD) / D, and d log y' = 2 ds / s + dA / A - 2 dD / D; y enters with factor -y.
        let by_n = -inner_y * h * inverse_d;
        let by_d = -(by_n * ratio + inverse_d + inverse_d);
        let by_t = by_n * ((s + s) * t + d0 * q)
            + by_d * (d0 + d1 - s - s) * q
            + inverse_a * (d1 * t + s * q - d0 * rest) * 2.0;
        let by_s = by_n * t * t + by_d * (one - p - p) + inverse_a * (p + p) + one / s * 2.0;
        let inner_by_x = by_t * inverse_w;
        // On the straight lines outside, y = corner + d (x - corner) with the slope d of the outer end.
        let (inside, left) = (x.abs().less_than(bound), x.less_than(zero));
        let (corner, end) = ((-bound).or(left, bound), d0.or(left, d1));
        let from_corner = x - corner;
        let outer_y = from_corner.mul_add(end, corner);
        let by_end = one / end - outer_y * from_corner;
        let partials = [
            -inner_by_x,
            -(by_t * t + by_s * s) * inverse_w,
            -inner_y,
            by_s * inverse_w - inner_y * ratio,
            (by_n + by_d) * p + inverse_a * rest * rest,
            by_d * p + inverse_a * t * t,
        ];
        let outer = [zero, zero, zero, zero, by_end.or(left, zero), zero.or(left, by_end)];
        let mut chosen = outer;
        for (chosen, partial) in chosen.iter_mut().zip(partials) {
            *chosen = partial.or(inside, *chosen);
        }
        Self {
            y: inner_y.or(inside, outer_y),
            slope: inner_slope.or(inside, end),
            by_x: inner_by_x.or(inside, -outer_y * end),
            partials: chosen,
        }
    }

    /// Adds the partial derivatives to the sums of the data's bins and knots.
    #[inline(always)]
    fn add_to(&self, bin: &Bin<S>, bins: usize, sums: &mut [f64]) {
        let (zero, one) = (self.y.all(0.0), self.y.all(1.0));
        let vectors = BLOCK / S::F64_LANES;
        let [by_x0, by_w, by_y0, by_h, by_d0, by_d1] = self.partials;
        let mut before = zero; // 1 for the data of the bin before
        for k in 0..=bins {
            let here = one.or(zero.all(k as f64).at_most(bin.index), zero);
            let after = one.or(zero.all(k as f64 + 1.0).at_most(bin.index), zero);
            let own = here - after;
            if k < bins {
                for (j, partial) in [by_x0, by_w, by_y0, by_h].into_iter().enumerate() {
                    let place = (4 * k + j) * vectors;
                    let sum = Doubles::load(self.simd(), sums, place);
                    own.mul_add(partial, sum).store(sums, place);
                }
            }
            let place = (4 * bins + k) * vectors;
            let sum = Doubles::load(self.simd(), sums, place);
            own.mul_add(by_d0, before.mul_add(by_d1, sum)).store(sums, place);
            before = own;
        }
    }

    #[inline(always)]
    fn simd(&self) -> S {
        self.y.simd()
    }
}

/// Adds up the places of each vector.
#[inline(always)]
fn collect<S: Simd>(simd: S, sums: &[f64], bins: usize, gradient: &mut SplineGradient) {
    let vectors = BLOCK / S::F64_LANES;
    let targets = gradient.bins.as_flattened_mut().iter_mut().chain(&mut gradient.slope);
    for (place, target) in targets.enumerate().take(5 * bins + 1) {
        let mut sum = Doubles::load(simd, sums, place * vectors);
        for vector in 1..vectors {
            sum = sum + Doubles::load(simd, sums, place * vectors + vector);
        }
        *target += sum.sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Beside the density of one datum at a time. 1e-11: sums of 100 numbers of up to 1e3 in f64, in another order.
    #[test]
    fn sums_are_those_over_single_data() {
        for (curvature, log) in [(0.0, false), (0.3, true), (0.0, true)] {
            let shape = SplineShape { bins: 7, bound: 3.0, curvature };
            let raw: Vec<f32> =
                (0..shape.raw_len()).map(|i| ((i * 29 + 7) % 23) as f32 / 11.5 - 1.0).collect();
            let mut spline = Spline::new(shape);
            spline.set(&raw);
            let scaler = DataScaler { log, mean: 0.1, sd: 0.7 };
            // From far left of the interval to far right of it, knots and ends included.
            let values: Vec<f64> = (0..101)
                .map(|i| f64::from(i) / 10.0 - 5.0)
                .map(|u| if log { (u * 0.7 + 0.1).exp() + 0.2 } else { u * 0.7 + 0.3 })
                .collect();
            for count in [0, 1, 7, 8, 9, 101] {
                let (mut gradient, mut expected) = (SplineGradient::new(shape), SplineGradient::new(shape));
                let total =
                    SplineSums::new(shape).total(&spline, &scaler, &values[..count], 0.2, &mut gradient);
                let (mut log_prob, mut by_datum) = (0.0, 0.0);
                for y in &values[..count] {
                    let (u, log_slope) = scaler.apply(y - 0.2);
                    let (value, by_u) = spline.log_prob_and_partials(u, &mut expected);
                    log_prob += value + log_slope;
                    by_datum += scaler.by_datum(y - 0.2, by_u);
                }
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-11 * (1.0 + b.abs());
                assert!(close(total.log_prob, log_prob), "{count}: {} {log_prob}", total.log_prob);
                assert!(close(total.by_datum, by_datum), "{count}: {} {by_datum}", total.by_datum);
                let (mut a, mut b) = (vec![0.0; raw.len()], vec![0.0; raw.len()]);
                spline.raw_gradient(&gradient, 1.0, &mut a);
                spline.raw_gradient(&expected, 1.0, &mut b);
                for (i, (a, b)) in a.iter().zip(&b).enumerate() {
                    assert!((a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{count}, raw {i}: {a} {b}"); // f32
                }
            }
        }
    }

    #[test]
    fn a_time_at_the_shift_has_density_zero() {
        let shape = SplineShape { bins: 3, bound: 3.0, curvature: 0.3 };
        let scaler = DataScaler { log: true, mean: 0.0, sd: 1.0 };
        let mut gradient = SplineGradient::new(shape);
        let total =
            SplineSums::new(shape).total(&Spline::new(shape), &scaler, &[1.0, 0.5], 0.5, &mut gradient);
        assert_eq!(total.log_prob, f64::NEG_INFINITY);
    }
}
