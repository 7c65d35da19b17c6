//! Counts with more, or fewer, zeros than their distribution has.
//!
//! Zero-inflated: p(0) = pi + (1 - pi) q(0), p(k) = (1 - pi) q(k), which is the mixture of the constant 0 and q. Hurdle: p(0) = pi,
//! p(k) = (1 - pi) q(k) / (1 - q(0)), the mixture of the constant 0 and q without its zeros.
//!
//! Sources: Lambert 1992, <https://doi.org/10.2307/1269547>; Mullahy 1986, <https://doi.org/10.1016/0304-4076(86)90002-3>.

use super::combinator::{Combinator, Given, Own, Recorded};
use super::density::{Density, DensityFamily};
use super::distribution::Distribution;
use super::family::Family;
use super::kernel::ParameterDomain;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{DrawRecord, DrawRule, IntoArgument, Shape, log_prob_of_one, sample_one};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;
use std::sync::Arc;

/// Counts with extra zeros: with probability `pi` (0 to 1) a zero, otherwise a draw of a distribution of counts, which may be zero too.
/// For observed values.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn fish_caught(caught: &[u64]) {
///     sample!(stayed_ashore ~ Beta(1, 1));
///     sample!(rate ~ Exponential(0.5));
///     plate!(visitors = caught.len(), {
///         sample!(fish ~ ZeroInflated(stayed_ashore, Poisson(rate)), observed = caught);
///     });
/// }
/// assert_eq!(fish_caught(&[0, 0, 3, 0, 5, 2])?.dim(), 2);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZeroInflated<P, C>(pub P, pub C);

/// Counts whose zeros are a matter of their own: a zero with probability `pi` (0 to 1), otherwise a draw of a distribution of counts
/// less its zeros. For observed values.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn visits_to_the_doctor(visits: &[u64]) {
///     sample!(never ~ Beta(1, 1));
///     sample!(rate ~ Exponential(0.5));
///     plate!(people = visits.len(), {
///         sample!(visits ~ Hurdle(never, Poisson(rate)), observed = visits);
///     });
/// }
/// assert_eq!(visits_to_the_doctor(&[0, 0, 3, 1, 5, 2])?.dim(), 2);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hurdle<P, C>(pub P, pub C);

impl<'t, P: IntoArgument<'t>, C: Distribution<'t>> Distribution<'t> for ZeroInflated<P, C> {
    fn density(self) -> Density<'t> {
        let zeros = Arc::new(Zeros { without_its_own: false });
        Density::combined(zeros, vec![self.0.into_argument()], vec![self.1.density()])
    }
}

impl<'t, P: IntoArgument<'t>, C: Distribution<'t>> Distribution<'t> for Hurdle<P, C> {
    fn density(self) -> Density<'t> {
        let zeros = Arc::new(Zeros { without_its_own: true });
        Density::combined(zeros, vec![self.0.into_argument()], vec![self.1.density()])
    }
}

/// Zeros beside a distribution of counts, which keeps its own or loses them.
struct Zeros {
    without_its_own: bool,
}

impl Combinator for Zeros {
    fn name(&self) -> &'static str {
        if self.without_its_own { "Hurdle" } else { "ZeroInflated" }
    }

    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)> {
        vec![("pi".to_string(), Some(ParameterDomain::Probability))]
    }

    fn check(&self, own: &Own<'_>) -> Result<()> {
        let support = own.parts[0].support(own.tape)?;
        let formula = matches!(own.parts[0].family, DensityFamily::Formula(_));
        let counts = matches!(support, Support::Count | Support::CountUpTo { .. });
        if counts && (formula || !self.without_its_own) {
            return Ok(());
        }
        let what = if self.without_its_own { "one family of counts" } else { "a distribution of counts" };
        let message = format!(
            "expected {what}, such as Poisson, in {}, got {} ({support})",
            self.name(),
            own.parts[0].name()
        );
        Err(Error::new(ErrorKind::Site, message))
    }

    fn record(&self, own: &Own<'_>, value: &Given, shape: &Shape) -> Result<Recorded> {
        let (tape, count) = (own.tape, &own.parts[0]);
        let Given::Node(node) = value else { return Err(self.no_unknowns()) };
        let counts = tape.constant_of(*node).ok_or_else(|| self.no_unknowns())?;
        let where_zero = |yes: f64, no: f64| {
            let numbers = counts.iter().map(|k| if *k == 0.0 { yes } else { no }).collect();
            tape.var(tape.constant(numbers, tape.shape(*node)))
        };
        let Recorded { log_prob, draw } = count.record(tape, value, shape)?;
        let (mut rest, mut draw) = (tape.var(log_prob), draw);
        if let (true, DensityFamily::Formula(family)) = (self.without_its_own, &count.family) {
            let of_parameters = count.shape_with(tape, Shape::scalar())?;
            let zero = count.record(tape, &Given::Node(tape.number(0.0)), &of_parameters)?;
            rest = rest - tape.var(zero.log_prob).ln_1m_exp() + where_zero(f64::NEG_INFINITY, 0.0);
            let operands = count.nodes.iter().map(|&x| tape.operand(x, shape)).collect();
            draw = DrawRecord::Rule { rule: Arc::new(AboveZero(family.clone())), operands, parts: vec![] };
        }
        let pi = tape.var(own.nodes[0]);
        let zero = where_zero(0.0, f64::NEG_INFINITY);
        let log_prob = tape.mix(&[pi.node, (1.0 - pi).node], &[zero.node, rest.node]);
        let operands = vec![tape.operand(pi.node, shape)];
        Ok(Recorded {
            log_prob,
            draw: DrawRecord::Rule { rule: Arc::new(ZeroOrDraw), operands, parts: vec![draw] },
        })
    }

    fn support(&self, own: &Own<'_>) -> Result<Support> {
        own.parts[0].support(own.tape)
    }

    fn allows(&self, own: &Own<'_>, datum: &[f64]) -> bool {
        datum == [0.0] || own.parts[0].allows(own.tape, datum)
    }

    fn expected(&self, own: &Own<'_>) -> String {
        own.parts[0].expected(own.tape)
    }
}

impl Zeros {
    fn no_unknowns(&self) -> Error {
        let message =
            format!("expected data as the value of {}, got a variable; counts are no unknowns", self.name());
        Error::new(ErrorKind::Site, message)
    }
}

/// A zero with the probability it is given, or else the draw of its part.
struct ZeroOrDraw;

impl DrawRule for ZeroOrDraw {
    fn draw(&self, operands: &[f64], parts: &[&[f64]], stream: &mut Stream, out: &mut [f64]) {
        let (pi, u) = (operands[0], stream.random::<f64>());
        out[0] = match (0.0..=1.0).contains(&pi) {
            true if u < pi => 0.0,
            true => parts[0][0],
            false => f64::NAN,
        };
    }
}

/// A draw of counts without the zeros.
struct AboveZero(Arc<dyn Family>);

/// How often a draw is thrown away because it is 0 before the counts are gone through one by one.
const MOST_TRIES: usize = 64;
/// The counts that are gone through; what is left beyond has no probability that could be told from 0 where zeros are so many.
const MOST_COUNTS: usize = 10_000;

impl DrawRule for AboveZero {
    fn draw(&self, parameters: &[f64], _: &[&[f64]], stream: &mut Stream, out: &mut [f64]) {
        let formula = self.0.clone().as_formula();
        for _ in 0..MOST_TRIES {
            out[0] = sample_one(formula.as_ref(), parameters, stream)[0];
            if out[0] != 0.0 {
                return;
            }
        }
        // By inversion, from 1 on: log of the probability of a count relative to that of all above 0.
        let log_rest = (-log_prob_of_one(formula.as_ref(), parameters, 0.0).exp_m1()).ln();
        let mut left = stream.random::<f64>();
        for count in 1..MOST_COUNTS {
            out[0] = count as f64;
            left -= (log_prob_of_one(formula.as_ref(), parameters, out[0]) - log_rest).exp();
            if left.is_nan() || left < 0.0 {
                return;
            }
        }
    }
}
