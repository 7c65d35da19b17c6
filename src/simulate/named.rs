//! A simulator whose parameters have names.

use super::{Outcome, Simulator};
use crate::seed::Stream;

/// A simulator that reads its parameters in the order of these names: what [`Simulator::names`] returns.
#[derive(Clone, Debug)]
pub struct Named<S> {
    simulator: S,
    names: Vec<String>,
}

impl<S: Simulator> Named<S> {
    pub(super) fn new(simulator: S, names: Vec<String>) -> Self {
        Self { simulator, names }
    }
}

impl<S: Simulator> Simulator for Named<S> {
    fn parameter_names(&self) -> Option<Vec<String>> {
        Some(self.names.clone())
    }

    fn outcome(&self) -> Option<Outcome> {
        self.simulator.outcome()
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        self.simulator.simulate(theta, stream, data);
    }
}
