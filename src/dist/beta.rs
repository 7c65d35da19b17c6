//! The beta distribution.
//!
//! log p(x) = (a - 1) log(x) + (b - 1) log(1 - x) - ln B(a, b), 0 < x < 1.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 25.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::ln_beta_and_slopes;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The beta distribution with `a` and `b` (both above 0). Its mean is a / (a + b).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta<A = f64, B = f64>(pub A, pub B);

/// What the parameters of [`Beta`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BetaRow<N = f64> {
    /// a - 1.
    power_x: N,
    /// b - 1.
    power_rest: N,
    /// ln B(a, b).
    ln_beta: N,
    /// Its derivative with respect to a.
    slope_a: N,
    /// Its derivative with respect to b.
    slope_b: N,
}

impl Kernel<2> for Beta {
    kernel_by_formula! { BetaRow, 2 }

    const NAME: &'static str = "Beta";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("a", ParameterDomain::Positive), ("b", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Interval { low: 0.0, high: 1.0 }
    }

    fn sample([a, b]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let inside = |x: f64| if x.is_nan() { x } else { x.clamp(f64::MIN_POSITIVE, 1f64.next_down()) };
        let poison = poison::<Self, f64, 2, 1>([a, b]);
        if poison.is_nan() {
            return [poison];
        }
        let ordinary = a.min(b) > 1e-3 && a.max(b) < 1e10;
        let beta = rand_distr::Beta::new(a, b).ok().filter(|_| ordinary);
        let x = match beta {
            Some(beta) => beta.sample(stream),
            None => by_gammas(a, b, stream),
        };
        [inside(x)]
    }
}

/// x = g / (g + h) of gamma numbers g and h with shapes a and b, on the log scale: for shapes at which they under- or
/// overflow.
fn by_gammas(a: f64, b: f64, stream: &mut Stream) -> f64 {
    let (log_g, log_h) = (log_gamma_draw(a, stream), log_gamma_draw(b, stream));
    if log_g == f64::NEG_INFINITY && log_h == f64::NEG_INFINITY {
        // Both beyond all numbers: x is at one of its ends, at 1 with probability a / (a + b).
        let fraction: f64 = rand_distr::StandardUniform.sample(stream);
        return if fraction < a / (a + b) { 1.0 } else { 0.0 };
    }
    Number::logistic(log_g - log_h)
}

/// The logarithm of a gamma number: that of shape + 1, times a uniform number to the power 1 / shape (Marsaglia & Tsang
/// 2000, doi:10.1145/358407.358414).
fn log_gamma_draw(shape: f64, stream: &mut Stream) -> f64 {
    let next = rand_distr::Gamma::new(shape + 1.0, 1.0).map_or(f64::NAN, |gamma| gamma.sample(stream));
    let fraction: f64 = rand_distr::OpenClosed01.sample(stream);
    next.min(f64::MAX).ln() + fraction.ln() / shape
}

impl VectorKernel<2> for Beta {
    type Shared<N: Number> = BetaRow<N>;

    #[inline(always)]
    fn row<N: Number>([a, b]: [N; 2]) -> BetaRow<N> {
        let [ln_beta, slope_a, slope_b] = N::each([a, b], |[a, b]| {
            let (ln_beta, [slope_a, slope_b]) = ln_beta_and_slopes(a, b);
            [ln_beta, slope_a, slope_b]
        });
        let ln_beta = ln_beta + poison::<Self, N, 2, 1>([a, b]);
        BetaRow { power_x: a - 1.0, power_rest: b - 1.0, ln_beta, slope_a, slope_b }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &BetaRow<N>, x: N) -> Partials<2, N> {
        let (zero, one) = (x.all(0.0), x.all(1.0));
        let (log_x, log_rest) = (x.ln(), (-x).ln_1p());
        let partials = Partials {
            log_prob: row.power_x * log_x + row.power_rest * log_rest - row.ln_beta,
            value: row.power_x / x - row.power_rest / (one - x),
            parameters: [log_x - row.slope_a, log_rest - row.slope_b],
        };
        possible(x.both(zero.less_than(x), x.less_than(one)), partials)
    }
}
