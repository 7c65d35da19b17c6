//! The step in unconstrained space that takes back what was pulled.
//!
//! All draws are moved by the same step, so that supports hold and deterministic quantities can be computed anew. Where an unknown has the
//! real line, the step is its covariance with L. Elsewhere the mean of a bounded quantity moves by another amount than that of its coordinate, much
//! so where draws lie at a bound: the step is then found such that the mean *in the parameter's own space* moves by the covariance.

use super::moved::{Pulled, center};
use crate::draws::Correction;
use crate::graph::Replay;
use crate::model::{Model, SiteKind};
use std::sync::Arc;

/// The draws by which steps are found, and how often they are mended.
const DRAWS: usize = 300;
const MENDED: usize = 20;
/// A mean that is so near to its aim, in sds, is there.
const NEAR: f64 = 0.002;
/// The farthest that a step is mended at a time, in sds.
const FARTHEST: f64 = 1.0;

/// A latent scalar: its column among the kept ones, its coordinate, and by how much its mean is to fall.
struct Aim {
    column: usize,
    coordinate: usize,
    fall: f64,
    spread: f64,
    /// What was missing after the last step, and what share of what is missing is gone at a time.
    missed: f64,
    gain: f64,
}

impl Model {
    /// The way back from what was pulled.
    pub(super) fn correction(&self, pulled: Vec<Pulled>) -> Correction {
        let model = self.clone();
        Correction(Arc::new(move |chains| model.corrected(&pulled, chains)))
    }

    /// Rows of draws, chain by chain, each moved by the same step.
    fn corrected(&self, pulled: &[Pulled], chains: &[Vec<Vec<f64>>]) -> Vec<Vec<Vec<f64>>> {
        let mut replay = self.density();
        let rows: Vec<&[f64]> = chains.iter().flatten().map(Vec::as_slice).collect();
        let mut points = self.stepped_back(&mut replay, pulled, &rows).into_iter();
        let mut moved =
            |_: &Vec<f64>| self.kept_at(&mut replay, &points.next().expect("a point for each row"));
        chains.iter().map(|rows| rows.iter().map(&mut moved).collect()).collect()
    }

    /// The unconstrained points of draws, less the step.
    pub(super) fn stepped_back(
        &self,
        replay: &mut Replay,
        pulled: &[Pulled],
        rows: &[&[f64]],
    ) -> Vec<Vec<f64>> {
        let (mut points, mut pulls) = (vec![], vec![]);
        for row in rows {
            replay.restore(row);
            let mut of_row = [0.0];
            for pulled in pulled {
                pulled.values(&replay.learned_parameters(pulled.term()), &mut of_row);
            }
            pulls.push(of_row[0]);
            points.push(self.unconstrained_of(replay, row));
        }
        center(&mut pulls);
        let step = self.step(replay, &points, rows, &pulls);
        points.iter_mut().for_each(|z| z.iter_mut().zip(&step).for_each(|(z, step)| *z -= step));
        points
    }

    /// The step, from the points of draws with their values and what L is at them, less its mean.
    fn step(&self, replay: &mut Replay, points: &[Vec<f64>], rows: &[&[f64]], pulls: &[f64]) -> Vec<f64> {
        let mut step: Vec<f64> =
            (0..self.dim()).map(|k| covariance(points.iter().map(|z| z[k]), pulls)).collect();
        let widths: Vec<f64> =
            (0..self.dim()).map(|k| center(&mut points.iter().map(|z| z[k]).collect::<Vec<f64>>())).collect();
        let mut aims = self.aims(replay, rows, pulls);
        let count = DRAWS.min(points.len());
        let some: Vec<usize> = (0..count).map(|k| k * points.len() / count).collect();
        for _ in 0..MENDED {
            let mut falls = vec![0.0; aims.len()];
            for k in &some {
                let z: Vec<f64> = points[*k].iter().zip(&step).map(|(z, step)| z - step).collect();
                let values = self.kept_at(replay, &z);
                for (fall, aim) in falls.iter_mut().zip(&aims) {
                    *fall += (rows[*k][aim.column] - values[aim.column]) / count as f64;
                }
            }
            let mut farthest: f64 = 0.0;
            for (aim, fall) in aims.iter_mut().zip(&falls) {
                let missing = ((aim.fall - fall) / aim.spread).clamp(-FARTHEST, FARTHEST);
                farthest = farthest.max(missing.abs());
                // A step that went too far was too long for the slope there.
                aim.gain *= if missing * aim.missed < 0.0 { 0.5 } else { 1.0 };
                aim.missed = missing;
                step[aim.coordinate] += aim.gain * missing * widths[aim.coordinate];
            }
            if !(farthest > NEAR) {
                break;
            }
        }
        step
    }

    /// What is to become of each latent scalar that varies.
    fn aims(&self, replay: &Replay, rows: &[&[f64]], pulls: &[f64]) -> Vec<Aim> {
        let (mut aims, mut start) = (vec![], 0);
        for site in self.kept_sites() {
            let first = site.term.and_then(|term| replay.first_coordinate(term));
            if let (SiteKind::Latent, Some(first)) = (site.kind, first) {
                for element in 0..site.len() {
                    let column = start + element;
                    let fall = covariance(rows.iter().map(|row| row[column]), pulls);
                    let spread = center(&mut rows.iter().map(|row| row[column]).collect::<Vec<f64>>());
                    if spread > 0.0 && spread.is_finite() {
                        aims.push(Aim {
                            column,
                            coordinate: first + element,
                            fall,
                            spread,
                            missed: 0.0,
                            gain: 1.0,
                        });
                    }
                }
            }
            start += site.len();
        }
        aims
    }

    fn kept_at(&self, replay: &mut Replay, z: &[f64]) -> Vec<f64> {
        replay.run_forward(z);
        let mut values = vec![];
        (0..self.kept_sites().count()).for_each(|k| replay.append_kept(k, &mut values));
        values
    }

    /// The unconstrained point of a draw; a coordinate that has none (a value on the edge of its support) stays at 0.
    fn unconstrained_of(&self, replay: &mut Replay, row: &[f64]) -> Vec<f64> {
        let mut z = vec![0.0; self.dim()];
        let mut start = 0;
        for (k, site) in self.kept_sites().enumerate() {
            let values = &row[start..start + site.len()];
            start += site.len();
            if let (SiteKind::Latent, Some(term)) = (site.kind, site.term)
                && replay.place(term, k, values, &mut z).is_err()
            {
                z.iter_mut().filter(|z| !z.is_finite()).for_each(|z| *z = 0.0);
            }
        }
        z
    }
}

/// The covariance with numbers whose mean is 0.
fn covariance(values: impl ExactSizeIterator<Item = f64>, centred: &[f64]) -> f64 {
    let n = centred.len() as f64;
    values.zip(centred).map(|(x, y)| x * y).sum::<f64>() / n
}
