//! How a long job shows how far it is: a bar on a terminal, a callback, or nothing.
//!
//! [`Progress`] is what a user puts into options; a job turns it into a [`Reporter`] with [`Progress::start`], calls
//! [`Reporter::advance`] from any of its threads, and drops it at the end.

use indicatif::{ProgressBar, ProgressStyle};
use std::fmt;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two calls of a callback, but for the last one.
const CALLBACK_INTERVAL: Duration = Duration::from_millis(100);

/// How a long job (simulation, training, sampling, calibration) shows how far it is.
///
/// # Examples
/// ```
/// use mynah::Progress;
/// let progress = Progress::callback(|step| eprintln!("{}: {} of {}", step.job, step.done, step.total));
/// # let _ = progress;
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Progress {
    /// A bar when standard error is a terminal, nothing otherwise (the default).
    #[default]
    Auto,
    /// Nothing.
    Hidden,
    /// A function called with every [`Step`]; see [`Progress::callback`].
    Callback(Arc<dyn Fn(&Step<'_>) + Send + Sync>),
}

impl Progress {
    /// A function to call about ten times a second and once at the end.
    ///
    /// It is called by the job's own threads, by one at a time, and `done` never falls from one call to the next. Keep it
    /// short; to end the job, let it call [`Stop::request`](crate::Stop::request).
    pub fn callback(function: impl Fn(&Step<'_>) + Send + Sync + 'static) -> Self {
        Progress::Callback(Arc::new(function))
    }

    /// Says what a reader of the results must know, on standard error; only [`Progress::Auto`] does: whoever chose another form reads the
    /// same words in the result.
    pub(crate) fn warn(&self, warning: &str) {
        if matches!(self, Progress::Auto) {
            eprintln!("warning: {warning}.");
        }
    }

    /// Starts to report a job of `total` steps.
    pub(crate) fn start(&self, job: &str, total: u64) -> Reporter {
        let view = match self {
            Progress::Auto if std::io::stderr().is_terminal() => View::Bar(bar(job, total)),
            Progress::Auto | Progress::Hidden => View::Nothing,
            Progress::Callback(function) => View::Callback(function.clone()),
        };
        let now = Instant::now();
        let shown = Shown { last: now, note: String::new() };
        Reporter {
            view,
            job: job.into(),
            total,
            start: now,
            done: AtomicU64::new(0),
            shown: Mutex::new(shown),
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Progress::Auto => "Auto",
            Progress::Hidden => "Hidden",
            Progress::Callback(_) => "Callback(..)",
        })
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Step<'a> {
    /// What is being done, in a word or two: "simulating", "training".
    pub job: &'a str,
    /// The steps done so far.
    pub done: u64,
    /// The steps there are at most; a job may end earlier.
    pub total: u64,
    /// What else there is to say, such as the number of failures or the loss; may be empty.
    pub note: &'a str,
    /// The time since the job started.
    pub elapsed: Duration,
}

/// The job's end of a [`Progress`]. Dropping it shows the last step.
pub(crate) struct Reporter {
    view: View,
    job: String,
    total: u64,
    start: Instant,
    done: AtomicU64,
    shown: Mutex<Shown>,
}

enum View {
    Nothing,
    Bar(ProgressBar),
    Callback(Arc<dyn Fn(&Step<'_>) + Send + Sync>),
}

struct Shown {
    last: Instant,
    note: String,
}

impl Reporter {
    /// Adds `steps` to what is done. Safe to call from many threads; it never waits for another.
    pub(crate) fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
        match &self.view {
            View::Nothing => {}
            View::Bar(bar) => bar.inc(steps),
            View::Callback(_) => {
                // Whoever finds the lock taken leaves the showing to its holder.
                if let Ok(mut shown) = self.shown.try_lock()
                    && shown.last.elapsed() >= CALLBACK_INTERVAL
                {
                    self.call(&mut shown);
                }
            }
        }
    }

    /// Sets the note shown beside the steps.
    pub(crate) fn note(&self, note: impl Into<String>) {
        match &self.view {
            View::Nothing => {}
            View::Bar(bar) => bar.set_message(note.into()),
            View::Callback(_) => self.shown.lock().unwrap_or_else(PoisonError::into_inner).note = note.into(),
        }
    }

    fn call(&self, shown: &mut Shown) {
        if let View::Callback(function) = &self.view {
            shown.last = Instant::now();
            function(&Step {
                job: &self.job,
                done: self.done.load(Ordering::Relaxed),
                total: self.total,
                note: &shown.note,
                elapsed: self.start.elapsed(),
            });
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        match &self.view {
            View::Nothing => {}
            View::Bar(bar) => bar.abandon(),
            // A callback that panicked before has poisoned the lock: it is not called again.
            View::Callback(_) => {
                if let Ok(mut shown) = self.shown.lock() {
                    self.call(&mut shown);
                }
            }
        }
    }
}

fn bar(job: &str, total: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len} {elapsed}<{eta} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_prefix(job.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callback_sees_the_end_and_never_falls() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let progress = Progress::callback(move |step| {
            sink.lock().unwrap().push((step.done, step.total, step.note.to_owned(), step.job.to_owned()));
        });
        let reporter = progress.start("counting", 400);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        reporter.advance(1);
                        std::thread::sleep(Duration::from_millis(2));
                    }
                });
            }
        });
        reporter.note("3 failed");
        drop(reporter);
        let seen = seen.lock().unwrap();
        assert!(seen.len() > 1, "200 ms of work must show before the end");
        assert!(seen.is_sorted_by_key(|step| step.0));
        assert_eq!(seen.last().unwrap(), &(400, 400, "3 failed".to_owned(), "counting".to_owned()));
    }
}
