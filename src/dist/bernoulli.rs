//! The Bernoulli distribution, by probability.
//!
//! log p(x) = x log(p) + (1 - x) log(1 - p), x = 0 or 1.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), section 3.2.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The Bernoulli distribution: 1 with probability `p` (0 to 1, ends included), else 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bernoulli<P = f64>(pub P);

/// What the parameters of [`Bernoulli`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BernoulliRow<N = f64> {
    /// log(p).
    log_one: N,
    /// log(1 - p).
    log_zero: N,
    /// 1 / p.
    slope_one: N,
    /// -1 / (1 - p).
    slope_zero: N,
}

impl Kernel<1> for Bernoulli {
    kernel_by_formula! { BernoulliRow, 1 }

    const NAME: &'static str = "Bernoulli";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("p", ParameterDomain::Probability)];

    fn support(_: [f64; 1]) -> Support {
        Support::Boolean
    }

    fn sample([p]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let coin = rand_distr::Bernoulli::new(p).is_ok_and(|coin| coin.sample(stream));
        [f64::from(u8::from(coin)) + poison::<Self, f64, 1, 1>([p])]
    }
}

impl VectorKernel<1> for Bernoulli {
    type Shared<N: Number> = BernoulliRow<N>;

    #[inline(always)]
    fn row<N: Number>([p]: [N; 1]) -> BernoulliRow<N> {
        let poison = poison::<Self, N, 1, 1>([p]);
        BernoulliRow {
            log_one: p.ln() + poison,
            log_zero: (-p).ln_1p() + poison,
            slope_one: p.reciprocal(),
            slope_zero: (p - 1.0).reciprocal(),
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &BernoulliRow<N>, x: N) -> Partials<1, N> {
        let (zero, impossible) = (x.all(0.0), x.all(f64::NEG_INFINITY));
        let (is_one, is_zero) = (x.equals(x.all(1.0)), x.equals(zero));
        let log_prob = row.log_one.or(is_one, row.log_zero.or(is_zero, impossible));
        let slope = row.slope_one.or(is_one, row.slope_zero);
        Partials { log_prob, value: zero, parameters: [slope.or(impossible.less_than(log_prob), zero)] }
    }
}
