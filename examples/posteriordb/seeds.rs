//! Seeds that germinate on plates of two kinds and with two extracts; each plate has an effect of its own.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn seeds(n: &[u64], germinated: &[u64], x1: &[f64], x2: &[f64]) {
    sample!(alpha0 ~ Normal(0, 1));
    sample!(alpha1 ~ Normal(0, 1));
    sample!(alpha2 ~ Normal(0, 1));
    sample!(alpha12 ~ Normal(0, 1));
    sample!(sigma ~ HalfCauchy(1));
    plate!(plates = n.len(), {
        sample!(b ~ Normal(0, sigma).noncentered());
        let logit = alpha0 + alpha1 * x1 + (alpha2 + alpha12 * x1) * x2 + b;
        sample!(germinated ~ BinomialLogit(n, logit), observed = germinated);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    seeds(&data.counts("N"), &data.counts("n"), &data.floats("x1"), &data.floats("x2"))
}
