//! Covariances of draws with what pulls at the parameters of learned likelihoods.

use super::places::Places;
use crate::draws::Draws;
use crate::graph::{ExpectedScores, Replay};

/// Groups of the simulations, from whose spread their error is found.
const GROUPS: usize = 16;
/// Blocks of the draws, from whose spread the error of covariances is found.
const BLOCKS: usize = 20;
/// The most products of numbers that are worth the covariances; of more draws some are taken.
const MOST_PRODUCTS: usize = 400_000_000;
/// The fewest draws taken.
const FEWEST_DRAWS: usize = 200;

/// What the error of a learned likelihood pulls at: `L = sum of pull * parameters`.
pub(super) struct Pulled {
    term: usize,
    place: String,
    /// `n_r b_rp`, the mean over all simulations, `parameters x rows`.
    pull: Vec<f64>,
    /// The mean over each group of them.
    of_group: Vec<Vec<f64>>,
    /// The mean parameters, which are taken off.
    center: Vec<f64>,
}

impl Pulled {
    /// From the scores at some draws, whose parameters these are.
    pub(super) fn new(
        term: usize,
        place: String,
        parameters: Vec<Vec<f64>>,
        scores: &ExpectedScores,
    ) -> Self {
        let mean = |rows: &mut dyn Iterator<Item = &Vec<f64>>| {
            let (mut sum, mut count) = (vec![0.0; parameters[0].len()], 0.0);
            for row in rows {
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                count += 1.0;
            }
            sum.iter_mut().for_each(|sum| *sum /= count);
            sum
        };
        let groups = GROUPS.min(scores.by_draw.len());
        let of_group = |g: usize| mean(&mut scores.by_draw.iter().skip(g).step_by(groups));
        let (mut pull, center) = (mean(&mut scores.by_draw.iter()), mean(&mut parameters.iter()));
        let mut of_group: Vec<Vec<f64>> = (0..groups).map(of_group).collect();
        if !scores.observed.is_empty() {
            add(&mut pull, &mean(&mut scores.observed.iter()));
            of_group
                .iter_mut()
                .zip(scores.observed.iter().cycle())
                .for_each(|(group, part)| add(group, part));
        }
        Self { term, place, pull, of_group, center }
    }

    /// The same statement pulled by something else.
    pub(super) fn with(&self, pull: Vec<f64>, of_group: Vec<Vec<f64>>) -> Self {
        Self { term: self.term, place: self.place.clone(), pull, of_group, center: self.center.clone() }
    }

    /// The statement's term in the graph.
    pub(super) fn term(&self) -> usize {
        self.term
    }

    /// The statement, for messages.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// L, and after it L by each group, at parameters.
    pub(super) fn values(&self, parameters: &[f64], out: &mut [f64]) {
        for (out, pull) in out.iter_mut().zip(std::iter::once(&self.pull).chain(&self.of_group)) {
            let terms = pull.iter().zip(parameters.iter().zip(&self.center));
            *out += terms.map(|(pull, (x, center))| pull * (x - center)).sum::<f64>();
        }
    }
}

fn add(to: &mut [f64], numbers: &[f64]) {
    to.iter_mut().zip(numbers).for_each(|(to, x)| *to += x);
}

/// What is found for each label.
#[derive(Default)]
pub(super) struct Covariances {
    pub(super) shift: Vec<f64>,
    pub(super) mcse: Vec<f64>,
}

/// The shift of every label in its posterior sds, with its error.
pub(super) fn covariances(replay: &mut Replay, draws: &Draws, pulled: &[Pulled]) -> Covariances {
    let groups = pulled.iter().map(|pulled| pulled.of_group.len()).min().unwrap_or(0);
    let numbers: usize = pulled.iter().map(|pulled| pulled.pull.len()).sum::<usize>() + draws.labels().len();
    let most = (MOST_PRODUCTS / (numbers * (groups + 2))).max(FEWEST_DRAWS);
    let places = Places::spread(draws, draws.total_draws().min(most));
    let series = Series::of(replay, draws, pulled, &places, groups);
    let mut all = Covariances::default();
    for label in 0..draws.labels().len() {
        let (shift, mcse) = series.shift(&places.column(draws, label));
        all.shift.push(shift);
        all.mcse.push(mcse);
    }
    all
}

/// L of all statements together at some draws, and by group, each less its mean.
pub(super) struct Series {
    total: Vec<f64>,
    of_group: Vec<Vec<f64>>,
}

impl Series {
    pub(super) fn of(
        replay: &mut Replay,
        draws: &Draws,
        pulled: &[Pulled],
        places: &Places,
        groups: usize,
    ) -> Self {
        let terms: Vec<usize> = pulled.iter().map(|pulled| pulled.term).collect();
        let mut rows = vec![vec![0.0; places.at.len()]; groups + 1];
        let mut out = vec![0.0; groups + 1];
        // A few draws at a time, so that memory holds the parameters of a few alone.
        for (block, chunk) in places.at.chunks(64).enumerate() {
            let chunk = Places { at: chunk.to_vec() };
            for (k, parameters) in chunk.parameters(replay, draws, &terms).iter().enumerate() {
                out.fill(0.0);
                pulled
                    .iter()
                    .zip(parameters)
                    .for_each(|(pulled, parameters)| pulled.values(parameters, &mut out));
                rows.iter_mut().zip(&out).for_each(|(row, value)| row[block * 64 + k] = *value);
            }
        }
        for row in &mut rows {
            center(row);
        }
        let of_group = rows.split_off(1);
        Self { total: rows.pop().expect("the first row"), of_group }
    }

    /// The covariance of a scalar with L, in sds of the scalar, and its standard error.
    pub(super) fn shift(&self, column: &[f64]) -> (f64, f64) {
        if column.iter().any(|x| !x.is_finite()) {
            return (f64::NAN, f64::NAN);
        }
        let mut column = column.to_vec();
        let sd = center(&mut column);
        if sd == 0.0 {
            return (0.0, 0.0);
        }
        let n = column.len() as f64;
        let with = |other: &[f64]| column.iter().zip(other).map(|(x, y)| x * y).sum::<f64>() / n / sd;
        let of_groups: Vec<f64> = self.of_group.iter().map(|group| with(group)).collect();
        let length = column.len().div_ceil(BLOCKS);
        let blocks = column.chunks(length).zip(self.total.chunks(length));
        let of_blocks: Vec<f64> = blocks
            .map(|(x, y)| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / x.len() as f64 / sd)
            .collect();
        (with(&self.total), (variance_of_mean(&of_groups) + variance_of_mean(&of_blocks)).sqrt())
    }
}

/// Takes the mean off and returns the standard deviation.
pub(super) fn center(values: &mut [f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter_mut().for_each(|x| *x -= mean);
    (values.iter().map(|x| x * x).sum::<f64>() / n).sqrt()
}

fn variance_of_mean(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    let sd = center(&mut values);
    sd * sd / (values.len() as f64 - 1.0).max(1.0)
}
