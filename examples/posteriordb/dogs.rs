//! Dogs that learn to avoid a shock: a logistic learning curve.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn dogs(avoided: &[f64], shocked: &[f64], shock: &[u64]) {
    plate!(effects = 3, {
        sample!(beta ~ Normal(0, 100));
    });
    plate!(trials = shock.len(), {
        let logit = beta.at(0) + beta.at(1) * avoided + beta.at(2) * shocked;
        sample!(shock ~ BernoulliLogit(logit), observed = shock);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let shock = data.counts("y");
    let (mut avoided, mut shocked) = (vec![], vec![]);
    for dog in shock.chunks(25) {
        for trial in 0..dog.len() {
            let shocks: u64 = dog[..trial].iter().sum();
            avoided.push((trial as u64 - shocks) as f64);
            shocked.push(shocks as f64);
        }
    }
    dogs(&avoided, &shocked, &shock)
}
