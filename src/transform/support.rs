//! Supports and the bijections that carry R onto them.
//!
//! | support | x = T(z) | log of abs(dx/dz) |
//! |---|---|---|
//! | real line | z | 0 |
//! | x > 0 | exp z | z |
//! | (low, high) | low + (high - low) logistic(z) | log(high - low) + log logistic(z) + log logistic(-z) |
//!
//! The same choices as in Stan's reference manual (section "Constraint transforms").

/// The set a random variable lives on.
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
    /// 0 or 1.
    Boolean,
    /// 0, 1, 2, ...
    Count,
    /// 0, 1, ..., `categories - 1`.
    Category {
        /// The number of categories.
        categories: usize,
    },
    /// A response time above 0 and a choice, 0 or 1.
    TimeAndChoice,
}

/// A bijection from R onto a continuous support.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Transform {
    /// x = z.
    Identity,
    /// x = exp z.
    Exp,
    /// x = low + (high - low) logistic(z).
    Logistic {
        /// The lower end.
        low: f64,
        /// The upper end, above `low`.
        high: f64,
    },
}

/// A constrained value with all that a gradient needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constrained {
    /// x = T(z), inside the support.
    pub value: f64,
    /// log |dx/dz|.
    pub log_jacobian: f64,
    /// dx/dz.
    pub value_slope: f64,
    /// d log|dx/dz| / dz.
    pub log_jacobian_slope: f64,
}
