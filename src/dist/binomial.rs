//! The binomial distribution, by number of trials and probability.
//!
//! log p(x) = log C(n, x) + x log(p) + (n - x) log(1 - p), x = 0, 1, ..., n; by deviances from n p and n (1 - p), which do not
//! cancel for many trials.
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), chapter 3; Loader 2000, Fast and Accurate Computation
//! of Binomial Probabilities.

use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use super::poisson::draw_count;
use crate::math::ln_binomial;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, StandardNormal};

/// The binomial distribution: the number of successes in `n` independent trials (a count, given as a number or data) with
/// probability `p` each (0 to 1, ends included).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binomial<N = f64, P = f64>(pub N, pub P);

/// What the parameters of [`Binomial`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BinomialRow {
    n: f64,
    /// p and log(p).
    success: [f64; 2],
    /// 1 - p and log(1 - p).
    failure: [f64; 2],
    /// 0, or NaN for parameters outside their domains.
    poison: f64,
}

impl Kernel<2> for Binomial {
    type Row = BinomialRow;

    const NAME: &'static str = "Binomial";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("n", ParameterDomain::Count), ("p", ParameterDomain::Probability)];

    fn support([n, _]: [f64; 2]) -> Support {
        Support::CountUpTo { most: n }
    }

    fn row([n, p]: [f64; 2]) -> BinomialRow {
        let poison = poison::<Self, f64, 2, 1>([n, p]);
        BinomialRow { n, success: [p, p.ln()], failure: [1.0 - p, (-p).ln_1p()], poison }
    }

    fn log_prob(row: &BinomialRow, [x]: [f64; 1]) -> f64 {
        if !(is_count(x) && x <= row.n) {
            return f64::NEG_INFINITY + row.poison;
        }
        ln_binomial(row.n, x, row.success, row.failure) + row.poison
    }

    fn partials(row: &BinomialRow, [x]: [f64; 1]) -> Partials<2> {
        let log_prob = Self::log_prob(row, [x]);
        if !(log_prob > f64::NEG_INFINITY) {
            return Partials { log_prob, ..Partials::IMPOSSIBLE };
        }
        let rest = row.n - x;
        let won = if x > 0.0 { x / row.success[0] } else { 0.0 };
        let lost = if rest > 0.0 { rest / row.failure[0] } else { 0.0 };
        Partials { log_prob, value: 0.0, parameters: [0.0, won - lost] }
    }

    fn sample([n, p]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 2, 1>([n, p]);
        [if poison.is_nan() { poison } else { draw_successes(n, p, stream) }]
    }
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
