//! Radon in houses of counties with few houses each.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn radon(county: &[usize], uranium: &[f64], floor: &[f64], log_radon: &[f64]) {
    sample!(mu_alpha ~ Normal(0, 10));
    sample!(sigma_alpha ~ HalfNormal(1));
    sample!(sigma_y ~ HalfNormal(1));
    plate!(effects = 2, {
        sample!(beta ~ Normal(0, 10));
    });
    plate!(counties = 85, {
        sample!(alpha ~ Normal(mu_alpha, sigma_alpha).noncentered());
    });
    plate!(houses = log_radon.len(), {
        let mean = alpha.at(county) + beta.at(0) * uranium + beta.at(1) * floor;
        sample!(log_radon ~ Normal(mean, sigma_y), observed = log_radon);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let [uranium, floor, log_radon] =
        ["log_uppm", "floor_measure", "log_radon"].map(|name| data.floats(name));
    radon(&data.index("county_idx"), &uranium, &floor, &log_radon)
}
