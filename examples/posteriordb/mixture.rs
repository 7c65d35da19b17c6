//! A mixture of two normal distributions with ordered means.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn two_normals(y: &[f64]) {
    plate!(components = 2, {
        sample!(mu ~ Normal(0, 2).ordered());
        sample!(sigma ~ HalfNormal(2));
    });
    sample!(theta ~ Beta(5, 5));
    plate!(points = y.len(), {
        let components = [0, 1].map(|k| Normal(mu.at(k), sigma.at(k)));
        sample!(y ~ Mixture([theta, 1.0 - theta], components), observed = y);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    two_normals(&data.floats("y"))
}
