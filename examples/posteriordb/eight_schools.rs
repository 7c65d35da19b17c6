//! Eight schools: a hierarchy with known measurement errors.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn eight_schools(y: &[f64], sigma: &[f64]) {
    sample!(mu ~ Normal(0, 5));
    sample!(tau ~ HalfCauchy(5));
    plate!(schools = y.len(), {
        sample!(theta ~ Normal(mu, tau).noncentered());
        sample!(y ~ Normal(theta, sigma), observed = y);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    eight_schools(&data.floats("y"), &data.floats("sigma"))
}
