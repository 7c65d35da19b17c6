//! A hidden Markov model with two states, by the forward algorithm.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn hidden_markov(y: &[f64]) {
    sample!(theta1 ~ Dirichlet([1.0, 1.0]));
    sample!(theta2 ~ Dirichlet([1.0, 1.0]));
    plate!(states = 2, {
        sample!(mu ~ Normal([3, 10], 1).ordered());
    });
    let (low, high) = (Normal(mu.at(0), 1), Normal(mu.at(1), 1));
    let (stay, leave) = ([theta1.at(0).ln(), theta2.at(1).ln()], [theta1.at(1).ln(), theta2.at(0).ln()]);
    plate!(times = y.len() - 1, {
        scan!((a, b) = (low.log_prob_of(y[0]), high.log_prob_of(y[0])),
              (p = low.log_prob_of(&y[1..]), q = high.log_prob_of(&y[1..])) => (
            p + (a + stay[0]).log_add_exp(b + leave[1]),
            q + (a + leave[0]).log_add_exp(b + stay[1])
        ));
    });
    factor!(forward = a.at(y.len() - 2).log_add_exp(b.at(y.len() - 2)));
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    hidden_markov(&data.floats("y"))
}
