//! A few steps uphill, from a random point to the edge of where a posterior's draws lie.
//!
//! Limited-memory quasi-Newton steps (Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7) on the log density f with
//! backtracking. At a draw of a normal target in n dimensions the Newton decrement g' C g is about n, and at the mode it
//! is 0. The ascent ends as soon as its estimate of the decrement is below n: a mode is no typical point, and where the
//! density has a pole, as hierarchies have at scale 0, going on would end in it.

use super::linear::{add_scaled, dot};
use crate::logdensity::LogDensity;

/// No more evaluations than this.
const EVALUATIONS: usize = 30;
/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 6;
/// Halvings of a step before the ascent ends where it is.
const HALVINGS: usize = 8;
/// The share of the promised gain that a step must keep (Armijo).
const SHARE: f64 = 1e-4;

/// A point with what is known of the density there.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) z: Vec<f64>,
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
}

impl Point {
    /// The density at z, or why there is none.
    pub(super) fn at(density: &mut dyn LogDensity, z: Vec<f64>) -> Result<Self, crate::DensityError> {
        let mut gradient = vec![0.0; z.len()];
        let value = density.log_density_and_gradient(&z, &mut gradient)?;
        match value.is_finite() && gradient.iter().all(|g| g.is_finite()) {
            true => Ok(Self { z, value, gradient }),
            false => Err(crate::DensityError::recoverable(format!(
                "the log density is {value} or its gradient is not finite"
            ))),
        }
    }
}

/// Climbs from a point.
pub(super) fn ascend(density: &mut dyn LogDensity, mut here: Point) -> Point {
    let mut memory: Vec<(Vec<f64>, Vec<f64>)> = vec![];
    let mut evaluations = 0;
    while evaluations < EVALUATIONS {
        let direction = quasi_newton(&memory, &here.gradient);
        let promise = dot(&direction, &here.gradient);
        if !(promise > 0.0) || (!memory.is_empty() && promise <= here.z.len() as f64) {
            break;
        }
        let Some(next) = step(density, &here, &direction, promise, &mut evaluations) else { break };
        let moved = difference(&next.z, &here.z);
        let bent = difference(&here.gradient, &next.gradient);
        // Only where the density bends downwards along the step does the pair describe a hill.
        if dot(&moved, &bent) > 1e-10 * dot(&bent, &bent) {
            if memory.len() == MEMORY {
                memory.remove(0);
            }
            memory.push((moved, bent));
        }
        here = next;
    }
    here
}

/// The first point along the direction that keeps its promise.
fn step(
    density: &mut dyn LogDensity,
    here: &Point,
    direction: &[f64],
    promise: f64,
    evaluations: &mut usize,
) -> Option<Point> {
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let mut z = here.z.clone();
        add_scaled(&mut z, length, direction);
        *evaluations += 1;
        if let Ok(next) = Point::at(density, z)
            && next.value >= here.value + SHARE * length * promise
        {
            return Some(next);
        }
        length *= 0.5;
    }
    None
}

/// The inverse Hessian of the memory times the gradient; without a memory a step of length 1 at most.
fn quasi_newton(memory: &[(Vec<f64>, Vec<f64>)], gradient: &[f64]) -> Vec<f64> {
    let mut direction = gradient.to_vec();
    let mut shares = vec![];
    for (moved, bent) in memory.iter().rev() {
        let share = dot(moved, &direction) / dot(moved, bent);
        add_scaled(&mut direction, -share, bent);
        shares.push(share);
    }
    let factor = match memory.last() {
        Some((moved, bent)) => dot(moved, bent) / dot(bent, bent),
        None => 1.0 / dot(gradient, gradient).sqrt().max(1.0),
    };
    direction.iter_mut().for_each(|x| *x *= factor);
    for ((moved, bent), share) in memory.iter().zip(shares.into_iter().rev()) {
        let other = dot(bent, &direction) / dot(moved, bent);
        add_scaled(&mut direction, share - other, moved);
    }
    direction
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DensityError;

    /// A normal density with these precisions.
    struct Normal(Vec<f64>);

    impl LogDensity for Normal {
        fn dim(&self) -> usize {
            self.0.len()
        }
        fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
            Ok(-0.5 * z.iter().zip(&self.0).map(|(z, p)| p * z * z).sum::<f64>())
        }
        fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
            gradient.iter_mut().zip(z).zip(&self.0).for_each(|((g, z), p)| *g = -p * z);
            self.log_density(z)
        }
    }

    /// From 1000 sds away to among the draws, whose log density is n/2 below the mode's on average.
    #[test]
    fn it_ends_among_the_draws() {
        for n in [1, 3, 20] {
            let mut density = Normal((0..n).map(|k| 10_f64.powi(k % 3)).collect());
            let start = Point::at(&mut density, vec![300.0; n as usize]).unwrap();
            let end = ascend(&mut density, start);
            assert!(end.value > -2.0 * f64::from(n), "{n}: {}", end.value);
        }
    }

    /// At the mode itself there is nowhere to go.
    #[test]
    fn a_flat_place_is_left_as_it_is() {
        let mut density = Normal(vec![1.0; 2]);
        let start = Point::at(&mut density, vec![0.0; 2]).unwrap();
        assert_eq!(ascend(&mut density, start).z, [0.0, 0.0]);
    }
}
