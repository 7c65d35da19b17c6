//! The log density of many data that share one spline, and its partial derivatives, in vectors: what a likelihood of response
//! times spends its time on. The mathematics and the symbols are those of [`super::spline`]; what that computes for one datum
//! is what this is tested against.
//!
//! The bin of each datum is found by comparing it with all knots, and what it has is added to all bins, times 1 (or its weight) for its own
//! and 0 for the others: with few bins that costs less than reading and writing at places that differ between the data.

use super::scale::Scaled;
use super::scaler::DataScaler;
use super::spline::{LN_SQRT_2PI, Spline, SplineGradient, SplineShape};
use crate::math::doubles::{BLOCK, Doubles};
use pulp::{Arch, Simd, WithSimd};

/// Sums over data by bin and knot, one for each place of a vector.
#[derive(Clone, Debug)]
pub(crate) struct SplineSums {
    /// Of each bin x0, width, y0, height; of each knot the slope. Each a block of [`BLOCK`].
    sums: Vec<f64>,
    /// Of one datum.
    alone: SplineGradient,
}

/// The sum of log densities, and of their derivatives by the data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Total {
    pub(crate) log_prob: f64,
    pub(crate) by_datum: f64,
}

impl SplineSums {
    pub(crate) fn new(shape: SplineShape) -> Self {
        Self { sums: vec![0.0; (5 * shape.bins + 1) * BLOCK], alone: SplineGradient::new(shape) }
    }

    /// The total over data, each moved by minus `shift` and, in the derivatives, counted as many times as `weights` says (once
    /// where that is empty); adds the partial derivatives to `gradient`. Minus infinity at a time that is not after the shift.
    pub(crate) fn total(
        &mut self,
        spline: &Spline,
        scaler: &DataScaler,
        (values, weights): (&[f64], &[f64]),
        shift: f64,
        gradient: &mut SplineGradient,
    ) -> Total {
        let whole = match values.iter().all(|y| scaler.is_straight(y - shift)) {
            true => values.len() - values.len() % BLOCK,
            false if scaler.log && values.iter().any(|y| y - shift <= 0.0) => {
                return Total { log_prob: f64::NEG_INFINITY, by_datum: 0.0 };
            }
            false => 0, // the vectors know no bends
        };
        let (blocks, rest) = values.split_at(whole);
        let mut total = Total { log_prob: 0.0, by_datum: 0.0 };
        if !blocks.is_empty() {
            self.sums.fill(0.0);
            let (values, sums) = (blocks, &mut self.sums[..]);
            total = Arch::new().dispatch(Blocks { spline, scaler, values, weights, shift, sums, gradient });
        }
        for (i, y) in rest.iter().enumerate() {
            let weight = weights.get(blocks.len() + i).copied().unwrap_or(1.0);
            let Scaled { u, log_slope } = scaler.apply(y - shift);
            self.alone.clear();
            let (log_prob, by_u) = spline.log_prob_and_partials(u, &mut self.alone);
            gradient.add_scaled(&self.alone, weight);
            total.log_prob += log_prob + log_slope;
            total.by_datum += weight * scaler.by_datum(y - shift, by_u);
        }
        total
    }
}

/// The log density of each datum, moved by minus `shift`.
pub(crate) fn log_probs(spline: &Spline, scaler: &DataScaler, values: &[f64], shift: f64, out: &mut [f64]) {
    let straight = values.iter().all(|y| scaler.is_straight(y - shift));
    let whole = if straight { values.len() - values.len() % BLOCK } else { 0 };
    let (blocks, rest) = values.split_at(whole);
    let (out, out_rest) = out.split_at_mut(whole);
    Arch::new().dispatch(Each { spline, scaler, values: blocks, shift, out });
    for (y, out) in rest.iter().zip(out_rest) {
        let y = y - shift;
        *out = match scaler.log && y <= 0.0 {
            true => f64::NEG_INFINITY,
            false => {
                let Scaled { u, log_slope } = scaler.apply(y);
                spline.log_prob(u) + log_slope
            }
        };
    }
}

struct Each<'a> {
    spline: &'a Spline,
    scaler: &'a DataScaler,
    values: &'a [f64],
    shift: f64,
    out: &'a mut [f64],
}

impl WithSimd for Each<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { spline, scaler, values, shift, out } = self;
        let constant = LN_SQRT_2PI + spline.log_scale + scaler.scale.spread.ln();
        for at in 0..values.len() / S::F64_LANES {
            let (_, log_y, step) = read(spline, scaler, Doubles::load(simd, values, at) - shift);
            let place = Place::new(&Bin::new(spline, step.x), step.x, spline.shape.bound);
            place.log_prob(&step, log_y, constant).store(out, at);
        }
    }
}

/// A datum, its logarithm where that is taken, and the step before the spline.
#[inline(always)]
fn read<S: Simd>(spline: &Spline, scaler: &DataScaler, y: Doubles<S>) -> (Doubles<S>, Doubles<S>, Step<S>) {
    let log_y = if scaler.log { y.ln_normal() } else { y.all(0.0) };
    let u = (if scaler.log { log_y } else { y } - scaler.scale.center) * (1.0 / scaler.scale.spread);
    (y, log_y, Step::new(spline, u))
}

struct Blocks<'a> {
    spline: &'a Spline,
    scaler: &'a DataScaler,
    values: &'a [f64],
    weights: &'a [f64],
    shift: f64,
    sums: &'a mut [f64],
    gradient: &'a mut SplineGradient,
}

impl WithSimd for Blocks<'_> {
    type Output = Total;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Total {
        let Self { spline, scaler, values, weights, shift, sums, gradient } = self;
        let (zero, one) = (Doubles::splat(simd, 0.0), Doubles::splat(simd, 1.0));
        let (mut log_prob, mut by_datum, mut location, mut log_scale) = (zero, zero, zero, zero);
        let constant = LN_SQRT_2PI + spline.log_scale + scaler.scale.spread.ln();
        for at in 0..values.len() / S::F64_LANES {
            let weight = if weights.is_empty() { one } else { Doubles::load(simd, weights, at) };
            let (y, log_y, step) = read(spline, scaler, Doubles::load(simd, values, at) - shift);
            let bin = Bin::new(spline, step.x);
            let place = Place::new(&bin, step.x, spline.shape.bound);
            log_prob = log_prob + place.log_prob(&step, log_y, constant);
            place.add_to(&bin, weight, spline.shape.bins, sums);
            let by_u = place.by_x.mul_add(step.x_by_u, step.log_slope_by_u);
            location = location - weight * by_u;
            log_scale = log_scale - weight * (place.by_x * step.x + 1.0);
            let by_value = by_u * (1.0 / scaler.scale.spread);
            by_datum = by_datum + weight * if scaler.log { (by_value - 1.0) / y } else { by_value };
        }
        gradient.location += location.sum();
        gradient.log_scale += log_scale.sum();
        collect(simd, sums, spline.shape.bins, gradient);
        Total { log_prob: log_prob.sum(), by_datum: by_datum.sum() }
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
        let e = (distance * c).exp_limited();
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

    /// The log density of each datum.
    #[inline(always)]
    fn log_prob(&self, step: &Step<S>, log_y: Doubles<S>, constant: f64) -> Doubles<S> {
        (self.slope * step.cosh).ln_normal() - self.y * self.y * 0.5 - log_y - constant
    }

    /// Adds the partial derivatives, times weights, to the sums of the data's bins and knots.
    #[inline(always)]
    fn add_to(&self, bin: &Bin<S>, weight: Doubles<S>, bins: usize, sums: &mut [f64]) {
        let zero = self.y.all(0.0);
        let vectors = BLOCK / S::F64_LANES;
        let [by_x0, by_w, by_y0, by_h, by_d0, by_d1] = self.partials;
        let mut before = zero; // the weight of the data of the bin before
        for k in 0..=bins {
            let here = weight.or(zero.all(k as f64).at_most(bin.index), zero);
            let after = weight.or(zero.all(k as f64 + 1.0).at_most(bin.index), zero);
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
    use super::super::scale::Scale;
    use super::*;

    // Beside the density of one datum at a time. 1e-11: sums of 100 numbers of up to 1e3 in f64, in another order.
    #[test]
    fn sums_are_those_over_single_data() {
        let endless = f64::INFINITY;
        for (curvature, log, bend) in
            [(0.0, false, endless), (0.3, true, endless), (0.0, true, endless), (0.3, true, 2.0)]
        {
            let shape = SplineShape { bins: 7, bound: 3.0, curvature };
            let raw: Vec<f32> =
                (0..shape.raw_len()).map(|i| ((i * 29 + 7) % 23) as f32 / 11.5 - 1.0).collect();
            let mut spline = Spline::new(shape);
            spline.set(&raw);
            let scale = Scale { center: 0.1, spread: 0.7, ends: [bend, bend] };
            let scaler = DataScaler::new(log, scale);
            // From far left of the interval to far right of it, knots and ends included.
            let values: Vec<f64> = (0..101)
                .map(|i| f64::from(i) / 10.0 - 5.0)
                .map(|u| if log { (u * 0.7 + 0.1).exp() + 0.2 } else { u * 0.7 + 0.3 })
                .collect();
            let all_weights: Vec<f64> = (0..101).map(|i| f64::from(i % 5) / 4.0).collect();
            for (count, weighted) in [0, 1, 7, 8, 9, 101].into_iter().flat_map(|n| [(n, false), (n, true)]) {
                let (mut gradient, mut expected) = (SplineGradient::new(shape), SplineGradient::new(shape));
                let (values, weights) = (&values[..count], &all_weights[..if weighted { count } else { 0 }]);
                let total =
                    SplineSums::new(shape).total(&spline, &scaler, (values, weights), 0.2, &mut gradient);
                let mut each = vec![0.0; count];
                log_probs(&spline, &scaler, values, 0.2, &mut each);
                let (mut log_prob, mut by_datum) = (0.0, 0.0);
                for (i, y) in values.iter().enumerate() {
                    let (weight, mut single) = (*weights.get(i).unwrap_or(&1.0), SplineGradient::new(shape));
                    let Scaled { u, log_slope } = scaler.apply(y - 0.2);
                    let (value, by_u) = spline.log_prob_and_partials(u, &mut single);
                    expected.add_scaled(&single, weight);
                    log_prob += value + log_slope;
                    by_datum += weight * scaler.by_datum(y - 0.2, by_u);
                    assert!((each[i] - value - log_slope).abs() < 1e-12 * (1.0 + value.abs()), "{i}");
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
        let scaler = DataScaler::new(true, Scale::IDENTITY);
        let mut gradient = SplineGradient::new(shape);
        let mut spline = Spline::new(shape);
        spline.set(&vec![0.0; shape.raw_len()]);
        let values = [1.0, 0.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let total = SplineSums::new(shape).total(&spline, &scaler, (&values, &[]), 0.5, &mut gradient);
        assert_eq!(total.log_prob, f64::NEG_INFINITY);
        let mut each = [0.0; 9];
        log_probs(&spline, &scaler, &values, 0.5, &mut each);
        assert!(each.iter().enumerate().all(|(i, x)| x.is_finite() == (i != 1)), "{each:?}");
    }
}
