//! The affine step of an autoregressive flow, `y = (u - m) exp(-s)` with `log dy/du = -s`, for many numbers at once.
//!
//! The log scale is limited smoothly, `s = a / (1 + |a| / L)`, so that no raw number `a` makes a scale overflow. With `e = exp(-s)`:
//! `dy/dm = -e`, `dy/ds = -y`, `dy/du = e`, `ds/da = 1 / (1 + |a| / L)^2`.

use super::activation::exp;

/// The largest log scale L of one step.
pub(crate) const LIMIT: f32 = 5.0;

/// What the way back needs, for rows x dimensions numbers.
#[derive(Clone, Debug)]
pub(crate) struct AffineCells {
    y: Vec<f32>,
    inverse_scale: Vec<f32>,
    slope: Vec<f32>,
}

impl AffineCells {
    /// Room for a number of cells.
    pub(crate) fn new(cells: usize) -> Self {
        let room = vec![0.0; cells];
        Self { y: room.clone(), inverse_scale: room.clone(), slope: room }
    }

    /// From `u` and the raw pairs `(m, a)` to `y`; writes the log derivatives to `log_slope`.
    pub(crate) fn forward(&mut self, raw: &[f32], u: &[f32], log_slope: &mut [f32]) -> &[f32] {
        let kept = self.y.iter_mut().zip(&mut self.inverse_scale).zip(&mut self.slope);
        let given = raw.chunks_exact(2).zip(u).zip(log_slope);
        for (((raw, u), log_slope), ((y, inverse_scale), slope)) in given.zip(kept) {
            let shrink = 1.0 / (1.0 + raw[1].abs() * (1.0 / LIMIT));
            let s = raw[1] * shrink;
            let e = exp(-s);
            *y = (u - raw[0]) * e;
            *inverse_scale = e;
            *slope = shrink * shrink;
            *log_slope = -s;
        }
        &self.y
    }

    /// From the gradients by `y` and by each row's log density (`factors`, one per `width` cells) to those by the raw pairs
    /// and by `u`.
    pub(crate) fn backward(
        &self,
        width: usize,
        by_y: &[f32],
        factors: &[f32],
        by_raw: &mut [f32],
        by_u: &mut [f32],
    ) {
        for (row, factor) in factors.iter().enumerate() {
            for i in row * width..(row + 1) * width {
                let e = self.inverse_scale[i];
                by_u[i] = by_y[i] * e;
                by_raw[2 * i] = -by_u[i];
                by_raw[2 * i + 1] = -(by_y[i] * self.y[i] + factor) * self.slope[i];
            }
        }
    }
}
