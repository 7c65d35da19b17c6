//! The learning rate over the steps of a training run: raised in proportion over the first steps, and then one of two ways.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Steps over which the learning rate rises to its value.
const WARM_UP: f64 = 100.0;

/// How the learning rate goes on once it has risen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Schedule {
    /// Down to 0 along half a cosine over all the steps there may be (Loshchilov & Hutter 2017, arXiv:1608.03983).
    #[default]
    Cosine,
    /// As it is: for a run that is to end by `patience`.
    Constant,
}

impl Schedule {
    /// The share of the learning rate at a step, counted from 0.
    pub(crate) fn share(self, step: usize, steps: usize) -> f64 {
        let rise = ((step as f64 + 1.0) / WARM_UP).min(1.0);
        match self {
            Schedule::Cosine => rise * 0.5 * (1.0 + (PI * step as f64 / steps as f64).cos()),
            Schedule::Constant => rise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_rise_and_then_fall_or_stay() {
        for schedule in [Schedule::Cosine, Schedule::Constant] {
            assert!(schedule.share(0, 1000) <= 0.01 && schedule.share(50, 1000) < schedule.share(99, 1000));
        }
        assert!((Schedule::Cosine.share(500, 1000) - 0.5).abs() < 1e-12);
        assert!(Schedule::Cosine.share(999, 1000) < 1e-5);
        assert_eq!(Schedule::Constant.share(999, 1000), 1.0);
    }
}
