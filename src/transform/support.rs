//! The sets that random variables live on.

use std::fmt;

/// The set a random variable lives on.
///
/// `Display` gives it in words, to go into an error message.
///
/// # Examples
/// ```
/// use mynah::transform::Support;
/// assert!(Support::Positive.contains(&[2.5]));
/// assert!(!Support::Count.contains(&[2.5]));
/// assert_eq!(Support::Count.to_string(), "a count 0, 1, 2, ...");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Support {
    /// The real line.
    Real,
    /// x > 0.
    Positive,
    /// low < x < high, both finite.
    Interval {
        /// The lower end.
        low: f64,
        /// The upper end, above `low`.
        high: f64,
    },
    /// x > low, which is finite.
    Above {
        /// The lower end.
        low: f64,
    },
    /// x < high, which is finite.
    Below {
        /// The upper end.
        high: f64,
    },
    /// An angle in radians from -pi to pi, ends included, which are one direction.
    Circle,
    /// One number alone.
    Point {
        /// The number; NaN if it is not known.
        at: f64,
    },
    /// 0 or 1.
    Boolean,
    /// 0, 1, 2, ...
    Count,
    /// 0, 1, ..., `most`.
    CountUpTo {
        /// The largest count; NaN if it is not known.
        most: f64,
    },
    /// 0, 1, ..., `categories - 1`.
    Category {
        /// The number of categories.
        categories: usize,
    },
    /// A response time above 0 and a choice, 0 or 1.
    TimeAndChoice,
    /// Numbers.
    Vector {
        /// How many.
        size: usize,
    },
    /// Positive numbers whose sum is 1.
    Simplex {
        /// How many.
        size: usize,
    },
    /// Counts 0, 1, 2, ...
    Counts {
        /// How many.
        size: usize,
    },
    /// The Cholesky factor of a correlation matrix, row by row: zeros above the diagonal, which is positive, and rows of length 1.
    CholeskyCorrelation {
        /// Rows and columns.
        size: usize,
    },
    /// A correlation matrix, row by row: symmetric, ones on the diagonal. That it is positive definite is left to its density.
    Correlation {
        /// Rows and columns.
        size: usize,
    },
    /// The Cholesky factor of a covariance matrix, row by row: zeros above the diagonal, which is positive.
    CholeskyCovariance {
        /// Rows and columns.
        size: usize,
    },
    /// Numbers the sum of whose squares is 1.
    UnitVector {
        /// How many.
        size: usize,
    },
}

impl Support {
    /// How many numbers a value has: 2 for a response time with its choice, those of an array, 1 otherwise.
    pub fn width(self) -> usize {
        match self {
            Support::TimeAndChoice => 2,
            Support::Vector { size }
            | Support::Simplex { size }
            | Support::Counts { size }
            | Support::UnitVector { size } => size,
            Support::CholeskyCorrelation { size }
            | Support::Correlation { size }
            | Support::CholeskyCovariance { size } => size * size,
            _ => 1,
        }
    }

    /// The lengths of an array's axes; none for numbers.
    pub fn axes(self) -> Vec<usize> {
        match self {
            Support::Vector { size }
            | Support::Simplex { size }
            | Support::Counts { size }
            | Support::UnitVector { size } => vec![size],
            Support::CholeskyCorrelation { size }
            | Support::Correlation { size }
            | Support::CholeskyCovariance { size } => vec![size, size],
            _ => vec![],
        }
    }

    /// Whether the values are integers or contain one, so that no bijection from R^n leads here.
    pub fn is_discrete(self) -> bool {
        matches!(
            self,
            Support::Boolean
                | Support::Point { .. }
                | Support::Count
                | Support::CountUpTo { .. }
                | Support::Category { .. }
                | Support::TimeAndChoice
                | Support::Counts { .. }
        )
    }

    /// Whether `x` is a value of this support. NaN, infinities and a wrong number of numbers are not.
    pub fn contains(self, x: &[f64]) -> bool {
        match (self, x) {
            (Support::Real, &[x]) => x.is_finite(),
            (Support::Positive, &[x]) => x > 0.0 && x.is_finite(),
            (Support::Interval { low, high }, &[x]) => low < x && x < high,
            (Support::Above { low }, &[x]) => low < x && x < f64::INFINITY,
            (Support::Below { high }, &[x]) => f64::NEG_INFINITY < x && x < high,
            (Support::Circle, &[x]) => x.abs() <= std::f64::consts::PI,
            (Support::Point { at }, &[x]) => x == at || at.is_nan() && x.is_finite(),
            (Support::Boolean, &[x]) => x == 0.0 || x == 1.0,
            (Support::Count, &[x]) => x >= 0.0 && x.is_finite() && x.fract() == 0.0,
            (Support::CountUpTo { most }, &[x]) => {
                !(x > most) && x >= 0.0 && x.is_finite() && x.fract() == 0.0
            }
            (Support::Category { categories }, &[x]) => x >= 0.0 && x < categories as f64 && x.fract() == 0.0,
            (Support::TimeAndChoice, &[time, choice]) => {
                time > 0.0 && time.is_finite() && (choice == 0.0 || choice == 1.0)
            }
            (Support::Vector { size }, x) => x.len() == size && x.iter().all(|x| x.is_finite()),
            (Support::Simplex { size }, x) => {
                x.len() == size
                    && x.iter().all(|x| *x > 0.0)
                    && (x.iter().sum::<f64>() - 1.0).abs() <= ROUNDING
            }
            (Support::Counts { size }, x) => {
                x.len() == size && x.iter().all(|x| Support::Count.contains(&[*x]))
            }
            (Support::UnitVector { size }, x) => x.len() == size && has_length_1(x),
            (Support::CholeskyCorrelation { size }, x) => {
                is_factor(x, size) && x.chunks_exact(size).all(has_length_1)
            }
            (Support::CholeskyCovariance { size }, x) => is_factor(x, size),
            (Support::Correlation { size }, x) => {
                let fits = |i: usize, j: usize| (x[i * size + j] - x[j * size + i]).abs() <= ROUNDING;
                x.len() == size * size
                    && x.iter().all(|x| x.abs() <= 1.0)
                    && (0..size).all(|i| x[i * size + i] == 1.0 && (0..i).all(|j| fits(i, j)))
            }
            _ => false,
        }
    }
}

/// How far sums and lengths may be off what they should be.
const ROUNDING: f64 = 1e-8;

/// Whether the sum of squares is 1.
fn has_length_1(x: &[f64]) -> bool {
    (x.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() <= ROUNDING
}

/// Whether this is a lower triangular matrix with a positive diagonal.
fn is_factor(x: &[f64], size: usize) -> bool {
    let fits = |(i, row): (usize, &[f64])| row[i] > 0.0 && row[i + 1..].iter().all(|x| *x == 0.0);
    x.len() == size * size && x.iter().all(|x| x.is_finite()) && x.chunks_exact(size).enumerate().all(fits)
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Support::Real => f.write_str("a finite number"),
            Support::Positive => f.write_str("a positive number"),
            Support::Interval { low, high } => write!(f, "a number between {low} and {high}, ends excluded"),
            Support::Above { low } => write!(f, "a number above {low}"),
            Support::Below { high } => write!(f, "a number below {high}"),
            Support::Circle => f.write_str("an angle from -pi to pi"),
            Support::Point { at } if at.is_nan() => f.write_str("one number alone"),
            Support::Point { at } => write!(f, "the number {at}"),
            Support::Boolean => f.write_str("0 or 1"),
            Support::Count => f.write_str("a count 0, 1, 2, ..."),
            Support::CountUpTo { most } if most.is_nan() => Support::Count.fmt(f),
            Support::CountUpTo { most: 0.0 } => f.write_str("the only count, 0"),
            Support::CountUpTo { most } => write!(f, "a count 0, 1, ..., {most}"),
            Support::Category { categories: 1 } => f.write_str("the only category, 0"),
            Support::Category { categories } => {
                write!(f, "a category 0, ..., {}", categories.saturating_sub(1))
            }
            Support::TimeAndChoice => f.write_str("a response time above 0 and a choice 0 or 1"),
            Support::Vector { size } => write!(f, "{size} finite numbers"),
            Support::Simplex { size } => write!(f, "{size} positive numbers whose sum is 1"),
            Support::Counts { size } => write!(f, "{size} counts 0, 1, 2, ..."),
            Support::CholeskyCorrelation { size } => {
                write!(f, "a Cholesky factor of a correlation matrix of {size} rows")
            }
            Support::Correlation { size } => write!(f, "a correlation matrix of {size} rows"),
            Support::CholeskyCovariance { size } => {
                write!(f, "a Cholesky factor of a covariance matrix of {size} rows")
            }
            Support::UnitVector { size } => write!(f, "{size} numbers the sum of whose squares is 1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_table() {
        let interval = Support::Interval { low: -1.0, high: 2.0 };
        let category = Support::Category { categories: 3 };
        type Values = &'static [&'static [f64]];
        let table: &[(Support, Values, Values)] = &[
            (Support::Real, &[&[0.0], &[-1e300]], &[&[f64::NAN], &[f64::INFINITY], &[], &[0.0, 0.0]]),
            (Support::Positive, &[&[5e-324], &[1e300]], &[&[0.0], &[-1.0], &[f64::INFINITY], &[f64::NAN]]),
            (interval, &[&[0.0], &[1.999]], &[&[-1.0], &[2.0], &[f64::NAN]]),
            (Support::Boolean, &[&[0.0], &[1.0]], &[&[2.0], &[0.5], &[f64::NAN]]),
            (Support::Count, &[&[0.0], &[7.0]], &[&[-1.0], &[0.5], &[f64::INFINITY], &[f64::NAN]]),
            (Support::Above { low: 1.0 }, &[&[1.5], &[1e300]], &[&[1.0], &[f64::INFINITY], &[f64::NAN]]),
            (
                Support::Below { high: 1.0 },
                &[&[0.5], &[-1e300]],
                &[&[1.0], &[f64::NEG_INFINITY], &[f64::NAN]],
            ),
            (Support::CountUpTo { most: 3.0 }, &[&[0.0], &[3.0]], &[&[4.0], &[-1.0], &[0.5], &[f64::NAN]]),
            (Support::CountUpTo { most: f64::NAN }, &[&[0.0], &[9.0]], &[&[-1.0], &[0.5], &[f64::INFINITY]]),
            (category, &[&[0.0], &[2.0]], &[&[3.0], &[-1.0], &[1.5]]),
            (Support::Circle, &[&[std::f64::consts::PI], &[-3.0]], &[&[3.2], &[f64::NAN], &[]]),
            (Support::Point { at: 2.5 }, &[&[2.5]], &[&[2.0], &[f64::NAN]]),
            (Support::UnitVector { size: 2 }, &[&[0.6, -0.8]], &[&[0.6, 0.6], &[1.0], &[f64::NAN, 1.0]]),
            (
                Support::Correlation { size: 2 },
                &[&[1.0, -0.5, -0.5, 1.0]],
                &[&[1.0, 0.5, -0.5, 1.0], &[1.0, 1.5, 1.5, 1.0], &[2.0, 0.5, 0.5, 2.0], &[1.0]],
            ),
            (
                Support::CholeskyCovariance { size: 2 },
                &[&[2.0, 0.0, -3.0, 0.1]],
                &[&[2.0, 1.0, -3.0, 0.1], &[2.0, 0.0, -3.0, 0.0], &[2.0, 0.0, f64::NAN, 1.0]],
            ),
            (Support::TimeAndChoice, &[&[0.3, 1.0]], &[&[0.3], &[0.0, 1.0], &[0.3, 2.0], &[f64::NAN, 0.0]]),
        ];
        for (support, inside, outside) in table {
            assert!(inside.iter().all(|x| support.contains(x)), "{support}");
            assert!(outside.iter().all(|x| !support.contains(x)), "{support}");
            assert!(inside.iter().all(|x| x.len() == support.width()));
        }
        assert_eq!(category.to_string(), "a category 0, ..., 2");
        assert_eq!(interval.to_string(), "a number between -1 and 2, ends excluded");
    }
}
