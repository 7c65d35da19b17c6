//! Party identification in an election study: a regression with age groups, flat priors.

use crate::data::{Data, rows};
use mynah::prelude::*;

#[model]
fn party(x: &[f64], party: &[f64]) {
    plate!(effects = 9, {
        sample!(beta ~ Flat());
    });
    sample!(sigma ~ FlatPositive());
    plate!(people = party.len(), {
        sample!(party ~ Normal(beta.dot(x), sigma), observed = party);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let age = data.floats("age_discrete");
    let group = |of: f64| age.iter().map(|age| f64::from(u8::from(*age == of))).collect::<Vec<f64>>();
    let [ideology, race, education, gender, income] =
        ["real_ideo", "race_adj", "educ1", "gender", "income"].map(|name| data.floats(name));
    let one = vec![1.0; age.len()];
    let x =
        rows(&[&one, &ideology, &race, &group(2.0), &group(3.0), &group(4.0), &education, &gender, &income]);
    party(&x, &data.floats("partyid7"))
}
