//! The log density of a mixture, by the weights and the log densities of its parts.
//!
//! y = log sum_k w_k exp(l_k), with dy/dl_k = w_k exp(l_k - y) and dy/dw_k = exp(l_k - y). Weights are not logarithms here, so that the
//! slopes by a weight of 0 are what they are, not 0 times infinity. Where y is minus infinity the shares are those of the weights, and
//! the slopes by the weights are 0.

use super::recording::NodeId;
use super::tape::Tape;
use crate::graph::node::function::ElementFunction;
use crate::graph::node::gather::Block;
use crate::math::doubles::Doubles;
use crate::math::number::Number;
use pulp::{Arch, Simd, WithSimd};
use std::sync::Arc;

impl Tape {
    /// The mixture of parts given by their log densities. Weights below 0 make NaN.
    pub(crate) fn mix(&self, weights: &[NodeId], log_densities: &[NodeId]) -> NodeId {
        let operands: Vec<NodeId> =
            weights.iter().chain(log_densities).map(|node| self.localised(*node)).collect();
        let mut shape = self.shape(operands[weights.len()]);
        for node in &operands {
            shape = match self.common_shape(&shape, &self.shape(*node)) {
                Ok(shape) => shape,
                Err(error) => {
                    self.fail(error);
                    return self.poison();
                }
            };
        }
        self.function(Arc::new(Mix), &operands, shape)
    }
}

/// Of weights and, after them, as many log densities.
struct Mix;

impl ElementFunction for Mix {
    fn values(&self, x: &[Block], count: usize, y: &mut Block) {
        let (weights, logs) = x.split_at(x.len() / 2);
        Arch::new().dispatch(Values { weights, logs, count, y });
    }

    fn slopes(&self, x: &mut [Block], count: usize, y: &Block, dy: &Block) {
        let parts = x.len() / 2;
        let (weights, logs) = x.split_at_mut(parts);
        Arch::new().dispatch(Slopes { weights, logs, count, y, dy });
    }
}

/// Minus infinity where a part has no weight.
#[inline(always)]
fn of_part<N: Number>(weight: N, log: N) -> N {
    log.or(weight.all(0.0).less_than(weight), weight.all(f64::NEG_INFINITY))
}

struct Values<'a> {
    weights: &'a [Block],
    logs: &'a [Block],
    count: usize,
    y: &'a mut Block,
}

impl WithSimd for Values<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in 0..self.count.div_ceil(S::F64_LANES) {
            let zero = Doubles::splat(simd, 0.0);
            let mut top = zero.all(f64::NEG_INFINITY);
            for (weight, log) in self.weights.iter().zip(self.logs) {
                top = of_part(Doubles::load(simd, weight, at), Doubles::load(simd, log, at)).max(top);
            }
            // An infinite largest one is the sum.
            let center = top.or(top.nan_unless_finite().equals(zero), zero);
            let (mut sum, mut poison) = (zero, zero);
            for (weight, log) in self.weights.iter().zip(self.logs) {
                let (weight, log) = (Doubles::load(simd, weight, at), Doubles::load(simd, log, at));
                sum = sum + weight * (of_part(weight, log) - center).exp();
                let valid = zero.at_most(weight);
                poison = poison + weight.nan_unless_finite().or(valid, zero.all(f64::NAN));
            }
            (center + sum.ln() + poison).store(self.y, at);
        }
    }
}

/// Weights and logs are replaced by the slopes times `dy`.
struct Slopes<'a> {
    weights: &'a mut [Block],
    logs: &'a mut [Block],
    count: usize,
    y: &'a Block,
    dy: &'a Block,
}

impl WithSimd for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in 0..self.count.div_ceil(S::F64_LANES) {
            let (y, dy) = (Doubles::load(simd, self.y, at), Doubles::load(simd, self.dy, at));
            let zero = Doubles::splat(simd, 0.0);
            let impossible = y.equals(zero.all(f64::NEG_INFINITY));
            for (weight, log) in self.weights.iter_mut().zip(self.logs.iter_mut()) {
                let w = Doubles::load(simd, weight, at);
                let ratio = (Doubles::load(simd, log, at) - y).exp();
                let (by_weight, share) = (zero.or(impossible, ratio), w.or(impossible, w * ratio));
                let unused = dy.equals(zero);
                zero.or(unused, dy * by_weight).store(weight, at);
                zero.or(unused, dy * share).store(log, at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::BLOCK;

    /// Value, and the slopes by weights and logs, of two parts.
    fn mix(weights: [f64; 2], logs: [f64; 2]) -> (f64, [f64; 4]) {
        let mut x = [weights[0], weights[1], logs[0], logs[1]].map(|x| [x; BLOCK]);
        let mut y = [0.0; BLOCK];
        Mix.values(&x, 1, &mut y);
        Mix.slopes(&mut x, 1, &y, &[1.0; BLOCK]);
        (y[0], x.map(|block| block[0]))
    }

    const IMPOSSIBLE: f64 = f64::NEG_INFINITY;

    #[test]
    fn corners_have_their_limits() {
        let half = 0.5_f64.ln();
        // Weights, logs, exact value, exact slopes.
        let table = [
            ([0.5, 0.5], [0.0, 0.0], 0.0, [1.0, 1.0, 0.5, 0.5]),
            ([0.5, 0.5], [0.0, IMPOSSIBLE], half, [2.0, 0.0, 1.0, 0.0]),
            ([0.5, 0.5], [IMPOSSIBLE, -3.0], half - 3.0, [0.0, 2.0, 0.0, 1.0]),
            ([0.25, 0.75], [IMPOSSIBLE, IMPOSSIBLE], IMPOSSIBLE, [0.0, 0.0, 0.25, 0.75]),
            ([0.0, 1.0], [1.0, 1.0], 1.0, [1.0, 1.0, 0.0, 1.0]),
            ([0.0, 1.0], [IMPOSSIBLE, 2.0], 2.0, [0.0, 1.0, 0.0, 1.0]),
            ([0.0, 1.0], [2.0, IMPOSSIBLE], IMPOSSIBLE, [0.0, 0.0, 0.0, 1.0]),
            ([1.0, 1.0], [-2000.0, -2000.0], -2000.0 + 2.0_f64.ln(), [0.5, 0.5, 0.5, 0.5]),
            ([1.0, 1.0], [2000.0, -2000.0], 2000.0, [1.0, 0.0, 1.0, 0.0]),
        ];
        for (weights, logs, value, slopes) in table {
            let (y, got) = mix(weights, logs);
            assert!(y == value || (y - value).abs() <= 4e-16 * value.abs(), "{weights:?} {logs:?}: {y}");
            for (got, want) in got.into_iter().zip(slopes) {
                assert!((got - want).abs() <= 1e-12 * want.abs(), "{weights:?} {logs:?}: {got} for {want}");
            }
        }
        for weights in [[-0.1, 1.1], [f64::NAN, 0.5], [f64::INFINITY, 0.5]] {
            assert!(mix(weights, [0.0, 0.0]).0.is_nan(), "{weights:?}");
        }
        assert!(mix([0.5, 0.5], [f64::NAN, 0.0]).0.is_nan() && mix([0.5, 0.5], [0.0, f64::NAN]).0.is_nan());
    }
}
