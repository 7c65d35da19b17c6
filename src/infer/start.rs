//! Where chains start.
//!
//! Chains that start in one mode agree with each other and R-hat is none the wiser, so starts are to differ as much as the
//! posterior allows:
//! 1. Candidates, many per chain: one half drawn from the prior, one half uniform in (-2, 2) on the unconstrained scale, as
//!    in Stan (all of them for a density without a prior; the width shrinks when none will do).
//! 2. Each climbs a few steps ([`super::ascent`]), so that their densities can be compared at all.
//! 3. Those of comparable density stay: within 5 + n nats of the best few in n dimensions, which is what draws of one
//!    posterior differ by.
//! 4. Each chain takes one, with a probability that grows with the square of its distance to those taken already (the
//!    seeding of k-means++, Arthur & Vassilvitskii 2007): two separate regions with candidates in both are both taken. The
//!    unit of a dimension is 1 / |slope|, which among the draws of a normal density is its scale, not the candidates'
//!    spread, which for a dimension with two modes would be the distance of the modes.
//!
//! All of it depends on the seed alone. A mode without a candidate near it is missed, and no diagnostic can say so.

use super::ascent::{Point, ascend};
use super::chains::Chains;
use super::coordinates::Coordinates;
use crate::error::{Error, ErrorKind, Result};
use crate::seed::{Domain, Stream};
use rand::RngExt;

/// Random points after which it is given up to find one of finite density.
const TRIES: usize = 200;
const TRIES_PER_WIDTH: usize = 20;
const WIDTH: f64 = 2.0;
/// Candidates per chain: of a long run, and of the shortest.
const CANDIDATES: usize = 16;
const FEWEST_CANDIDATES: usize = 4;
const MOST_CANDIDATES: usize = 1024;
/// Draws of a run that one candidate may stand for: its ascent costs about two of them, a twentieth of the run in all.
const DRAWS_PER_CANDIDATE: usize = 40;
/// Log densities within this and the number of dimensions are comparable; nats.
const COMPARABLE: f64 = 5.0;
/// How far a start moves, on the unconstrained scale, when the gradient in some dimension is exactly 0.
const NUDGE: f64 = 1e-3;

/// One start per chain.
///
/// # Errors
/// When none of many random points will do (the message says what the density said of the last one), when the density
/// does not depend on some unknown, or when a given start is wrong.
pub(super) fn starting_points(options: &Chains, target: &mut dyn Coordinates) -> Result<Vec<Vec<f64>>> {
    options.start.check(target)?;
    let found = candidates(options, target)?;
    check_unused(&found, target)?;
    let mut points = vec![];
    for candidate in found {
        points.push(ascend(target.density(), candidate));
        if options.stop.is_requested() {
            break;
        }
    }
    let points = comparable(points, options.count);
    let chosen = spread(&points, options.count, &mut options.seed.stream(Domain::Start, u64::MAX));
    let mut starts = vec![];
    for (chain, index) in chosen.into_iter().enumerate() {
        let point = options.start.applied(chain, &points[index], target)?;
        starts.push(with_slopes(
            point,
            target,
            &mut options.seed.stream(Domain::Start, u64::MAX - 1 - chain as u64),
        ));
    }
    Ok(starts)
}

/// Random points of finite density.
fn candidates(options: &Chains, target: &mut dyn Coordinates) -> Result<Vec<Point>> {
    let wanted = wanted(options);
    let least = options.count.min(FEWEST_CANDIDATES);
    let (mut points, mut reason) = (vec![], String::new());
    for attempt in 0..wanted.max(TRIES) {
        if attempt >= wanted && points.len() >= least {
            break;
        }
        let mut stream = options.seed.stream(Domain::Start, attempt as u64);
        let z = random_point(target, attempt, wanted, &mut stream);
        match Point::at(target.density(), z) {
            Ok(point) => points.push(point),
            Err(error) if !error.is_recoverable() => {
                return Err(failure("a fatal error", &error.to_string()));
            }
            Err(error) => reason = error.to_string(),
        }
    }
    match points.is_empty() {
        true => Err(failure(&format!("none at {} random points", wanted.max(TRIES)), &reason)),
        false => Ok(points),
    }
}

fn wanted(options: &Chains) -> usize {
    if options.checkpoint.is_some() {
        // How many draws there will be is not known: the run may be continued with more.
        return (CANDIDATES * options.count).min(MOST_CANDIDATES);
    }
    let affordable = options.count.saturating_mul(options.warmup + options.draws) / DRAWS_PER_CANDIDATE;
    affordable.clamp(FEWEST_CANDIDATES * options.count, CANDIDATES * options.count).min(MOST_CANDIDATES)
}

/// A draw from the prior, or a point of a box that shrinks with failures.
fn random_point(
    target: &mut dyn Coordinates,
    attempt: usize,
    wanted: usize,
    stream: &mut Stream,
) -> Vec<f64> {
    let failures = attempt.saturating_sub(wanted);
    let width = WIDTH * 0.7_f64.powi((failures / TRIES_PER_WIDTH) as i32);
    let mut z = vec![f64::NAN; target.density().dim()];
    if attempt.is_multiple_of(2) {
        target.draw_prior(stream, &mut z);
    }
    // Also for what has no prior to draw from.
    z.iter_mut().filter(|z| !z.is_finite()).for_each(|z| *z = stream.random_range(-width..width));
    z
}

/// An unknown whose slope is 0 at every one of several random points is not part of the density.
fn check_unused(points: &[Point], target: &dyn Coordinates) -> Result<()> {
    let flat = |k: &usize| points.iter().all(|point| point.gradient[*k] == 0.0);
    let dim = points[0].z.len();
    let Some(unused) = (0..dim).find(flat).filter(|_| points.len() >= FEWEST_CANDIDATES) else {
        return Ok(());
    };
    let (name, count) = (target.name(unused), (unused..dim).filter(flat).count());
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    let message = format!(
        "expected a log density that depends on every unknown, got one whose slope along {name}{more} is 0 at all of {} \
         random points: it has a flat prior and nothing uses it. Remove it, use it, or give it a proper prior",
        points.len()
    );
    Err(Error::new(ErrorKind::Sampling, message))
}

/// The points that belong to one posterior as far as their densities say.
fn comparable(mut points: Vec<Point>, chains: usize) -> Vec<Point> {
    points.sort_by(|a, b| b.value.total_cmp(&a.value));
    // Of the best few the last, so that a single point at a pole does not rule out all others.
    let limit = points[chains.min(points.len()) - 1].value - COMPARABLE - points[0].z.len() as f64;
    points.retain(|point| point.value >= limit);
    points
}

/// The indices of the points that chains take.
fn spread(points: &[Point], chains: usize, stream: &mut Stream) -> Vec<usize> {
    let slopes = typical_slopes(points);
    let distance = |a: usize, b: usize| -> f64 {
        let along = points[a].z.iter().zip(&points[b].z).zip(&slopes);
        along.map(|((a, b), slope)| ((a - b) * slope).powi(2)).sum()
    };
    let mut nearest = vec![f64::INFINITY; points.len()];
    let mut chosen: Vec<usize> = vec![];
    for _ in 0..chains {
        let total: f64 = nearest.iter().sum();
        let next = match total.is_finite() && total > 0.0 {
            true => {
                let mut left = stream.random_range(0.0..total);
                nearest.iter().position(|near| {
                    left -= near;
                    left < 0.0
                })
            }
            // The first, or more chains than points.
            false => None,
        };
        let next = next.unwrap_or_else(|| stream.random_range(0..points.len()));
        (0..points.len()).for_each(|k| nearest[k] = nearest[k].min(distance(k, next)));
        chosen.push(next);
    }
    chosen
}

/// The median of |slope| over the points, for every dimension.
fn typical_slopes(points: &[Point]) -> Vec<f64> {
    let typical = |k: usize| {
        let mut slopes: Vec<f64> = points.iter().map(|point| point.gradient[k].abs()).collect();
        slopes.sort_by(f64::total_cmp);
        slopes[slopes.len() / 2]
    };
    (0..points[0].z.len()).map(typical).collect()
}

/// The sampler takes its first scales from the gradient, of which no part may be 0, as it is at a mode.
fn with_slopes(point: Point, target: &mut dyn Coordinates, stream: &mut Stream) -> Vec<f64> {
    let mut here = point;
    for _ in 0..TRIES_PER_WIDTH {
        if here.gradient.iter().all(|slope| *slope != 0.0) {
            break;
        }
        let still = here.gradient.iter().map(|slope| *slope == 0.0);
        let nudged = |(z, still): (&f64, bool)| match still {
            true => z + NUDGE * stream.random_range(-1.0..1.0) * z.abs().max(1.0),
            false => *z,
        };
        let z: Vec<f64> = here.z.iter().zip(still).map(nudged).collect();
        match Point::at(target.density(), z) {
            Ok(next) => here = next,
            Err(_) => break,
        }
    }
    here.z
}

fn failure(what: &str, reason: &str) -> Error {
    let message = format!(
        "expected a finite log density at a starting point, got {what}; at the last one {reason}. Check that the data are \
         possible under the prior, and that no parameter leaves its range"
    );
    Error::new(ErrorKind::Sampling, message)
}
