//! Numbers in ascending order: x_1 = z_1 (or exp z_1 where all are positive), x_k = x_(k-1) + exp z_k; log-Jacobian z_2 + ... + z_K (and
//! z_1 where all are positive). As in Stan's reference manual, section "Ordered vector".

use super::Bijection;

/// Every `slice` numbers stand in ascending order, and above 0 if so said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ordered {
    /// How many numbers are ordered among each other, at least 1.
    pub slice: usize,
    /// Whether all are above 0.
    pub positive: bool,
}

/// Draws after which numbers are put in order.
const MOST_TRIES: usize = 100;

/// An increment; never 0, so that neighbours differ where numbers allow it.
fn increment(z: f64) -> f64 {
    z.exp().clamp(f64::MIN_POSITIVE, f64::MAX)
}

impl Bijection for Ordered {
    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        let mut log_jacobian = 0.0;
        for (z, x) in z.chunks_exact(self.slice).zip(x.chunks_exact_mut(self.slice)) {
            x[0] = if self.positive { increment(z[0]) } else { z[0] };
            log_jacobian += if self.positive { z[0] } else { 0.0 };
            for k in 1..self.slice {
                let next = x[k - 1] + increment(z[k]);
                x[k] = if next > x[k - 1] { next } else { x[k - 1].next_up() }.min(f64::MAX);
                log_jacobian += z[k];
            }
        }
        log_jacobian
    }

    fn pull_back(&self, z: &[f64], _: &[f64], _: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        let slices = z.chunks_exact(self.slice).zip(dx.chunks_exact(self.slice));
        for ((z, dx), dz) in slices.zip(dz.chunks_exact_mut(self.slice)) {
            // What is above an increment moves with it.
            let mut above = 0.0;
            for k in (0..self.slice).rev() {
                above += dx[k];
                dz[k] = match k > 0 || self.positive {
                    true => above * increment(z[k]) + 1.0,
                    false => above,
                };
            }
        }
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        for (x, z) in x.chunks_exact(self.slice).zip(z.chunks_exact_mut(self.slice)) {
            z[0] = if self.positive { x[0].ln() } else { x[0] };
            for k in 1..self.slice {
                z[k] = (x[k] - x[k - 1]).ln();
            }
        }
    }

    /// The exact draw is one that comes in order by itself; after `MOST_TRIES` it is sorted, which is exact too where all numbers have the same
    /// prior.
    fn settle(&self, x: &mut [f64], tries: usize) -> bool {
        let in_order = x.chunks_exact(self.slice).all(|x| !x.windows(2).any(|pair| pair[0] >= pair[1]));
        if tries >= MOST_TRIES {
            x.chunks_exact_mut(self.slice).for_each(|x| x.sort_unstable_by(f64::total_cmp));
        }
        in_order || tries >= MOST_TRIES
    }
}
