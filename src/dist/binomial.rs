//! The binomial distribution, by number of trials and probability.
//!
//! log p(x) = log C(n, x) + x log(p) + (n - x) log(1 - p), x = 0, 1, ..., n; of many trials by deviances from n p and
//! n (1 - p), which do not cancel.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 3; Loader 2000, Fast and Accurate Computation
//! of Binomial Probabilities.

use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use super::poisson::draw_count;
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::math::{SMALL, ln_binomial, ln_choose_small};
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// The binomial distribution: the number of successes in `n` independent trials (a count, given as a number or data) with
/// probability `p` each (0 to 1, ends included).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binomial<N = f64, P = f64>(pub N, pub P);

/// What the parameters of [`Binomial`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BinomialRow<N = f64> {
    /// The number of trials.
    n: N,
    /// p and log(p).
    success: [N; 2],
    /// 1 - p and log(1 - p).
    failure: [N; 2],
    /// 0, or NaN for parameters outside their domains.
    poison: N,
}

impl Kernel<2> for Binomial {
    kernel_by_formula! { BinomialRow, 2 }

    const NAME: &'static str = "Binomial";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("n", ParameterDomain::Count), ("p", ParameterDomain::Probability)];

    fn support([n, _]: [f64; 2]) -> Support {
        Support::CountUpTo { most: n }
    }

    fn sample([n, p]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([n, p]);
        [if poison.is_nan() { poison } else { draw_successes(n, p, stream) }]
    }
}

impl VectorKernel<2> for Binomial {
    type Shared<N: Number> = BinomialRow<N>;

    #[inline(always)]
    fn row<N: Number>([n, p]: [N; 2]) -> BinomialRow<N> {
        let poison = poison::<Self, N, 2, 1>([n, p]);
        BinomialRow { n, success: [p, p.ln()], failure: [p.all(1.0) - p, (-p).ln_1p()], poison }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &BinomialRow<N>, x: N) -> Partials<2, N> {
        let (zero, rest) = (x.all(0.0), row.n - x);
        let won = (x / row.success[0]).or(zero.less_than(x), zero);
        let lost = (rest / row.failure[0]).or(zero.less_than(rest), zero);
        partials_of_counts(row.n, x, row.success, row.failure, row.poison, won - lost)
    }
}

/// The partials of `x` successes in `n` trials, given the probabilities and log probabilities of both outcomes, what is added to the
/// log probability, and the derivative by the second parameter.
#[inline(always)]
pub(super) fn partials_of_counts<N: Number>(
    n: N,
    x: N,
    success: [N; 2],
    failure: [N; 2],
    poison: N,
    slope: N,
) -> Partials<2, N> {
    let (zero, rest) = (x.all(0.0), n - x);
    let [choose] = N::each([n, x], |[n, x]| [ln_choose_small(n, x)]);
    // Outcomes that did not happen may have the probability 0.
    let won = (x * success[1]).or(zero.less_than(x), zero);
    let lost = (rest * failure[1]).or(zero.less_than(rest), zero);
    let log_prob = (choose + (won + lost)).unless(x.all(SMALL).less_than(n), || {
        let [log_prob] =
            N::each([n, x, success[0], success[1], failure[0], failure[1]], |[n, x, p, log_p, q, log_q]| {
                match 0.0 <= x && x <= n {
                    true => [ln_binomial(n, x, [p, log_p], [q, log_q])],
                    false => [f64::NEG_INFINITY],
                }
            });
        log_prob
    });
    let inside = x.both(is_count(x), zero.at_most(rest));
    let Partials { log_prob, value, parameters } =
        possible(inside, Partials { log_prob, value: zero, parameters: [zero, slope] });
    // No derivative either where the probability is 0 for another reason.
    let happens = zero.all(f64::NEG_INFINITY).less_than(log_prob);
    let [n, slope] = parameters;
    Partials { log_prob: log_prob + poison, value, parameters: [n, slope.or(happens, zero)] }
}

/// One binomial count. Above 1e15 trials, where counts are no longer exact in f64, it is its normal limit, or its Poisson limit
/// where successes or failures are few.
pub(super) fn draw_successes(n: f64, p: f64, stream: &mut Stream) -> f64 {
    if n <= 1e15 {
        return rand_distr::Binomial::new(n as u64, p)
            .map_or(f64::NAN, |counts| counts.sample(stream) as f64);
    }
    let few = n * p.min(1.0 - p);
    let count = if few == 0.0 {
        0.0
    } else if few < 1e6 {
        draw_count(few, stream)
    } else {
        let z: f64 = StandardNormal.sample(stream);
        (few + few.sqrt() * p.max(1.0 - p).sqrt() * z).round().clamp(0.0, n)
    };
    if p <= 0.5 { count } else { n - count }
}
