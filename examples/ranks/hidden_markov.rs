//! A hidden Markov model with three states, summed out by the forward algorithm.

use crate::draw::{category, dirichlet, log_normal, log_normal_density, log_sum, normal, ordered};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn hidden_markov(y: &[f64]) {
    sample!(from0 ~ Dirichlet([6, 2, 2]));
    sample!(from1 ~ Dirichlet([2, 6, 2]));
    sample!(from2 ~ Dirichlet([2, 2, 6]));
    plate!(states = 3, {
        sample!(mean ~ Normal([-2, 0, 2], 0.5).ordered());
    });
    sample!(sd ~ LogNormal(-0.5, 0.3));
    let state = [0, 1, 2].map(|k| Normal(mean.at(k), sd));
    let go = [from0, from1, from2].map(|row| [0, 1, 2].map(|k| row.at(k).ln()));
    let (first, later, third) = (y[0], &y[1..], -(3.0f64.ln()));
    plate!(times = later.len(), {
        scan!((a, b, c) = (
                  third + state[0].log_prob_of(first),
                  third + state[1].log_prob_of(first),
                  third + state[2].log_prob_of(first)
              ),
              (p = state[0].log_prob_of(later), q = state[1].log_prob_of(later), r = state[2].log_prob_of(later)) => (
            p + (a + go[0][0]).log_add_exp(b + go[1][0]).log_add_exp(c + go[2][0]),
            q + (a + go[0][1]).log_add_exp(b + go[1][1]).log_add_exp(c + go[2][1]),
            r + (a + go[0][2]).log_add_exp(b + go[1][2]).log_add_exp(c + go[2][2])
        ));
    });
    let last = later.len() - 1;
    deterministic!(fit = a.at(last).log_add_exp(b.at(last)).log_add_exp(c.at(last)));
    factor!(forward = fit);
}

/// The probability of the series, by sums of probabilities that are scaled at each step.
fn forward(y: &[f64], from: &[[f64; 3]; 3], mean: &[f64; 3], sd: f64) -> f64 {
    let (mut state, mut total) = ([1.0f64 / 3.0; 3], 0.0);
    for (t, y) in y.iter().enumerate() {
        let before = state;
        let reach = |k: usize| (0..3).map(|j| before[j] * from[j][k]).sum::<f64>();
        let come = |k: usize| if t == 0 { before[k] } else { reach(k) };
        let log = [0, 1, 2].map(|k| come(k).ln() + log_normal_density(*y, mean[k], sd));
        let step = log_sum(log);
        total += step;
        state = log.map(|log| (log - step).exp());
    }
    total
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let from = [[6.0, 2.0, 2.0], [2.0, 6.0, 2.0], [2.0, 2.0, 6.0]].map(|row| dirichlet(stream, row));
    let (mean, sd) = (ordered(stream, [-2.0, 0.0, 2.0], 0.5), log_normal(stream, -0.5, 0.3));
    let mut state = category(stream, &[1.0 / 3.0; 3]);
    let mut y = vec![];
    for _ in 0..size.of(50, 500, 500) {
        y.push(normal(stream, mean[state], sd));
        state = category(stream, &from[state]);
    }
    Ok(Replication::of(hidden_markov(&y)?)
        .array("from0", &from[0])
        .array("from1", &from[1])
        .array("from2", &from[2])
        .array("mean", &mean)
        .scalar("sd", sd)
        .scalar("fit", forward(&y, &from, &mean, sd)))
}
