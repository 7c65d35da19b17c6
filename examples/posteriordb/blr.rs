//! A linear regression with vague priors.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn regression(x: &[f64], y: &[f64]) {
    plate!(covariates = 5, {
        sample!(beta ~ Normal(0, 10));
    });
    sample!(sigma ~ HalfNormal(10));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(beta.dot(x), sigma), observed = y);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    regression(&data.floats("X"), &data.floats("y"))
}
