//! What the observed times themselves say of the error of a shift's score ([`super::score`]).
//!
//! The slope of `D = sum_i log p(x_i | theta) - log q(x_i | theta)` is that of one sample of data; its expectation over data from the
//! model is `-n b`, and what the sample adds to that is the sum of `e(x_i) - E e`, with `e = s_p - s_q` the error of the score. For a
//! parameter that only shifts the time, `s = -d log density / dt`, so that
//!
//! `e(t) = -dr/dt`, `r = log p - log q`,
//!
//! and r is a function of the data at one point theta alone: of times simulated there, and drawn from the learned density. It is sought among
//! polynomials of the standardised logarithm of the time since the shift, for each choice on its own, and the choice: with features f and their
//! covariance G, `r = (E_p f - E_q f)' G^-1 f` to first order. The coefficients, small where q is good, are shrunk by what of their
//! squares is noise (James & Stein 1961).
//!
//! The leading edge, where few data decide on the shift, is where one sample differs most from its expectation.

use super::moments::{Sums, beyond};
use super::score_job::Job;
use crate::seed::{Domain, Seed, Stream};
use rayon::prelude::*;

/// The fewest data of a row.
const LEAST_DATA: f64 = 20.0;
/// Parts into which the simulations are cut, from whose differences their error is found.
const PARTS: usize = 16;
/// The most simulations of each kind; fewer, where those for the expected scores are fewer.
const MOST: f64 = 1_000_000.0;
/// Simulations by which logarithms of times are standardised, and the fewest of a choice.
const REFERENCE: usize = 1000;
const FEWEST: usize = 50;
/// The degree of the polynomials, and the largest standardised logarithm.
const DEGREE: usize = 6;
const FARTHEST: f64 = 4.0;

/// One row of parameters at the posterior mean.
struct Row {
    row: usize,
    shift: f64,
    data: f64,
    /// Mean and standard deviation of the logarithm of the time since the shift, of each choice that is made often enough.
    scales: [Option<(f64, f64)>; 2],
    /// The sum of the features' slopes over the observed data.
    observed: Vec<f64>,
}

/// For each of [`PARTS`] parts an estimate of what the observed data pull at the shift beyond what is expected, `parameters x rows`;
/// their mean is the estimate by all. Nothing for a likelihood without a shift, or where no row has data enough.
pub(super) fn observed_shift(job: &Job<'_>, center: &[f64], per_datum: usize) -> Vec<Vec<f64>> {
    let Some(p) = job.likelihood.parts.shift.filter(|_| !center.is_empty()) else { return vec![] };
    let rows = job.data_of_row.len();
    let enough = |row: &usize| job.data_of_row[*row] >= LEAST_DATA;
    let known: Vec<Row> = (0..rows).filter(enough).filter_map(|row| job.row(center, p, row)).collect();
    if known.is_empty() {
        return vec![];
    }
    let seed = job.effort.seed.derive(0x0b5);
    let data: f64 = known.iter().map(|row| row.data).sum();
    let share = of_each_kind(per_datum, data) / data / PARTS as f64;
    let parts: Vec<Vec<[Sums; 2]>> = (0..PARTS as u64)
        .into_par_iter()
        .map(|part| known.iter().map(|row| job.both(row, center, share, seed.derive(part))).collect())
        .collect();
    let estimate = |left_out: Option<usize>| {
        let mut pull = vec![0.0; center.len()];
        for (index, row) in known.iter().enumerate() {
            let [mut simulated, mut learned] = [Sums::default(), Sums::default()];
            for (_, part) in parts.iter().enumerate().filter(|(part, _)| Some(*part) != left_out) {
                simulated.add(&part[index][0]);
                learned.add(&part[index][1]);
            }
            pull[p * rows + row.row] = beyond(&simulated, &learned, &row.observed, row.data);
        }
        pull
    };
    let (all, count) = (estimate(None), PARTS as f64);
    let of_part = |part: usize| {
        let without = estimate(Some(part));
        all.iter().zip(&without).map(|(all, without)| count * all - (count - 1.0) * without).collect()
    };
    (0..PARTS).map(of_part).collect()
}

/// How many data are drawn for that, of both kinds and for the scales, with so many simulations per datum.
pub(super) fn simulations_of_shift(job: &Job<'_>, per_datum: usize) -> f64 {
    let known = || job.data_of_row.iter().filter(|data| **data >= LEAST_DATA);
    match job.likelihood.parts.shift {
        None => 0.0,
        Some(_) => 2.0 * of_each_kind(per_datum, known().sum()) + (REFERENCE * known().count()) as f64,
    }
}

impl Job<'_> {
    fn row(&self, center: &[f64], p: usize, row: usize) -> Option<Row> {
        let shift = center[p * self.data_of_row.len() + row];
        let mut stream = self.effort.seed.derive(0x5e7).stream(Domain::Prediction, row as u64);
        let reference = self.simulated(center, row, REFERENCE, &mut stream);
        let scale = |choice: f64| {
            let made = reference.chunks_exact(2).filter(|x| x[1] == choice && x[0] > shift);
            let logs: Vec<f64> = made.map(|x| (x[0] - shift).ln()).collect();
            let n = logs.len() as f64;
            let mean = logs.iter().sum::<f64>() / n;
            let sd = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
            (logs.len() >= FEWEST && sd > 0.0).then_some((mean, sd))
        };
        let scales = [scale(0.0), scale(1.0)];
        let mut row = Row { row, shift, data: self.data_of_row[row], scales, observed: vec![] };
        let own = self.observed.data.chunks_exact(2).zip(self.observed.row_of_datum);
        let (mut f, mut slopes) = (vec![], vec![]);
        for (x, _) in own.filter(|(_, of)| **of as usize == row.row) {
            row.features(x, &mut f, &mut slopes);
            row.observed.resize(slopes.len(), 0.0);
            row.observed.iter_mut().zip(&slopes).for_each(|(sum, slope)| *sum += slope);
        }
        scales.iter().any(Option::is_some).then_some(row)
    }

    /// Sums over data of the simulator and of the learned density.
    fn both(&self, row: &Row, center: &[f64], share: f64, seed: Seed) -> [Sums; 2] {
        let mut stream = seed.stream(Domain::Prediction, row.row as u64);
        let count = (row.data * share).ceil() as usize;
        let simulated = self.simulated(center, row.row, count, &mut stream);
        let theta: Vec<f64> = center.iter().skip(row.row).step_by(self.data_of_row.len()).copied().collect();
        let learned = self.likelihood.sample_rows(&theta, &vec![0; count], 1, &mut stream);
        [row.sums(&simulated), row.sums(&learned)]
    }

    /// Data of a row, without those that failed.
    fn simulated(&self, center: &[f64], row: usize, count: usize, stream: &mut Stream) -> Vec<f64> {
        let (mut data, mut datum) = (Vec::with_capacity(2 * count), vec![]);
        for _ in 0..count {
            if self.effort.stop.is_requested() {
                break;
            }
            if self.datum(center, row, self.width(), stream, &mut datum).is_ok() {
                data.extend_from_slice(&datum);
            }
        }
        data
    }
}

/// The simulations of each kind for so many data.
fn of_each_kind(per_datum: usize, data: f64) -> f64 {
    (per_datum as f64 * data).min(MOST)
}

impl Row {
    fn sums(&self, data: &[f64]) -> Sums {
        let (mut sums, mut f, mut slopes) = (Sums::default(), vec![], vec![]);
        for x in data.chunks_exact(2) {
            self.features(x, &mut f, &mut slopes);
            sums.take(&f, &slopes);
        }
        sums
    }

    /// The features of a datum and their slopes by its time: the choice, and Hermite polynomials of the standardised logarithm.
    fn features(&self, x: &[f64], f: &mut Vec<f64>, slopes: &mut Vec<f64>) {
        f.clear();
        slopes.clear();
        f.push(x[1]);
        slopes.push(0.0);
        for (choice, (mean, sd)) in
            self.scales.iter().enumerate().filter_map(|(c, scale)| Some((c, (*scale)?)))
        {
            let since = x[0] - self.shift;
            if x[1] != choice as f64 || !(since > 0.0) {
                f.extend([0.0; DEGREE]);
                slopes.extend([0.0; DEGREE]);
                continue;
            }
            let y = (since.ln() - mean) / sd;
            let by_time = if y.abs() < FARTHEST { 1.0 / (sd * since) } else { 0.0 };
            let y = y.clamp(-FARTHEST, FARTHEST);
            // He_n' = n He_(n-1).
            let (mut before, mut now) = (1.0, y);
            for n in 1..=DEGREE {
                f.push(now);
                slopes.push(n as f64 * before * by_time);
                (before, now) = (now, y * now - n as f64 * before);
            }
        }
    }
}
