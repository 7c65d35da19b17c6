//! A chain as a checkpoint holds it.

use super::record::Record;
use crate::draws::number;
use serde::{Deserialize, Serialize};

/// A chain at a place from which it can be continued.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    /// In unconstrained space.
    pub(super) position: Vec<f64>,
    /// What warm-up has found, once it is over.
    pub(super) adapted: Option<Adapted>,
    /// The pieces that it is made of.
    pub(super) pieces: u64,
    pub(super) record: Record,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Adapted(#[serde(with = "number::list")] pub(super) Vec<f64>);

impl Saved {
    /// A chain at its start.
    pub(super) fn at(position: Vec<f64>) -> Self {
        Self { position, adapted: None, pieces: 0, record: Record::default() }
    }
}
