//! Chains side by side.

use super::board::Board;
use super::chain::{ChainOutcome, ChainPlan, run_chain};
use super::metric::advice;
use super::nuts::Nuts;
use super::origin::Origin;
use super::reasons::Reasons;
use super::start::starting_points;
use crate::draws::{Draws, Parameter, SamplerReport};
use crate::error::{Error, ErrorKind, Result, panic_message};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Finds the starts, runs all chains on as many threads as there are, and gathers their draws in the order of the chains.
pub(super) fn run_chains(
    nuts: &Nuts,
    parameters: Vec<Parameter>,
    origin: &mut dyn Origin,
    plan: &(dyn Fn() -> ChainPlan + Sync),
) -> Result<Draws> {
    let begin = Instant::now();
    let starts = caught(|| starting_points(nuts, origin))?;
    let width = parameters.iter().map(Parameter::width).sum();
    let steps = nuts.chains as u64 * (nuts.warmup as u64 + nuts.draws as u64);
    let reporter = nuts.progress.start("sampling", steps);
    let board = Board::new(&reporter, nuts.chains, width);
    let outcomes = side_by_side(nuts.thread_count(), nuts.chains, &|chain| {
        run_chain(nuts, plan, chain, &starts[chain], &board)
    });
    let complaint = reporter.finish();
    let advice = advice(nuts.metric, &outcomes);
    let mut gathered = Gathered::of(outcomes);
    gathered.messages.extend(advice.into_iter().chain(complaint));
    gathered.into_draws(nuts, parameters, begin)
}

/// A panic in a user's density while starts are looked for is an error: nothing is drawn yet.
fn caught<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let message = format!(
            "expected a log density at a starting point, got a panic in the model's code: {}",
            panic_message(payload.as_ref())
        );
        Err(Error::new(ErrorKind::Sampling, message))
    })
}

/// Runs jobs 0 to `jobs` on some threads, this one among them, so that a system without threads to spare still runs.
fn side_by_side<T: Send>(threads: usize, jobs: usize, run: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(vec![]);
    let work = || loop {
        let job = next.fetch_add(1, Ordering::Relaxed);
        if job >= jobs {
            break;
        }
        let result = run(job);
        done.lock().unwrap_or_else(PoisonError::into_inner).push((job, result));
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Fewer threads than wished for are no error.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(job, _)| *job);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What the chains have handed in.
#[derive(Default)]
struct Gathered {
    chains: Vec<crate::draws::ChainDraws>,
    outside: Option<usize>,
    reasons: Reasons,
    messages: Vec<String>,
}

impl Gathered {
    fn of(outcomes: Vec<ChainOutcome>) -> Self {
        let mut gathered = Self::default();
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let kept = outcome.draws.statistics.len();
            let draws = if kept == 1 { "draw" } else { "draws" };
            match outcome.failure {
                Some(why) => {
                    gathered.messages.push(format!("Chain {index} ended after {kept} {draws}: {why}."))
                }
                None if kept == 0 => {
                    gathered.messages.push(format!("Chain {index} ended before its first draw."));
                }
                None => {}
            }
            let outside = outcome.outside.map(|count| gathered.outside.unwrap_or(0) + count);
            gathered.outside = outside.or(gathered.outside);
            // An empty chain would leave the diagnostics, which go by the shortest, with nothing.
            if kept > 0 {
                gathered.reasons.merge(outcome.reasons, gathered.chains.len());
                gathered.chains.push(outcome.draws);
            }
        }
        gathered
    }

    /// # Errors
    /// When nothing was drawn.
    fn into_draws(mut self, nuts: &Nuts, parameters: Vec<Parameter>, begin: Instant) -> Result<Draws> {
        let total: usize = self.chains.iter().map(|chain| chain.statistics.len()).sum();
        if total == 0 {
            let messages = self.messages.join(" ");
            let message = format!("expected draws, got none: the run ended during warm-up. {messages}");
            return Err(Error::new(ErrorKind::Sampling, message));
        }
        // What ended a chain comes first.
        self.messages.extend(self.reasons.sentences());
        let report = SamplerReport {
            sampler: "NUTS".to_string(),
            seconds: begin.elapsed().as_secs_f64(),
            requested_draws: nuts.draws,
            stopped_early: total < nuts.draws * nuts.chains,
            outside_training_region: self.outside.map(|count| count as f64 / total as f64),
            moved: None,
            unlike: vec![],
            divergences: self.reasons.kept,
            messages: self.messages,
        };
        Ok(Draws::new(parameters, self.chains)?.with_report(report))
    }
}
