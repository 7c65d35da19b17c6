//! The exact symmetries of the drift-diffusion model, used to make more of the simulations there are.
//!
//! With the noise of unit size, p(rt, choice | v, a, w, t0) does not change under
//!
//! - *mirroring*: v -> -v, w -> 1 - w, choice -> 1 - choice;
//! - *scaling* by any c > 0 (Brownian scaling): a -> c a, v -> v / c, rt - t0 -> c^2 (rt - t0).
//!
//! If (theta, x) is a simulated pair and the symmetry is chosen without looking at x, the moved pair is as good a simulation
//! at the moved parameters: what was learned of one theta serves everywhere on its orbit, and no simulation was run for it.

use super::{Ddm, Simulations};
use crate::error::{Error, ErrorKind, Result};
use crate::seed::{Domain, Seed, Stream};
use rand::RngExt;

/// Symmetries tried for a copy before the row is left as it was.
const TRIES: usize = 20;

/// The columns of v, a, w, t0.
struct Columns {
    v: usize,
    a: usize,
    w: usize,
    t0: usize,
}

impl Ddm {
    /// The pairs, followed by `copies` moved copies of each: a mirroring with probability one half, and the scaling that gives
    /// the boundary separation of another pair, drawn at random, so that separations are spread as they were; both such
    /// that parameters stay inside the box of the given ones. For training a likelihood:
    /// `Nle::default().shift("t0").fit(&Ddm::default().augment(&pairs, 4, 1)?)`.
    /// With many copies few epochs are enough: 19 copies and 2 epochs do better than 4 and 8 in the same time. Every copy
    /// takes 48 bytes here and about as much again per network in training. Copies of one simulation may stand on both sides of the
    /// split into training and validation, so that the validation loss comes out a little too low.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when the pairs have other parameters than v, a, w and t0.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// let prior = BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)])?;
    /// let pairs = Simulations::draw(&prior, &Ddm::default(), 100, 1)?;
    /// assert_eq!(Ddm::default().augment(&pairs, 4, 1)?.len(), 500);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn augment(&self, pairs: &Simulations, copies: usize, seed: impl Into<Seed>) -> Result<Simulations> {
        let (seed, columns) = (seed.into(), Columns::of(pairs)?);
        let region = pairs.bounds();
        let mut augmented = pairs.clone();
        for (row, (theta, x)) in pairs.rows().enumerate() {
            let mut stream = seed.stream(Domain::Augmentation, row as u64);
            for _ in 0..copies {
                let (theta, x) = columns.moved(theta, x, pairs, &region, &mut stream);
                augmented.parameters.extend(theta);
                augmented.data.extend(x);
            }
        }
        Ok(augmented)
    }
}

impl Columns {
    fn of(pairs: &Simulations) -> Result<Self> {
        let column = |name: &str| {
            pairs.names.iter().position(|own| own == name).filter(|_| pairs.names.len() == 4).ok_or_else(
                || {
                    let message = format!(
                        "expected pairs with the parameters v, a, w, t0, got {}",
                        pairs.names.join(", ")
                    );
                    Error::new(ErrorKind::Site, message)
                },
            )
        };
        Ok(Self { v: column("v")?, a: column("a")?, w: column("w")?, t0: column("t0")? })
    }

    /// A pair moved by a random symmetry that keeps its parameters inside the region.
    fn moved(
        &self,
        theta: &[f64],
        x: &[f64],
        pairs: &Simulations,
        region: &[(f64, f64)],
        stream: &mut Stream,
    ) -> (Vec<f64>, Vec<f64>) {
        let inside = |theta: &[f64]| theta.iter().zip(region).all(|(p, (low, high))| p >= low && p <= high);
        for _ in 0..TRIES {
            let mirrored = stream.random::<bool>();
            let mut moved = theta.to_vec();
            moved[self.a] = pairs.parameters[4 * stream.random_range(0..pairs.len()) + self.a];
            let scale = moved[self.a] / theta[self.a];
            moved[self.v] /= scale;
            if mirrored {
                moved[self.v] = -moved[self.v];
                moved[self.w] = 1.0 - moved[self.w];
            }
            if inside(&moved) {
                let time = theta[self.t0] + scale * scale * (x[0] - theta[self.t0]);
                return (moved, vec![time, if mirrored { 1.0 - x[1] } else { x[1] }]);
            }
        }
        (theta.to_vec(), x.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{Response, Wiener};
    use crate::simulate::BoxPrior;

    fn pairs() -> Simulations {
        let sides = [("w", 0.2, 0.8), ("v", -3.0, 3.0), ("t0", 0.0, 0.5), ("a", 0.6, 3.0)];
        Simulations::draw(&BoxPrior::new(sides).unwrap(), &Ddm::default(), 300, Seed(4)).unwrap()
    }

    /// The density in units of the pair's own scale is what a symmetry keeps: log p + 2 log c is the same.
    #[test]
    fn moved_pairs_have_the_same_density() {
        let (pairs, augmented) = (pairs(), Ddm::default().augment(&pairs(), 2, 9).unwrap());
        let log_prob = |theta: &[f64], x: &[f64]| {
            let trial = Response { rt: x[0], choice: x[1] as u8 };
            Wiener(theta[1], theta[3], theta[0], theta[2]).log_prob(trial) + 2.0 * theta[3].ln()
        };
        let before: Vec<f64> = pairs.rows().map(|(theta, x)| log_prob(theta, x)).collect();
        let copies = augmented.rows().skip(pairs.len());
        for (k, (theta, x)) in copies.enumerate() {
            let (old, new) = (before[k / 2], log_prob(theta, x));
            // rt - t0 loses digits where t0 is the larger part: 1e-9 relative in the time, times a slope of up to 1e3.
            assert!((old - new).abs() < 1e-6, "{old} against {new}");
        }
    }

    #[test]
    fn copies_stay_inside_and_move() {
        let pairs = pairs();
        let augmented = Ddm::default().augment(&pairs, 3, 1).unwrap();
        assert_eq!(augmented.len(), 4 * pairs.len());
        assert_eq!(augmented.bounds(), pairs.bounds());
        let copies = augmented.rows().skip(pairs.len()).enumerate();
        let moved = copies.filter(|(k, (theta, _))| theta != &pairs.rows().nth(k / 3).unwrap().0).count();
        assert!(moved > 850, "{moved} of 900 copies moved");
    }
}
