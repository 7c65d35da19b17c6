//! The mathematics of one distribution, one value at a time.

use crate::seed::Stream;
use crate::transform::Support;

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

    /// Where the value may lie.
    fn support(parameters: [f64; P]) -> Support;

    /// Computes what depends on the parameters alone. Parameters outside their domain give a row whose log densities are
    /// NaN; it never panics.
    fn row(parameters: [f64; P]) -> Self::Row;

    /// The log density at `x`, less [`Kernel::carrier`]; minus infinity outside the support.
    fn log_prob(row: &Self::Row, x: [f64; W]) -> f64;

    /// The log density as in [`Kernel::log_prob`], with its partial derivatives, in one pass.
    fn partials(row: &Self::Row, x: [f64; W]) -> Partials<P>;

    /// The part of the log density that depends on the value alone (such as `-ln k!`), its derivative included in
    /// [`Partials::value`].
    fn carrier(_x: [f64; W]) -> f64 {
        0.0
    }

    /// One draw. The parameters lie in their domains.
    fn sample(parameters: [f64; P], stream: &mut Stream) -> [f64; W];
}

/// A log density and its partial derivatives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Partials<const P: usize> {
    /// The log density, less the carrier.
    pub log_prob: f64,
    /// Its derivative with respect to the (first coordinate of the) value, the carrier's included. 0 for discrete values.
    pub value: f64,
    /// Its derivatives with respect to the parameters.
    pub parameters: [f64; P],
}
