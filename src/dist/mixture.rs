//! Mixtures of distributions.
//!
//! log p(x) = log sum_k w_k p_k(x) - log sum_k w_k. A draw picks a component by its weight and draws from that.
//!
//! Source: McLachlan & Peel, Finite Mixture Models (2000), chapter 1.

use super::combinator::{Combinator, Given, Own, Recorded, Resolved};
use super::density::Density;
use super::distribution::Distribution;
use super::kernel::ParameterDomain;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, DrawRecord, DrawRule, IntoArgument, NodeId, Shape, Tape};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;
use std::sync::Arc;

/// A mixture of distributions: one weight per component (each 0 or above, not all 0, not necessarily summing to one), and the
/// components. Both are tuples (of 2 to 8) of any kind; an array or a `Vec` does where all members have one type, as
/// `[w, 1.0 - w]` and `[Normal(a, s), Normal(b, s)]` have and `[0.5, w]` has not. A component may be a learned likelihood, or a
/// mixture itself.
///
/// Weights that are one variable over a plate (or the shares of a [`Dirichlet`](super::Dirichlet)) weigh one family whose parameters are
/// arrays over that plate: `Mixture(share, Normal(mean, 1.0))`.
///
/// Which component an element comes from is summed out. For observed values; for an unknown where all components have the same
/// support.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn two_groups(y: &[f64]) {
///     sample!(share ~ Beta(5, 5));
///     sample!(low ~ Normal(0, 2));
///     sample!(gap ~ HalfNormal(5));
///     plate!(rows = y.len(), {
///         let components = [Normal(low, 1.0), Normal(low + gap, 1.0)];
///         sample!(y ~ Mixture([share, 1.0 - share], components), observed = y);
///     });
/// }
///
/// /// The same with a wide component for what belongs to neither.
/// #[model]
/// fn with_outliers(y: &[f64]) {
///     sample!(low ~ Normal(0, 2));
///     sample!(high ~ Normal(5, 2));
///     plate!(rows = y.len(), {
///         let components = (Normal(low, 1.0), Normal(high, 1.0), StudentT(3, 0, 10));
///         sample!(y ~ Mixture([0.6, 0.3, 0.1], components), observed = y);
///     });
/// }
///
/// /// Any number of groups, in ascending order.
/// #[model]
/// fn groups(y: &[f64], count: usize) {
///     plate!(groups = count, {
///         sample!(mean ~ Normal(0, 5).ordered());
///         sample!(share ~ Gamma(2, 1));
///     });
///     plate!(rows = y.len(), {
///         sample!(y ~ Mixture(share, Normal(mean, 1.0)), observed = y);
///     });
/// }
/// let y = [-0.3, 0.2, 0.1, 4.9, 5.3, 30.0];
/// assert_eq!(groups(&y, 3)?.dim(), 6);
/// assert_eq!(two_groups(&y)?.dim(), 3);
/// assert_eq!(with_outliers(&y)?.dim(), 2);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture<W, C>(pub W, pub C);

impl<'t, W: IntoArguments<'t>, C: IntoComponents<'t>> Distribution<'t> for Mixture<W, C> {
    fn density(self) -> Density<'t> {
        mixture("Mixture", self.0.into_arguments(), self.1.into_components())
    }
}

/// A mixture under a name of its own.
pub(super) fn mixture<'t>(
    name: &'static str,
    weights: Vec<Argument<'t>>,
    components: Vec<Density<'t>>,
) -> Density<'t> {
    let (own, parts) = (weights.len(), components.len());
    let error = (own != parts || parts == 0).then(|| {
        let message = match parts {
            0 => format!("expected at least one component for {name}, got none"),
            _ => format!(
                "expected one weight per component of {name}, got {own} weights and {parts} components"
            ),
        };
        Error::new(ErrorKind::Value, message)
    });
    Density { error, ..Density::combined(Arc::new(Components { name, count: own }), weights, components) }
}

/// Several arguments: a tuple (of 2 to 8) of numbers, data and variables, or an array or a `Vec` of one type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of parameters",
    label = "expected a tuple of any, `(0.2, w)`, or an array or a `Vec` of one type, `[w, 1.0 - w]`"
)]
pub trait IntoArguments<'t> {
    /// The arguments.
    fn into_arguments(self) -> Vec<Argument<'t>>;
}

/// Several distributions: a tuple (of 2 to 8), or an array or a `Vec` of one type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of distributions",
    label = "expected a tuple, `(Normal(a, s), Cauchy(b, 1.0))`, or an array or a `Vec` of one type, `[Normal(a, s), Normal(b, s)]`"
)]
pub trait IntoComponents<'t> {
    /// The components.
    fn into_components(self) -> Vec<Density<'t>>;
}

macro_rules! lists {
    ($($trait:ident, $method:ident: $member:ident -> $item:ident by $convert:ident;)*) => {$(
        impl<'t, T: $member<'t>, const K: usize> $trait<'t> for [T; K] {
            fn $method(self) -> Vec<$item<'t>> {
                self.into_iter().map($member::$convert).collect()
            }
        }

        impl<'t, T: $member<'t>> $trait<'t> for Vec<T> {
            fn $method(self) -> Vec<$item<'t>> {
                self.into_iter().map($member::$convert).collect()
            }
        }

        lists! { tuples $trait, $method: $member -> $item by $convert; A, B; A, B, C; A, B, C, D; A, B, C, D, E;
            A, B, C, D, E, F; A, B, C, D, E, F, G; A, B, C, D, E, F, G, H }
    )*};
    (tuples $trait:ident, $method:ident: $member:ident -> $item:ident by $convert:ident; $($($name:ident),+);+) => {$(
        impl<'t, $($name: $member<'t>),+> $trait<'t> for ($($name,)+) {
            fn $method(self) -> Vec<$item<'t>> {
                #[allow(non_snake_case, reason = "one name for the member and its type")]
                let ($($name,)+) = self;
                vec![$($name.$convert()),+]
            }
        }
    )+};
}

lists! {
    IntoArguments, into_arguments: IntoArgument -> Argument by into_argument;
    IntoComponents, into_components: Distribution -> Density by density;
}

/// A mixture of so many components.
struct Components {
    name: &'static str,
    count: usize,
}

impl Combinator for Components {
    fn name(&self) -> &'static str {
        self.name
    }

    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)> {
        (0..self.count).map(|k| (format!("weight {k}"), Some(ParameterDomain::NonNegative))).collect()
    }

    fn check(&self, own: &Own<'_>) -> Result<()> {
        let width = own.parts[0].width();
        match own.parts.iter().position(|part| part.width() != width) {
            None => Ok(()),
            Some(k) => {
                let message = format!(
                    "expected components of {width} numbers per element, as the first, {}, has, got {} for component {k}, {}",
                    own.parts[0].name(),
                    own.parts[k].width(),
                    own.parts[k].name()
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    fn record(&self, own: &Own<'_>, value: &Given, shape: &Shape) -> Result<Recorded> {
        let tape = own.tape;
        let parts: Result<Vec<_>> = own.parts.iter().map(|part| part.record(tape, value, shape)).collect();
        let parts = parts?;
        let mut logs: Vec<NodeId> = parts.iter().map(|part| part.log_prob).collect();
        without_atoms(own, value, &mut logs, shape);
        let sum = tape.var(tape.mix(own.nodes, &logs));
        let log_prob = match total_weight(tape, own.nodes) {
            Some(total) => (sum - tape.var(total).ln()).node,
            None => sum.node,
        };
        let operands = own.nodes.iter().map(|&weight| tape.operand(weight, shape)).collect();
        let parts = parts.into_iter().map(|part| part.draw).collect();
        Ok(Recorded { log_prob, draw: DrawRecord::Rule { rule: Arc::new(PickByWeight), operands, parts } })
    }

    fn support(&self, own: &Own<'_>) -> Result<Support> {
        let first = own.parts[0].support(own.tape)?;
        for part in &own.parts[1..] {
            let other = part.support(own.tape)?;
            if other != first {
                let message = format!(
                    "expected components with one support for an unknown, got {first} for {} and {other} for {}",
                    own.parts[0].name(),
                    part.name()
                );
                return Err(Error::new(ErrorKind::Site, message));
            }
        }
        Ok(first)
    }

    fn allows(&self, own: &Own<'_>, datum: &[f64]) -> bool {
        own.parts.iter().any(|part| part.allows(own.tape, datum))
    }

    fn expected(&self, own: &Own<'_>) -> String {
        let mut each: Vec<String> = own.parts.iter().map(|part: &Resolved| part.expected(own.tape)).collect();
        each.dedup();
        each.join(", or ")
    }
}

/// Continuous parts count nothing where a datum is the atom of a [`Delta`](super::Delta): beside its probability they have none there.
fn without_atoms(own: &Own<'_>, value: &Given, logs: &mut [NodeId], shape: &Shape) {
    let (tape, Given::Node(value)) = (own.tape, value) else { return };
    let numbers = |node: NodeId| {
        let operand = tape.operand(node, shape);
        let constant = tape.constant_of(operand.node)?;
        Some((0..shape.len()).map(|i| constant[operand.map.at(i)]).collect::<Vec<f64>>())
    };
    let support = |part: &Resolved| part.support(tape).ok();
    let atoms = own.parts.iter().filter(|part| matches!(support(part), Some(Support::Point { .. })));
    let (atoms, Some(x)) =
        (atoms.filter_map(|part| numbers(part.nodes[0])).collect::<Vec<_>>(), numbers(*value))
    else {
        return;
    };
    let at_atom = |i: usize| atoms.iter().any(|atom| atom[i] == x[i]);
    if !(0..x.len()).any(at_atom) {
        return;
    }
    let nothing = (0..x.len()).map(|i| if at_atom(i) { f64::NEG_INFINITY } else { 0.0 }).collect();
    let nothing = tape.constant(nothing, shape.clone());
    for (part, log) in own.parts.iter().zip(logs) {
        if support(part).is_some_and(|support| !support.is_discrete()) {
            *log = tape.add_over(*log, nothing, shape.clone());
        }
    }
}

/// The sum of the weights; `None` where it is one: of the numbers, or of `w` and `1 - w`.
fn total_weight(tape: &Tape, weights: &[NodeId]) -> Option<NodeId> {
    let total = weights.iter().map(|&weight| tape.var(weight)).reduce(|sum, weight| sum + weight)?;
    let one = |numbers: &[f64]| numbers.iter().all(|x| *x == 1.0);
    let complement = matches!(weights, [p, q] if tape.is_complement(*p, *q) || tape.is_complement(*q, *p));
    let known = tape.constant_of(total.node).is_some_and(|numbers| one(&numbers));
    (!complement && !known).then_some(total.node)
}

/// Picks one of the parts' draws by the weights.
pub(super) struct PickByWeight;

impl DrawRule for PickByWeight {
    fn draw(&self, weights: &[f64], parts: &[&[f64]], stream: &mut Stream, out: &mut [f64]) {
        let total: f64 = weights.iter().sum();
        let valid = weights.iter().all(|weight| *weight >= 0.0) && total > 0.0 && total.is_finite();
        let mut left = stream.random::<f64>() * total;
        let passed = |weight: &&f64| {
            left -= **weight;
            left >= 0.0
        };
        let at = weights.iter().take_while(passed).count();
        // Rounding may leave something behind the last weight; it belongs to the last one that is above 0.
        let last = weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
        match valid {
            true => out.copy_from_slice(parts[at.min(last)]),
            false => out.fill(f64::NAN),
        }
    }
}
