//! A regression one of whose covariates is missing for some rows, more often where another one is high.

use crate::draw::{half_normal, log_normal_density, normal, normals, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn regression(x: &[f64], w: &[f64], y: &[f64]) {
    let (missing, seen): (Vec<usize>, Vec<usize>) = (0..x.len()).partition(|row| x[*row].is_nan());
    let of = |column: &[f64], rows: &[usize]| rows.iter().map(|row| column[*row]).collect::<Vec<f64>>();
    plate!(coefficients = 2, {
        sample!(gamma ~ Normal(0, 1));
    });
    sample!(tau ~ HalfNormal(1));
    plate!(rows_seen = seen.len(), {
        sample!(x ~ Normal(gamma.at(0) + gamma.at(1) * of(w, &seen), tau), observed = of(x, &seen));
    });
    plate!(rows_missing = missing.len(), {
        sample!(imputed ~ Normal(gamma.at(0) + gamma.at(1) * of(w, &missing), tau).noncentered());
    });
    plate!(effects = 3, {
        sample!(beta ~ Normal(0, 1));
    });
    sample!(sigma ~ HalfNormal(1));
    plate!(rows = y.len(), {
        let x = imputed.in_gaps(x);
        let mean = beta.at(0) + beta.at(1) * x + beta.at(2) * w;
        sample!(y ~ Normal(mean, sigma), observed = y);
        let each = Normal(mean, sigma).log_prob_of(y);
    });
    deterministic!(fit = each.sum());
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let rows = size.of(20, 80, 400);
    let gamma = [0; 2].map(|_| normal(stream, 0.0, 1.0));
    let beta = [0; 3].map(|_| normal(stream, 0.0, 1.0));
    let (tau, sigma) = (half_normal(stream, 1.0), half_normal(stream, 1.0));
    let w = normals(stream, rows);
    let x: Vec<f64> = w.iter().map(|w| normal(stream, gamma[0] + gamma[1] * w, tau)).collect();
    let mean = |row: usize| beta[0] + beta[1] * x[row] + beta[2] * w[row];
    let y: Vec<f64> = (0..rows).map(|row| normal(stream, mean(row), sigma)).collect();
    // The first row is never seen and the second always, so that there are some of both.
    let mut gone =
        |row: usize| row == 0 || (row > 1 && uniform(stream) < 0.6 / (1.0 + (-2.0 * w[row]).exp()));
    let known: Vec<f64> = (0..rows).map(|row| if gone(row) { f64::NAN } else { x[row] }).collect();
    Ok(Replication::of(regression(&known, &w, &y)?)
        .array("gamma", &gamma)
        .scalar("tau", tau)
        .array("beta", &beta)
        .scalar("sigma", sigma)
        .scalar("imputed[0]", x[0])
        .scalar("fit", (0..rows).map(|row| log_normal_density(y[row], mean(row), sigma)).sum()))
}
