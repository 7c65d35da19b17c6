//! Scores of children by their mothers' school and IQ, covariates as they are.

use crate::data::{Data, rows};
use mynah::prelude::*;

#[model]
fn scores(x: &[f64], score: &[f64]) {
    plate!(effects = 4, {
        sample!(beta ~ Flat());
    });
    sample!(sigma ~ HalfCauchy(2.5));
    plate!(children = score.len(), {
        sample!(score ~ Normal(beta.dot(x), sigma), observed = score);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let (school, iq) = (data.floats("mom_hs"), data.floats("mom_iq"));
    let both: Vec<f64> = school.iter().zip(&iq).map(|(a, b)| a * b).collect();
    scores(&rows(&[&vec![1.0; iq.len()], &school, &iq, &both]), &data.floats("kid_score"))
}
