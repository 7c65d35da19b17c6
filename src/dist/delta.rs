//! The distribution of one number alone: p(x) = 1 there, 0 elsewhere.

use super::kernel::{Kernel, ParameterDomain, Partials};
use crate::seed::Stream;
use crate::transform::Support;

/// All probability on one number, which is given as a number or data: a part of a mixture of data, where it is an atom beside continuous parts (at
/// the number they count nothing). Neither an unknown nor a variable as the number has a slope to follow; both are refused.
///
/// # Examples
/// Rain falls on some days only:
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn rain(millimetres: &[f64]) {
///     sample!(dry ~ Beta(1, 1));
///     sample!(rate ~ Exponential(1));
///     plate!(days = millimetres.len(), {
///         let day = Mixture((dry, 1.0 - dry), (Delta(0), Gamma(2, rate)));
///         sample!(rain ~ day, observed = millimetres);
///     });
/// }
/// let model = rain(&[0.0, 0.0, 3.1, 0.4, 0.0])?;
/// assert!(model.log_density(&[0.0, 0.0]).is_ok());
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delta<X = f64>(pub X);

impl Kernel<1> for Delta {
    type Row = f64;

    const NAME: &'static str = "Delta";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("x", ParameterDomain::Known)];

    fn support([at]: [f64; 1]) -> Support {
        Support::Point { at }
    }

    fn row([at]: [f64; 1]) -> f64 {
        at
    }

    fn log_prob(at: &f64, [x]: [f64; 1]) -> f64 {
        match at.is_finite() {
            true if x == *at => 0.0,
            true => f64::NEG_INFINITY,
            false => f64::NAN,
        }
    }

    fn partials(at: &f64, x: [f64; 1]) -> Partials<1> {
        Partials { log_prob: Self::log_prob(at, x), value: 0.0, parameters: [0.0] }
    }

    fn sample([at]: [f64; 1], _: &mut Stream) -> [f64; 1] {
        [if at.is_finite() { at } else { f64::NAN }]
    }
}
