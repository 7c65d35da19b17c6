//! Chains side by side.

use super::chain::ChainOutcome;
use super::nuts::Nuts;
use crate::draws::{Draws, Parameter, SamplerReport};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Reporter;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

type RunChain<'a> = &'a (dyn Fn(u64, &Reporter) -> Result<ChainOutcome> + Sync);

/// Runs all chains on as many threads as there are, and gathers their draws in the order of the chains.
pub(super) fn run_chains(nuts: &Nuts, parameters: Vec<Parameter>, run: RunChain<'_>) -> Result<Draws> {
    let start = Instant::now();
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = nuts.threads.unwrap_or_else(cores).min(nuts.chains);
    let reporter = nuts.progress.start("sampling", (nuts.chains * (nuts.warmup + nuts.draws)) as u64);
    let next = AtomicUsize::new(0);
    let outcomes: Vec<Mutex<Option<Result<ChainOutcome>>>> =
        (0..nuts.chains).map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(outcome) = outcomes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let chain = index_of(&outcomes, outcome);
                    *outcome.lock().expect("nobody else holds it") = Some(run(chain as u64, &reporter));
                }
            });
        }
    });
    drop(reporter);
    let outcomes = outcomes.into_iter().filter_map(|outcome| outcome.into_inner().ok().flatten());
    gather(nuts, parameters, outcomes.collect(), start)
}

fn index_of<T>(all: &[T], one: &T) -> usize {
    all.iter().position(|each| std::ptr::eq(each, one)).expect("it is one of them")
}

/// The draws of the chains that have any; an error only if none could, or nothing was drawn.
fn gather(
    nuts: &Nuts,
    parameters: Vec<Parameter>,
    outcomes: Vec<Result<ChainOutcome>>,
    start: Instant,
) -> Result<Draws> {
    let mut chains = vec![];
    let mut messages = vec![];
    let mut empty = vec![];
    let mut first_error = None;
    let mut outside: Option<usize> = None;
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(outcome) => {
                let kept = outcome.draws.statistics.len();
                messages.extend(
                    outcome.failure.map(|why| format!("Chain {index} ended after {kept} draws: {why}.")),
                );
                outside = outcome.outside.map_or(outside, |count| Some(outside.unwrap_or(0) + count));
                match kept {
                    // An empty chain would leave the diagnostics, which go by the shortest, with nothing.
                    0 => empty.push(format!("Chain {index} ended before its first draw.")),
                    _ => chains.push(outcome.draws),
                }
            }
            Err(error) => {
                messages.push(format!("Chain {index} could not start: {error}."));
                first_error = first_error.or(Some(error));
            }
        }
    }
    let total: usize = chains.iter().map(|chain| chain.statistics.len()).sum();
    if total == 0 {
        let message =
            format!("expected draws, got none: the run ended during warm-up. {}", messages.join(" "));
        return Err(first_error.unwrap_or_else(|| Error::new(ErrorKind::Sampling, message)));
    }
    messages.extend(empty);
    let report = SamplerReport {
        sampler: "NUTS".to_string(),
        seconds: start.elapsed().as_secs_f64(),
        requested_draws: nuts.draws,
        stopped_early: total < nuts.draws * nuts.chains,
        outside_training_region: outside.map(|count| count as f64 / total as f64),
        messages,
    };
    Ok(Draws::new(parameters, chains)?.with_report(report))
}
