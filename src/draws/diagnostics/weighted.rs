//! Draws with weights: self-normalised importance sampling.
//!
//! With weights w of sum 1 and independent draws, the mean is `m = sum w x`, its variance by the delta method
//! `sum w^2 (x - m)^2` (Owen 2013, Monte Carlo theory, methods and examples, section 9.2, <https://artowen.su.domains/mc/>), and the effective sample size of a
//! quantity the ratio of its variance `sum w (x - m)^2` to that. Functions take the draws and weights of all chains together; NaN without draws.

use super::super::SummaryRow;

/// The mean.
pub fn mean(draws: &[f64], weights: &[f64]) -> f64 {
    let counted = || draws.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    match counted().next() {
        Some((origin, _)) => origin + counted().map(|(x, w)| w * (x - origin)).sum::<f64>(),
        None => f64::NAN,
    }
}

/// The standard deviation, `sum w (x - m)^2 / (1 - sum w^2)` under the root: for equal weights that with divisor `count - 1`.
pub fn sd(draws: &[f64], weights: &[f64]) -> f64 {
    let lost: f64 = weights.iter().map(|w| w * w).sum();
    if lost < 1.0 { (second_moment(draws, weights, |w| w) / (1.0 - lost)).sqrt() } else { f64::NAN }
}

/// sum f(w) (x - m)^2 over the draws that count.
fn second_moment(draws: &[f64], weights: &[f64], of_weight: impl Fn(f64) -> f64) -> f64 {
    let center = mean(draws, weights);
    let counted = draws.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    counted.map(|(x, w)| of_weight(*w) * (x - center).powi(2)).sum()
}

/// A quantile: draws in order stand at the middles of their weights, stretched such that the first is at 0 and the last at 1, with straight lines
/// between them. For equal weights that is [`quantile`](super::quantile()). NaN with a NaN among the draws that count.
pub fn quantile(draws: &[f64], weights: &[f64], probability: f64) -> f64 {
    let mut counted: Vec<(f64, f64)> =
        draws.iter().copied().zip(weights.iter().copied()).filter(|(_, w)| *w > 0.0).collect();
    counted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(first), Some(last)) = (counted.first(), counted.last()) else { return f64::NAN };
    if counted.iter().any(|(x, _)| x.is_nan()) || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let total: f64 = counted.iter().map(|(_, w)| w).sum();
    let aim = 0.5 * first.1 + probability * (total - 0.5 * first.1 - 0.5 * last.1);
    let mut middle = 0.5 * first.1;
    for pair in counted.windows(2) {
        let [(low, of_low), (high, of_high)] = pair else { unreachable!("windows of two") };
        let next = middle + 0.5 * (of_low + of_high);
        if aim <= next {
            let share = ((aim - middle) / (next - middle)).clamp(0.0, 1.0);
            return if low == high { *low } else { (1.0 - share) * low + share * high };
        }
        middle = next;
    }
    last.0
}

/// The Monte Carlo standard error of the mean.
pub fn mcse_mean(draws: &[f64], weights: &[f64]) -> f64 {
    second_moment(draws, weights, |w| w * w).sqrt()
}

/// The effective sample size of the mean; NaN for draws that are all the same.
pub fn ess_mean(draws: &[f64], weights: &[f64]) -> f64 {
    second_moment(draws, weights, |w| w) / second_moment(draws, weights, |w| w * w)
}

/// The effective sample size of the tails: the smaller one of the 5 % and the 95 % quantile.
pub fn ess_tail(draws: &[f64], weights: &[f64]) -> f64 {
    let of = |probability| {
        let limit = quantile(draws, weights, probability);
        ess_mean(&draws.iter().map(|x| f64::from(*x <= limit)).collect::<Vec<f64>>(), weights)
    };
    of(0.05).min(of(0.95))
}

/// What weights of sum 1 are worth, `1 / sum w^2`.
pub fn ess_of_weights(weights: &[f64]) -> f64 {
    1.0 / weights.iter().map(|w| w * w).sum::<f64>()
}

/// The figures of one scalar.
pub(in crate::draws) fn weighted_profile(name: &str, chains: &[&[f64]], weights: &[f64]) -> SummaryRow {
    let draws = chains.concat();
    SummaryRow {
        name: name.to_owned(),
        mean: mean(&draws, weights),
        sd: sd(&draws, weights),
        q5: quantile(&draws, weights, 0.05),
        q50: quantile(&draws, weights, 0.5),
        q95: quantile(&draws, weights, 0.95),
        mcse_mean: mcse_mean(&draws, weights),
        ess_bulk: ess_mean(&draws, weights),
        ess_tail: ess_tail(&draws, weights),
        r_hat: f64::NAN,
        moved: None,
        moved_mcse: None,
    }
}
