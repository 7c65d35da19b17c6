//! A flag by which one thread asks a long job on others to stop and hand back what is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
}
