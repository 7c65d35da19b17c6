//! Where draws come from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where draws come from: enough to make them again, given the model and its data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The sampler's name: "NUTS".
    pub sampler: String,
    /// Its options by name, as they are written in a program; those that draws do not depend on are left out.
    pub options: BTreeMap<String, String>,
    /// The seed; `None` for a sampler without one.
    pub seed: Option<u64>,
    /// The version of this crate.
    pub version: String,
}

impl Provenance {
    /// Draws of this version of the crate.
    pub fn new(
        sampler: impl Into<String>,
        options: impl IntoIterator<Item = (String, String)>,
        seed: Option<u64>,
    ) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { sampler: sampler.into(), options: options.into_iter().collect(), seed, version }
    }
}
