//! The Kumaraswamy distribution on the unit interval.
//!
//! log p(x) = log(a b) + (a - 1) log(x) + (b - 1) log(1 - x^a), 0 < x < 1.
//!
//! Source: Kumaraswamy 1980, doi:10.1016/0022-1694(80)90036-0; Jones 2009, doi:10.1016/j.stamet.2008.04.001.

use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use crate::math::ln_1m_exp;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The Kumaraswamy distribution with shapes `a` and `b` (both above 0): like Beta(a, b), with the distribution function
/// 1 - (1 - x^a)^b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kumaraswamy<A = f64, B = f64>(pub A, pub B);

/// What the parameters of [`Kumaraswamy`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct KumaraswamyRow {
    a: f64,
    b: f64,
    /// log(a) + log(b).
    normaliser: f64,
}

impl Kernel<2> for Kumaraswamy {
    type Row = KumaraswamyRow;

    const NAME: &'static str = "Kumaraswamy";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("a", ParameterDomain::Positive), ("b", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Interval { low: 0.0, high: 1.0 }
    }

    fn row([a, b]: [f64; 2]) -> KumaraswamyRow {
        KumaraswamyRow { a, b, normaliser: a.ln() + b.ln() + poison::<Self, f64, 2, 1>([a, b]) }
    }

    fn log_prob(row: &KumaraswamyRow, x: [f64; 1]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &KumaraswamyRow, [x]: [f64; 1]) -> Partials<2> {
        if !(0.0 < x && x < 1.0) {
            return Partials { log_prob: f64::NEG_INFINITY + 0.0 * row.normaliser, ..Partials::IMPOSSIBLE };
        }
        let KumaraswamyRow { a, b, normaliser } = *row;
        let log = x.ln();
        let log_rest = ln_1m_exp(a * log);
        // x^a / (1 - x^a).
        let odds = 1.0 / (-a * log).exp_m1();
        let other = if b == 1.0 { 0.0 } else { (b - 1.0) * odds };
        Partials {
            log_prob: normaliser + (a - 1.0) * log + if b == 1.0 { 0.0 } else { (b - 1.0) * log_rest },
            value: ((a - 1.0) - a * other) / x,
            parameters: [1.0 / a + log * (1.0 - other), 1.0 / b + log_rest],
        }
    }

    fn sample([a, b]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let e: f64 = Exp1.sample(stream);
        // log(1 - x^a) is exponential with rate b, its sign aside.
        let x = (ln_1m_exp(-e / b) / a).exp();
        [x.clamp(f64::MIN_POSITIVE, 1f64.next_down()) + poison::<Self, f64, 2, 1>([a, b])]
    }
}
