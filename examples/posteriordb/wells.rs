//! Who changes to a safe well, by its distance in metres: a logistic regression with flat priors.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn wells(distance: &[f64], switched: &[u64]) {
    plate!(effects = 2, {
        sample!(beta ~ Flat());
    });
    plate!(households = switched.len(), {
        sample!(switched ~ BernoulliLogit(beta.at(0) + beta.at(1) * distance), observed = switched);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    wells(&data.floats("dist"), &data.counts("switched"))
}
