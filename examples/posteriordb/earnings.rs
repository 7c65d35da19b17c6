//! Earnings by height and sex, flat priors and covariates as they are.

use crate::data::{Data, rows};
use mynah::prelude::*;

#[model]
fn earnings(x: &[f64], log_earnings: &[f64]) {
    plate!(effects = 4, {
        sample!(beta ~ Flat());
    });
    sample!(sigma ~ FlatPositive());
    plate!(people = log_earnings.len(), {
        sample!(earnings ~ Normal(beta.dot(x), sigma), observed = log_earnings);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let (height, male) = (data.floats("height"), data.floats("male"));
    let both: Vec<f64> = height.iter().zip(&male).map(|(a, b)| a * b).collect();
    let log: Vec<f64> = data.floats("earn").iter().map(|x| x.ln()).collect();
    earnings(&rows(&[&vec![1.0; log.len()], &height, &male, &both]), &log)
}
