//! The mathematics of one distribution, one value at a time.

use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use std::fmt;

/// Where a parameter of a distribution may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterDomain {
    /// Any finite number.
    Real,
    /// A finite number above 0.
    Positive,
    /// A number in the closed interval from 0 to 1.
    Probability,
    /// A number in the open interval from 0 to 1.
    Unit,
    /// A finite number, 0 or above.
    NonNegative,
    /// A count 0, 1, 2, ..., given as numbers or data: a number of trials. Densities have no derivative with respect to it (0 stands
    /// in its place), and no variable can stand for it.
    Count,
    /// A finite number, given as a number or data: where a density has an atom. No variable can stand for it.
    Known,
    /// Any number, infinities included: an end that may be open.
    Extended,
}

impl ParameterDomain {
    /// Whether a value lies in this domain; NaN never does, infinities in [`ParameterDomain::Extended`] alone.
    #[inline]
    pub fn contains(self, value: f64) -> bool {
        (value.is_finite() || self == ParameterDomain::Extended)
            && match self {
                ParameterDomain::Real | ParameterDomain::Known => true,
                ParameterDomain::Extended => !value.is_nan(),
                ParameterDomain::Count => value >= 0.0 && value.fract() == 0.0,
                ParameterDomain::Positive => value > 0.0,
                ParameterDomain::Probability => (0.0..=1.0).contains(&value),
                ParameterDomain::Unit => value > 0.0 && value < 1.0,
                ParameterDomain::NonNegative => value >= 0.0,
            }
    }

    /// Whether all values of a support, but for its ends, lie in this domain. Ends that are not known are taken to be right.
    pub fn includes(self, support: Support) -> bool {
        let (low, high) = match support {
            Support::Real => (f64::NEG_INFINITY, f64::INFINITY),
            Support::Positive => (0.0, f64::INFINITY),
            Support::Interval { low, high } => (low, high),
            Support::Above { low } => (low, f64::INFINITY),
            Support::Below { high } => (f64::NEG_INFINITY, high),
            _ => return true,
        };
        match self {
            ParameterDomain::Real | ParameterDomain::Extended => true,
            ParameterDomain::Count | ParameterDomain::Known => false,
            ParameterDomain::Positive | ParameterDomain::NonNegative => !(low < 0.0),
            ParameterDomain::Probability | ParameterDomain::Unit => !(low < 0.0 || high > 1.0),
        }
    }

    /// 0 for values in this domain, NaN for others.
    #[inline(always)]
    fn poison<N: Number>(self, value: N) -> N {
        let (zero, one, inside) = (value.all(0.0), value.all(1.0), value.nan_unless_finite());
        let holds = match self {
            ParameterDomain::Real | ParameterDomain::Known => return inside,
            ParameterDomain::Extended => return zero.or(value.equals(value), value),
            ParameterDomain::Count => is_count(value),
            ParameterDomain::Positive => zero.less_than(value),
            ParameterDomain::Probability => value.both(zero.at_most(value), value.at_most(one)),
            ParameterDomain::Unit => value.both(zero.less_than(value), value.less_than(one)),
            ParameterDomain::NonNegative => zero.at_most(value),
        };
        inside.or(holds, value.all(f64::NAN))
    }
}

impl fmt::Display for ParameterDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParameterDomain::Real | ParameterDomain::Known => "a finite number",
            ParameterDomain::Positive => "a positive number",
            ParameterDomain::Probability => "a number from 0 to 1",
            ParameterDomain::Unit => "a number between 0 and 1, ends excluded",
            ParameterDomain::NonNegative => "a number 0 or above",
            ParameterDomain::Count => "a count 0, 1, 2, ...",
            ParameterDomain::Extended => "a number or an infinity",
        })
    }
}

/// The log density of `W` numbers given `P` parameters, with its partial derivatives.
///
/// What depends on the parameters alone stands in [`Kernel::Row`] and is computed once per distinct row of parameters,
/// however many values share it; what depends on the value alone stands in [`Kernel::carrier`] and is computed once when
/// the value is observed. `log_prob + carrier` is the normalised log density.
pub trait Kernel<const P: usize, const W: usize = 1>: Send + Sync + 'static {
    /// What the parameters alone determine: logarithms, normalisers and the derivatives of these.
    type Row: Copy;

    /// The distribution's name, as users write it.
    const NAME: &'static str;

    /// The parameters' names and domains, in the order in which users write them.
    const PARAMETERS: [(&'static str, ParameterDomain); P];

    /// Which parameters are the lower and the upper end of the support, if any are: they may then be variables, and an unknown lies between
    /// them.
    const ENDS: [Option<usize>; 2] = [None, None];

    /// Which parameters are location and scale, if two are: x = location + scale z with z of a fixed distribution, or its exponential where the
    /// support is x > 0. Unknowns can then be written non-centred.
    const LOCATION_SCALE: Option<[usize; 2]> = None;

    /// Where the value may lie; an end that is not known yet is NaN.
    fn support(parameters: [f64; P]) -> Support;

    /// Computes what depends on the parameters alone. Parameters outside their domain give a row whose log densities are
    /// NaN; it never panics.
    fn row(parameters: [f64; P]) -> Self::Row;

    /// The log density at `x`, less [`Kernel::carrier`]; minus infinity outside the support.
    fn log_prob(row: &Self::Row, x: [f64; W]) -> f64;

    /// The log density as in [`Kernel::log_prob`], with its partial derivatives, in one pass. Outside the support all
    /// derivatives are 0 ([`Partials::IMPOSSIBLE`]), never NaN.
    fn partials(row: &Self::Row, x: [f64; W]) -> Partials<P>;

    /// The part of the log density that depends on the value alone (such as `-ln k!`), its derivative included in
    /// [`Partials::value`].
    fn carrier(_x: [f64; W]) -> f64 {
        0.0
    }

    /// One draw, inside the support. Parameters outside their domains give NaN; it never panics.
    fn sample(parameters: [f64; P], stream: &mut Stream) -> [f64; W];
}

/// A log density and its partial derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Partials<const P: usize, N = f64> {
    /// The log density, less the carrier.
    pub log_prob: N,
    /// Its derivative with respect to the (first coordinate of the) value, the carrier's included. 0 for discrete values.
    pub value: N,
    /// Its derivatives with respect to the parameters.
    pub parameters: [N; P],
}

impl<const P: usize> Partials<P> {
    /// A value outside the support: log density minus infinity, all derivatives 0.
    pub const IMPOSSIBLE: Self = Self { log_prob: f64::NEG_INFINITY, value: 0.0, parameters: [0.0; P] };
}

/// 0 where all parameters lie in their domains, NaN elsewhere: added to a row's normaliser it makes every log density NaN.
#[inline(always)]
pub(super) fn poison<K: Kernel<P, W>, N: Number, const P: usize, const W: usize>(parameters: [N; P]) -> N {
    let mut sum = K::PARAMETERS[0].1.poison(parameters[0]);
    for p in 1..P {
        sum = sum + K::PARAMETERS[p].1.poison(parameters[p]);
    }
    sum
}

/// The partials, or those of an impossible value where the density is 0 to rounding: derivatives there are no numbers.
#[inline]
pub(super) fn unless_impossible<const P: usize>(partials: Partials<P>) -> Partials<P> {
    if partials.log_prob == f64::NEG_INFINITY { Partials::IMPOSSIBLE } else { partials }
}

/// Whether `x` is 0, 1, 2, ...
#[inline(always)]
pub(super) fn is_count<N: Number>(x: N) -> N::Mask {
    // From 2^52 on every number is an integer; below, adding it rounds to one.
    const INTEGERS: f64 = 4_503_599_627_370_496.0;
    let rounded = x.or(x.all(INTEGERS).at_most(x), x + INTEGERS - INTEGERS);
    x.both(x.both(x.all(0.0).at_most(x), rounded.equals(x)), x.less_than(x.all(f64::INFINITY)))
}

/// A draw moved to the largest finite numbers, beyond which rounding may have put it; NaN stays.
#[inline]
pub(super) fn finite(x: f64) -> f64 {
    x.clamp(-f64::MAX, f64::MAX)
}

/// A draw moved off the boundary of x > 0, where rounding may have put it; NaN stays.
#[inline]
pub(super) fn above_zero(x: f64) -> f64 {
    if x.is_nan() { x } else { x.clamp(f64::MIN_POSITIVE, f64::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poison_is_what_a_domain_does_not_contain() {
        use ParameterDomain::*;
        let ends =
            [0.0, -0.0, 1.0, 0.5, 1.5, -1e-300, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        for domain in [Real, Positive, Probability, Unit, NonNegative, Count, Extended] {
            for value in ends {
                let poison = domain.poison(value);
                assert_eq!(domain.contains(value), poison == 0.0, "{domain} {value}");
                assert!(poison == 0.0 || poison.is_nan(), "{domain} {value}");
            }
        }
    }
}
