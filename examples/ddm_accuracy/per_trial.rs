//! The error of single trials: log q - log p, in nats.

use super::options::Options;
use mynah::prelude::*;
use serde::Serialize;

const ROWS: usize = 400;
const TRIALS: usize = 100;

/// The errors of one learned likelihood.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PerTrial {
    pub(crate) mean_absolute: f64,
    pub(crate) root_mean_square: f64,
    pub(crate) percentile_99: f64,
}

/// Measures it on parameters drawn from the box, and trials drawn from each.
pub(crate) fn per_trial(ddm: &NeuralLikelihood, options: &Options, seed: u64) -> mynah::Result<PerTrial> {
    let rows = Simulations::draw(&options.region.prior()?, &Ddm::default(), ROWS, Seed(seed).derive(1))?;
    let mut stream = Seed(seed).stream(Domain::User, 0);
    let mut errors = vec![];
    for theta in rows.parameters.chunks(4) {
        let exact = Wiener(theta[0], theta[1], theta[2], theta[3]);
        let trials: Vec<Response> = (0..TRIALS).map(|_| exact.sample(&mut stream)).collect();
        let data: Vec<f64> = trials.iter().flat_map(|trial| trial.row()).collect();
        let mut learned = vec![0.0; TRIALS];
        ddm.bind(&data, &[0; TRIALS], 1)?.evaluator().pointwise(theta, &mut learned);
        errors.extend(learned.iter().zip(&trials).map(|(q, trial)| (q - exact.log_prob(*trial)).abs()));
    }
    errors.sort_by(f64::total_cmp);
    let count = errors.len() as f64;
    Ok(PerTrial {
        mean_absolute: errors.iter().sum::<f64>() / count,
        root_mean_square: (errors.iter().map(|error| error * error).sum::<f64>() / count).sqrt(),
        percentile_99: errors[errors.len() * 99 / 100],
    })
}
