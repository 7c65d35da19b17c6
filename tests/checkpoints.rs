//! A killed process loses what came after its last checkpoint and nothing else.
//!
//! This program runs itself as a child that samples, kills it at some moment, and goes on from the file that it left.
#![cfg(unix)]

use mynah::draws::Draws;
use mynah::{DensityError, LogDensity, Progress, Result, infer::Nuts};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Set for the child: the path of its checkpoint.
const JOB: &str = "MYNAH_TEST_CHECKPOINT";

/// A normal density with scales 1, 2, 3 that takes its time.
#[derive(Clone)]
struct Slow(Duration);

impl LogDensity for Slow {
    fn dim(&self) -> usize {
        3
    }
    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        self.log_density_and_gradient(z, &mut [0.0; 3])
    }
    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        let begin = Instant::now();
        while begin.elapsed() < self.0 {
            std::hint::spin_loop();
        }
        let scaled = [z[0], z[1] / 2.0, z[2] / 3.0];
        gradient.copy_from_slice(&[-scaled[0], -scaled[1] / 2.0, -scaled[2] / 3.0]);
        Ok(-0.5 * scaled.iter().map(|x| x * x).sum::<f64>())
    }
}

fn sample(path: &Path, time: Duration) -> Result<Draws> {
    let nuts = Nuts::default().progress(Progress::Hidden).chains(2).threads(2).warmup(60).draws(600).seed(3);
    nuts.checkpoint(path).checkpoint_every(25).run(&Slow(time))
}

/// The child's own entry; does nothing in an ordinary run of the tests.
#[test]
fn sampling_job() {
    if let Ok(path) = std::env::var(JOB) {
        let _ = sample(Path::new(&path), Duration::from_micros(300)).unwrap();
    }
}

fn child(path: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["sampling_job", "--exact", "--test-threads=1"]).env(JOB, path);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// An empty folder.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checkpoints");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The draws that a checkpoint holds, of all chains.
fn made(path: &Path) -> u64 {
    let Ok(text) = std::fs::read_to_string(path) else { return 0 };
    let file: serde_json::Value = serde_json::from_str(&text).expect("a whole file");
    let chains = file["chains"].as_array().unwrap();
    chains.iter().map(|chain| chain["record"]["made"].as_u64().unwrap()).sum()
}

/// Waits for something, but not for ever.
fn until(limit: Duration, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() && begin.elapsed() < limit {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// 12 runs, each killed three times at some moment and then left to come to its end: the draws are those of a run that nobody killed.
#[test]
fn killed_runs_go_on_to_the_same_draws() {
    let folder = folder();
    let expected = sample(&folder.join("whole"), Duration::ZERO).unwrap();
    let (mut kills, mut continued) = (0, 0);
    for round in 0..12_u64 {
        let path = folder.join(format!("run-{round}"));
        for attempt in 0..3_u64 {
            let before = made(&path);
            let mut process = child(&path);
            // The first is killed early, in its warm-up if it comes to it; the others once they have got further than those before them.
            if attempt > 0 {
                until(Duration::from_secs(60), || {
                    made(&path) > before || process.try_wait().unwrap().is_some()
                });
            }
            std::thread::sleep(Duration::from_micros(500 + (round * 77_191 + attempt * 104_729) % 60_000));
            let _ = process.kill();
            kills += usize::from(!process.wait().unwrap().success());
            let after = made(&path);
            assert!(after >= before, "round {round}: {after} draws after {before}");
            continued += usize::from(after > before && before > 0);
        }
        let draws = sample(&path, Duration::ZERO).unwrap();
        for label in expected.labels() {
            assert_eq!(draws.column(label).unwrap(), expected.column(label).unwrap(), "round {round}");
        }
        assert_eq!(draws.statistics(1), expected.statistics(1), "round {round}");
    }
    println!("{kills} processes killed, {continued} of them had gone on and got further");
    // First attempts have a second of work before them, and third ones go on from a file with draws.
    assert!(kills >= 12 && continued >= 6, "{kills} {continued}");
}
