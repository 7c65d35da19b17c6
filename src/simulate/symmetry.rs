//! The exact symmetries of the drift-diffusion model, used to make more of the simulations there are.
//!
//! With the noise of unit size, p(rt, choice | v, a, w, t0) does not change under
//!
//! - *mirroring*: v -> -v, w -> 1 - w, choice -> 1 - choice;
//! - *scaling* by any c > 0 (Brownian scaling): a -> c a, v -> v / c, rt - t0 -> c^2 (rt - t0).
//!
//! If (theta, x) is a simulated pair and the symmetry is chosen without looking at x, the moved pair is as good a simulation
//! at the moved parameters: what was learned of one theta serves everywhere on its orbit, and no simulation was run for it.
//!
//! *Exchange of drifts.* By Girsanov's theorem the drift only tilts the density: with t = rt - t0 and the way
//! d = a (1 - w) up or d = -a w down, p(x | v) = exp(v d - v^2 t / 2) p(x | 0). So a pair's drift may be drawn anew given its
//! data: among its own and some of other pairs, each with probability in proportion to exp(v d - v^2 t / 2). That is a
//! step of iterated sampling importance resampling (Andrieu, Lee & Vihola 2018, doi:10.3150/15-BEJ785), which leaves the joint
//! distribution of drift and data as it is, provided that drifts are independent of the other parameters.

use super::parameter_names::describe;
use super::{Ddm, Outcome, Simulations};
use crate::error::{Error, ErrorKind, Result};
use crate::seed::{Domain, Seed, Stream};
use rand::RngExt;

/// Symmetries tried for a copy before the row is left as it was.
const TRIES: usize = 20;

/// Drifts to choose from, the pair's own included.
const DRIFTS: usize = 16;

/// The columns of v, a, w, t0.
struct Columns {
    v: usize,
    a: usize,
    w: usize,
    t0: usize,
}

impl Ddm {
    /// The pairs, followed by `copies` moved copies of each: its drift exchanged, a mirroring with probability one half, and the
    /// scaling that gives the boundary separation of another pair, drawn at random, so that separations are spread as they were; both
    /// such that parameters stay inside the box of the given ones. For training a likelihood:
    /// `Nle::default().shift("t0").fit(&Ddm::default().augment(&pairs, 19, 1)?)`.
    ///
    /// With many copies few epochs are enough: 19 copies and 2 epochs do better than 4 and 8 in the same time. Every copy
    /// takes 56 bytes here and about as much again per network in training. Copies share the group of the simulation they were made
    /// of ([`Simulations::groups`]): the split into training and validation keeps them together, and they count as one simulation.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when the pairs have other parameters than v, a, w and t0; [`ErrorKind::Shape`] when their data are no times
    /// with choices or the tables do not fit together; [`ErrorKind::Value`] for a pair that is none of a drift-diffusion model;
    /// [`ErrorKind::Options`] for more copies than fit in memory, and when
    /// drifts are not independent of the other parameters, as the exchange needs: then use [`Ddm::augment_by_symmetry`].
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
        let columns = Columns::of(pairs)?;
        columns.check_drifts(pairs)?;
        columns.augmented(pairs, copies, seed.into(), true)
    }

    /// The same by mirroring and scaling alone, for parameters from any prior.
    ///
    /// # Errors
    /// Those of [`Ddm::augment`], but for that of drifts.
    pub fn augment_by_symmetry(
        &self,
        pairs: &Simulations,
        copies: usize,
        seed: impl Into<Seed>,
    ) -> Result<Simulations> {
        Columns::of(pairs)?.augmented(pairs, copies, seed.into(), false)
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
        let columns = Self { v: column("v")?, a: column("a")?, w: column("w")?, t0: column("t0")? };
        if pairs.outcome != Outcome::TimeAndChoice {
            let message = format!(
                "expected pairs with a response time and a choice, got {:?}; the symmetries are those of drift-diffusion trials",
                pairs.outcome
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        pairs.check()?;
        columns.check_rows(pairs)?;
        Ok(columns)
    }

    /// Whether every pair is one of a drift-diffusion model; tables made elsewhere need not be.
    fn check_rows(&self, pairs: &Simulations) -> Result<()> {
        let fine = |theta: &[f64], x: &[f64]| {
            theta[self.a] > 0.0 && theta[self.w] > 0.0 && theta[self.w] < 1.0 && x[0] > theta[self.t0]
        };
        match pairs.rows().enumerate().find(|(_, (theta, x))| !fine(theta, x)) {
            None => Ok(()),
            Some((row, (theta, x))) => Err(Error::new(
                ErrorKind::Value,
                format!(
                    "expected a above 0, w between 0 and 1 and a time after t0, got the time {} at row {row} ({}); drop the row",
                    x[0],
                    describe(&pairs.names, theta)
                ),
            )),
        }
    }

    /// Whether drifts are independent of the other parameters, as far as correlations show it: those of the drift and of its
    /// size with each, beyond five standard errors of independent numbers.
    fn check_drifts(&self, pairs: &Simulations) -> Result<()> {
        let column = |p: usize| pairs.parameters.iter().skip(p).step_by(4).copied();
        let limit = 5.0 / (pairs.len() as f64).sqrt();
        for other in [self.a, self.w, self.t0] {
            let signed = correlation(column(self.v), column(other));
            let size = correlation(column(self.v).map(f64::abs), column(other));
            if signed.abs().max(size.abs()) > limit {
                let message = format!(
                    "expected drifts that are independent of the other parameters, got a correlation with {} of {:.3} (of their size {:.3}); draw them independently, or use `augment_by_symmetry`",
                    pairs.names[other], signed, size
                );
                return Err(Error::new(ErrorKind::Options, message));
            }
        }
        Ok(())
    }

    fn augmented(
        &self,
        pairs: &Simulations,
        copies: usize,
        seed: Seed,
        exchange: bool,
    ) -> Result<Simulations> {
        let region = pairs.bounds();
        let mut augmented = with_room(pairs, copies)?;
        for (row, (theta, x)) in pairs.rows().enumerate() {
            let mut stream = seed.stream(Domain::Augmentation, row as u64);
            let mut theta = theta.to_vec();
            for _ in 0..copies {
                if exchange {
                    theta[self.v] = self.drift(&theta, x, pairs, &mut stream);
                }
                let (theta, x) = self.moved(&theta, x, pairs, &region, &mut stream);
                augmented.parameters.extend(theta);
                augmented.data.extend(x);
                augmented.groups.push(pairs.groups[row]);
            }
        }
        Ok(augmented.made_by(pairs.built_in()))
    }

    /// A drift drawn anew given the data.
    fn drift(&self, theta: &[f64], x: &[f64], pairs: &Simulations, stream: &mut Stream) -> f64 {
        let (a, w, time) = (theta[self.a], theta[self.w], x[0] - theta[self.t0]);
        let way = if x[1] == 1.0 { a * (1.0 - w) } else { -a * w };
        let mut drifts = [theta[self.v]; DRIFTS];
        for drift in &mut drifts[1..] {
            *drift = pairs.parameters[4 * stream.random_range(0..pairs.len()) + self.v];
        }
        let tilts = drifts.map(|v| v * way - 0.5 * v * v * time);
        let largest = tilts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = tilts.map(|tilt| (tilt - largest).exp());
        let mut left = stream.random::<f64>() * weights.iter().sum::<f64>();
        for (drift, weight) in drifts.iter().zip(weights) {
            left -= weight;
            if left < 0.0 {
                return *drift;
            }
        }
        drifts[0]
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

/// The pairs, with room for the copies.
fn with_room(pairs: &Simulations, copies: usize) -> Result<Simulations> {
    let mut augmented = pairs.clone();
    let Simulations { parameters, data, groups, .. } = &mut augmented;
    let rows = copies.checked_mul(pairs.len());
    let fits = rows.is_some_and(|rows| {
        let of = |width: usize| rows.checked_mul(width);
        of(4).is_some_and(|numbers| parameters.try_reserve_exact(numbers).is_ok())
            && of(2).is_some_and(|numbers| data.try_reserve_exact(numbers).is_ok())
            && groups.try_reserve_exact(rows).is_ok()
    });
    if fits {
        return Ok(augmented);
    }
    let message = format!(
        "expected as many copies as fit in memory, got {copies} of each of {} pairs, 56 bytes each; ask for fewer",
        pairs.len()
    );
    Err(Error::new(ErrorKind::Options, message))
}

/// The correlation of two columns; 0 where one never varies.
fn correlation(x: impl Iterator<Item = f64> + Clone, y: impl Iterator<Item = f64> + Clone) -> f64 {
    let mean = |x: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = x.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        sum / count
    };
    let (mx, my) = (mean(&mut x.clone()), mean(&mut y.clone()));
    let products = x.zip(y).fold([0.0; 3], |[xx, xy, yy], (x, y)| {
        let (x, y) = (x - mx, y - my);
        [xx + x * x, xy + x * y, yy + y * y]
    });
    let [xx, xy, yy] = products;
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{Kernel, Response, Wiener};
    use crate::simulate::BoxPrior;

    fn pairs() -> Simulations {
        let sides = [("w", 0.2, 0.8), ("v", -3.0, 3.0), ("t0", 0.0, 0.5), ("a", 0.6, 3.0)];
        Simulations::draw(&BoxPrior::new(sides).unwrap(), &Ddm::default(), 300, Seed(4)).unwrap()
    }

    /// The density in units of the pair's own scale is what a symmetry keeps: log p + 2 log c is the same.
    #[test]
    fn moved_pairs_have_the_same_density() {
        let (pairs, augmented) = (pairs(), Ddm::default().augment_by_symmetry(&pairs(), 2, 9).unwrap());
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

    /// The score has mean zero given the parameters, so that its products with functions of them have mean zero too: a drift
    /// exchanged wrongly would show. 4.5 standard errors of means over simulations (their copies averaged first), 12 statistics:
    /// a false alarm in 1e4.
    #[test]
    fn exchanged_drifts_fit_their_data() {
        let sides = [("w", 0.2, 0.8), ("v", -3.0, 3.0), ("t0", 0.0, 0.5), ("a", 0.6, 3.0)];
        let pairs =
            Simulations::draw(&BoxPrior::new(sides).unwrap(), &Ddm::default(), 20_000, Seed(7)).unwrap();
        let copies = 3;
        let augmented = Ddm::default().augment(&pairs, copies, 5).unwrap();
        let statistics = |theta: &[f64], x: &[f64]| {
            let (w, v, t0, a) = (theta[0], theta[1], theta[2], theta[3]);
            let row = <Wiener as Kernel<4, 2>>::row([v, a, w, t0]);
            let partials = <Wiener as Kernel<4, 2>>::partials(&row, [x[0], x[1]]);
            let [by_v, by_a, by_w, _] = partials.parameters;
            // In units of the pair's scale, so that all are of size one.
            [by_v / a, by_a * a, by_w]
                .map(|score| [score, score * v * a, score * w, score * (v * a).tanh()])
                .concat()
        };
        let rows: Vec<(&[f64], &[f64])> = augmented.rows().skip(pairs.len()).collect();
        let of_simulation: Vec<Vec<f64>> = rows
            .chunks(copies)
            .map(|rows| {
                let all: Vec<Vec<f64>> = rows.iter().map(|(theta, x)| statistics(theta, x)).collect();
                (0..12).map(|k| all.iter().map(|row| row[k]).sum::<f64>() / copies as f64).collect()
            })
            .collect();
        let count = of_simulation.len() as f64;
        for k in 0..12 {
            let mean = of_simulation.iter().map(|row| row[k]).sum::<f64>() / count;
            let square = of_simulation.iter().map(|row| row[k] * row[k]).sum::<f64>() / count;
            let z = mean / ((square - mean * mean) / count).sqrt();
            assert!(z.abs() < 4.5, "statistic {k}: mean {mean}, {z} standard errors from 0");
        }
        let same = rows.iter().enumerate().filter(|(k, (theta, _))| {
            let before = &pairs.parameters[4 * (k / copies)..];
            // v a up to its sign is what the symmetries keep; scaling rounds it.
            ((theta[1] * theta[3]).abs() - (before[1] * before[3]).abs()).abs() < 1e-9
        });
        let same = same.count();
        assert!(same > 0 && same < rows.len() / 3, "{same} of {} drifts stay", rows.len());
    }

    #[test]
    fn drifts_that_depend_on_others_are_refused() {
        let mut pairs = pairs();
        for theta in pairs.parameters.chunks_mut(4) {
            theta[1] *= theta[3];
        }
        let error = Ddm::default().augment(&pairs, 1, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Options);
        assert!(error.to_string().contains("augment_by_symmetry"), "{error}");
        assert!(Ddm::default().augment_by_symmetry(&pairs, 1, 1).is_ok());
    }
}
