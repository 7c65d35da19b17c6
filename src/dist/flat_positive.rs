//! The improper flat prior on the positive numbers: log p(x) = 0 for x > 0.

use super::kernel::{Kernel, ParameterDomain, Partials};
use crate::seed::Stream;
use crate::transform::Support;

/// The improper flat prior on x > 0, for scales and rates of published models that have no other. The posterior is proper only if
/// the data make it so; draws from this prior are NaN, since there are none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlatPositive();

impl Kernel<0> for FlatPositive {
    type Row = ();

    const NAME: &'static str = "FlatPositive";

    const PARAMETERS: [(&'static str, ParameterDomain); 0] = [];

    fn support(_: [f64; 0]) -> Support {
        Support::Positive
    }

    fn row(_: [f64; 0]) {}

    fn log_prob(_: &(), [x]: [f64; 1]) -> f64 {
        if x > 0.0 && x.is_finite() { 0.0 } else { f64::NEG_INFINITY }
    }

    fn partials(row: &(), x: [f64; 1]) -> Partials<0> {
        Partials { log_prob: Self::log_prob(row, x), value: 0.0, parameters: [] }
    }

    fn sample(_: [f64; 0], _: &mut Stream) -> [f64; 1] {
        [f64::NAN]
    }
}
