//! Floor 1: the static graph.

mod density;

pub use density::{RowDensity, RowEvaluator};
