//! The categorical distribution, by weights or by their logarithms (logits z).
//!
//! log p(k) = log(w_k) - n, n = log(w_0 + ... + w_(K-1)), with derivatives [j = k] / w_k - exp(-n) by w_j; by logits
//! log p(k) = z_k - n, n = log(exp(z_0) + ... + exp(z_(K-1))), with derivatives [j = k] - exp(z_j - n).

use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{JointArgument, JointFamily, Rank};
use super::kernel::ParameterDomain;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Call, ElementFunction, Formula, IntoArgument, Sink, Value, Var};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;
use std::sync::Arc;

/// The categorical distribution over 0, 1, ..., K - 1 with one weight per category (each 0 or above, not all 0, not
/// necessarily summing to one). A negative weight has log density NaN, as has any parameter outside its domain: the point is
/// refused. Each weight may be a number, data or a variable: pass an array or a `Vec` of one kind, a tuple (of 2 to 8) of
/// any, or an array variable over a plate that is not open (shares of a [`Dirichlet`](super::Dirichlet), say). For observed values.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn die(rolls: &[u64]) {
///     sample!(odds ~ Gamma(2.0, 1.0));
///     plate!(rolls = rolls.len(), {
///         sample!(roll ~ Categorical((odds, 1.0, 1.0)), observed = rolls);
///     });
/// }
/// assert_eq!(die(&[0, 2, 1, 0])?.dim(), 1);
/// assert!(die(&[3]).is_err(), "there are three categories");
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Categorical<W>(pub W);

/// The categorical distribution over 0, 1, ..., K - 1 with one logit per category (any numbers; adding the same to all
/// changes nothing), given as the weights of [`Categorical`] are. For observed values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoricalLogits<Z>(pub Z);

macro_rules! categorical {
    ($($name:ident: $scale:ident;)*) => {$(
        impl<'t, A: IntoArgument<'t>, const K: usize> Distribution<'t> for $name<[A; K]> {
            fn density(self) -> Density<'t> {
                categories(Scale::$scale, self.0)
            }
        }

        impl<'t, A: IntoArgument<'t>> Distribution<'t> for $name<Vec<A>> {
            fn density(self) -> Density<'t> {
                categories(Scale::$scale, self.0)
            }
        }

        impl<'t> Distribution<'t> for $name<Var<'t>> {
            fn density(self) -> Density<'t> {
                Density::joint(Arc::new(CategoriesOf(Scale::$scale)), vec![self.0.into_argument()])
            }
        }

        categorical_tuples! { $name: $scale; A, B; A, B, C; A, B, C, D; A, B, C, D, E; A, B, C, D, E, F;
            A, B, C, D, E, F, G; A, B, C, D, E, F, G, H }
    )*};
}

/// Tuples, so that numbers and variables may be mixed.
macro_rules! categorical_tuples {
    ($name:ident: $scale:ident; $($($member:ident),+);+) => {$(
        impl<'t, $($member: IntoArgument<'t>),+> Distribution<'t> for $name<($($member,)+)> {
            fn density(self) -> Density<'t> {
                #[allow(non_snake_case, reason = "one name for the member and its type")]
                let ($($member,)+) = self.0;
                let arguments: Vec<Argument<'t>> = vec![$($member.into_argument()),+];
                categories(Scale::$scale, arguments)
            }
        }
    )+};
}

categorical! {
    Categorical: Weights;
    CategoricalLogits: Logits;
}

/// The formula for as many categories as an array has elements.
struct CategoriesOf(Scale);

impl JointFamily for CategoriesOf {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const WEIGHTS: [JointArgument; 1] =
            [JointArgument { name: "weights", rank: Rank::Vector, domain: ParameterDomain::NonNegative }];
        const LOGITS: [JointArgument; 1] =
            [JointArgument { name: "logits", rank: Rank::Vector, domain: ParameterDomain::Real }];
        match self.0 {
            Scale::Weights => &WEIGHTS,
            Scale::Logits => &LOGITS,
        }
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Categories { scale: self.0, categories: size }))
    }
}

fn categories<'t, A: IntoArgument<'t>>(scale: Scale, parameters: impl IntoIterator<Item = A>) -> Density<'t> {
    let arguments: Vec<Argument<'t>> = parameters.into_iter().map(IntoArgument::into_argument).collect();
    let formula = Categories { scale, categories: arguments.len() };
    let error = arguments.is_empty().then(|| {
        let name = formula.name();
        Error::new(ErrorKind::Value, format!("expected at least one category for {name}, got none"))
    });
    Density { error, ..Density::family(Arc::new(formula), arguments) }
}

/// What the parameters are.
#[derive(Clone, Copy)]
enum Scale {
    Weights,
    Logits,
}

/// The formula for a number of categories.
struct Categories {
    scale: Scale,
    categories: usize,
}

impl Scale {
    fn name(self) -> &'static str {
        match self {
            Scale::Weights => "Categorical",
            Scale::Logits => "CategoricalLogits",
        }
    }
}

impl Categories {
    /// Where each parameter may lie.
    fn domain(&self) -> ParameterDomain {
        match self.scale {
            Scale::Weights => ParameterDomain::NonNegative,
            Scale::Logits => ParameterDomain::Real,
        }
    }

    /// n of the file's head; NaN, which makes every log density NaN, if a parameter lies outside its domain or all weights
    /// are 0.
    fn normaliser(&self, call: &Call<'_>, r: usize) -> f64 {
        let parameters = (0..self.categories).map(|k| call.parameter(k, r));
        if !parameters.clone().all(|parameter| self.domain().contains(parameter)) {
            return f64::NAN;
        }
        // The largest is taken out first, so that neither sums of weights nor exponentials overflow.
        let top = parameters.clone().fold(f64::NEG_INFINITY, f64::max);
        match self.scale {
            Scale::Weights if top == 0.0 => f64::NAN,
            Scale::Weights => top.ln() + parameters.map(|w| w / top).sum::<f64>().ln(),
            Scale::Logits => top + parameters.map(|z| (z - top).exp()).sum::<f64>().ln(),
        }
    }

    /// The derivative of n by a parameter.
    fn normaliser_slope(&self, parameter: f64, normaliser: f64) -> f64 {
        match self.scale {
            Scale::Weights => (-normaliser).exp(),
            Scale::Logits => (parameter - normaliser).exp(),
        }
    }

    /// The log of category k's weight, and its derivative by the parameter: 0 where the weight is 0 or there is no such category, so
    /// that it is impossible.
    fn log_weight(&self, call: &Call<'_>, k: usize, r: usize) -> (f64, f64) {
        if k >= self.categories {
            return (f64::NEG_INFINITY, 0.0);
        }
        let parameter = call.parameter(k, r);
        match self.scale {
            Scale::Weights if parameter == 0.0 => (f64::NEG_INFINITY, 0.0),
            Scale::Weights => (parameter.ln(), 1.0 / parameter),
            Scale::Logits => (parameter, 1.0),
        }
    }
}

/// The category of the `e`-th element; beyond all of them where the number is none.
fn category(call: &Call<'_>, e: usize) -> usize {
    let number = match call.value {
        Value::Observed(data) => data[e],
        Value::Live(slot) => call.live(slot, e),
    };
    if number >= 0.0 && number.fract() == 0.0 { number as usize } else { usize::MAX }
}

impl Formula for Categories {
    fn log_prob(&self, call: &Call<'_>) -> f64 {
        let mut total = 0.0;
        for r in 0..call.plan.rows {
            let elements = call.plan.segment(r);
            total -= elements.len() as f64 * self.normaliser(call, r);
            total += elements.map(|e| self.log_weight(call, category(call, e), r).0).sum::<f64>();
        }
        total
    }

    fn accumulate(&self, call: &Call<'_>, sink: &mut Sink<'_>) -> f64 {
        let mut total = 0.0;
        for r in 0..call.plan.rows {
            let (elements, normaliser) = (call.plan.segment(r), self.normaliser(call, r));
            let count = elements.len() as f64;
            total -= count * normaliser;
            for (k, slot) in call.parameters.iter().enumerate() {
                sink.add(slot, r, -count * self.normaliser_slope(call.parameter(k, r), normaliser));
            }
            for e in elements {
                let k = category(call, e);
                let (log_weight, slope) = self.log_weight(call, k, r);
                total += log_weight;
                sink.add(&call.parameters[k], r, slope);
            }
        }
        total
    }

    fn accumulate_weighted(&self, call: &Call<'_>, weights: &[f64], sink: &mut Sink<'_>) {
        for r in 0..call.plan.rows {
            let normaliser = self.normaliser(call, r);
            let mut total = 0.0;
            for e in call.plan.segment(r) {
                let (k, weight) = (category(call, e), weights[call.plan.original(e)]);
                // Impossible categories stay as they are, whatever the parameters.
                if weight != 0.0 && k < self.categories {
                    total += weight;
                    sink.add(&call.parameters[k], r, weight * self.log_weight(call, k, r).1);
                }
            }
            if total != 0.0 {
                for (k, slot) in call.parameters.iter().enumerate() {
                    sink.add(slot, r, -total * self.normaliser_slope(call.parameter(k, r), normaliser));
                }
            }
        }
    }

    fn each(&self, call: &Call<'_>, out: &mut [f64]) {
        for r in 0..call.plan.rows {
            let normaliser = self.normaliser(call, r);
            for e in call.plan.segment(r) {
                out[call.plan.original(e)] = self.log_weight(call, category(call, e), r).0 - normaliser;
            }
        }
    }

    fn sample(&self, call: &Call<'_>, stream: &mut Stream, out: &mut [f64]) {
        for r in 0..call.plan.rows {
            let normaliser = self.normaliser(call, r);
            for e in call.plan.segment(r) {
                let mut left = stream.random::<f64>();
                if normaliser.is_nan() {
                    out[call.plan.original(e)] = f64::NAN;
                    continue;
                }
                let passed = |k: &usize| {
                    left -= (self.log_weight(call, *k, r).0 - normaliser).exp();
                    left >= 0.0
                };
                let k = (0..self.categories).take_while(passed).count();
                out[call.plan.original(e)] = k.min(self.categories.saturating_sub(1)) as f64;
            }
        }
    }

    fn carrier(&self, _: &[f64]) -> f64 {
        0.0
    }

    fn width(&self) -> usize {
        1
    }

    fn parameter_names(&self) -> Vec<String> {
        self.parameters().into_iter().map(|(name, _)| name).collect()
    }

    fn expected(&self, parameter: usize, value: f64) -> Option<String> {
        let domain = self.parameters()[parameter].1;
        (!domain.contains(value)).then(|| domain.to_string())
    }
}

impl Family for Categories {
    fn name(&self) -> &'static str {
        match self.scale {
            Scale::Weights => "Categorical",
            Scale::Logits => "CategoricalLogits",
        }
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let name = match self.scale {
            Scale::Weights => "weight",
            Scale::Logits => "logit",
        };
        (0..self.categories).map(|k| (format!("{name} {k}"), self.domain())).collect()
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::Category { categories: self.categories }
    }

    fn interval(&self) -> Option<Arc<dyn ElementFunction>> {
        None
    }

    fn as_formula(self: Arc<Self>) -> Arc<dyn Formula> {
        self
    }
}
