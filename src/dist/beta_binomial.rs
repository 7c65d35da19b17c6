//! The beta-binomial distribution: binomial counts whose probability is a beta number.
//!
//! log p(x) = log C(n, x) + ln B(x + a, n - x + b) - ln B(a, b), x = 0, 1, ..., n; by rising factorials, as
//! ln (a)_x + ln (b)_(n - x) - ln (a + b)_n + log C(n, x).
//!
//! Source: Johnson, Kemp & Kotz, Univariate Discrete Distributions (2005), section 6.2.2.

use super::beta::Beta;
use super::binomial::draw_successes;
use super::kernel::{Kernel, ParameterDomain, Partials, is_count, poison};
use crate::math::{ln_choose, ln_rising_factorial};
use crate::seed::Stream;
use crate::transform::Support;

/// The beta-binomial distribution: the number of successes in `n` trials (a count, given as a number or data) whose common
/// probability is drawn from Beta(`a`, `b`) (both above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaBinomial<N = f64, A = f64, B = f64>(pub N, pub A, pub B);

/// What the parameters of [`BetaBinomial`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct BetaBinomialRow {
    n: f64,
    a: f64,
    b: f64,
    /// ln (a + b)_n and its derivative with respect to a or b.
    total: (f64, f64),
}

impl Kernel<3> for BetaBinomial {
    type Row = BetaBinomialRow;

    const NAME: &'static str = "BetaBinomial";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] =
        [("n", ParameterDomain::Count), ("a", ParameterDomain::Positive), ("b", ParameterDomain::Positive)];

    fn support([n, ..]: [f64; 3]) -> Support {
        Support::CountUpTo { most: n }
    }

    fn row([n, a, b]: [f64; 3]) -> BetaBinomialRow {
        let (log, slope) = ln_rising_factorial(a + b, n);
        BetaBinomialRow { n, a, b, total: (log + poison::<Self, f64, 3, 1>([n, a, b]), slope) }
    }

    fn log_prob(row: &BetaBinomialRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &BetaBinomialRow, [x]: [f64; 1]) -> Partials<3> {
        if !(is_count(x) && x <= row.n) {
            return Partials { log_prob: f64::NEG_INFINITY + 0.0 * row.total.0, ..Partials::IMPOSSIBLE };
        }
        let rest = row.n - x;
        let (won, lost) = (ln_rising_factorial(row.a, x), ln_rising_factorial(row.b, rest));
        Partials {
            log_prob: ln_choose(row.n, x) + (won.0 + lost.0 - row.total.0),
            value: 0.0,
            parameters: [0.0, won.1 - row.total.1, lost.1 - row.total.1],
        }
    }

    fn sample([n, a, b]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        let poison = poison::<Self, f64, 3, 1>([n, a, b]);
        if poison.is_nan() {
            return [poison];
        }
        let [p] = <Beta as Kernel<2>>::sample([a, b], stream);
        [draw_successes(n, p, stream)]
    }
}
