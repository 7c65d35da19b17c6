//! The simulators of this library that names stand for.

use super::{BuiltIn, Ddm, Simulator};
use std::sync::Arc;

impl BuiltIn {
    /// The simulator.
    pub fn simulator(self) -> Arc<dyn Simulator + Send> {
        match self {
            BuiltIn::Ddm => Arc::new(Ddm::default()),
        }
    }
}
