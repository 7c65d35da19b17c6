//! A Gaussian process with a squared exponential kernel, and noise.

use crate::draw::{half_normal, log_normal, normals, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn process(x: &[f64], y: &[f64]) {
    sample!(length ~ LogNormal(0, 0.5));
    sample!(height ~ HalfNormal(1));
    sample!(noise ~ LogNormal(-1, 0.5));
    let squared: Vec<f64> = x.iter().flat_map(|a| x.iter().map(move |b| (a - b).powi(2))).collect();
    plate!(rows = x.len(), {
        plate!(columns = x.len(), {
            let covariance = height.powi(2) * (-0.5 / length.powi(2) * squared).exp();
        });
    });
    let curve = MvNormal(0, covariance.add_diagonal(noise.powi(2)));
    deterministic!(fit = curve.log_prob_of(y));
    sample!(y ~ curve, observed = y);
}

/// The lower factor of a positive definite matrix, row by row.
fn cholesky(matrix: impl Fn(usize, usize) -> f64, n: usize) -> Vec<Vec<f64>> {
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix(i, j) - (0..j).map(|k| factor[i][k] * factor[j][k]).sum::<f64>();
            factor[i][j] = if i == j { rest.sqrt() } else { rest / factor[j][j] };
        }
    }
    factor
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let points = size.of(12, 40, 200);
    let (length, height, noise) =
        (log_normal(stream, 0.0, 0.5), half_normal(stream, 1.0), log_normal(stream, -1.0, 0.5));
    let x: Vec<f64> = (0..points).map(|_| 10.0 * uniform(stream)).collect();
    let kernel = |i: usize, j: usize| {
        let smooth = height * height * (-0.5 * ((x[i] - x[j]) / length).powi(2)).exp();
        smooth + if i == j { noise * noise } else { 0.0 }
    };
    let (factor, z) = (cholesky(kernel, points), normals(stream, points));
    let y: Vec<f64> = factor.iter().map(|row| row.iter().zip(&z).map(|(l, z)| l * z).sum()).collect();
    // y = L z: the density of z, less the logarithm of L's determinant.
    let each = |k: usize| -0.5 * (z[k] * z[k] + std::f64::consts::TAU.ln()) - factor[k][k].ln();
    Ok(Replication::of(process(&x, &y)?)
        .scalar("length", length)
        .scalar("height", height)
        .scalar("noise", noise)
        .scalar("fit", (0..points).map(each).sum()))
}
