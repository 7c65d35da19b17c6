//! Many simulations in parallel, the same on any number of threads.
//!
//! Rows are cut into chunks; each chunk is run by one thread and the chunks are joined in the order of the rows. Everything
//! the result says (data, first failure, error) is decided by row order, never by which thread was first.

use super::report::describe;
use super::{Failure, Outcome, Prior, SimulationRun, Simulations, Simulator};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Reporter;
use crate::seed::{Domain, Seed};
use crate::stop::Stop;
use rayon::prelude::*;
use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Rows per chunk at most: small enough for a smooth bar, large enough that joining costs nothing.
const LARGEST_CHUNK: usize = 1024;
/// Chunks per thread at least, so that slow rows spread over the threads.
const CHUNKS_PER_THREAD: usize = 32;

pub(super) struct Runner<'a> {
    prior: &'a dyn Prior,
    simulator: &'a dyn Simulator,
    names: Vec<String>,
    /// For each parameter the simulator reads, its column in the prior's draw.
    order: Option<Vec<usize>>,
    outcome: Option<Outcome>,
    seed: Seed,
    stop: &'a Stop,
    reporter: &'a Reporter,
    /// The smallest row so far with an error: rows above it need not run, rows below it must, lest an earlier error be missed.
    error_row: AtomicU64,
    failed: AtomicU64,
}

/// What one thread made of a range of rows.
#[derive(Default)]
struct Chunk {
    parameters: Vec<f64>,
    data: Vec<f64>,
    drawn: usize,
    failed: usize,
    first_failure: Option<Failure>,
    /// The first kept row and its parameters.
    first_kept: Option<(u64, Vec<f64>)>,
    /// The length of the rows kept.
    width: Option<usize>,
    error: Option<Error>,
}

/// One thread's scratch space.
struct Scratch {
    theta: Vec<f64>,
    ordered: Vec<f64>,
    data: Vec<f64>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        prior: &'a dyn Prior,
        simulator: &'a dyn Simulator,
        names: Vec<String>,
        order: Option<Vec<usize>>,
        seed: Seed,
        stop: &'a Stop,
        reporter: &'a Reporter,
    ) -> Self {
        let outcome = simulator.outcome();
        let (error_row, failed) = (AtomicU64::new(u64::MAX), AtomicU64::new(0));
        Self { prior, simulator, names, order, outcome, seed, stop, reporter, error_row, failed }
    }

    pub(super) fn run(&self, count: usize) -> Result<SimulationRun> {
        let start = Instant::now();
        let size = (count / (rayon::current_num_threads() * CHUNKS_PER_THREAD)).clamp(1, LARGEST_CHUNK);
        let chunks: Vec<Chunk> = (0..count.div_ceil(size))
            .into_par_iter()
            .map(|index| self.chunk((index * size) as u64..((index + 1) * size).min(count) as u64))
            .collect();
        let mut run = self.join(chunks, count)?;
        run.elapsed = start.elapsed();
        Ok(run)
    }

    fn chunk(&self, rows: Range<u64>) -> Chunk {
        let mut chunk = Chunk { width: self.outcome.map(Outcome::width), ..Chunk::default() };
        let mut scratch = Scratch {
            theta: vec![0.0; self.names.len()],
            ordered: vec![0.0; self.names.len()],
            data: vec![],
        };
        for row in rows {
            if self.stop.is_requested() || row > self.error_row.load(Ordering::Relaxed) {
                break;
            }
            chunk.drawn += 1;
            match self.row(row, &mut scratch) {
                Ok(()) => self.keep(row, &scratch, &mut chunk),
                Err(reason) => {
                    chunk.failed += 1;
                    chunk.first_failure.get_or_insert_with(|| Failure {
                        row,
                        theta: scratch.theta.clone(),
                        reason,
                    });
                }
            }
            if chunk.error.is_some() {
                self.error_row.fetch_min(row, Ordering::Relaxed);
                break;
            }
        }
        if chunk.failed > 0 {
            let before = self.failed.fetch_add(chunk.failed as u64, Ordering::Relaxed);
            self.reporter.note(format!("{} failed", before + chunk.failed as u64));
        }
        self.reporter.advance(chunk.drawn as u64);
        chunk
    }

    /// Simulates one row into the scratch space, or says why it failed.
    fn row(&self, row: u64, scratch: &mut Scratch) -> Result<(), String> {
        let mut stream = self.seed.stream(Domain::Row, row);
        scratch.data.clear();
        self.prior.draw(&mut stream, &mut scratch.theta);
        if !scratch.theta.iter().all(|value| value.is_finite()) {
            return Err("the prior drew a parameter that is not finite".into());
        }
        let theta = match &self.order {
            None => &scratch.theta,
            Some(order) => {
                scratch
                    .ordered
                    .iter_mut()
                    .zip(order)
                    .for_each(|(value, &column)| *value = scratch.theta[column]);
                &scratch.ordered
            }
        };
        let data = &mut scratch.data;
        // The scratch space is cleared before the next row, so a panic leaves nothing half done behind.
        catch_unwind(AssertUnwindSafe(|| self.simulator.simulate(theta, &mut stream, data)))
            .map_err(|payload| format!("the simulator panicked: {}", panic_message(payload.as_ref())))?;
        if let Some(value) = data.iter().find(|value| !value.is_finite()) {
            return Err(format!("the simulator returned {value}"));
        }
        Ok(())
    }

    /// Keeps a row, counts it as failed if it is no value of the outcome, or sets the chunk's error if its length is wrong.
    fn keep(&self, row: u64, scratch: &Scratch, chunk: &mut Chunk) {
        let actual = scratch.data.len();
        let expected = chunk.width.unwrap_or(actual.max(1));
        if actual != expected {
            chunk.error = Some(self.wrong_length(row, &scratch.theta, expected, actual));
            return;
        }
        if let Some(problem) = self.outcome.and_then(|outcome| outcome.problem(&scratch.data)) {
            chunk.failed += 1;
            let reason = format!("the simulator returned {:?}: {problem}", scratch.data);
            chunk.first_failure.get_or_insert_with(|| Failure { row, theta: scratch.theta.clone(), reason });
            return;
        }
        chunk.width = Some(expected);
        chunk.first_kept.get_or_insert_with(|| (row, scratch.theta.clone()));
        chunk.parameters.extend_from_slice(&scratch.theta);
        chunk.data.extend_from_slice(&scratch.data);
    }

    fn wrong_length(&self, row: u64, theta: &[f64], expected: usize, actual: usize) -> Error {
        let origin = match self.outcome {
            Some(_) => "as its outcome declares",
            None => "as in the first row that succeeded (1 or more)",
        };
        let message = format!(
            "expected {expected} numbers from the simulator {origin}, got {actual} at row {row} ({}); return rows of one \
             length, NaN for failures",
            describe(&self.names, theta)
        );
        Error::new(ErrorKind::Simulation, message)
    }

    /// Joins the chunks in the order of their rows.
    fn join(&self, chunks: Vec<Chunk>, requested: usize) -> Result<SimulationRun> {
        let kept: usize = chunks.iter().map(|chunk| chunk.parameters.len()).sum();
        let (mut parameters, mut data) = (Vec::with_capacity(kept), Vec::new());
        let (mut drawn, mut failed, mut first_failure) = (0, 0, None);
        let mut width = self.outcome.map(Outcome::width);
        for chunk in chunks {
            if let (Some((row, theta)), Some(actual)) = (&chunk.first_kept, chunk.width) {
                let expected = *width.get_or_insert(actual);
                if actual != expected {
                    return Err(self.wrong_length(*row, theta, expected, actual));
                }
            }
            if let Some(error) = chunk.error {
                return Err(error);
            }
            parameters.extend_from_slice(&chunk.parameters);
            data.extend_from_slice(&chunk.data);
            drawn += chunk.drawn;
            failed += chunk.failed;
            first_failure = first_failure.or(chunk.first_failure);
        }
        let Some(width) = width.filter(|_| kept > 0) else {
            return Err(self.nothing_kept(drawn, requested, first_failure));
        };
        let outcome = self.outcome.unwrap_or(Outcome::Real { width });
        let simulations = Simulations { names: self.names.clone(), parameters, outcome, data, failed };
        let stopped = drawn < requested;
        Ok(SimulationRun {
            simulations,
            requested,
            drawn,
            first_failure,
            stopped,
            elapsed: Default::default(),
        })
    }

    fn nothing_kept(&self, drawn: usize, requested: usize, first_failure: Option<Failure>) -> Error {
        let message = match first_failure {
            Some(Failure { row, theta, reason }) => format!(
                "expected at least one simulation to succeed, got {drawn} failures of {drawn}, the first at row {row} \
                 ({}): {reason}; run the simulator there by hand",
                describe(&self.names, &theta)
            ),
            None => {
                format!("expected {requested} simulations, got a request to stop before the first; run again")
            }
        };
        Error::new(ErrorKind::Simulation, message)
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("(no message)")
}
