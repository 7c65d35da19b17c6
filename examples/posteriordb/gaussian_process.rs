//! A Gaussian process with a squared exponential kernel.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn process(squared: &[f64], y: &[f64]) {
    sample!(rho ~ Gamma(25, 4));
    sample!(alpha ~ HalfNormal(2));
    sample!(sigma ~ HalfNormal(1));
    plate!(rows = y.len(), {
        plate!(columns = y.len(), {
            let covariance = alpha.powi(2) * (-0.5 / rho.powi(2) * squared).exp();
        });
    });
    sample!(y ~ MvNormal(0, covariance.add_diagonal(sigma)), observed = y);
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let x = data.floats("x");
    let squared: Vec<f64> = x.iter().flat_map(|a| x.iter().map(move |b| (a - b).powi(2))).collect();
    process(&squared, &data.floats("y"))
}
