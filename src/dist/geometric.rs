//! The geometric distribution: failures before the first success.
//!
//! log p(x) = x log(1 - p) + log(p), x = 0, 1, 2, ...
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), section 5.2.

use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The geometric distribution: the number of failures before the first success, of probability `p` (between 0 and 1, ends
/// excluded). SciPy's and PyMC's counts include the success and are one more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometric<P = f64>(pub P);

/// What the parameters of [`Geometric`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct GeometricRow<N = f64> {
    /// log(p).
    log_success: N,
    /// log(1 - p).
    log_failure: N,
    /// 1 / p.
    inverse_success: N,
    /// 1 / (1 - p).
    inverse_failure: N,
}

impl Kernel<1> for Geometric {
    kernel_by_formula! { GeometricRow, 1 }

    const NAME: &'static str = "Geometric";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("p", ParameterDomain::Unit)];

    fn support(_: [f64; 1]) -> Support {
        Support::Count
    }

    fn sample([p]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let e: f64 = Exp1.sample(stream);
        // The integer part of an exponential number of rate -log(1 - p).
        let count = (e / -(-p).ln_1p()).floor().min(f64::MAX);
        [count + poison::<Self, f64, 1, 1>([p])]
    }
}

impl VectorKernel<1> for Geometric {
    type Shared<N: Number> = GeometricRow<N>;

    #[inline(always)]
    fn row<N: Number>([p]: [N; 1]) -> GeometricRow<N> {
        GeometricRow {
            log_success: p.ln() + poison::<Self, N, 1, 1>([p]),
            log_failure: (-p).ln_1p(),
            inverse_success: p.reciprocal(),
            inverse_failure: (p.all(1.0) - p).reciprocal(),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &GeometricRow<N>, x: N) -> Partials<1, N> {
        let partials = Partials {
            log_prob: x * row.log_failure + row.log_success,
            value: x.all(0.0),
            parameters: [row.inverse_success - x * row.inverse_failure],
        };
        possible(is_count(x), partials)
    }
}
