//! What the two metrics cost: whole runs of 4 x (1000 + 1000) draws, wall clock.
//!
//! - `hierarchy`: 86 groups with slopes of their own, 3 000 normal data, 175 parameters; nothing to gain by correlations, so
//!   that the time of `LowRank` is that of its adaptation and its steps.
//! - `regression`: 26 columns that differ by 2 % of their spread, 500 data; the diagonal metric needs hundreds of gradients
//!   per draw there and is left out unless `--all` is given.
//!
//! ```sh
//! cargo bench --bench metric
//! ```

use mynah::model;
use mynah::prelude::*;
use std::time::Instant;

const GROUPS: usize = 86;
const COLUMNS: usize = 26;

#[model]
fn hierarchy(group: &[usize], x: &[f64], y: &[f64]) {
    sample!(intercept ~ Normal(0.0, 5.0));
    sample!(slope ~ Normal(0.0, 5.0));
    sample!(sigma ~ HalfNormal(2.0));
    plate!(groups = GROUPS, {
        sample!(a ~ Normal(intercept, 1.0));
        sample!(b ~ Normal(slope, 0.5));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(a.at(group) + b.at(group) * x, sigma), observed = y);
    });
}

#[model]
fn regression(x: &[Vec<f64>], y: &[f64]) {
    plate!(columns = COLUMNS, {
        sample!(beta ~ Normal(0.0, 10.0));
    });
    sample!(sigma ~ HalfNormal(2.0));
    plate!(rows = y.len(), {
        let column = |k: usize| beta.at(vec![k; y.len()]) * x[k].as_slice();
        let mean = (1..COLUMNS).fold(column(0), |mean, k| mean + column(k));
        sample!(y ~ Normal(mean, sigma), observed = y);
    });
}

fn normals(n: usize, stream: &mut Stream) -> Vec<f64> {
    (0..n).map(|_| Normal(0.0, 1.0).sample(stream)).collect()
}

fn hierarchy_with_data(stream: &mut Stream) -> Result<Model> {
    let rows = 3000;
    let group: Vec<usize> = (0..rows).map(|i| i % GROUPS).collect();
    let (x, a, b) = (normals(rows, stream), normals(GROUPS, stream), normals(GROUPS, stream));
    let noise = normals(rows, stream);
    let y = |i: usize| 1.0 + a[group[i]] + (0.5 * b[group[i]] - 0.5) * x[i] + 1.5 * noise[i];
    hierarchy(&group, &x, &(0..rows).map(y).collect::<Vec<_>>())
}

fn regression_with_data(stream: &mut Stream) -> Result<Model> {
    let rows = 500;
    let shared = normals(rows, stream);
    let columns: Vec<Vec<f64>> = (0..COLUMNS)
        .map(|_| shared.iter().zip(normals(rows, stream)).map(|(shared, own)| shared + 0.02 * own).collect())
        .collect();
    let noise = normals(rows, stream);
    let y: Vec<f64> = (0..rows).map(|i| shared[i] + 0.6 * noise[i]).collect();
    regression(&columns, &y)
}

fn main() -> Result<()> {
    let stream = &mut Seed(4).stream(mynah::Domain::User, 0);
    let all = std::env::args().any(|argument| argument == "--all");
    let both = [Metric::Diagonal, Metric::LowRank];
    report("hierarchy", &hierarchy_with_data(stream)?, &both)?;
    report("regression", &regression_with_data(stream)?, if all { &both } else { &both[1..] })
}

fn report(name: &str, model: &Model, metrics: &[Metric]) -> Result<()> {
    for &metric in metrics {
        let start = Instant::now();
        let posterior = model.sample(&Nuts::default().metric(metric).seed(3).progress(Progress::Hidden))?;
        let seconds = start.elapsed().as_secs_f64();
        let gradients: u32 = (0..4).flat_map(|c| posterior.statistics(c)).map(|draw| draw.gradients).sum();
        let least = posterior.summary().rows.iter().map(|row| row.ess_bulk).fold(f64::INFINITY, f64::min);
        println!(
            "{name} {metric:?}: {seconds:.2} s, {:.1} gradients per draw, least bulk ESS {least:.0}",
            f64::from(gradients) / posterior.total_draws() as f64
        );
        posterior.report().messages.iter().for_each(|message| println!("  {message}"));
    }
    Ok(())
}
