//! A regression one of whose covariates is missing for some rows, more often where another one is high.

use crate::draw::{half_normal, log_normal_density, normal, normals, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

/// `seen` and `w_seen` are of the rows with `x`, `w_missing` of those without; `filled` is `x` with 0 where it is missing, `missing` is 1
/// there, and `place` says which of the missing ones it is (0 for rows that have theirs).
#[model]
fn regression(
    seen: &[f64],
    w_seen: &[f64],
    w_missing: &[f64],
    filled: &[f64],
    missing: &[f64],
    place: &[usize],
    w: &[f64],
    y: &[f64],
) {
    plate!(coefficients = 2, {
        sample!(gamma ~ Normal(0, 1));
    });
    sample!(tau ~ HalfNormal(1));
    plate!(rows_seen = seen.len(), {
        sample!(x ~ Normal(gamma.at(0) + gamma.at(1) * w_seen, tau), observed = seen);
    });
    plate!(rows_missing = w_missing.len(), {
        sample!(imputed ~ Normal(gamma.at(0) + gamma.at(1) * w_missing, tau).noncentered());
    });
    plate!(effects = 3, {
        sample!(beta ~ Normal(0, 1));
    });
    sample!(sigma ~ HalfNormal(1));
    plate!(rows = y.len(), {
        let x = filled + imputed.at(place) * missing;
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
    let gone = |row: usize| row == 0 || (row > 1 && uniform(stream) < 0.6 / (1.0 + (-2.0 * w[row]).exp()));
    let gone: Vec<bool> = (0..rows).map(gone).collect();
    let of = |column: &[f64], missing: bool| -> Vec<f64> {
        (0..rows).filter(|row| gone[*row] == missing).map(|row| column[row]).collect()
    };
    let place = |row: usize| if gone[row] { gone[..row].iter().filter(|gone| **gone).count() } else { 0 };
    let model = regression(
        &of(&x, false),
        &of(&w, false),
        &of(&w, true),
        &(0..rows).map(|row| if gone[row] { 0.0 } else { x[row] }).collect::<Vec<_>>(),
        &gone.iter().map(|gone| f64::from(u8::from(*gone))).collect::<Vec<_>>(),
        &(0..rows).map(place).collect::<Vec<_>>(),
        &w,
        &y,
    )?;
    Ok(Replication::of(model)
        .array("gamma", &gamma)
        .scalar("tau", tau)
        .array("beta", &beta)
        .scalar("sigma", sigma)
        .scalar("imputed[0]", x[0])
        .scalar("fit", (0..rows).map(|row| log_normal_density(y[row], mean(row), sigma)).sum()))
}
