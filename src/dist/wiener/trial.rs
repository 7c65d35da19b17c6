//! The log density of one trial and its gradient, from that of the standard process.
//!
//! With d = rt - t0 the decision time, tau = d / a^2, u the relative distance from the boundary that was hit (w for
//! choice 0, 1 - w for choice 1) and s = du/dw = +1 or -1,
//!
//! log p = -2 log(a) - s v a u - v^2 d/2 + log f(tau, u);
//!
//! | derivative with respect to | |
//! |---|---|
//! | v | -s a u - v d |
//! | a | -2/a - s v u - 2 tau/a dlog f/dtau |
//! | w | -v a + dlog f/dw |
//! | rt, and minus that for t0 | -v^2/2 + dlog f/dtau / a^2 |

use super::series::{Side, Start};
use crate::dist::Partials;

/// What the parameters of [`Wiener`](super::Wiener) alone determine.
#[derive(Clone, Copy, Debug)]
pub struct WienerRow {
    v: f64,
    a: f64,
    w: f64,
    t0: f64,
    /// 1 / a.
    inverse: f64,
    /// -2 log(a).
    normaliser: f64,
    start: Start,
}

impl WienerRow {
    /// The row of a parameter vector, to which `poison` adds 0 or NaN.
    pub(super) fn new([v, a, w, t0]: [f64; 4], poison: f64) -> Self {
        let normaliser = -2.0 * a.ln() + poison;
        Self { v, a, w, t0: t0 + poison, inverse: 1.0 / a, normaliser, start: Start::new(w) }
    }

    /// The log density at `[rt, choice]` with its gradient; minus infinity with a zero gradient outside the support.
    #[inline]
    pub(super) fn partials(&self, [rt, choice]: [f64; 2]) -> Partials<4> {
        let &Self { v, a, w, inverse, .. } = self;
        let time = rt - self.t0;
        let side = if choice == 0.0 { Side::Lower } else { Side::Upper };
        if time <= 0.0 || (choice != 0.0 && choice != 1.0) {
            return Partials::IMPOSSIBLE;
        }
        let tau = time * inverse * inverse;
        let Some(passage) = self.start.passage(tau, side) else {
            return Partials::IMPOSSIBLE;
        };
        let signed = if side == Side::Lower { w } else { w - 1.0 };
        let log_prob = self.normaliser + passage.log_density - v * (a * signed + 0.5 * v * time);
        if log_prob == f64::NEG_INFINITY {
            return Partials::IMPOSSIBLE;
        }
        let value = passage.time_slope * inverse * inverse - 0.5 * v * v;
        let of_a = -2.0 * inverse * (1.0 + tau * passage.time_slope) - v * signed;
        Partials {
            log_prob,
            value,
            parameters: [-(a * signed + v * time), of_a, passage.start_slope - v * a, -value],
        }
    }
}
