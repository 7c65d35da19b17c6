//! Chains side by side.

use super::board::Board;
use super::chain::Run;
use super::chains::Chains;
use super::checkpoint::{Checkpoint, Identity};
use super::ledger::Ledger;
use super::markov::{ChainSampler, Walk};
use super::reasons::Reasons;
use super::record::Record;
use super::start::starting_points;
use super::target::Target;
use crate::draws::{ChainDraws, Draws, Parameter, Provenance, SamplerReport};
use crate::error::{Error, ErrorKind, Result, panic_message};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

impl Chains {
    /// Runs a sampler's chains: finds their starts, warms them up, and gathers their draws in the order of the chains. The draws are the same on
    /// any number of threads.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] when an option is out of range or a checkpoint is not this run's, [`ErrorKind::Sampling`] when no point of finite density is found to start from,
    /// the density does not depend on some dimension, or nothing was drawn; those of a given start; [`ErrorKind::Io`] and [`ErrorKind::Format`] of a
    /// checkpoint that cannot be read, or not be written at the beginning.
    pub fn run(&self, target: &Target<'_>, sampler: &dyn ChainSampler) -> Result<Draws> {
        target.check()?;
        let parameters = target.parameters();
        self.check(parameters.iter().map(Parameter::width).sum())?;
        run_chains(self, target, sampler, parameters)
    }
}

/// Finds the starts, runs all chains on as many threads as there are, and gathers their draws in the order of the chains.
fn run_chains(
    options: &Chains,
    target: &Target<'_>,
    sampler: &dyn ChainSampler,
    parameters: Vec<Parameter>,
) -> Result<Draws> {
    let begin = Instant::now();
    let mut all = options.options();
    all.extend(sampler.options());
    let provenance = Provenance::new(sampler.name(), all, Some(options.seed.0));
    let ledger = caught(|| open(options, target, sampler, &provenance))?;
    let width = parameters.iter().map(Parameter::width).sum();
    let steps = options.count as u64 * (options.warmup as u64 + options.draws as u64);
    let reporter = options.progress.start("sampling", steps);
    let board = Board::new(&reporter, options.count, width);
    board.skip(ledger.steps_done(options.warmup));
    let run = Run { options, sampler, target, board: &board, ledger: &ledger };
    let ended = side_by_side(options.thread_count(), options.count, &|chain| run.run_chain(chain));
    let complaint = reporter.finish();
    let (records, spoiled) = ledger.close();
    let outcomes: Vec<(Record, Option<String>)> = records
        .into_iter()
        .zip(ended)
        .enumerate()
        .map(|(chain, (mut record, (piece, failure)))| {
            record.append(piece, chain);
            (record, failure)
        })
        .collect();
    let remarks = remarks(sampler, target.dim(), &outcomes);
    let mut gathered = Gathered::of(outcomes);
    gathered.messages.extend(remarks.into_iter().chain(complaint).chain(spoiled));
    gathered
        .into_draws(options, sampler.name(), parameters, begin)
        .map(|draws| draws.with_provenance(provenance))
}

/// Where the chains are: at their starts, or where a checkpoint says.
fn open(
    options: &Chains,
    target: &Target<'_>,
    sampler: &dyn ChainSampler,
    provenance: &Provenance,
) -> Result<Ledger> {
    let mut coordinates = target.coordinates();
    match &options.checkpoint {
        None => Ok(Ledger::new(starting_points(options, coordinates.as_mut())?)),
        Some(path) => {
            let columns = sampler.statistics();
            let run = Identity { provenance: provenance.clone(), parameters: target.parameters() };
            let (checkpoint, chains) =
                Checkpoint::open(path, run, &columns, coordinates.as_mut(), |coordinates| {
                    starting_points(options, coordinates)
                })?;
            let made = chains.iter().map(|chain| chain.record.made).max().unwrap_or(0);
            if made > options.draws {
                let message = format!(
                    "expected at least {made} draws per chain, as there are in the checkpoint {}, got {}; raise `draws`, or use another file",
                    path.display(),
                    options.draws
                );
                return Err(Error::new(ErrorKind::Options, message));
            }
            let ledger = Ledger::with_checkpoint(chains, checkpoint);
            // Starts that were looked for in a hurry are not those of the run.
            if !options.stop.is_requested() {
                ledger.write_now()?;
            }
            Ok(ledger)
        }
    }
}

fn remarks(sampler: &dyn ChainSampler, dim: usize, outcomes: &[(Record, Option<String>)]) -> Vec<String> {
    let walk = outcomes.iter().map(|(Record { draws, positions, gradients, .. }, _)| Walk {
        dim,
        statistics: &draws.statistics,
        positions,
        gradients,
    });
    sampler.remarks(&walk.collect::<Vec<_>>())
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
    chains: Vec<ChainDraws>,
    /// The draws of all chains.
    made: usize,
    outside: Option<usize>,
    reasons: Reasons,
    messages: Vec<String>,
}

impl Gathered {
    fn of(outcomes: Vec<(Record, Option<String>)>) -> Self {
        let mut gathered = Self::default();
        for (index, (outcome, failure)) in outcomes.into_iter().enumerate() {
            let kept = outcome.made;
            gathered.made += kept;
            let draws = if kept == 1 { "draw" } else { "draws" };
            match failure {
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
    fn into_draws(
        mut self,
        options: &Chains,
        sampler: &str,
        parameters: Vec<Parameter>,
        begin: Instant,
    ) -> Result<Draws> {
        let total = self.made;
        if total == 0 {
            let messages = self.messages.join(" ");
            let message = format!("expected draws, got none: the run ended during warm-up. {messages}");
            return Err(Error::new(ErrorKind::Sampling, message));
        }
        // What ended a chain comes first.
        self.messages.extend(self.reasons.sentences());
        let report = SamplerReport {
            sampler: sampler.to_string(),
            seconds: begin.elapsed().as_secs_f64(),
            requested_draws: options.draws,
            stopped_early: total < options.draws * options.count,
            outside_training_region: self.outside.map(|count| count as f64 / total as f64),
            moved: None,
            unlike: vec![],
            divergences: self.reasons.kept,
            messages: self.messages,
        };
        Ok(Draws::new(parameters, self.chains)?.with_report(report))
    }
}
