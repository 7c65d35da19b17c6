//! Falcons: a Poisson trend with a random effect of each year.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn falcons(year: &[f64], count: &[u64]) {
    sample!(alpha ~ Uniform(-20, 20));
    sample!(beta1 ~ Uniform(-10, 10));
    sample!(beta2 ~ Uniform(-10, 10));
    sample!(beta3 ~ Uniform(-10, 10));
    sample!(sigma ~ Uniform(0, 5));
    plate!(years = year.len(), {
        sample!(eps ~ Normal(0, sigma).noncentered());
        let trend = alpha + year * (beta1 + year * (beta2 + year * beta3));
        sample!(count ~ PoissonLog(trend + eps), observed = count);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    falcons(&data.floats("year"), &data.counts("C"))
}
