//! A regression of which only rows above a limit of their own were kept.

use crate::draw::{exponential, log_normal, normal, normals, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn regression(x: &[f64], limit: &[f64], y: &[f64]) {
    sample!(alpha ~ Normal(0, 1));
    sample!(beta ~ Normal(0, 1));
    sample!(sigma ~ LogNormal(0, 0.4));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(alpha + beta * x, sigma).truncated(limit, f64::INFINITY), observed = y);
        let squared = (y - alpha - beta * x).powi(2);
    });
    deterministic!(error = squared.mean());
}

/// A standard normal number above `low`: drawn until it is, or, in the tail, from an exponential distribution with rejection (Robert 1995,
/// doi:10.1007/BF00143942).
fn above(stream: &mut Stream, low: f64) -> f64 {
    let rate = 0.5 * (low + (low * low + 4.0).sqrt());
    loop {
        let tail = low > 0.5;
        let z = if tail { low + exponential(stream, rate) } else { normal(stream, 0.0, 1.0) };
        let accepted = !tail || uniform(stream) < (-0.5 * (z - rate).powi(2)).exp();
        if accepted && z > low {
            return z;
        }
    }
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let rows = size.of(20, 100, 1000);
    let (alpha, beta) = (normal(stream, 0.0, 1.0), normal(stream, 0.0, 1.0));
    let sigma = log_normal(stream, 0.0, 0.4);
    let (x, limit) = (normals(stream, rows), normals(stream, rows));
    let line = |row: usize| alpha + beta * x[row];
    let y: Vec<f64> =
        (0..rows).map(|row| line(row) + sigma * above(stream, (limit[row] - line(row)) / sigma)).collect();
    let error = (0..rows).map(|row| (y[row] - line(row)).powi(2)).sum::<f64>() / rows as f64;
    Ok(Replication::of(regression(&x, &limit, &y)?)
        .scalar("alpha", alpha)
        .scalar("beta", beta)
        .scalar("sigma", sigma)
        .scalar("error", error))
}
