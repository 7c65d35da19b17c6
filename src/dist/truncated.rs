//! Distributions cut off at both ends or at one.
//!
//! log p(x | low <= X <= high) = log p(x) - log P(low <= X <= high) between the ends, minus infinity beyond. A draw is found by bisection:
//! the x at which P(low <= X <= x) is a uniform share of P(low <= X <= high).
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), section 1.6.

use super::combinator::{Combinator, Given, Own, Recorded, Resolved};
use super::density::{Density, DensityFamily};
use super::kernel::ParameterDomain;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Block, DrawRecord, DrawRule, ElementFunction, NodeId, Shape, function_of_one};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;
use std::sync::Arc;

pub(super) fn truncated<'t>(base: Density<'t>, low: Argument<'t>, high: Argument<'t>) -> Density<'t> {
    Density::combined(Arc::new(Truncated), vec![low, high], vec![base])
}

struct Truncated;

/// The probability of intervals of a density.
///
/// # Errors
/// When it is not known.
pub(super) fn interval_of(part: &Resolved, name: &str) -> Result<Arc<dyn ElementFunction>> {
    let interval = match &part.family {
        DensityFamily::Formula(family) => family.interval(),
        _ => None,
    };
    interval.ok_or_else(|| {
        let message = format!(
            "expected a family whose distribution function is known in {name} (Normal, LogNormal, Exponential, Gamma, \
             Poisson, ...), got {}",
            part.name()
        );
        Error::new(ErrorKind::Site, message)
    })
}

/// Ends that are known are in order.
pub(super) fn check_ends(own: &Own<'_>, name: &str) -> Result<()> {
    let [low, high] = [0, 1].map(|end| own.tape.constant_of(own.nodes[end]));
    let (Some(low), Some(high)) = (low, high) else { return Ok(()) };
    let pairs = (0..low.len().max(high.len())).map(|i| (low[i % low.len()], high[i % high.len()]));
    let discrete = own.parts[0].support(own.tape)?.is_discrete();
    match pairs.into_iter().find(|(low, high)| !(low < high || (discrete && low == high))) {
        None => Ok(()),
        Some((low, high)) => {
            let message = format!("expected ends low < high for {name}, got {low} and {high}");
            Err(Error::new(ErrorKind::Value, message))
        }
    }
}

impl Combinator for Truncated {
    fn name(&self) -> &'static str {
        "truncated"
    }

    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)> {
        ["low", "high"].map(|end| (end.to_string(), None)).to_vec()
    }

    fn check(&self, own: &Own<'_>) -> Result<()> {
        interval_of(&own.parts[0], self.name())?;
        check_ends(own, self.name())
    }

    fn record(&self, own: &Own<'_>, value: &Given, shape: &Shape) -> Result<Recorded> {
        let (tape, base) = (own.tape, &own.parts[0]);
        let interval = interval_of(base, self.name())?;
        let Recorded { log_prob, .. } = base.record(tape, value, shape)?;
        let operands: Vec<NodeId> = base.nodes.iter().chain(own.nodes).copied().collect();
        // Over the plates of parameters and ends alone: the data may share it.
        let own_shape = |shape: Shape, node: &NodeId| tape.common_shape(&shape, &tape.shape(*node));
        let of_parameters = operands.iter().try_fold(Shape::scalar(), own_shape)?;
        let mass = tape.var(tape.function(interval.clone(), &operands, of_parameters));
        let mut result = tape.var(log_prob) - mass;
        if let Given::Node(x) = value {
            let inside = tape.function(Arc::new(Inside), &[*x, own.nodes[0], own.nodes[1]], shape.clone());
            let all = tape.constant_of(inside).is_some_and(|each| each.iter().all(|x| *x == 0.0));
            result = if all { result } else { result + tape.var(inside) };
        }
        let discrete = base.support(tape)?.is_discrete();
        let rule = Arc::new(ByBisection { interval, discrete });
        let operands = operands.iter().map(|&node| tape.operand(node, shape)).collect();
        Ok(Recorded { log_prob: result.node, draw: DrawRecord::Rule { rule, operands, parts: vec![] } })
    }

    fn support(&self, own: &Own<'_>) -> Result<Support> {
        let Some((below, above)) = continuous_ends(own.parts[0].support(own.tape)?) else {
            return own.parts[0].support(own.tape);
        };
        let end = |end: usize| own.number(end).unwrap_or(f64::NAN);
        // NaN stays: it is what is said of ends that are not known.
        let low = if end(0) <= below { below } else { end(0) };
        let high = if end(1) >= above { above } else { end(1) };
        Ok(match (low, high) {
            (f64::NEG_INFINITY, f64::INFINITY) => Support::Real,
            (0.0, f64::INFINITY) => Support::Positive,
            (low, f64::INFINITY) => Support::Above { low },
            (f64::NEG_INFINITY, high) => Support::Below { high },
            (low, high) => Support::Interval { low, high },
        })
    }

    fn ends(&self, own: &Own<'_>) -> Option<[Option<NodeId>; 2]> {
        let base = own.parts[0].support(own.tape).ok().and_then(continuous_ends)?;
        let (low, high) = match self.support(own) {
            Ok(Support::Interval { low, high }) if !(low.is_finite() && high.is_finite()) => (low, high),
            Ok(Support::Above { low }) => (low, f64::INFINITY),
            Ok(Support::Below { high }) => (f64::NEG_INFINITY, high),
            _ => return None,
        };
        // The base's own end where that is the nearer one; none where both are infinite.
        let end = |which: usize, of_base: f64, end: f64| match end == of_base {
            true => end.is_finite().then(|| own.tape.number(end)),
            false => Some(own.nodes[which]),
        };
        Some([end(0, base.0, low), end(1, base.1, high)])
    }

    fn allows(&self, own: &Own<'_>, datum: &[f64]) -> bool {
        let beyond =
            |end: usize, is: fn(f64, f64) -> bool| own.number(end).is_some_and(|end| is(datum[0], end));
        own.parts[0].allows(own.tape, datum) && !beyond(0, |x, low| x < low) && !beyond(1, |x, high| x > high)
    }

    fn expected(&self, own: &Own<'_>) -> String {
        let end = |end: usize| own.number(end).map_or("a variable".to_string(), |end| end.to_string());
        format!("{} from {} to {}", own.parts[0].expected(own.tape), end(0), end(1))
    }
}

/// The ends of a support of single continuous numbers.
fn continuous_ends(support: Support) -> Option<(f64, f64)> {
    match support {
        Support::Real => Some((f64::NEG_INFINITY, f64::INFINITY)),
        Support::Positive => Some((0.0, f64::INFINITY)),
        Support::Interval { low, high } => Some((low, high)),
        Support::Above { low } => Some((low, f64::INFINITY)),
        Support::Below { high } => Some((f64::NEG_INFINITY, high)),
        _ => None,
    }
}

/// 0 where the first number lies between the two others, ends included, minus infinity elsewhere.
struct Inside;

impl ElementFunction for Inside {
    fn values(&self, x: &[Block], count: usize, y: &mut Block) {
        for i in 0..count {
            let (x, low, high) = (x[0][i], x[1][i], x[2][i]);
            y[i] = match low <= x && x <= high {
                true => 0.0,
                false if x.is_nan() || low.is_nan() || high.is_nan() => f64::NAN,
                false => f64::NEG_INFINITY,
            };
        }
    }

    fn slopes(&self, x: &mut [Block], count: usize, _: &Block, _: &Block) {
        x.iter_mut().for_each(|block| block[..count].fill(0.0));
    }
}

/// Draws by the probability of intervals.
struct ByBisection {
    interval: Arc<dyn ElementFunction>,
    discrete: bool,
}

impl DrawRule for ByBisection {
    fn draw(&self, operands: &[f64], _: &[&[f64]], stream: &mut Stream, out: &mut [f64]) {
        let mut numbers = operands.to_vec();
        let last = numbers.len() - 1;
        let [low, high] = [numbers[last - 1], numbers[last]];
        let mut log_mass = |high: f64| {
            numbers[last] = high;
            function_of_one(self.interval.as_ref(), &numbers)
        };
        let total = log_mass(high);
        let target = total + (1.0 - stream.random::<f64>()).ln();
        out[0] = match total.is_finite() {
            true => bisect(low, high, |x| x > low && log_mass(x) >= target),
            false => f64::NAN,
        };
        if self.discrete {
            out[0] = out[0].floor().max(low.ceil()).max(0.0);
        }
    }
}

/// The least number between two at which a condition holds that holds from there on: by halving what is left of all the numbers there
/// are, so that no scale needs to be known.
fn bisect(low: f64, high: f64, mut holds: impl FnMut(f64) -> bool) -> f64 {
    let (mut low, mut high) = (place(low.max(-f64::MAX)), place(high.min(f64::MAX)));
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        match holds(number(middle as i64)) {
            true => high = middle,
            false => low = middle,
        }
    }
    number(high as i64)
}

/// The place of a number in the order of all numbers.
fn place(x: f64) -> i128 {
    let bits = x.to_bits() as i64;
    i128::from(if bits < 0 { i64::MIN - bits } else { bits })
}

/// The number at a place.
fn number(place: i64) -> f64 {
    f64::from_bits((if place < 0 { i64::MIN.wrapping_sub(place) } else { place }) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_order_and_lead_back() {
        let numbers =
            [-f64::MAX, -2.5, -1e-300, -5e-324, 0.0, 5e-324, 1.0, 1.0_f64.next_up(), 1e300, f64::MAX];
        assert!(numbers.windows(2).all(|pair| place(pair[0]) < place(pair[1])));
        assert!(numbers.iter().all(|x| number(place(*x) as i64) == *x));
        for at in [-3.25, 0.0, 1e-200, 7.0] {
            assert_eq!(bisect(f64::NEG_INFINITY, f64::INFINITY, |x| x >= at), at);
        }
    }
}
