//! Smooth logits over counts.
//!
//! A network that gives every count a logit of its own must learn from the few simulations of each count what its neighbours
//! already know. Here the logits are `z_k(theta) = b_k + sum_j c_j(theta) f_j(k)`: the network gives the coefficients `c`, the
//! offsets `b_k` are trained but do not depend on the parameters, and the functions `f_j` of the count are fixed:
//!
//! - `s` and `s^2`, where `s` runs from -1 to 1 over the counts, times a constant: a one-parameter exponential family such as
//!   the Poisson or the binomial is linear in `k` beside an offset (Efron 2022, Exponential Families in Theory and
//!   Practice, ch. 1);
//! - hats on the knots 0, 1, 2, 4, 8, 16, ...: piecewise linear and free at the small counts, so that zero inflation, mixtures
//!   and skewness that depend on the parameters can be learned. A pattern finer than that, such as even counts alone, is learned
//!   where it is the same for all parameters.

/// Below this number of classes every class has its own logit.
pub(crate) const FEWEST: usize = 12;
/// What `s` and `s^2` are multiplied with: logits of many counts have a wide range.
const POLYNOMIAL_SCALE: f64 = 8.0;

/// The matrix of basis functions, `functions x classes` row by row, and the number of functions.
pub(crate) fn count_basis(classes: usize) -> (Vec<f32>, usize) {
    let knots = knots(classes);
    let s = |k: usize| 2.0 * k as f64 / (classes - 1) as f64 - 1.0;
    let linear = (0..classes).map(|k| POLYNOMIAL_SCALE * s(k));
    let square = (0..classes).map(|k| POLYNOMIAL_SCALE * s(k) * s(k));
    let hats = (0..knots.len()).flat_map(|j| {
        let knots = &knots;
        (0..classes).map(move |k| hat(knots, j, k as f64))
    });
    (linear.chain(square).chain(hats).map(|f| f as f32).collect(), knots.len() + 2)
}

/// 0, 1, 2, 4, 8, ... up to the first at or above the largest count.
fn knots(classes: usize) -> Vec<f64> {
    let mut knots = vec![0.0, 1.0];
    while knots[knots.len() - 1] < (classes - 1) as f64 {
        knots.push(2.0 * knots[knots.len() - 1]);
    }
    knots
}

/// 1 at knot j, 0 at the others, linear between.
fn hat(knots: &[f64], j: usize, k: f64) -> f64 {
    let rise = if j == 0 { 1.0 } else { (k - knots[j - 1]) / (knots[j] - knots[j - 1]) };
    let fall = if j + 1 == knots.len() { 1.0 } else { (knots[j + 1] - k) / (knots[j + 1] - knots[j]) };
    rise.min(fall).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hats_add_up_to_one_and_small_counts_are_free() {
        let (basis, functions) = count_basis(40);
        assert_eq!(knots(40), [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]);
        assert_eq!((functions, basis.len()), (10, 10 * 40));
        for k in 0..40 {
            let total: f32 = (2..functions).map(|j| basis[j * 40 + k]).sum();
            assert!((total - 1.0).abs() < 1e-6, "hats at {k} add up to {total}");
        }
        for (function, k) in [0, 1, 2, 4, 8].into_iter().enumerate() {
            assert_eq!(basis[(2 + function) * 40 + k], 1.0);
        }
    }
}
