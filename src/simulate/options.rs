//! The options of a run of simulations.

use super::parameter_names::{check_names, match_names};
use super::runner::Runner;
use super::{Prior, SimulationRun, Simulations, Simulator};
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;

/// How to run many simulations.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `threads` | all of rayon's current pool | rows run at the same time | 1 to 1024 |
/// | `allow_failures` | 0.5 | the largest share of the rows that may fail for one reason | 0 to 1 |
/// | `progress` | [`Progress::Auto`] | how to show how far it is | |
/// | `stop` | a flag nobody raises | ends the run and keeps what is done | |
///
/// The result depends on the seed alone, bit for bit: every row has a random stream of its own,
/// `seed.stream(Domain::Row, row)`, which draws its parameters and then its data.
///
/// # Examples
/// ```
/// use mynah::simulate::{BoxPrior, Counts, SimulationOptions};
/// use mynah::{Seed, Stream};
/// use rand_distr::{Distribution, Poisson};
///
/// let prior = BoxPrior::new([("rate", 0.1, 30.0)])?;
/// let chips = Counts(|theta: &[f64], stream: &mut Stream| Poisson::new(theta[0]).unwrap().sample(stream) as u64);
/// let run = SimulationOptions::default().threads(2).run(&prior, &chips, 1000, Seed(3))?;
/// println!("{run}");
/// assert_eq!(run.simulations.len(), 1000);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SimulationOptions {
    threads: Option<usize>,
    allow_failures: f64,
    progress: Progress,
    stop: Stop,
}

/// More threads than this are a mistake.
const MOST_THREADS: usize = 1024;

impl Default for SimulationOptions {
    fn default() -> Self {
        Self { threads: None, allow_failures: 0.5, progress: Progress::Auto, stop: Stop::new() }
    }
}

impl SimulationOptions {
    /// How many rows run at the same time, 1 to 1024.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// The largest share of the rows, from 0 to 1, that may fail for one reason; a run with more is an error, whose source
    /// ([`FailedRun`](super::FailedRun)) holds the run. 1 allows everything but a run without any success.
    pub fn allow_failures(mut self, share: f64) -> Self {
        self.allow_failures = share;
        self
    }

    /// How to show how far it is.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// The flag that ends the run and keeps what is done.
    pub fn stop(mut self, stop: &Stop) -> Self {
        self.stop = stop.clone();
        self
    }

    /// Draws `count` rows of parameters from the prior and simulates data for each.
    ///
    /// Rows whose simulation fails (a number that is not finite, a row of another length than the outcome declares or, without
    /// one, than the first row that succeeded; a value that its outcome does not allow; a panic, whose message the panic
    /// hook prints as ever) are counted by reason and left out, not drawn again: a region of parameters where the
    /// simulator fails is one about which nothing is learnt, and failures that depend on the outcome bias what is learnt from the
    /// others. Under [`Progress::Auto`] a run with failures says so on standard error
    /// ([`SimulationRun::failure_warning`] returns the words); their number and reasons go with the pairs.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] for an option out of its range, no rows, or more rows than fit in memory; [`ErrorKind::Site`] when the
    /// prior's names are not the ones the simulator declares; [`ErrorKind::Simulation`] when no row succeeded, or when more than
    /// `allow_failures` of them failed for one reason.
    pub fn run(
        &self,
        prior: &dyn Prior,
        simulator: &dyn Simulator,
        count: usize,
        seed: impl Into<Seed>,
    ) -> Result<SimulationRun> {
        let seed = seed.into();
        self.check(count)?;
        let names = prior.names();
        check_names(&names)?;
        let order = match simulator.parameter_names() {
            Some(declared) => Some(match_names(&names, &declared)?),
            None => None,
        };
        let reporter = self.progress.start("simulating", count as u64);
        let runner = Runner::new(prior, simulator, names, order, seed, &self.stop, &reporter);
        let run = self.on_threads(&runner, count);
        drop(reporter);
        let run = run?.unless_failing(self.allow_failures)?;
        if let Some(warning) = run.failure_warning() {
            self.progress.warn(&warning);
        }
        Ok(run)
    }

    fn on_threads(&self, runner: &Runner<'_>, count: usize) -> Result<SimulationRun> {
        let Some(threads) = self.threads else {
            return runner.run(count);
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
            let message = format!("expected to start {threads} threads, got an error; ask for fewer");
            Error::new(ErrorKind::Options, message).with_source(error)
        })?;
        pool.install(|| runner.run(count))
    }

    fn check(&self, count: usize) -> Result<()> {
        if let Some(threads) = self.threads.filter(|threads| !(1..=MOST_THREADS).contains(threads)) {
            let message = format!(
                "expected 1 thread or more, up to {MOST_THREADS}, got {threads}; leave `threads` unset to use all cores"
            );
            return Err(Error::new(ErrorKind::Options, message));
        }
        if !(0.0..=1.0).contains(&self.allow_failures) {
            let message = format!(
                "expected `allow_failures` to be a share from 0 to 1, got {}; 1 allows all",
                self.allow_failures
            );
            return Err(Error::new(ErrorKind::Options, message));
        }
        if count == 0 {
            let message = "expected 1 simulation or more, got a budget of 0; raise the count";
            return Err(Error::new(ErrorKind::Options, message));
        }
        Ok(())
    }
}

impl Simulations {
    /// Draws `count` rows of parameters from the prior and simulates data for each, on all threads, with a progress bar when
    /// standard error is a terminal. [`SimulationOptions`] chooses otherwise and reports more.
    ///
    /// Rows whose simulation fails are left out, said on standard error, and counted in [`Simulations::failed`].
    ///
    /// # Errors
    /// Those of [`SimulationOptions::run`].
    pub fn draw(
        prior: &dyn Prior,
        simulator: &dyn Simulator,
        count: usize,
        seed: impl Into<Seed>,
    ) -> Result<Self> {
        Ok(SimulationOptions::default().run(prior, simulator, count, seed)?.simulations)
    }
}
