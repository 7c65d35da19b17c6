//! The part of a likelihood's file that says where the training parameters were dense ([`super::coverage`]).
//!
//! `coverage` holds the limit, for each parameter that counts the number of its knots and these, the mean and the inverse of the covariance;
//! `visited` a byte of 0 or 1 for each cell of each pair. A likelihood without such a look (few simulations, one parameter) has a limit
//! alone.

use super::coverage::Coverage;

impl Coverage {
    /// The numbers that are stored.
    pub(super) fn numbers(&self) -> Vec<f64> {
        let mut numbers = vec![self.limit];
        for knots in &self.knots {
            numbers.push(knots.len() as f64);
            numbers.extend(knots);
        }
        numbers.extend(&self.mean);
        numbers.extend(&self.precision);
        numbers
    }

    /// The cells of all pairs.
    pub(super) fn cells(&self) -> Vec<u8> {
        self.visited.iter().flatten().map(|visited| u8::from(*visited)).collect()
    }

    /// From what is stored, for parameters in these columns; `None` if it is no such thing.
    pub(super) fn of_stored(columns: Vec<usize>, numbers: &[f64], cells: &[u8]) -> Option<Self> {
        let (limit, mut rest) = numbers.split_first()?;
        if rest.is_empty() {
            return (cells.is_empty()).then(Self::default);
        }
        let mut knots = vec![];
        for _ in &columns {
            let (count, after) = rest.split_first()?;
            let count = if (2.0..=1e6).contains(count) && count.fract() == 0.0 {
                *count as usize
            } else {
                return None;
            };
            let (own, after) = after.split_at_checked(count)?;
            if !own.windows(2).all(|pair| pair[0] < pair[1]) {
                return None;
            }
            knots.push(own.to_vec());
            rest = after;
        }
        let d = columns.len();
        let (mean, precision) = rest.split_at_checked(d)?;
        let diagonal = |i: usize| precision[i * d + i] > 0.0;
        if precision.len() != d * d || !(*limit > 0.0) || !(0..d).all(diagonal) {
            return None;
        }
        let mut coverage = Self {
            columns,
            knots,
            visited: vec![],
            mean: mean.to_vec(),
            precision: precision.to_vec(),
            limit: *limit,
        };
        let mut rest = cells;
        for (p, q) in coverage.pairs() {
            let (own, after) = rest.split_at_checked(coverage.bins(p) * coverage.bins(q))?;
            coverage.visited.push(own.iter().map(|cell| *cell == 1).collect());
            rest = after;
        }
        (rest.is_empty() && cells.iter().all(|cell| *cell <= 1)).then_some(coverage)
    }
}
