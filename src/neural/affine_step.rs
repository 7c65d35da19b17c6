//! The affine step of an autoregressive flow, `y = (u - m) exp(-s)` with `log dy/du = -s`.
//!
//! The log scale is limited smoothly, `s = a / (1 + |a| / L)`, so that no raw number `a` makes a scale overflow. With `e = exp(-s)`:
//! `dy/dm = -e`, `dy/ds = -y`, `dy/du = e`, `ds/da = 1 / (1 + |a| / L)^2`.

use super::cells::{Step, Table};
use super::lanes::Lanes;
use pulp::Simd;

/// The largest log scale L of one step.
pub(crate) const LIMIT: f32 = 5.0;

/// The step; its raw numbers are `m` and `a`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AffineStep;

impl Step for AffineStep {
    fn raw_len(self) -> usize {
        2
    }

    /// `y`, `exp(-s)` and `ds/da`.
    fn kept_len(self) -> usize {
        3
    }

    #[inline(always)]
    fn forward<S: Simd>(
        self,
        raw: &Table<'_, S>,
        u: Lanes<S>,
        kept: &mut Table<'_, S>,
    ) -> (Lanes<S>, Lanes<S>) {
        let (m, a) = (raw.get(0), raw.get(1));
        let shrink = a.all(1.0) / (a.abs() * (1.0 / LIMIT) + 1.0);
        let s = a * shrink;
        let e = (-s).exp();
        let y = (u - m) * e;
        kept.set(0, y);
        kept.set(1, e);
        kept.set(2, shrink * shrink);
        (y, -s)
    }

    #[inline(always)]
    fn backward<S: Simd>(
        self,
        kept: &Table<'_, S>,
        by_y: Lanes<S>,
        by_log_slope: Lanes<S>,
        by_raw: &mut Table<'_, S>,
    ) -> Lanes<S> {
        let (y, e, slope) = (kept.get(0), kept.get(1), kept.get(2));
        let by_u = by_y * e;
        by_raw.set(0, -by_u);
        by_raw.set(1, -by_y.mul_add(y, by_log_slope) * slope);
        by_u
    }
}
