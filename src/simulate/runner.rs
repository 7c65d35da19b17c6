//! Many simulations in parallel, the same on any number of threads.
//!
//! Rows are cut into chunks; each chunk is run by one thread, and the chunks are joined in the order of the rows, a wave of
//! them at a time, so that memory grows with what is done. Everything the result says (data, first failure, the length
//! of a row) is decided by row order, never by which thread was first.
//! One bad row costs that row alone: whatever is wrong with it, it is counted and the run goes on.

use super::failures::{Counted, Problem, commonest, simulate_one};
use super::parameter_names::describe;
use super::{Failure, Outcome, Prior, SimulationRun, Simulations, Simulator};
use crate::error::{Error, ErrorKind, Result, panic_message};
use crate::progress::Reporter;
use crate::seed::{Domain, Seed};
use crate::stop::Stop;
use rayon::prelude::*;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Rows per chunk at most: small enough for a smooth bar, large enough that joining costs nothing.
const LARGEST_CHUNK: usize = 1024;
/// Chunks per thread at least, so that slow rows spread over the threads.
const CHUNKS_PER_THREAD: usize = 32;
/// Chunks per thread of a wave: at its end threads wait for the slowest, for one chunk in so many at most.
const CHUNKS_PER_WAVE: usize = 64;

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
    groups: Vec<u64>,
    drawn: usize,
    failed: usize,
    reasons: Counted,
    first_failure: Option<Failure>,
    /// The length of the rows kept.
    width: Option<usize>,
}

impl Chunk {
    fn fail(&mut self, row: u64, theta: &[f64], problem: Problem) {
        self.failed += 1;
        let Problem { reason, detail } = problem;
        *self.reasons.entry(reason).or_default() += 1;
        self.first_failure.get_or_insert_with(|| Failure { row, theta: theta.to_vec(), reason: detail });
    }

    /// Adds the chunk of the rows that follow.
    fn add(&mut self, next: Chunk) {
        self.parameters.extend_from_slice(&next.parameters);
        self.data.extend_from_slice(&next.data);
        self.groups.extend_from_slice(&next.groups);
        self.drawn += next.drawn;
        self.failed += next.failed;
        for (reason, count) in next.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.first_failure = self.first_failure.take().or(next.first_failure);
        self.width = self.width.or(next.width);
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
        let width = self.outcome.map(Outcome::width);
        if width == Some(0) {
            let message = "expected a simulator of 1 column of data or more, got an outcome that declares 0; correct `outcome`";
            return Err(Error::new(ErrorKind::Simulation, message));
        }
        self.check_room(count, width.unwrap_or(1))?;
        let mut done = Chunk { width, ..Chunk::default() };
        if width.is_none() {
            // Which length is the right one must not depend on which thread was first.
            done.add(self.chunk(0..count as u64, None));
            self.check_room(count, done.width.unwrap_or(1))?;
        }
        let threads = rayon::current_num_threads();
        let rows = count - done.drawn;
        let size = (rows / (threads * CHUNKS_PER_THREAD)).clamp(1, LARGEST_CHUNK);
        while done.width.is_some() && done.drawn < count && !self.stop.is_requested() {
            self.wave(&mut done, count, size, threads * CHUNKS_PER_WAVE);
        }
        let mut run = self.report(done, count)?;
        run.elapsed = start.elapsed();
        Ok(run)
    }

    /// Runs the next chunks of so many rows and adds them.
    fn wave(&self, done: &mut Chunk, count: usize, size: usize, chunks: usize) {
        let (first, width) = (done.drawn, done.width);
        let chunks = chunks.min((count - first).div_ceil(size));
        let made = (0..chunks).into_par_iter().map(|index| {
            let from = first + index * size;
            self.chunk(from as u64..(from + size).min(count) as u64, width)
        });
        made.collect::<Vec<Chunk>>().into_iter().for_each(|chunk| done.add(chunk));
    }

    /// Whether so many rows fit in memory, as far as the allocator knows; pages are taken when rows are.
    fn check_room(&self, count: usize, width: usize) -> Result<()> {
        let columns = self.names.len().saturating_add(width).saturating_add(1);
        let fits = |numbers| Vec::<f64>::new().try_reserve_exact(numbers).is_ok();
        if count.checked_mul(columns).is_some_and(fits) {
            return Ok(());
        }
        let message = format!(
            "expected as many simulations as fit in memory, got {count} rows of {columns} numbers of 8 bytes; ask for fewer"
        );
        Err(Error::new(ErrorKind::Options, message))
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
                Err(problem) => chunk.fail(row, &scratch.theta, problem),
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
    fn row(&self, row: u64, scratch: &mut Scratch) -> Result<(), Problem> {
        let mut stream = self.seed.stream(Domain::Row, row);
        scratch.data.clear();
        scratch.theta.fill(f64::NAN);
        // Whatever a panic leaves in the scratch space is cleared before the next row.
        let theta = &mut scratch.theta;
        catch_unwind(AssertUnwindSafe(|| self.prior.draw(&mut stream, theta)))
            .map_err(|payload| Problem::panic("the prior", panic_message(payload.as_ref())))?;
        if !scratch.theta.iter().all(|value| value.is_finite()) {
            return Err(Problem::plain("the prior drew a parameter that is not finite"));
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
        simulate_one(self.simulator, theta, &mut stream, &mut scratch.data)
    }

    /// Keeps a row, or counts it as failed if its length is wrong or it is no value of the outcome.
    fn keep(&self, row: u64, scratch: &Scratch, chunk: &mut Chunk) {
        if let Err(problem) = self.check(&scratch.data, chunk.width) {
            chunk.fail(row, &scratch.theta, problem);
            return;
        }
        chunk.width = Some(scratch.data.len());
        chunk.parameters.extend_from_slice(&scratch.theta);
        chunk.data.extend_from_slice(&scratch.data);
        chunk.groups.push(self.seed.derive(row).0);
    }

    fn check(&self, data: &[f64], width: Option<usize>) -> Result<(), Problem> {
        let actual = data.len();
        if actual != width.unwrap_or(actual.max(1)) {
            let origin = match (self.outcome, width) {
                (Some(_), Some(width)) => format!("{width} numbers, as its outcome declares"),
                (None, Some(width)) => format!("{width} numbers, as in the first row that succeeded"),
                _ => "1 number or more".to_string(),
            };
            let reason = format!("expected the simulator to return {origin}");
            return Err(Problem { detail: format!("{reason}, got {actual}"), reason });
        }
        match self.outcome.and_then(|outcome| outcome.problem(data)) {
            Some(problem) => Err(Problem {
                reason: problem.into(),
                detail: format!("the simulator returned {data:?}: {problem}"),
            }),
            None => Ok(()),
        }
    }

    /// What is said of the rows done.
    fn report(&self, done: Chunk, requested: usize) -> Result<SimulationRun> {
        let Chunk { parameters, data, groups, drawn, failed, reasons, first_failure, width } = done;
        let Some(width) = width.filter(|_| !groups.is_empty()) else {
            return Err(self.nothing_kept(drawn, requested, first_failure));
        };
        let outcome = self.outcome.unwrap_or(Outcome::Real { width });
        let reasons = commonest(reasons);
        let names = self.names.clone();
        Ok(SimulationRun {
            simulations: Simulations {
                names,
                parameters,
                outcome,
                data,
                failed,
                reasons,
                groups,
                origin: None,
            }
            .made_by(self.simulator.built_in()),
            requested,
            drawn,
            first_failure,
            stopped: drawn < requested,
            order_assumed: self.order.is_none() && self.names.len() > 1,
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
