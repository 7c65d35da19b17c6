//! The names of this library's own simulators, under which they go with simulations and weights.

use serde::{Deserialize, Serialize};

/// A simulator of this library, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BuiltIn {
    /// [`Ddm`](super::Ddm).
    Ddm,
}
