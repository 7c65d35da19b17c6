//! A series that depends on its last five values.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn autoregression(lagged: &[f64], y: &[f64]) {
    sample!(alpha ~ Normal(0, 10));
    plate!(lags = 5, {
        sample!(beta ~ Normal(0, 10));
    });
    sample!(sigma ~ HalfCauchy(2.5));
    plate!(times = y.len(), {
        sample!(y ~ Normal(alpha + beta.dot(lagged), sigma), observed = y);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let y = data.floats("y");
    let lagged: Vec<f64> = y.windows(6).flat_map(|window| [4, 3, 2, 1, 0].map(|k| window[k])).collect();
    autoregression(&lagged, &y[5..])
}
