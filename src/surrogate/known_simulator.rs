//! The simulator that a likelihood was learned from, where it is known.

use crate::error::Result;
use crate::seed::Stream;
use crate::simulate::{BuiltIn, Simulator, match_names, simulate_one};
use std::sync::Arc;

/// A simulator, and in which order it reads the parameters of a likelihood.
#[derive(Clone)]
pub(super) struct KnownSimulator {
    simulator: Arc<dyn Simulator + Send>,
    /// For each parameter that it reads, its place among the likelihood's.
    order: Option<Vec<usize>>,
}

impl KnownSimulator {
    pub(super) fn built_in(simulator: BuiltIn, names: &[String]) -> Option<Self> {
        Self::new(simulator.simulator(), names).ok()
    }

    pub(super) fn new(simulator: Arc<dyn Simulator + Send>, names: &[String]) -> Result<Self> {
        let order = simulator.parameter_names().map(|declared| match_names(names, &declared)).transpose()?;
        Ok(Self { simulator, order })
    }

    /// One datum of `width` numbers at `theta`, or why there is none.
    pub(super) fn draw(
        &self,
        theta: &[f64],
        width: usize,
        stream: &mut Stream,
        data: &mut Vec<f64>,
    ) -> std::result::Result<(), String> {
        data.clear();
        let ordered: Vec<f64>;
        let theta = match &self.order {
            None => theta,
            Some(order) => {
                ordered = order.iter().map(|p| theta[*p]).collect();
                &ordered
            }
        };
        simulate_one(&*self.simulator, theta, stream, data).map_err(|problem| problem.detail)?;
        match data.len() == width {
            true => Ok(()),
            false => Err(format!("expected the simulator to return {width} numbers, got {}", data.len())),
        }
    }
}
