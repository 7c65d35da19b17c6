//! One subject with 1, 10, 100 or 1000 trials: the learned posterior beside the exact one.

use super::options::{Options, Region};
use mynah::check::c2st;
use mynah::prelude::*;
use serde::Serialize;

/// Rows of each posterior that the classifier sees.
const ROWS: usize = 2000;
const NAMES: [&str; 4] = ["v", "a", "w", "t0"];

#[model]
fn learned(region: Region, ddm: &NeuralLikelihood, trials: &[Response]) {
    let [v, a, w, t0] = region.sides();
    sample!(v ~ Uniform(v.1, v.2));
    sample!(a ~ Uniform(a.1, a.2));
    sample!(w ~ Uniform(w.1, w.2));
    sample!(t0 ~ Uniform(t0.1, fastest(trials).min(t0.2)));
    plate!(trials = trials.len(), {
        sample!(response ~ ddm.given(v: v, a, w, t0), observed = trials);
    });
}

#[model]
fn exact(region: Region, trials: &[Response]) {
    let [v, a, w, t0] = region.sides();
    sample!(v ~ Uniform(v.1, v.2));
    sample!(a ~ Uniform(a.1, a.2));
    sample!(w ~ Uniform(w.1, w.2));
    sample!(t0 ~ Uniform(t0.1, fastest(trials).min(t0.2)));
    plate!(trials = trials.len(), {
        sample!(response ~ Wiener(v, a, w, t0), observed = trials);
    });
}

/// The density is zero where t0 lies above it: a bound of the prior that changes nothing but where chains start.
fn fastest(trials: &[Response]) -> f64 {
    trials.iter().map(|trial| trial.rt).fold(f64::INFINITY, f64::min)
}

/// One data set, or the averages over several.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Single {
    pub(crate) trials: usize,
    /// Over the four parameters: the mean distance of means and the farthest one, in exact posterior sds; the mean of the
    /// ratios of sds.
    pub(crate) mean_distance: f64,
    pub(crate) farthest: f64,
    pub(crate) sd_ratio: f64,
    pub(crate) c2st: f64,
}

/// Several data sets of so many trials, their parameters drawn from the box.
pub(crate) fn single(
    ddm: &NeuralLikelihood,
    trials: usize,
    options: &Options,
    seed: u64,
) -> mynah::Result<Vec<Single>> {
    let count = options.sets as usize;
    let seed = Seed(seed).derive(trials as u64);
    let truths = Simulations::draw(&options.region.prior()?, &Ddm::default(), count, seed)?;
    let sets = truths.parameters.chunks_exact(4).enumerate();
    sets.map(|(set, theta)| one_set(ddm, theta, trials, options, seed.derive(set as u64))).collect()
}

fn one_set(
    ddm: &NeuralLikelihood,
    theta: &[f64],
    trials: usize,
    options: &Options,
    seed: Seed,
) -> mynah::Result<Single> {
    let mut stream = seed.stream(Domain::User, 0);
    let truth = Wiener(theta[0], theta[1], theta[2], theta[3]);
    let data: Vec<Response> = (0..trials).map(|_| truth.sample(&mut stream)).collect();
    // Four chains, thinned to 2000 rows that are nearly independent. The two runs have different seeds: with one seed
    // chains move in step and the rows of both samples come in pairs.
    let (warmup, draws) = if options.quick { (100, 50) } else { (1000, 2500) };
    let nuts = Nuts::default().target_acceptance(0.95).warmup(warmup).draws(draws);
    let learned = learned(options.region, ddm, &data)?.sample(&nuts.clone().seed(seed.derive(1)))?;
    let exact = exact(options.region, &data)?.sample(&nuts.seed(seed.derive(2)))?;
    let (q, p) = (learned.summary(), exact.summary());
    let rows = || q.rows.iter().zip(&p.rows);
    let distances = || rows().map(|(q, p)| ((q.mean - p.mean) / p.sd).abs());
    Ok(Single {
        trials,
        mean_distance: distances().sum::<f64>() / NAMES.len() as f64,
        farthest: distances().fold(0.0, f64::max),
        sd_ratio: rows().map(|(q, p)| q.sd / p.sd).sum::<f64>() / NAMES.len() as f64,
        c2st: c2st(&thinned(&exact)?, &thinned(&learned)?, NAMES.len(), seed)?.accuracy,
    })
}

/// Rows of draws, evenly spaced over all chains.
fn thinned(draws: &Draws) -> mynah::Result<Vec<f64>> {
    let columns = NAMES.map(|name| draws.column(name).map(|chains| chains.concat()));
    let [v, a, w, t0] = columns;
    let (v, a, w, t0) = (v?, a?, w?, t0?);
    let step = (v.len() / ROWS).max(1);
    Ok((0..v.len()).step_by(step).flat_map(|row| [v[row], a[row], w[row], t0[row]]).collect())
}

/// The averages over data sets.
pub(crate) fn average(sets: &[Single]) -> Single {
    let mean = |of: fn(&Single) -> f64| sets.iter().map(of).sum::<f64>() / sets.len() as f64;
    Single {
        trials: sets.first().map_or(0, |set| set.trials),
        mean_distance: mean(|set| set.mean_distance),
        farthest: mean(|set| set.farthest),
        sd_ratio: mean(|set| set.sd_ratio),
        c2st: mean(|set| set.c2st),
    }
}
