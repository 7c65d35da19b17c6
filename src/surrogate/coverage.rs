//! Where the training parameters were dense: not every corner of their box was visited.
//!
//! Trained where a is about v, a network knows nothing of (2, -2), though both numbers lie in their ranges. Two looks, both in the space of
//! marginal quantiles, in which parameters that do not depend on each other fill a cube evenly, whatever their distributions:
//!
//! - *Pairs.* Each range is cut into K bins that hold equally many simulations (fewer where numbers repeat). A cell of two parameters' bins
//!   counts as visited if a simulation fell into it or into one of its eight neighbours. K is chosen so that independent parameters have some
//!   25 simulations per cell: that all four cells at a corner are empty has then probability exp(-100).
//! - *All together.* With the positions `s` among the bins (of standard deviation 1 each), their mean m and covariance C:
//!   `d^2 = (s - m)' C^-1 (s - m)`. A sum of three parameters that was always about zero is seen by this and by no pair. The limit lies
//!   above the largest of the simulations by more than what a corner of the cube has, `3 D`.

/// Simulations per cell, were the parameters independent.
const PER_CELL: usize = 25;
/// The most bins of one parameter.
const MOST_BINS: usize = 16;
/// The most rows looked at.
const MOST_ROWS: usize = 100_000;
/// The most parameters whose pairs are looked at; of more, all together alone.
const MOST_PAIRED: usize = 64;
/// `sqrt(12)`: makes the standard deviation of a uniform number 1.
const UNIFORM_TO_STANDARD: f64 = 3.464_101_615_137_754_6;
/// Added to the diagonal, so that the covariance of parameters that determine each other has an inverse.
const RIDGE: f64 = 1e-6;
/// How many times farther than expected of a corner a point may lie.
const MARGIN: f64 = 1.25;

/// The density of the training parameters, coarsely.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Coverage {
    /// The parameters it speaks of, by column.
    pub(super) columns: Vec<usize>,
    /// For each of them where its bins end: least value, ends between bins, greatest value, increasing.
    pub(super) knots: Vec<Vec<f64>>,
    /// For each pair (p < q, in order) whether a cell is visited, `bins(p) x bins(q)`; empty where pairs are not looked at.
    pub(super) visited: Vec<Vec<bool>>,
    pub(super) mean: Vec<f64>,
    /// The inverse of the covariance, `D x D`.
    pub(super) precision: Vec<f64>,
    /// The largest `d^2` inside.
    pub(super) limit: f64,
}

/// Why a point of the box was not visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Gap {
    /// No simulation had these two parameters together.
    Pair(usize, usize),
    /// None had this parameter beside such others.
    Given(usize),
}

impl Coverage {
    /// That of a table with `width` columns, of which those in `columns` count.
    pub(crate) fn of(table: &[f64], width: usize, columns: Vec<usize>) -> Self {
        let count = table.len() / width.max(1);
        let every = count.div_ceil(MOST_ROWS).max(1);
        let rows: Vec<&[f64]> = table.chunks_exact(width.max(1)).step_by(every).collect();
        let bins = ((rows.len() / PER_CELL) as f64).sqrt() as usize;
        let bins = bins.min(MOST_BINS);
        if bins < 2 || columns.len() < 2 {
            return Self::default();
        }
        let knots = columns.iter().map(|p| knots(rows.iter().map(|row| row[*p]), bins)).collect();
        let mut coverage = Self { columns, knots, ..Self::default() };
        coverage.mark(&rows);
        coverage.correlate(&rows);
        coverage
    }

    /// The number of parameters D that it speaks of.
    fn len(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn bins(&self, d: usize) -> usize {
        self.knots[d].len() - 1
    }

    /// The pairs of places among the columns.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let count = if self.len() <= MOST_PAIRED { self.len() } else { 0 };
        (0..count).flat_map(move |p| (p + 1..count).map(move |q| (p, q)))
    }

    /// The bin of a value and how far through it the value lies, in [0, 1].
    fn place(&self, d: usize, value: f64) -> (usize, f64) {
        let knots = &self.knots[d];
        let bin = knots[1..knots.len() - 1].partition_point(|end| *end <= value);
        let share = (value - knots[bin]) / (knots[bin + 1] - knots[bin]);
        (bin, share.clamp(0.0, 1.0))
    }

    /// The position of a value among the bins: of mean about 0 and standard deviation about 1.
    fn score(&self, d: usize, value: f64) -> f64 {
        let (bin, share) = self.place(d, value);
        ((bin as f64 + share) / self.bins(d) as f64 - 0.5) * UNIFORM_TO_STANDARD
    }

    /// Marks the cells of all pairs that some row or a neighbour of it fell into.
    fn mark(&mut self, rows: &[&[f64]]) {
        let places = |d: usize| rows.iter().map(|row| self.place(d, row[self.columns[d]]).0).collect();
        let places: Vec<Vec<usize>> = (0..self.len()).map(places).collect();
        let visited = self.pairs().map(|(p, q)| {
            let (height, width) = (self.bins(p), self.bins(q));
            let mut visited = vec![false; height * width];
            for (i, j) in places[p].iter().zip(&places[q]) {
                visited[i * width + j] = true;
            }
            let near = |i: usize, count: usize| i.saturating_sub(1)..(i + 2).min(count);
            let seen = |cell: usize| {
                let columns = near(cell % width, width);
                near(cell / width, height).any(|i| columns.clone().any(|j| visited[i * width + j]))
            };
            (0..height * width).map(seen).collect()
        });
        self.visited = visited.collect();
    }

    /// Computes mean and precision of the positions, and the limit.
    fn correlate(&mut self, rows: &[&[f64]]) {
        let d = self.len();
        let every = (rows.len() * d * d).div_ceil(50_000_000).max(1);
        let scores = |row: &&[f64]| (0..d).map(|k| self.score(k, row[self.columns[k]])).collect();
        let scores: Vec<Vec<f64>> = rows.iter().step_by(every).map(scores).collect();
        let n = scores.len() as f64;
        let mean: Vec<f64> = (0..d).map(|k| scores.iter().map(|s| s[k]).sum::<f64>() / n).collect();
        let mut covariance = vec![0.0; d * d];
        for s in &scores {
            for i in 0..d {
                for j in 0..=i {
                    covariance[i * d + j] += (s[i] - mean[i]) * (s[j] - mean[j]) / n;
                }
            }
        }
        for i in 0..d {
            covariance[i * d + i] += RIDGE;
        }
        self.precision = inverse(covariance, d);
        self.mean = mean;
        let largest = scores.iter().map(|s| self.distance(s)).fold(0.0, f64::max);
        self.limit = MARGIN * (largest + 3.0 * d as f64);
    }

    /// `d^2`.
    fn distance(&self, scores: &[f64]) -> f64 {
        (0..self.len()).map(|i| (scores[i] - self.mean[i]) * self.pull(scores, i)).sum()
    }

    /// `(C^-1 (s - m))_i`.
    fn pull(&self, scores: &[f64], i: usize) -> f64 {
        let row = &self.precision[i * self.len()..][..self.len()];
        row.iter().zip(scores.iter().zip(&self.mean)).map(|(p, (s, m))| p * (s - m)).sum()
    }

    /// Why parameters inside the box lie where no simulation did; `None` if they do not.
    pub(crate) fn gap(&self, theta: impl Fn(usize) -> f64) -> Option<Gap> {
        if self.columns.is_empty() {
            return None;
        }
        let value = |d: usize| theta(self.columns[d]);
        let cell = |p: usize, q: usize| self.place(p, value(p)).0 * self.bins(q) + self.place(q, value(q)).0;
        if let Some(((p, q), _)) =
            self.pairs().zip(&self.visited).find(|((p, q), visited)| !visited[cell(*p, *q)])
        {
            return Some(Gap::Pair(self.columns[p], self.columns[q]));
        }
        let scores: Vec<f64> = (0..self.len()).map(|d| self.score(d, value(d))).collect();
        if self.distance(&scores) <= self.limit {
            return None;
        }
        // The parameter farthest from where the others let one expect it: pull / sqrt(precision) is that distance in its spreads.
        let far = |i: &usize| self.pull(&scores, *i).abs() / self.precision[i * self.len() + i].sqrt();
        let farthest = (0..self.len()).max_by(|i, j| far(i).total_cmp(&far(j)));
        farthest.map(|i| Gap::Given(self.columns[i]))
    }
}

/// Where bins of equally many values end. Values that repeat make fewer bins; where one value makes up most, two ends are left.
fn knots(values: impl Iterator<Item = f64>, bins: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |k: usize| sorted[k * (sorted.len() - 1) / bins];
    let mut knots: Vec<f64> = (0..=bins).map(at).collect();
    knots.dedup();
    if knots.len() == 1 {
        knots.push(knots[0] + knots[0].abs().max(1.0));
    }
    knots
}

/// The inverse of a positive definite matrix, of which the lower triangle is read, by its Cholesky factor.
pub(super) fn inverse(mut a: Vec<f64>, d: usize) -> Vec<f64> {
    for j in 0..d {
        for i in j..d {
            let known: f64 = (0..j).map(|k| a[i * d + k] * a[j * d + k]).sum();
            let rest = a[i * d + j] - known;
            a[i * d + j] = if i == j { rest.max(RIDGE * RIDGE).sqrt() } else { rest / a[j * d + j] };
        }
    }
    let mut inverse = vec![0.0; d * d];
    let mut x = vec![0.0; d];
    for column in 0..d {
        for i in 0..d {
            let known: f64 = (0..i).map(|k| a[i * d + k] * x[k]).sum();
            x[i] = (f64::from(u8::from(i == column)) - known) / a[i * d + i];
        }
        for i in (0..d).rev() {
            let known: f64 = (i + 1..d).map(|k| a[k * d + i] * x[k]).sum();
            x[i] = (x[i] - known) / a[i * d + i];
        }
        for i in 0..d {
            inverse[i * d + column] = x[i];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use rand::RngExt;

    fn coverage(count: usize, width: usize, row: impl Fn(&mut Stream) -> Vec<f64>) -> Coverage {
        let mut stream = Seed(3).stream(Domain::User, 0);
        let table: Vec<f64> = (0..count).flat_map(|_| row(&mut stream)).collect();
        Coverage::of(&table, width, (0..width).collect())
    }

    fn gap(coverage: &Coverage, theta: &[f64]) -> Option<Gap> {
        coverage.gap(|p| theta[p])
    }

    // All corners and 2 000 points of boxes of 2, 4 and 10 parameters, from few and many simulations.
    #[test]
    fn the_whole_of_a_box_is_inside_corners_included() {
        for (width, count) in
            [(2, 60), (2, 1_000), (2, 100_000), (4, 400), (4, 20_000), (10, 2_000), (10, 30_000)]
        {
            let uniform =
                |stream: &mut Stream| (0..width).map(|_| stream.random::<f64>()).collect::<Vec<f64>>();
            let coverage = coverage(count, width, uniform);
            for corner in 0..1 << width {
                let theta: Vec<f64> = (0..width).map(|p| f64::from(corner >> p & 1)).collect();
                assert_eq!(gap(&coverage, &theta), None, "{width} parameters, {count}: {theta:?}");
            }
            let mut stream = Seed(4).stream(Domain::User, 0);
            for _ in 0..2_000 {
                let theta = uniform(&mut stream);
                assert_eq!(gap(&coverage, &theta), None, "{width} parameters, {count}: {theta:?}");
            }
        }
    }

    // Fresh draws of a correlated normal and of a curved ridge: at most 2 in 1 000 are said to lie outside.
    #[test]
    fn what_the_simulations_come_from_is_inside_and_what_they_never_met_is_not() {
        let ridge = |stream: &mut Stream| {
            let v = 3.0 * (2.0 * stream.random::<f64>() - 1.0);
            vec![v, v + Normal(0.0, 0.1).sample(stream), stream.random::<f64>()]
        };
        let banana = |stream: &mut Stream| {
            let v = Normal(0.0, 1.0).sample(stream);
            vec![v, v * v + Normal(0.0, 0.3).sample(stream)]
        };
        let plane = |stream: &mut Stream| {
            let [a, b] = [(); 2].map(|()| Normal(0.0, 1.0).sample(stream));
            vec![a, b, -a - b + Normal(0.0, 0.02).sample(stream)]
        };
        type Case = (usize, fn(&mut Stream) -> Vec<f64>, &'static [f64], Gap);
        let cases: [Case; 5] = [
            (3, ridge, &[2.0, -2.0, 0.5], Gap::Pair(0, 1)),
            (3, ridge, &[-1.0, 1.0, 0.9], Gap::Pair(0, 1)),
            (2, banana, &[0.0, 3.0], Gap::Pair(0, 1)),
            (2, banana, &[2.0, 0.1], Gap::Pair(0, 1)),
            (3, plane, &[0.7, 0.7, 0.7], Gap::Given(2)),
        ];
        for (width, row, far, expected) in cases {
            let coverage = coverage(20_000, width, row);
            let mut stream = Seed(9).stream(Domain::User, 0);
            let outside = (0..2_000).filter(|_| gap(&coverage, &row(&mut stream)).is_some()).count();
            assert!(outside <= 4, "{outside} of 2 000 fresh ones");
            let found = gap(&coverage, far);
            match expected {
                Gap::Pair(..) => assert_eq!(found, Some(expected), "{far:?}"),
                Gap::Given(_) => assert!(matches!(found, Some(Gap::Given(_))), "{far:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn values_that_repeat_make_fewer_bins_and_no_gaps_between_them() {
        let row = |stream: &mut Stream| {
            let level = [0.0, 0.5, 1.0][stream.random_range(0..3)];
            vec![level, stream.random::<f64>()]
        };
        let coverage = coverage(5_000, 2, row);
        for theta in [[0.0, 0.0], [0.25, 0.5], [0.6, 1.0], [1.0, 0.0]] {
            assert_eq!(gap(&coverage, &theta), None, "{theta:?}");
        }
    }
}
