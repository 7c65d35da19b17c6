//! The categorical distribution: log p(k) = log(w_k) - log(w_0 + ... + w_(K-1)).
//!
//! Its derivatives are d/dw_j = [j = k] / w_k - 1 / sum(w). Weights need not sum to one.

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::kernel::ParameterDomain;
use crate::graph::{Argument, Call, Formula, Sink, Value};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;
use std::sync::Arc;

/// The categorical distribution over 0, 1, ..., K - 1 with one weight per category (each 0 or above, not all 0, not
/// necessarily summing to one). Each weight may be a number, data or a variable. For observed values.
///
/// # Examples
/// ```
/// use mynah::graph::Argument;
/// use mynah::prelude::*;
///
/// #[model]
/// fn die(rolls: &[u64]) {
///     sample!(odds ~ Gamma(2.0, 1.0));
///     plate!(rolls = rolls.len(), {
///         sample!(roll ~ Categorical([Argument::from(odds), 1.0.into(), 1.0.into()]), observed = rolls);
///     });
/// }
/// assert_eq!(die(&[0, 2, 1, 0])?.dim(), 1);
/// assert!(die(&[3]).is_err(), "there are three categories");
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Categorical<W>(pub W);

impl<'t, A: Into<Argument<'t>>, const K: usize> Distribution<'t> for Categorical<[A; K]> {
    fn density(self) -> Density<'t> {
        weights(self.0.into_iter().map(Into::into).collect())
    }
}

impl<'t, A: Into<Argument<'t>>> Distribution<'t> for Categorical<Vec<A>> {
    fn density(self) -> Density<'t> {
        weights(self.0.into_iter().map(Into::into).collect())
    }
}

fn weights(arguments: Vec<Argument<'_>>) -> Density<'_> {
    Density::family(Arc::new(Weights { categories: arguments.len() }), arguments)
}

/// The formula for a number of categories.
struct Weights {
    categories: usize,
}

impl Weights {
    fn total(&self, call: &Call<'_>, r: usize) -> f64 {
        (0..self.categories).map(|k| call.parameter(k, r)).sum()
    }

    fn log_weight(&self, call: &Call<'_>, k: usize, r: usize) -> f64 {
        if k < self.categories { call.parameter(k, r).ln() } else { f64::NEG_INFINITY }
    }
}

/// The category of the `e`-th element; categories are data, never variables.
fn category(call: &Call<'_>, e: usize) -> usize {
    match call.value {
        Value::Observed(data) => data[e] as usize,
        Value::Live(slot) => call.live(slot, e) as usize,
    }
}

impl Formula for Weights {
    fn log_prob(&self, call: &Call<'_>) -> f64 {
        let mut total = 0.0;
        for r in 0..call.plan.rows {
            let elements = call.plan.segment(r);
            total -= elements.len() as f64 * self.total(call, r).ln();
            total += elements.map(|e| self.log_weight(call, category(call, e), r)).sum::<f64>();
        }
        total
    }

    fn accumulate(&self, call: &Call<'_>, sink: &mut Sink<'_>) -> f64 {
        for r in 0..call.plan.rows {
            let elements = call.plan.segment(r);
            let shared = elements.len() as f64 / self.total(call, r);
            (0..self.categories).for_each(|k| sink.add(&call.parameters[k], r, -shared));
            for e in elements {
                let k = category(call, e);
                sink.add(&call.parameters[k], r, 1.0 / call.parameter(k, r));
            }
        }
        self.log_prob(call)
    }

    fn pointwise(&self, call: &Call<'_>, out: &mut [f64]) {
        for r in 0..call.plan.rows {
            let normaliser = self.total(call, r).ln();
            for e in call.plan.segment(r) {
                out[call.plan.original(e)] = self.log_weight(call, category(call, e), r) - normaliser;
            }
        }
    }

    fn sample(&self, call: &Call<'_>, stream: &mut Stream, out: &mut [f64]) {
        for r in 0..call.plan.rows {
            let total = self.total(call, r);
            for e in call.plan.segment(r) {
                let mut left = stream.random::<f64>() * total;
                let passed = |k: &usize| {
                    left -= call.parameter(*k, r);
                    left >= 0.0
                };
                let k = (0..self.categories).take_while(passed).count();
                out[call.plan.original(e)] = k.min(self.categories - 1) as f64;
            }
        }
    }

    fn carrier(&self, _: &[f64]) -> f64 {
        0.0
    }

    fn width(&self) -> usize {
        1
    }
}

impl Family for Weights {
    fn name(&self) -> &'static str {
        "Categorical"
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        (0..self.categories).map(|k| (format!("weight {k}"), ParameterDomain::NonNegative)).collect()
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Category { categories: self.categories }
    }
}
