//! The scale on which a network or a flow sees a number: standard in the middle, logarithmic far out.
//!
//! With the median m and a spread s that is the standard deviation of a normal with the same quantiles,
//!
//! `z = (x - m) / s`, `u = z` for `-l <= z <= h`, and `u = h + asinh(z - h)` above, `u = -l - asinh(-l - z)` below.
//!
//! *Why quantiles.* One simulation of 1e7 among thousands of order one makes a standard deviation of 1e5, in which all others
//! are the same number. Quantiles do not move for a tenth of the data on either side.
//!
//! *Why the bend.* A datum at 1e7 spreads would still be what a flow spends its capacity on, and no float holds the square of one at
//! 1e200. `asinh` starts with slope 1 and curvature 0, so that `u` has two continuous derivatives, and grows like a logarithm: 1e7
//! becomes 17 beyond the end. As `u` is a bijection with a known slope, a density of `u` is one of `x`, exactly:
//! `du/dx = 1 / (s sqrt(1 + w^2))` with `w` the distance of z beyond the end (0 between the ends).

/// Below a ratio of spread to size of 1e-12, numbers do not vary but for rounding.
const LEAST_VARIATION: f64 = 1e-12;
/// Probabilities of the lower quantile, and what of a normal's standard deviations lies between it and the upper one. A wider
/// pair is for columns most of whose numbers are equal.
const QUANTILES: [(f64, f64); 3] = [(0.1, 2.563_103), (0.025, 3.919_928), (0.005, 5.151_659)];
/// The share of numbers beyond the beginning of a bend.
const SHARE_BEYOND: f64 = 0.001;
/// The farthest z that is told from farther ones.
const FARTHEST: f64 = 1e300;
/// No number to be scaled is larger, so that differences and spreads are finite.
pub(crate) const LARGEST: f64 = 1e300;
/// No spread is smaller, so that slopes are finite.
pub(crate) const SMALLEST: f64 = 1e-300;

/// Median, spread, and where the bends begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) center: f64,
    pub(crate) spread: f64,
    /// The distances l below and h above the median, in spreads, at which the bends begin; infinite: none.
    pub(crate) ends: [f64; 2],
}

/// A number on a scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    pub(crate) u: f64,
    /// `ln du/dx`.
    pub(crate) log_slope: f64,
}

/// Mean and standard deviation, of numbers of any size.
pub(crate) fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let largest = values.clone().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if largest == 0.0 {
        return (values.sum::<f64>() / n, 0.0); // NaN for no values or NaN alone
    }
    let mean = values.clone().map(|x| x / largest).sum::<f64>() / n;
    let variance = values.map(|x| (x / largest - mean).powi(2)).sum::<f64>() / n;
    (mean * largest, variance.sqrt() * largest)
}

/// Puts at each of these places (ascending, counted from `first`, the place of `values[0]`) what stands there in sorted order:
/// a few quantiles of many numbers without sorting them all.
fn sort_at(values: &mut [f64], first: usize, places: &[usize]) {
    let Some(&middle) = places.get(places.len() / 2) else { return };
    let (below, _, above) = values.select_nth_unstable_by(middle - first, f64::total_cmp);
    sort_at(below, first, &places[..places.len() / 2]);
    sort_at(above, middle + 1, &places[places.len() / 2 + 1..]);
}

impl Scale {
    /// Numbers as they are.
    pub(crate) const IDENTITY: Self = Self { center: 0.0, spread: 1.0, ends: [f64::INFINITY, f64::INFINITY] };

    /// The scale of these numbers; `None` when they do not vary or are beyond [`LARGEST`]. Each bend begins where a share of 0.001 of
    /// the numbers lies beyond it, but not before `nearest` (below, above) nor after `farthest`: what is merely skewed stays straight.
    pub(crate) fn of(values: impl Iterator<Item = f64>, nearest: [f64; 2], farthest: f64) -> Option<Self> {
        let mut sorted: Vec<f64> = values.collect();
        let last = sorted.len().checked_sub(1)?;
        let place = |p: f64| (p * last as f64).round() as usize;
        let mut places = vec![0, place(SHARE_BEYOND), place(0.5), place(1.0 - SHARE_BEYOND), last];
        places.extend(QUANTILES.iter().flat_map(|(p, _)| [place(*p), place(1.0 - p)]));
        places.sort_unstable();
        places.dedup();
        sort_at(&mut sorted, 0, &places);
        let (least, greatest) = (sorted[0], sorted[last]);
        let largest = least.abs().max(greatest.abs());
        let varies = largest <= LARGEST && greatest - least > LEAST_VARIATION * largest; // false for NaN too
        let quantile = |p: f64| sorted[place(p)];
        let center = quantile(0.5);
        let between = QUANTILES.map(|(p, width)| (quantile(1.0 - p) - quantile(p)) / width);
        let enough = |spread: &f64| *spread > SMALLEST && *spread > LEAST_VARIATION * center.abs();
        let spread = between.into_iter().find(enough).unwrap_or_else(|| moments(sorted.iter().copied()).1);
        let end = |distance: f64, nearest: f64| (distance / spread).clamp(nearest, farthest.max(nearest));
        let ends = [
            end(center - quantile(SHARE_BEYOND), nearest[0]),
            end(quantile(1.0 - SHARE_BEYOND) - center, nearest[1]),
        ];
        (varies && spread > SMALLEST).then_some(Self { center, spread, ends })
    }

    /// How far z lies beyond the ends: negative below, 0 between them.
    #[inline]
    fn beyond(&self, z: f64) -> f64 {
        let [low, high] = self.ends;
        if z > high {
            z - high
        } else if z < -low {
            z + low
        } else {
            0.0
        }
    }

    /// The place of a number with its slope; NaN stays NaN.
    #[inline]
    pub(crate) fn apply(&self, x: f64) -> Scaled {
        let z = (x - self.center) / self.spread;
        let beyond = self.beyond(z).clamp(-FARTHEST, FARTHEST);
        match beyond == 0.0 {
            true => Scaled { u: z, log_slope: -self.spread.ln() },
            false => Scaled { u: self.place(x), log_slope: -self.spread.ln() - beyond.hypot(1.0).ln() },
        }
    }

    /// The place alone.
    #[inline]
    pub(crate) fn place(&self, x: f64) -> f64 {
        let z = (x - self.center) / self.spread;
        let beyond = self.beyond(z).clamp(-FARTHEST, FARTHEST);
        match beyond == 0.0 {
            true => z,
            false => (if beyond > 0.0 { self.ends[1] } else { -self.ends[0] }) + beyond.asinh(),
        }
    }

    /// `du/dx` and the derivative of its logarithm by x.
    #[inline]
    pub(crate) fn slopes(&self, x: f64) -> (f64, f64) {
        let beyond = self.beyond((x - self.center) / self.spread).clamp(-FARTHEST, FARTHEST);
        if beyond == 0.0 {
            return (1.0 / self.spread, 0.0);
        }
        let stretch = beyond.hypot(1.0);
        (1.0 / stretch / self.spread, -(beyond / stretch) / stretch / self.spread)
    }

    /// The number whose place is u.
    pub(crate) fn invert(&self, u: f64) -> f64 {
        let [low, high] = self.ends;
        let z = if u > high {
            high + (u - high).sinh()
        } else if u < -low {
            -low - (-low - u).sinh()
        } else {
            u
        };
        self.center + self.spread * z.clamp(-f64::MAX, f64::MAX)
    }

    /// The numbers that are stored.
    pub(crate) fn numbers(&self) -> [f64; 4] {
        [self.center, self.spread, self.ends[0], self.ends[1]]
    }

    /// From the numbers stored, if they are such.
    pub(crate) fn of_numbers(numbers: &[f64]) -> Option<Self> {
        let &[center, spread, low, high] = numbers else { return None };
        let fine = center.is_finite() && spread > 0.0 && spread.is_finite() && low >= 0.0 && high >= 0.0;
        fine.then_some(Self { center, spread, ends: [low, high] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 1e-8: central differences with a step of 1e-5 of numbers of order one.
    #[test]
    fn a_place_has_the_slope_it_states_and_comes_back() {
        let scale = Scale { center: 0.7, spread: 2.0, ends: [3.0, 4.0] };
        for x in [-1e5, -40.0, -5.4, -5.2, 0.0, 0.7, 8.6, 8.8, 50.0, 1e6f64] {
            let Scaled { u, log_slope } = scale.apply(x);
            let step = 1e-5 * x.abs().max(1.0);
            let slope = (scale.apply(x + step).u - scale.apply(x - step).u) / (2.0 * step);
            assert!((slope / log_slope.exp() - 1.0).abs() < 1e-7, "{x}: {slope} {}", log_slope.exp());
            let (by_x, log_by_x) = scale.slopes(x);
            assert!((by_x.ln() - log_slope).abs() < 1e-12, "{x}");
            let curved = (scale.apply(x + step).log_slope - scale.apply(x - step).log_slope) / (2.0 * step);
            assert!((log_by_x - curved).abs() < 1e-5 * (1.0 + curved.abs()) / step.max(1.0), "{x}");
            assert!((scale.invert(u) - x).abs() < 1e-9 * (1.0 + x.abs()), "{x} {}", scale.invert(u));
        }
        for x in [f64::MAX, -f64::MAX, 1e300] {
            let Scaled { u, log_slope } = scale.apply(x);
            assert!(u.is_finite() && u.abs() < 800.0 && log_slope.is_finite(), "{x}: {u} {log_slope}");
        }
        assert!(scale.apply(f64::NAN).u.is_nan());
    }

    #[test]
    fn scales_do_not_move_for_outliers_and_hold_for_any_size() {
        let normal = |i: usize| crate::math::normal_quantile((i as f64 + 0.5) / 10_000.0);
        let scale_of = |values: &[f64]| Scale::of(values.iter().copied(), [4.0, 4.0], 8.0);
        let normals: Vec<f64> = (0..10_000).map(normal).collect();
        let clean = scale_of(&normals).unwrap();
        assert_eq!(clean.ends, [4.0, 4.0]);
        let skewed: Vec<f64> = normals.iter().map(|x| x.exp()).collect();
        assert_eq!(scale_of(&skewed).unwrap().ends, [4.0, 8.0]);
        assert!(clean.center.abs() < 1e-3 && (clean.spread - 1.0).abs() < 1e-3, "{clean:?}");
        let outlier = scale_of(&[&normals[..], &[1e7, -1e200]].concat()).unwrap();
        assert!((outlier.spread - clean.spread).abs() < 1e-3, "{outlier:?}");
        for size in [1e-290, 1e-200, 1e155, 1e298] {
            let scale = scale_of(&normals.iter().map(|x| size * x).collect::<Vec<_>>()).unwrap();
            assert!((scale.spread / size - clean.spread).abs() < 1e-9, "{size}: {scale:?}");
        }
        let mostly_zero: Vec<f64> = (0..1000).map(|i| f64::from(u8::from(i % 20 == 0))).collect();
        assert!(scale_of(&mostly_zero).unwrap().spread > 0.1);
        let once: Vec<f64> = (0..1000).map(|i| f64::from(u8::from(i == 7))).collect();
        assert!(scale_of(&once).unwrap().spread > 0.01, "the standard deviation, where quantiles are equal");
        for values in [
            vec![],
            vec![3.0; 9],
            vec![0.0; 9],
            vec![1.0, f64::NAN],
            vec![1.0, f64::INFINITY],
            vec![-1e308, 1e308],
        ] {
            assert_eq!(scale_of(&values), None, "{values:?}");
        }
    }
}
