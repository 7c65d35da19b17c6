//! Formulae where everything is known.

use super::term::{Call, Formula, Plan, Slot, Value};
use crate::graph::shape::Map;
use crate::seed::Stream;

/// The normalised log densities of data whose parameters are known: one number of each column per datum.
pub(in crate::graph) fn of_columns(formula: &dyn Formula, data: Vec<f64>, columns: &[Vec<f64>]) -> Vec<f64> {
    let elements = data.len() / formula.width();
    let values = columns.concat();
    let slot = |column: usize| Slot { offset: column * elements, map: Map::Same };
    let parameters: Vec<Slot> = (0..columns.len()).map(slot).collect();
    let maps = vec![Map::Same; columns.len()];
    let (plan, value) = (Plan::new(elements, &maps), Value::Observed(data.into()));
    let mut out = vec![0.0; elements];
    formula
        .pointwise(&Call { values: &values, value: &value, parameters: &parameters, plan: &plan }, &mut out);
    out
}

/// The normalised log density of a single number, given the numbers of its parameters.
pub(crate) fn log_prob_of_one(formula: &dyn Formula, parameters: &[f64], x: f64) -> f64 {
    let columns: Vec<Vec<f64>> = parameters.iter().map(|parameter| vec![*parameter]).collect();
    of_columns(formula, vec![x], &columns)[0]
}

/// One draw, given the numbers of the parameters.
pub(crate) fn sample_one(formula: &dyn Formula, parameters: &[f64], stream: &mut Stream) -> Vec<f64> {
    let slots: Vec<Slot> = (0..parameters.len()).map(|offset| Slot { offset, map: Map::One(0) }).collect();
    let maps = vec![Map::One(0); parameters.len()];
    let (plan, nothing) = (Plan::new(1, &maps), Value::Observed([].into()));
    let mut out = vec![0.0; formula.width()];
    let call = Call { values: parameters, value: &nothing, parameters: &slots, plan: &plan };
    formula.sample(&call, stream, &mut out);
    out
}
