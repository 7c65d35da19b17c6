//! A flag by which one thread asks a long job on others to stop and hand back what is done.
//!
//! Ctrl-C: one handler for the process, set by the first [`Stop::on_interrupt`], knows all flags made that way and still
//! held. It raises those that nobody has raised yet; if there are none, it ends the program, as Ctrl-C does without it.

#[cfg(feature = "interrupt")]
use crate::error::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(feature = "interrupt")]
use std::sync::{Mutex, OnceLock, PoisonError, Weak};

/// Asks a long job (simulation, training, sampling, calibration) to stop without losing what is done.
///
/// Clones share one flag: give one to the job's options and keep another for the thread, the signal handler or the
/// progress callback that decides. A request cannot be taken back; use a new flag for the next job.
///
/// # Examples
/// ```
/// use mynah::Stop;
/// let stop = Stop::new();
/// let held_by_the_job = stop.clone();
/// stop.request();
/// assert!(held_by_the_job.is_requested());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A flag nobody has raised yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every job that holds this flag to stop at its next step.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A flag that Ctrl-C (SIGINT) raises, so that simulation, training and sampling end with what they have. A second
    /// Ctrl-C ends the program with status 130, as it would have done without this flag; so does the first one once the
    /// flag has been dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] when the program has a handler of its own for Ctrl-C: call [`Stop::request`] in it instead.
    ///
    /// # Examples
    /// ```no_run
    /// use mynah::prelude::*;
    /// # #[model]
    /// # fn model() {
    /// #     sample!(x ~ Normal(0.0, 1.0));
    /// # }
    /// let stop = Stop::on_interrupt()?;
    /// let posterior = model()?.sample(&Nuts::default().draws(100_000).stop(&stop))?;
    /// println!("{}", posterior.summary()); // of what was drawn until Ctrl-C, if it came
    /// # Ok::<(), mynah::Error>(())
    /// ```
    #[cfg(feature = "interrupt")]
    pub fn on_interrupt() -> Result<Self> {
        static HANDLER: OnceLock<std::result::Result<(), String>> = OnceLock::new();
        let stop = Stop::new();
        FLAGS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&stop.0));
        let set = HANDLER.get_or_init(|| ctrlc::set_handler(interrupted).map_err(|error| error.to_string()));
        match set {
            Ok(()) => Ok(stop),
            Err(reason) => {
                let message = format!(
                    "expected to set a handler for Ctrl-C, got an error: {reason}; if the program has a handler of its own, \
                     call `Stop::request` in it"
                );
                Err(Error::new(ErrorKind::Options, message))
            }
        }
    }
}

/// The flags of [`Stop::on_interrupt`].
#[cfg(feature = "interrupt")]
static FLAGS: Mutex<Vec<Weak<AtomicBool>>> = Mutex::new(vec![]);

/// What the shell reports of a program that Ctrl-C ended: 128 and the number of SIGINT.
#[cfg(feature = "interrupt")]
const INTERRUPTED: i32 = 130;

/// Runs on a thread of its own, not inside the signal handler, so that it may lock and print.
#[cfg(feature = "interrupt")]
fn interrupted() {
    let mut flags = FLAGS.lock().unwrap_or_else(PoisonError::into_inner);
    flags.retain(|flag| flag.strong_count() > 0);
    let raised = flags.iter().filter_map(Weak::upgrade).filter(|flag| !flag.swap(true, Ordering::Relaxed));
    if raised.count() == 0 {
        std::process::exit(INTERRUPTED);
    }
    eprintln!("\nstopping with what is done; press Ctrl-C again to end at once");
}
