//! A series whose variance follows its own past: GARCH(1, 1).

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn garch(y: &[f64], sigma1: f64) {
    sample!(mu ~ Flat());
    sample!(alpha0 ~ FlatPositive());
    sample!(alpha1 ~ Uniform(0, 1));
    sample!(beta1 ~ Uniform(0, 1.0 - alpha1));
    // The reference is flat over both: without the 1 / (1 - alpha1) of the last line.
    factor!(flat = (1.0 - alpha1).ln());
    sample!(first ~ Normal(mu, sigma1), observed = y[0]);
    plate!(times = y.len() - 1, {
        scan!(sigma = sigma1, (last = &y[..y.len() - 1]) => {
            (alpha0 + alpha1 * (last - mu).powi(2) + beta1 * sigma.powi(2)).sqrt()
        });
        sample!(y ~ Normal(mu, sigma), observed = &y[1..]);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    garch(&data.floats("y"), data.number("sigma1"))
}
