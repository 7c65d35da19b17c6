//! The beta distribution.
//!
//! log p(x) = (a - 1) log(x) + (b - 1) log(1 - x) - ln B(a, b), 0 < x < 1.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 25.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::math::ln_beta_and_slopes;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The beta distribution with `a` and `b` (both above 0). Its mean is a / (a + b).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta<A = f64, B = f64>(pub A, pub B);

/// What the parameters of [`Beta`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BetaRow {
    /// a - 1.
    power_x: f64,
    /// b - 1.
    power_rest: f64,
    /// ln B(a, b).
    ln_beta: f64,
    /// Its derivative with respect to a.
    slope_a: f64,
    /// Its derivative with respect to b.
    slope_b: f64,
}

impl Kernel<2> for Beta {
    type Row = BetaRow;

    const NAME: &'static str = "Beta";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("a", ParameterDomain::Positive), ("b", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Interval { low: 0.0, high: 1.0 }
    }

    #[inline]
    fn row([a, b]: [f64; 2]) -> BetaRow {
        let (ln_beta, [slope_a, slope_b]) = ln_beta_and_slopes(a, b);
        let ln_beta = ln_beta + poison::<Self, 2, 1>([a, b]);
        BetaRow { power_x: a - 1.0, power_rest: b - 1.0, ln_beta, slope_a, slope_b }
    }

    #[inline]
    fn log_prob(row: &BetaRow, [x]: [f64; 1]) -> f64 {
        if !(x > 0.0 && x < 1.0) {
            return f64::NEG_INFINITY;
        }
        row.power_x * x.ln() + row.power_rest * (-x).ln_1p() - row.ln_beta
    }

    #[inline]
    fn partials(row: &BetaRow, [x]: [f64; 1]) -> Partials<2> {
        if !(x > 0.0 && x < 1.0) {
            return Partials::IMPOSSIBLE;
        }
        let (log_x, log_rest) = (x.ln(), (-x).ln_1p());
        Partials {
            log_prob: row.power_x * log_x + row.power_rest * log_rest - row.ln_beta,
            value: row.power_x / x - row.power_rest / (1.0 - x),
            parameters: [log_x - row.slope_a, log_rest - row.slope_b],
        }
    }

    fn sample([a, b]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let inside = |x: f64| if x.is_nan() { x } else { x.clamp(f64::MIN_POSITIVE, 1f64.next_down()) };
        [rand_distr::Beta::new(a, b).map_or(f64::NAN, |beta| inside(beta.sample(stream)))
            + poison::<Self, 2, 1>([a, b])]
    }
}
