//! Distribution functions, a few lines each: both tails by their logarithms, and the derivatives by the parameters.
//!
//! Of a location m and a scale s, dF/dm = -p and dF/ds = -z p with z = (x - m) / s; of a rate r, dF/dr = x p / r; of ln X the same with
//! p(x) x. Sources as in the files of the distributions.

use super::interval::Cumulative;
use super::{
    Cauchy, Exponential, Gamma, Gumbel, HalfCauchy, HalfNormal, InverseGamma, Laplace, LogNormal, LogUniform,
    Logistic, Normal, Pareto, Uniform, Weibull,
};
use crate::math::incomplete_gamma::{GammaTails, gamma_tails};
use crate::math::{erf, ln_1m_exp, log_normal_cdf, log1p_exp};
use std::f64::consts::{FRAC_1_PI, FRAC_1_SQRT_2, FRAC_2_PI, LN_2};

/// Nothing below, everything above.
const BELOW_ALL: (f64, f64) = (f64::NEG_INFINITY, 0.0);

fn normal_tails(z: f64) -> (f64, f64) {
    (log_normal_cdf(z).0, log_normal_cdf(-z).0)
}

impl Cumulative<2> for Normal {
    fn tails([loc, scale]: [f64; 2], x: f64) -> (f64, f64) {
        normal_tails((x - loc) / scale)
    }

    fn slope_ratios([loc, scale]: [f64; 2], x: f64) -> [f64; 2] {
        [-1.0, -(x - loc) / scale]
    }
}

impl Cumulative<1> for HalfNormal {
    fn tails([scale]: [f64; 1], x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return BELOW_ALL;
        }
        let z = x / scale;
        let above = LN_2 + log_normal_cdf(-z).0;
        // Near 0 the tail above loses the digits of the one below, which the error function has.
        let below = if z < 1.0 { erf(z * FRAC_1_SQRT_2).ln() } else { ln_1m_exp(above) };
        (below, above)
    }

    fn slope_ratios([scale]: [f64; 1], x: f64) -> [f64; 1] {
        [-x / scale]
    }
}

impl Cumulative<2> for LogNormal {
    fn tails([loc, scale]: [f64; 2], x: f64) -> (f64, f64) {
        if x <= 0.0 { BELOW_ALL } else { normal_tails((x.ln() - loc) / scale) }
    }

    fn slope_ratios([loc, scale]: [f64; 2], x: f64) -> [f64; 2] {
        [-x, -x * (x.ln() - loc) / scale]
    }
}

impl Cumulative<1> for Exponential {
    fn tails([rate]: [f64; 1], x: f64) -> (f64, f64) {
        if x <= 0.0 { BELOW_ALL } else { (ln_1m_exp(-rate * x), -rate * x) }
    }

    fn slope_ratios([rate]: [f64; 1], x: f64) -> [f64; 1] {
        [x / rate]
    }
}

impl Cumulative<2> for Gamma {
    fn tails([shape, rate]: [f64; 2], x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return BELOW_ALL;
        }
        let GammaTails { log_below, log_above, .. } = gamma_tails(shape, rate * x);
        (log_below, log_above)
    }

    fn slope_ratios([shape, rate]: [f64; 2], x: f64) -> [f64; 2] {
        // The ratio is that of slopes by the scaled value; by the value itself the density is `rate` times higher.
        [gamma_tails(shape, rate * x).slope_ratio / rate, x / rate]
    }
}

/// X is the inverse of a gamma variable: its tails change places.
impl Cumulative<2> for InverseGamma {
    fn tails([shape, scale]: [f64; 2], x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return BELOW_ALL;
        }
        let GammaTails { log_below, log_above, .. } = gamma_tails(shape, scale / x);
        (log_above, log_below)
    }

    fn slope_ratios([shape, scale]: [f64; 2], x: f64) -> [f64; 2] {
        // p(x) = g(scale / x) scale / x^2 with the density g of the inverse.
        [-gamma_tails(shape, scale / x).slope_ratio * x * x / scale, -x / scale]
    }
}

impl Cumulative<2> for Cauchy {
    fn tails([loc, scale]: [f64; 2], x: f64) -> (f64, f64) {
        // The angle that 1 and z make is small in the tail where digits are needed.
        let tail = |z: f64| (1.0_f64.atan2(-z) * FRAC_1_PI).ln();
        let z = (x - loc) / scale;
        (tail(z), tail(-z))
    }

    fn slope_ratios([loc, scale]: [f64; 2], x: f64) -> [f64; 2] {
        [-1.0, -(x - loc) / scale]
    }
}

impl Cumulative<1> for HalfCauchy {
    fn tails([scale]: [f64; 1], x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return BELOW_ALL;
        }
        let tail = |opposite: f64, adjacent: f64| (opposite.atan2(adjacent) * FRAC_2_PI).ln();
        (tail(x, scale), tail(scale, x))
    }

    fn slope_ratios([scale]: [f64; 1], x: f64) -> [f64; 1] {
        [-x / scale]
    }
}

impl Cumulative<2> for Uniform {
    fn tails([low, high]: [f64; 2], x: f64) -> (f64, f64) {
        let width = high - low;
        let log = |distance: f64| (distance / width).clamp(0.0, 1.0).ln();
        (log(x - low), log(high - x))
    }

    fn slope_ratios([low, high]: [f64; 2], x: f64) -> [f64; 2] {
        let width = high - low;
        [-(high - x) / width, -(x - low) / width]
    }
}

/// 1 - F = exp(-(x / scale)^shape).
impl Cumulative<2> for Weibull {
    fn tails([shape, scale]: [f64; 2], x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return BELOW_ALL;
        }
        let above = -(x / scale).powf(shape);
        (ln_1m_exp(above), above)
    }

    fn slope_ratios([shape, scale]: [f64; 2], x: f64) -> [f64; 2] {
        if x <= 0.0 { [0.0; 2] } else { [(x / scale).ln() * x / shape, -x / scale] }
    }
}

impl Cumulative<2> for Logistic {
    fn tails([loc, scale]: [f64; 2], x: f64) -> (f64, f64) {
        let z = (x - loc) / scale;
        (-log1p_exp(-z), -log1p_exp(z))
    }

    fn slope_ratios([loc, scale]: [f64; 2], x: f64) -> [f64; 2] {
        [-1.0, -(x - loc) / scale]
    }
}

impl Cumulative<2> for Laplace {
    const SMOOTH: bool = false;

    fn tails([loc, scale]: [f64; 2], x: f64) -> (f64, f64) {
        let z = (x - loc) / scale;
        let near = -LN_2 - z.abs();
        if z < 0.0 { (near, ln_1m_exp(near)) } else { (ln_1m_exp(near), near) }
    }

    fn slope_ratios([loc, scale]: [f64; 2], x: f64) -> [f64; 2] {
        [-1.0, -(x - loc) / scale]
    }
}

/// F = exp(-exp(-z)).
impl Cumulative<2> for Gumbel {
    fn tails([loc, scale]: [f64; 2], x: f64) -> (f64, f64) {
        let below = -(-(x - loc) / scale).exp();
        (below, ln_1m_exp(below))
    }

    fn slope_ratios([loc, scale]: [f64; 2], x: f64) -> [f64; 2] {
        [-1.0, -(x - loc) / scale]
    }
}

/// 1 - F = (xm / x)^alpha.
impl Cumulative<2> for Pareto {
    fn tails([xm, alpha]: [f64; 2], x: f64) -> (f64, f64) {
        if x <= xm {
            return BELOW_ALL;
        }
        let above = -alpha * (x / xm).ln();
        (ln_1m_exp(above), above)
    }

    fn slope_ratios([xm, alpha]: [f64; 2], x: f64) -> [f64; 2] {
        [-x / xm, (x / xm).ln() * x / alpha]
    }
}

impl Cumulative<2> for LogUniform {
    fn tails([low, high]: [f64; 2], x: f64) -> (f64, f64) {
        let width = (high / low).ln();
        let log = |part: f64| (part / width).clamp(0.0, 1.0).ln();
        if x <= 0.0 { BELOW_ALL } else { (log((x / low).ln()), log((high / x).ln())) }
    }

    fn slope_ratios([low, high]: [f64; 2], x: f64) -> [f64; 2] {
        let width = (high / low).ln();
        [-x * (high / x).ln() / (low * width), -x * (x / low).ln() / (high * width)]
    }
}
