//! Many simulations in parallel, the same on any number of threads.
//!
//! Rows are cut into chunks; each chunk is run by one thread and the chunks are joined in the order of the rows. Everything
//! the result says (data, first failure, the length of a row) is decided by row order, never by which thread was first.
//! One bad row costs that row alone: whatever is wrong with it, it is counted and the run goes on.

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
    /// The length of the rows kept.
    width: Option<usize>,
}

impl Chunk {
    fn fail(&mut self, row: u64, theta: &[f64], reason: String) {
        self.failed += 1;
        self.first_failure.get_or_insert_with(|| Failure { row, theta: theta.to_vec(), reason });
    }
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
        let failed = AtomicU64::new(0);
        Self { prior, simulator, names, order, outcome, seed, stop, reporter, failed }
    }

    pub(super) fn run(&self, count: usize) -> Result<SimulationRun> {
        let start = Instant::now();
        let mut chunks = vec![];
        let (mut width, mut first) = (self.outcome.map(Outcome::width), 0);
        if width.is_none() {
            // Which length is the right one must not depend on which thread was first.
            let probe = self.chunk(0..count as u64, None);
            (width, first) = (probe.width, probe.drawn);
            chunks.push(probe);
        }
        let rows = count - first;
        let size = (rows / (rayon::current_num_threads() * CHUNKS_PER_THREAD)).clamp(1, LARGEST_CHUNK);
        if width.is_some() {
            let rest = (0..rows.div_ceil(size)).into_par_iter().map(|index| {
                let from = first + index * size;
                self.chunk(from as u64..(from + size).min(count) as u64, width)
            });
            chunks.par_extend(rest);
        }
        let mut run = self.join(chunks, count)?;
        run.elapsed = start.elapsed();
        Ok(run)
    }

    /// Runs rows one by one; with the width not known, until one succeeds.
    fn chunk(&self, rows: Range<u64>, width: Option<usize>) -> Chunk {
        let mut chunk = Chunk { width, ..Chunk::default() };
        let mut scratch = Scratch {
            theta: vec![0.0; self.names.len()],
            ordered: vec![0.0; self.names.len()],
            data: vec![],
        };
        for row in rows {
            if self.stop.is_requested() || chunk.width != width {
                break;
            }
            chunk.drawn += 1;
            match self.row(row, &mut scratch) {
                Ok(()) => self.keep(row, &scratch, &mut chunk),
                Err(reason) => chunk.fail(row, &scratch.theta, reason),
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

    /// Keeps a row, or counts it as failed if its length is wrong or it is no value of the outcome.
    fn keep(&self, row: u64, scratch: &Scratch, chunk: &mut Chunk) {
        if let Err(reason) = self.check(&scratch.data, chunk.width) {
            chunk.fail(row, &scratch.theta, reason);
            return;
        }
        chunk.width = Some(scratch.data.len());
        chunk.parameters.extend_from_slice(&scratch.theta);
        chunk.data.extend_from_slice(&scratch.data);
    }

    fn check(&self, data: &[f64], width: Option<usize>) -> Result<(), String> {
        let actual = data.len();
        if actual != width.unwrap_or(actual.max(1)) {
            let origin = match (self.outcome, width) {
                (Some(_), Some(width)) => format!("{width} numbers, as its outcome declares"),
                (None, Some(width)) => format!("{width} numbers, as in the first row that succeeded"),
                _ => "1 number or more".to_string(),
            };
            return Err(format!("expected the simulator to return {origin}, got {actual}"));
        }
        match self.outcome.and_then(|outcome| outcome.problem(data)) {
            Some(problem) => Err(format!("the simulator returned {data:?}: {problem}")),
            None => Ok(()),
        }
    }

    /// Joins the chunks in the order of their rows.
    fn join(&self, chunks: Vec<Chunk>, requested: usize) -> Result<SimulationRun> {
        let kept: usize = chunks.iter().map(|chunk| chunk.parameters.len()).sum();
        let (mut parameters, mut data) = (Vec::with_capacity(kept), Vec::new());
        let (mut drawn, mut failed, mut first_failure) = (0, 0, None);
        let width = chunks.iter().find_map(|chunk| chunk.width);
        for chunk in chunks {
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
