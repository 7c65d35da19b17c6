//! How a long job shows how far it is: a bar on a terminal, a line now and then elsewhere, a callback, or nothing.
//!
//! [`Progress`] is what a user puts into options; a job turns it into a [`Reporter`] with [`Progress::start`], calls
//! [`Reporter::advance`] from any of its threads, and drops it at the end.
//!
//! A callback that panics is not called again, and the job goes on: [`Reporter::finish`] says so in a sentence for the
//! job's report.

use crate::error::panic_message;
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two calls of a callback, or two changes of a bar's note, but for the last one.
const CALLBACK_INTERVAL: Duration = Duration::from_millis(100);
/// The least time between two lines, and the time below which a job is not worth one.
const LINE_INTERVAL: Duration = Duration::from_secs(15);

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
    /// A bar when standard error is a terminal; otherwise, on standard error too, a line every 15 seconds and one at the
    /// end, but nothing for a job that takes less (the default).
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
    /// short; to end the job, let it call [`Stop::request`](crate::Stop::request). One that panics is not called again; the
    /// job goes on, and a sampler's report says so.
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
            Progress::Auto => View::Lines,
            Progress::Hidden => View::Nothing,
            Progress::Callback(function) => View::Callback(function.clone()),
        };
        let now = Instant::now();
        let shown = Shown { last: now, note: String::new(), panic: None, finished: false };
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
    /// Lines on standard error.
    Lines,
    Callback(Arc<dyn Fn(&Step<'_>) + Send + Sync>),
}

impl View {
    fn interval(&self) -> Duration {
        if let View::Lines = self { LINE_INTERVAL } else { CALLBACK_INTERVAL }
    }
}

struct Shown {
    last: Instant,
    note: String,
    /// What the callback said when it panicked.
    panic: Option<String>,
    /// The last step has been shown.
    finished: bool,
}

impl Reporter {
    /// Adds `steps` to what is done. Safe to call from many threads; it never waits for another.
    pub(crate) fn advance(&self, steps: u64) {
        self.count(steps, None::<fn() -> String>);
    }

    /// The same with the note, which is only put together when it is time to show it.
    pub(crate) fn advance_with(&self, steps: u64, note: impl FnOnce() -> String) {
        self.count(steps, Some(note));
    }

    fn count(&self, steps: u64, note: Option<impl FnOnce() -> String>) {
        self.done.fetch_add(steps, Ordering::Relaxed);
        match &self.view {
            View::Nothing => return,
            View::Bar(bar) => bar.inc(steps),
            View::Lines | View::Callback(_) => {}
        }
        // Whoever finds the lock taken leaves the showing to its holder.
        if let Ok(mut shown) = self.shown.try_lock()
            && shown.last.elapsed() >= self.view.interval()
        {
            if let Some(note) = note {
                shown.note = note();
            }
            self.show(&mut shown);
        }
    }

    /// Sets the note shown beside the steps.
    pub(crate) fn note(&self, note: impl Into<String>) {
        if let View::Nothing = self.view {
            return;
        }
        self.shown().note = note.into();
    }

    /// Shows the last step; a sentence for the job's report if the callback panicked.
    pub(crate) fn finish(self) -> Option<String> {
        self.show_last();
        self.complaint()
    }

    fn complaint(&self) -> Option<String> {
        let panic = self.shown().panic.clone()?;
        Some(format!("The progress callback panicked ({panic}) and was not called again."))
    }

    fn show_last(&self) {
        let mut shown = self.shown();
        if shown.finished {
            return;
        }
        shown.finished = true;
        if !matches!(self.view, View::Lines) || self.start.elapsed() >= LINE_INTERVAL {
            self.show(&mut shown);
        }
        if let View::Bar(bar) = &self.view {
            bar.abandon();
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, shown: &mut Shown) {
        shown.last = Instant::now();
        let step = Step {
            job: &self.job,
            done: self.done.load(Ordering::Relaxed),
            total: self.total,
            note: &shown.note,
            elapsed: self.start.elapsed(),
        };
        match &self.view {
            View::Nothing => {}
            View::Bar(bar) => bar.set_message(shown.note.clone()),
            View::Lines => eprintln!("{}", line(&step)),
            View::Callback(function) if shown.panic.is_none() => {
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| function(&step))) {
                    shown.panic = Some(panic_message(payload.as_ref()).to_string());
                }
            }
            View::Callback(_) => {}
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.show_last();
    }
}

/// "sampling: 3200 of 8000 (40%) after 12 s, about 18 s left; no divergences".
fn line(step: &Step<'_>) -> String {
    let Step { job, done, total, note, .. } = step;
    let seconds = step.elapsed.as_secs_f64();
    let share = *done as f64 / (*total).max(1) as f64;
    let mut line = format!("{job}: {done} of {total} ({:.0}%) after {seconds:.0} s", 100.0 * share);
    if share > 0.0 && share < 1.0 {
        line.push_str(&format!(", about {:.0} s left", seconds / share - seconds));
    }
    if !note.is_empty() {
        line.push_str(&format!("; {note}"));
    }
    line
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

    #[test]
    fn a_line_says_how_far_and_how_long() {
        let step =
            Step { job: "sampling", done: 3200, total: 8000, note: "", elapsed: Duration::from_secs(12) };
        assert_eq!(line(&step), "sampling: 3200 of 8000 (40%) after 12 s, about 18 s left");
        let step = Step { done: 8000, note: "no divergences", ..step };
        assert_eq!(line(&step), "sampling: 8000 of 8000 (100%) after 12 s; no divergences");
        let nothing = Step { done: 0, total: 0, note: "", ..step };
        assert_eq!(line(&nothing), "sampling: 0 of 0 (0%) after 12 s");
    }

    #[test]
    fn a_callback_that_panics_is_not_called_again() {
        let calls = Arc::new(AtomicU64::new(0));
        let counter = calls.clone();
        let progress = Progress::callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            panic!("no such window");
        });
        let reporter = progress.start("counting", 1);
        assert_eq!(reporter.complaint(), None);
        reporter.show(&mut reporter.shown());
        reporter.show(&mut reporter.shown());
        let complaint = reporter.finish().unwrap();
        assert!(complaint.contains("no such window"), "{complaint}");
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}
