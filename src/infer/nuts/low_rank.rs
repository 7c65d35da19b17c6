//! An affine map fitted to draws x and gradients g of a log density: scales, and the few directions that matter.
//!
//! Where the target is normal with covariance C, cov(x) = C and cov(g) = C^-1, and the noise of the two cancels: C is the
//! geometric mean of cov(x) and cov(g)^-1 (Seyboldt, Carlson & Carpenter 2026, the "Fisher divergence" of nutpie).
//! 1. Scales: the same mean per dimension, (var(x_i) / var(g_i))^(1/4) squared. All that follows is in these units.
//! 2. A subspace: the directions of largest variance of x (the target is long there) and of g (it is narrow there), found
//!    by orthogonal iteration (Golub & Van Loan 2013, section 8.2): of no more than 2 x [`DIRECTIONS`] dimensions,
//!    whatever the number of dimensions is. That is what keeps a fit cheap.
//! 3. In the subspace the geometric mean, and its eigenvalues.
//! 4. Directions are corrected as long as they pay: a trajectory's steps grow with the square root of the ratio of the
//!    largest to the smallest eigenvalue left alone, the price of a step with the number of directions corrected.

use super::affine::Affine;
use crate::infer::linear::{add_scaled, dot, orthonormalise};
use crate::infer::symmetric::{eigen, geometric_mean};

/// Directions looked for at each end of the spectrum.
const DIRECTIONS: usize = 32;
/// Iterations of the subspace; each starts where draws point already.
const ITERATIONS: usize = 3;
/// What one direction adds to the price of a step, as a share of it: more than it costs to compute, since the eigenvalues
/// are estimates and a correction by noise makes a round target less so.
const PRICE: f64 = 0.05;
/// Draws that a unit covariance is worth, so that a direction without variance stays finite.
const PRIOR_DRAWS: f64 = 0.1;
/// Below this gain nothing is corrected.
const LEAST_GAIN: f64 = 1.2;

/// Draws and gradients, one row of `dim` numbers each.
pub(super) struct Points {
    pub(super) dim: usize,
    pub(super) draws: Vec<f64>,
    pub(super) gradients: Vec<f64>,
}

/// What a fit found.
pub(super) struct Fit {
    pub(super) map: Affine,
    /// The ratio of the target's longest to its shortest direction once every dimension has its own scale.
    pub(super) elongation: f64,
    /// The same after the correction.
    pub(super) corrected: f64,
}

impl Points {
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, draws: vec![], gradients: vec![] }
    }

    pub(super) fn len(&self) -> usize {
        self.draws.len() / self.dim
    }

    pub(super) fn push(&mut self, draw: &[f64], gradient: &[f64]) {
        self.draws.extend_from_slice(draw);
        self.gradients.extend_from_slice(gradient);
    }

    /// Forgets all but the last `keep` points.
    pub(super) fn keep_last(&mut self, keep: usize) {
        let surplus = self.len().saturating_sub(keep) * self.dim;
        self.draws.drain(..surplus);
        self.gradients.drain(..surplus);
    }

    /// Fits a map; `None` when the points do not determine one (too few, or not finite).
    pub(super) fn fit(&self) -> Option<Fit> {
        let (n, dim) = (self.len(), self.dim);
        if n < 5 {
            return None;
        }
        let (location, draw_variance) = moments(&self.draws, dim);
        let (slope, gradient_variance) = moments(&self.gradients, dim);
        let scale: Vec<f64> =
            draw_variance.iter().zip(&gradient_variance).map(|(x, g)| (x / g).sqrt().sqrt()).collect();
        if !scale.iter().all(|s| s.is_normal()) || !location.iter().all(|x| x.is_finite()) {
            return None;
        }
        let draws = centred(&self.draws, &location, |k| 1.0 / scale[k]);
        let gradients = centred(&self.gradients, &slope, |k| scale[k]);
        let spectrum = Spectrum::of(&draws, &gradients, dim)?;
        let choice = spectrum.choose();
        let (directions, stretches, middle) = spectrum.corrections(&choice, dim);
        // Those left alone are then of scale 1 about, which is what the step size expects.
        let scale = scale.iter().map(|s| s * middle.sqrt()).collect();
        let map = Affine::new(location, scale, directions, stretches);
        Some(Fit { map, elongation: spectrum.range(0, 0).sqrt(), corrected: choice.range.sqrt() })
    }
}

/// Mean and variance of every column.
fn moments(rows: &[f64], dim: usize) -> (Vec<f64>, Vec<f64>) {
    let n = (rows.len() / dim) as f64;
    let mut mean = vec![0.0; dim];
    rows.chunks_exact(dim).for_each(|row| add_scaled(&mut mean, 1.0 / n, row));
    let mut variance = vec![0.0; dim];
    for row in rows.chunks_exact(dim) {
        variance.iter_mut().zip(row).zip(&mean).for_each(|((v, x), m)| *v += (x - m).powi(2) / n);
    }
    (mean, variance)
}

fn centred(rows: &[f64], mean: &[f64], factor: impl Fn(usize) -> f64) -> Vec<f64> {
    let row = |row: &[f64]| -> Vec<f64> { (0..mean.len()).map(|k| (row[k] - mean[k]) * factor(k)).collect() };
    rows.chunks_exact(mean.len()).flat_map(row).collect()
}

/// The directions of largest variance of some rows, as orthonormal rows.
fn leading(rows: &[f64], dim: usize, count: usize) -> Vec<f64> {
    let n = rows.len() / dim;
    let spread = (0..count).flat_map(|j| rows[j * n / count * dim..][..dim].iter().copied());
    let mut basis = orthonormalise(spread.collect(), dim);
    for _ in 0..ITERATIONS {
        let mut image = vec![0.0; basis.len()];
        for row in rows.chunks_exact(dim) {
            for (direction, image) in basis.chunks_exact(dim).zip(image.chunks_exact_mut(dim)) {
                add_scaled(image, dot(direction, row), row);
            }
        }
        basis = orthonormalise(image, dim);
    }
    basis
}

/// The covariance of rows in a subspace, with a little of the unit matrix.
fn projected(rows: &[f64], basis: &[f64], dim: usize) -> Vec<f64> {
    let r = basis.len() / dim;
    let mut sum = vec![0.0; r * r];
    let mut along = vec![0.0; r];
    for row in rows.chunks_exact(dim) {
        along.iter_mut().zip(basis.chunks_exact(dim)).for_each(|(a, direction)| *a = dot(direction, row));
        for i in 0..r {
            add_scaled(&mut sum[i * r..][..r], along[i], &along);
        }
    }
    let n = (rows.len() / dim) as f64;
    (0..r).for_each(|i| sum[i * r + i] += PRIOR_DRAWS);
    sum.iter_mut().for_each(|x| *x /= n + PRIOR_DRAWS);
    sum
}

/// Eigenvalues of the covariance in a subspace, in increasing order, with their directions in all dimensions.
struct Spectrum {
    values: Vec<f64>,
    directions: Vec<Vec<f64>>,
    /// The smallest and largest eigenvalue taken to be outside the subspace; `None` if the subspace is everything.
    outside: Option<(f64, f64)>,
}

/// How many eigenvalues to correct at each end, and the ratio of the largest to the smallest of the others.
struct Choice {
    low: usize,
    high: usize,
    range: f64,
}

impl Spectrum {
    fn of(draws: &[f64], gradients: &[f64], dim: usize) -> Option<Self> {
        let n = draws.len() / dim;
        let everything = dim <= 2 * DIRECTIONS && n >= 2 * dim;
        let per_end = DIRECTIONS.min(n / 4).min(dim);
        let basis = if everything {
            (0..dim * dim).map(|at| f64::from(at % (dim + 1) == 0)).collect()
        } else {
            let mut both = leading(draws, dim, per_end);
            both.extend(leading(gradients, dim, per_end));
            orthonormalise(both, dim)
        };
        let r = basis.len() / dim;
        let (x, g) = (projected(draws, &basis, dim), projected(gradients, &basis, dim));
        let (values, vectors) = eigen(&geometric_mean(&x, &g, r)?, r);
        let mut order: Vec<usize> = (0..r).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let direction = |k: &usize| {
            let mut out = vec![0.0; dim];
            let weights = &vectors[k * r..][..r];
            weights.iter().zip(basis.chunks_exact(dim)).for_each(|(w, row)| add_scaled(&mut out, *w, row));
            out
        };
        let directions = order.iter().map(direction).collect();
        let values: Vec<f64> = order.iter().map(|k| values[*k]).collect();
        // What the search left out is no longer, and no narrower, than the last direction it found at either end.
        let outside = (r < dim).then(|| {
            let (low, high) = (values[(per_end - 1).min(r - 1)], values[r.saturating_sub(per_end)]);
            (low.min(1.0), high.max(1.0))
        });
        let finite = values.iter().all(|value| value.is_finite() && *value > 0.0);
        finite.then_some(Self { values, directions, outside })
    }

    /// The ratio of the largest to the smallest eigenvalue that is not corrected.
    fn range(&self, low: usize, high: usize) -> f64 {
        let (smallest, largest) = self.ends(low, high);
        largest / smallest
    }

    fn ends(&self, low: usize, high: usize) -> (f64, f64) {
        let inner = &self.values[low..self.values.len() - high];
        let (outside_low, outside_high) = self.outside.unwrap_or((f64::INFINITY, 0.0));
        let smallest = inner.first().map_or(outside_low, |value| value.min(outside_low));
        let largest = inner.last().map_or(outside_high, |value| value.max(outside_high));
        (smallest, largest)
    }

    /// The cheapest correction: steps per trajectory times the price of a step.
    fn choose(&self) -> Choice {
        let most = self.values.len() - usize::from(self.outside.is_none());
        let cost =
            |low: usize, high: usize| self.range(low, high).sqrt() * (1.0 + PRICE * (low + high) as f64);
        let pairs = (0..=most).flat_map(|low| (0..=most - low).map(move |high| (low, high)));
        let best = pairs.min_by(|a, b| cost(a.0, a.1).total_cmp(&cost(b.0, b.1))).unwrap_or((0, 0));
        let (low, high) = if cost(0, 0) > LEAST_GAIN * cost(best.0, best.1) { best } else { (0, 0) };
        Choice { low, high, range: self.range(low, high) }
    }

    /// The directions to correct, the stretch that gives each the variance in the middle of those left alone, and that.
    fn corrections(&self, choice: &Choice, dim: usize) -> (Vec<f64>, Vec<f64>, f64) {
        let (smallest, largest) = self.ends(choice.low, choice.high);
        let middle = (smallest * largest).sqrt();
        let count = self.values.len();
        let corrected = || (0..choice.low).chain(count - choice.high..count);
        let mut directions = Vec::with_capacity(corrected().count() * dim);
        corrected().for_each(|k| directions.extend_from_slice(&self.directions[k]));
        (directions, corrected().map(|k| (self.values[k] / middle).sqrt()).collect(), middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Domain, Seed};
    use rand::RngExt;
    use rand_distr::StandardNormal;

    /// Random directions.
    fn basis(dim: usize) -> Vec<f64> {
        let mut stream = Seed(3).stream(Domain::User, 0);
        orthonormalise((0..dim * dim).map(|_| stream.sample(StandardNormal)).collect(), dim)
    }

    /// Points of a normal distribution whose covariance has these eigenvalues along the random directions.
    fn normal(values: &[f64], n: usize) -> Points {
        let dim = values.len();
        let mut stream = Seed(3).stream(Domain::User, 1);
        let mut gaussian =
            |count: usize| -> Vec<f64> { (0..count).map(|_| stream.sample(StandardNormal)).collect() };
        let (basis, mut points) = (basis(dim), Points::new(dim));
        for _ in 0..n {
            let z = gaussian(dim);
            let (mut draw, mut gradient) = (vec![0.0; dim], vec![0.0; dim]);
            for (k, direction) in basis.chunks_exact(dim).enumerate() {
                add_scaled(&mut draw, values[k].sqrt() * z[k], direction);
                add_scaled(&mut gradient, -z[k] / values[k].sqrt(), direction);
            }
            points.push(&draw, &gradient);
        }
        points
    }

    /// The ratio of the longest to the shortest direction of the target in the coordinates of a map, its covariance being
    /// sum values_k direction_k direction_k'.
    fn elongation(map: &Affine, values: &[f64]) -> f64 {
        let dim = values.len();
        let mut covariance = vec![0.0; dim * dim];
        for (value, direction) in values.iter().zip(basis(dim).chunks_exact(dim)) {
            // y of the direction, without the location: the inverse map is linear but for that.
            let x: Vec<f64> =
                direction.iter().zip(&map.location).map(|(d, at)| d * value.sqrt() + at).collect();
            let mut y = vec![0.0; dim];
            map.backward(&x, &mut y);
            (0..dim).for_each(|i| add_scaled(&mut covariance[i * dim..][..dim], y[i], &y));
        }
        let (values, _) = eigen(&covariance, dim);
        let (low, high) =
            values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
        (high / low).sqrt()
    }

    /// One narrow direction among 100 and two long ones: 2000 times as long as narrow, and nearly round afterwards.
    #[test]
    fn few_directions_are_found_among_many() {
        let mut values = vec![1.0; 100];
        (values[0], values[50], values[99]) = (1e-4, 400.0, 100.0);
        let fit = normal(&values, 300).fit().unwrap();
        assert!(fit.elongation > 100.0, "{}", fit.elongation);
        let left = elongation(&fit.map, &values);
        assert!(left < 8.0, "{left} with {:?}", fit.map.stretches);
    }

    /// Few dimensions: the covariance of a normal target is found exactly, whatever its draws were.
    #[test]
    fn a_small_normal_target_becomes_round() {
        let values: Vec<f64> = (0..20).map(|k| 10_f64.powf(k as f64 / 4.0)).collect();
        let fit = normal(&values, 60).fit().unwrap();
        let left = elongation(&fit.map, &values);
        assert!(fit.elongation > 50.0, "{}", fit.elongation);
        // Exactly round but for the share of a draw that the unit covariance is worth.
        assert!(fit.corrected < 4.0 && left < 1.3 * fit.corrected, "{left} for {}", fit.corrected);
    }

    #[test]
    fn a_round_target_is_left_alone_and_too_few_points_fit_nothing() {
        let fit = normal(&[1.0; 80], 200).fit().unwrap();
        assert!(fit.map.stretches.is_empty() && fit.elongation < 2.0, "{}", fit.elongation);
        assert!(normal(&[1.0; 3], 4).fit().is_none());
        let mut flat = normal(&[1.0; 3], 20);
        flat.gradients.iter_mut().skip(1).step_by(3).for_each(|g| *g = 0.0);
        assert!(flat.fit().is_none());
    }
}
