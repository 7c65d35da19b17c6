//! Sums of features over data of two densities, and their log ratio by them.

use super::coverage::inverse;

/// Added to variances, in shares of them.
const RIDGE: f64 = 1e-9;

/// The largest divergence (chi-squared, to first order) of two densities whose log ratio is linear in the difference of their means.
const LARGEST: f64 = 0.25;

/// Sums over data of features, of their products, and of their slopes.
#[derive(Clone, Default)]
pub(super) struct Sums {
    count: f64,
    of: Vec<f64>,
    /// The lower triangle, `J x J`.
    products: Vec<f64>,
    slopes: Vec<f64>,
}

impl Sums {
    /// Adds one datum.
    pub(super) fn take(&mut self, f: &[f64], slopes: &[f64]) {
        self.fit(f.len());
        self.count += 1.0;
        for (i, line) in self.products.chunks_exact_mut(f.len()).enumerate() {
            line[..=i].iter_mut().zip(f).for_each(|(sum, g)| *sum += f[i] * g);
        }
        self.of.iter_mut().zip(f).for_each(|(sum, f)| *sum += f);
        self.slopes.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
    }

    /// Adds the data of others.
    pub(super) fn add(&mut self, other: &Sums) {
        self.fit(other.of.len());
        self.count += other.count;
        let pairs = [
            (&mut self.of, &other.of),
            (&mut self.products, &other.products),
            (&mut self.slopes, &other.slopes),
        ];
        for (own, other) in pairs {
            own.iter_mut().zip(other).for_each(|(sum, x)| *sum += x);
        }
    }

    fn fit(&mut self, features: usize) {
        self.of.resize(features, 0.0);
        self.slopes.resize(features, 0.0);
        self.products.resize(features * features, 0.0);
    }
}

/// The slope of the log ratio of both densities, summed over `data` observed data, less what is expected of so many: `observed` are the sums
/// of the features' slopes.
pub(super) fn beyond(simulated: &Sums, learned: &Sums, observed: &[f64], data: f64) -> f64 {
    let len = simulated.of.len();
    if len == 0 || observed.len() != len || simulated.count.min(learned.count) < 20.0 * len as f64 {
        return 0.0;
    }
    let mean = |sums: &Sums| sums.of.iter().map(|sum| sum / sums.count).collect::<Vec<f64>>();
    let (p, q) = (mean(simulated), mean(learned));
    let mut covariance = vec![0.0; len * len];
    for i in 0..len {
        for j in 0..=i {
            let of = |sums: &Sums, mean: &[f64]| sums.products[i * len + j] / sums.count - mean[i] * mean[j];
            covariance[i * len + j] = 0.5 * (of(simulated, &p) + of(learned, &q));
        }
        covariance[i * len + i] *= 1.0 + RIDGE;
    }
    let inverse = inverse(covariance, len);
    let off: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let coefficients: Vec<f64> = inverse.chunks_exact(len).map(|row| dot(row, &off)).collect();
    let size = dot(&coefficients, &off);
    if !(size < LARGEST) {
        return 0.0;
    }
    let noise = len as f64 * (1.0 / simulated.count + 1.0 / learned.count);
    let signal = (1.0 - noise / size.max(f64::MIN_POSITIVE)).max(0.0);
    // Observed less expected slopes of the features.
    let slopes = observed.iter().zip(&simulated.slopes).map(|(sum, all)| sum - data * all / simulated.count);
    signal * dot(&coefficients, &slopes.collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    /// Of normals of variances 1.2 and 1, `r = x^2 (1 - 1 / 1.2) / 2` but for a constant. 5 %: first order (2 %) and
    /// the noise of 2 000 000 simulations (1 %).
    #[test]
    fn the_slope_of_a_log_ratio_is_found() {
        let mut stream = Seed(1).stream(Domain::User, 0);
        let mut sums = |sd: f64| {
            let mut sums = Sums::default();
            for _ in 0..2_000_000 {
                let x = Normal(0.0, sd).sample(&mut stream);
                sums.take(&[x, x * x - 1.0], &[1.0, 2.0 * x]);
            }
            sums
        };
        let (p, q) = (sums(1.2f64.sqrt()), sums(1.0));
        let observed = [0.4, -0.2, 1.5, 2.0, 0.3];
        let slopes = [observed.len() as f64, observed.iter().map(|x| 2.0 * x).sum()];
        let exact = observed.iter().sum::<f64>() * (1.0 - 1.0 / 1.2);
        let found = beyond(&p, &q, &slopes, observed.len() as f64);
        assert!((found / exact - 1.0).abs() < 0.05, "{found} {exact}");
        // Densities that are the same have no ratio but noise, which is shrunk; far ones are left alone.
        let same = beyond(&q, &sums(1.0), &slopes, observed.len() as f64);
        assert!(same.abs() < 0.02, "{same}");
        assert_eq!(beyond(&sums(3.0), &q, &slopes, observed.len() as f64), 0.0);
    }
}
