//! A regression by an instrument that shows nothing below -1, and nothing above a limit of each row.

use crate::draw::{log_normal, normal, normals, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn regression(x: &[f64], limit: &[f64], y: &[f64]) {
    sample!(alpha ~ Normal(0, 1));
    sample!(beta ~ Normal(0, 1));
    // Few rows may be left between the limits: a scale that could then be 0 has a funnel that no chain gets to the end of.
    sample!(sigma ~ LogNormal(-0.5, 0.5));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(alpha + beta * x, sigma).censored(-1, limit), observed = y);
        let squared = (y - alpha - beta * x).powi(2);
    });
    deterministic!(error = squared.mean());
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let rows = size.of(20, 100, 1000);
    let (alpha, beta) = (normal(stream, 0.0, 1.0), normal(stream, 0.0, 1.0));
    let sigma = log_normal(stream, -0.5, 0.5);
    let x = normals(stream, rows);
    let limit: Vec<f64> = (0..rows).map(|_| 2.0 * uniform(stream)).collect();
    let line = |row: usize| alpha + beta * x[row];
    let y: Vec<f64> = (0..rows).map(|row| normal(stream, line(row), sigma).clamp(-1.0, limit[row])).collect();
    let error = (0..rows).map(|row| (y[row] - line(row)).powi(2)).sum::<f64>() / rows as f64;
    Ok(Replication::of(regression(&x, &limit, &y)?)
        .scalar("alpha", alpha)
        .scalar("beta", beta)
        .scalar("sigma", sigma)
        .scalar("error", error))
}
