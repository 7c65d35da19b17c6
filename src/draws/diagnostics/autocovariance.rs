//! Autocovariances, lag by lag as they are asked for: `acov(t) = 1/N sum_i y_i y_{i+t}`, averaged over chains.
//!
//! Most sums over lags stop after a few, where direct products are cheapest. A chain that mixes badly asks for
//! thousands: from a certain lag on all are computed at once by the Wiener-Khinchin theorem, with a radix-2 transform.

use std::f64::consts::TAU;

/// The lags computed one by one before all others are computed together.
const DIRECT_LAGS: usize = 96;

/// Autocovariances, averaged over centred chains of equal length.
pub(super) struct Autocovariance {
    chains: Vec<Vec<f64>>,
    all: Vec<f64>,
}

impl Autocovariance {
    /// Of chains whose means have been taken off.
    pub(super) fn new(chains: Vec<Vec<f64>>) -> Self {
        Self { chains, all: Vec::new() }
    }

    /// The average over chains at a lag below the number of draws.
    pub(super) fn at(&mut self, lag: usize) -> f64 {
        if lag >= DIRECT_LAGS && self.all.is_empty() {
            self.all = transformed(&self.chains);
        }
        if let Some(&value) = self.all.get(lag) {
            return value;
        }
        let products = self.chains.iter().map(|y| dot(&y[..y.len() - lag], &y[lag..])).sum::<f64>();
        products / (self.chains.len() * self.chains[0].len()) as f64
    }
}

/// A sum of products in eight lanes, which the compiler turns into vector instructions.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

/// All autocovariances at once: the transform of the power spectra, padded so that nothing wraps around.
fn transformed(chains: &[Vec<f64>]) -> Vec<f64> {
    let draws = chains[0].len();
    let size = (2 * draws).next_power_of_two();
    let mut power = vec![0.0; size];
    let (mut real, mut imaginary) = (vec![0.0; size], vec![0.0; size]);
    for chain in chains {
        real.fill(0.0);
        imaginary.fill(0.0);
        real[..draws].copy_from_slice(chain);
        fourier(&mut real, &mut imaginary);
        for ((p, re), im) in power.iter_mut().zip(&real).zip(&imaginary) {
            *p += re * re + im * im;
        }
    }
    // The power spectrum is real and even, so forward and backward transforms agree up to the factor `size`.
    imaginary.fill(0.0);
    fourier(&mut power, &mut imaginary);
    power.truncate(draws);
    let scale = 1.0 / (size as f64 * (chains.len() * draws) as f64);
    power.iter_mut().for_each(|p| *p *= scale);
    power
}

/// The discrete Fourier transform in place, of a length that is a power of two (Cooley & Tukey 1965,
/// <https://doi.org/10.1090/S0025-5718-1965-0178586-1>).
fn fourier(real: &mut [f64], imaginary: &mut [f64]) {
    let size = real.len();
    let shift = usize::BITS - size.trailing_zeros();
    for i in 0..size {
        let j = i.reverse_bits() >> shift;
        if i < j {
            real.swap(i, j);
            imaginary.swap(i, j);
        }
    }
    let turns: Vec<(f64, f64)> =
        (0..size / 2).map(|k| (TAU * k as f64 / size as f64).sin_cos()).map(|(s, c)| (c, -s)).collect();
    let mut half = 1;
    while half < size {
        let stride = size / (2 * half);
        for start in (0..size).step_by(2 * half) {
            for k in 0..half {
                let (cos, sin) = turns[k * stride];
                let (top, low) = (start + k, start + k + half);
                let re = real[low] * cos - imaginary[low] * sin;
                let im = real[low] * sin + imaginary[low] * cos;
                (real[low], imaginary[low]) = (real[top] - re, imaginary[top] - im);
                (real[top], imaginary[top]) = (real[top] + re, imaginary[top] + im);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Both ways compute the same sums; 1e-12 of the variance leaves room for the rounding of 2^11 additions.
    #[test]
    fn transformed_equals_direct() {
        for draws in [2usize, 3, 64, 100, 517, 1024] {
            let wave = |c: usize| (0..draws).map(|i| ((i * i + c) as f64 * 0.37).sin()).collect::<Vec<f64>>();
            let chains = vec![wave(0), wave(5), wave(11)];
            let all = transformed(&chains);
            assert_eq!(all.len(), draws);
            for (lag, value) in all.iter().enumerate() {
                let direct: f64 = chains
                    .iter()
                    .map(|y| y.iter().zip(&y[lag..]).map(|(a, b)| a * b).sum::<f64>() / draws as f64)
                    .sum::<f64>()
                    / 3.0;
                assert!(
                    (value - direct).abs() < 1e-12 * all[0],
                    "{draws} draws, lag {lag}: {value} {direct}"
                );
            }
        }
    }

    // One chain long enough to cross from direct lags to transformed ones: the two must join.
    #[test]
    fn lags_join_at_the_crossing() {
        let chain: Vec<f64> = (0..1000).map(|i| (i as f64 * 0.01).sin()).collect();
        let mut lazy = Autocovariance::new(vec![chain.clone()]);
        for lag in 0..DIRECT_LAGS + 5 {
            let direct = dot(&chain[..1000 - lag], &chain[lag..]) / 1000.0;
            assert!((lazy.at(lag) - direct).abs() < 1e-13, "lag {lag}");
        }
    }
}
