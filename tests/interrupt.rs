//! Ctrl-C: this program runs itself as a child, interrupts it in each kind of job, and reads what the child has kept.
#![cfg(all(unix, feature = "neural", feature = "interrupt"))]

use mynah::model;
use mynah::prelude::*;
use mynah::simulate::{BoxPrior, SimulationOptions};
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Set for the child: which job it is to run.
const JOB: &str = "MYNAH_TEST_INTERRUPTED_JOB";

#[model]
fn rate(counts: &[u64]) {
    sample!(rate ~ Gamma(2.0, 0.2));
    plate!(rows = counts.len(), {
        sample!(count ~ Poisson(rate), observed = counts);
    });
}

/// Says "ready" once the job has done something.
fn ready(after: u64) -> Progress {
    let said = std::sync::Once::new();
    Progress::callback(move |step| {
        if step.done > after {
            said.call_once(|| println!("ready"));
        }
    })
}

fn simulate(count: usize, stop: &Stop, progress: Progress) -> mynah::simulate::SimulationRun {
    let prior = BoxPrior::new([("rate", 2.0, 12.0)]).unwrap();
    let chips =
        mynah::simulate::Counts(|theta: &[f64], stream: &mut Stream| Poisson(theta[0]).sample(stream) as u64);
    SimulationOptions::default().progress(progress).stop(stop).run(&prior, &chips, count, Seed(1)).unwrap()
}

/// What the child does, as an example would.
fn child(job: &str) {
    let stop = Stop::on_interrupt().unwrap();
    match job {
        "simulate" => {
            let run = simulate(200_000_000, &stop, ready(1000));
            println!("kept {} {}", run.stopped, run.simulations.len());
        }
        "train" => {
            let pairs = simulate(2000, &Stop::new(), Progress::Hidden).simulations;
            let nle = Nle::default().hidden(&[8]).max_epochs(1_000_000).patience(1_000_000).stop(&stop);
            // Steps of the optimiser: a few epochs of these.
            let learned = nle.progress(ready(100)).fit(&pairs).unwrap();
            assert!(learned.log_prob(&[5.0], &[4.0]).unwrap().is_finite());
            println!("kept {} {}", learned.report().stopped, learned.report().epochs);
        }
        "sample" => {
            let nuts = Nuts::default().draws(10_000_000).stop(&stop).progress(ready(5000));
            let posterior = rate(&[3, 5, 4]).unwrap().sample(&nuts).unwrap();
            // Of the shortest chain: one that had not begun must not spoil the summary.
            println!("kept {} {}", posterior.report().stopped_early, posterior.draws());
        }
        _ => {
            // Two flags, one of a job that is over: Ctrl-C raises the other; a job that does not look at it goes on.
            drop(Stop::on_interrupt().unwrap());
            println!("ready");
            while !stop.is_requested() {
                std::thread::sleep(Duration::from_millis(1));
            }
            println!("raised");
            std::thread::sleep(Duration::from_secs(60));
            println!("kept true 0");
        }
    }
}

/// The child's own entry; does nothing in an ordinary run of the tests.
#[test]
fn interrupted_job() {
    if let Ok(job) = std::env::var(JOB) {
        child(&job);
    }
}

/// A child at its job, once it has said that it is.
fn start(job: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["interrupted_job", "--exact", "--nocapture", "--test-threads=1"])
        .env(JOB, job)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    wait_for("ready", &mut lines);
    (child, lines)
}

/// The first line that has this word in it; the harness may have written in front of it.
fn wait_for(word: &str, lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    lines
        .map(Result::unwrap)
        .find(|line| line.contains(word))
        .unwrap_or_else(|| panic!("the child never said `{word}`"))
}

fn interrupt(child: &Child) {
    let status = Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status().unwrap();
    assert!(status.success());
}

#[test]
fn the_first_interrupt_keeps_what_is_done() {
    for (job, least) in [("simulate", 1000), ("train", 1), ("sample", 1)] {
        let (mut child, mut lines) = start(job);
        interrupt(&child);
        let line = wait_for("kept", &mut lines);
        let kept: Vec<&str> = line[line.find("kept").unwrap()..].split(' ').collect();
        assert_eq!(kept[1], "true", "{job}: {line}");
        assert!(kept[2].parse::<u64>().unwrap() >= least, "{job}: {line}");
        // The rest of the child's output, so that it can end.
        lines.for_each(drop);
        assert!(child.wait().unwrap().success(), "{job}");
    }
}

#[test]
fn the_second_interrupt_ends_the_program() {
    let (mut child, mut lines) = start("ignore");
    interrupt(&child);
    wait_for("raised", &mut lines);
    interrupt(&child);
    assert!(!lines.map(Result::unwrap).any(|line| line.contains("kept")), "the child went on");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
