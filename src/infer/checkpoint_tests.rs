//! Runs that are ended and continued.

use super::{Metric, Nuts, Sampler, Target};
use crate::dist::{HalfNormal, Laplace, Normal};
use crate::draws::Draws;
use crate::model::Model;
use crate::{DensityError, ErrorKind, LogDensity, Progress, Stop};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file of a test's own, which is gone with its lock at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let scratch = Self(std::env::temp_dir().join(format!("mynah-{name}-{}.chains", std::process::id())));
        scratch.remove();
        scratch
    }

    fn lock(&self) -> PathBuf {
        self.0.with_extension("chains.lock")
    }

    fn remove(&self) {
        let _ = (std::fs::remove_file(&self.0), std::fs::remove_file(self.lock()));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}

fn nuts(scratch: &Scratch) -> Nuts {
    let nuts = Nuts::default().progress(Progress::Hidden).chains(2).warmup(100).draws(250).seed(5);
    nuts.checkpoint(&scratch.0).checkpoint_every(60)
}

fn groups(data: [f64; 3]) -> Model {
    Model::record(|scope| {
        let mu = scope.site("mu").sample(Normal(0.0, 2.0));
        let tau = scope.site("tau").sample(HalfNormal(1.0));
        scope.enter("groups", 3);
        let theta = scope.site("theta").sample(Normal(mu, tau));
        scope.site("y").observe(Normal(theta, 1.0), data);
        scope.exit();
        Ok(())
    })
    .unwrap()
}

const DATA: [f64; 3] = [0.3, 1.9, -0.4];

/// Everything that draws hold but for the time they took.
#[track_caller]
fn same(a: &Draws, b: &Draws) {
    assert_eq!(a.chain_lengths(), b.chain_lengths());
    for label in a.labels() {
        assert_eq!(a.column(label).unwrap(), b.column(label).unwrap(), "{label}");
    }
    (0..a.chains()).for_each(|chain| assert_eq!(a.statistics(chain), b.statistics(chain)));
    assert_eq!(
        (a.report().divergences.clone(), a.provenance()),
        (b.report().divergences.clone(), b.provenance())
    );
    assert_eq!(a.report().messages, b.report().messages);
}

/// A density that raises a flag after so many gradients of all its clones.
#[derive(Clone)]
struct Interrupted {
    stop: Stop,
    left: Arc<AtomicUsize>,
}

impl LogDensity for Interrupted {
    fn dim(&self) -> usize {
        3
    }
    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        self.log_density_and_gradient(z, &mut [0.0; 3])
    }
    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.request();
        }
        // A funnel, which makes trajectories diverge now and then.
        let scale = (1.5 * z[0]).exp();
        gradient[0] = -z[0] - 3.0 + 1.5 * (z[1] * z[1] + z[2] * z[2]) / (scale * scale);
        (gradient[1], gradient[2]) = (-z[1] / (scale * scale), -z[2] / (scale * scale));
        Ok(-0.5 * z[0] * z[0] - 3.0 * z[0] - 0.5 * (z[1] * z[1] + z[2] * z[2]) / (scale * scale))
    }
}

fn interrupted(after: usize) -> Interrupted {
    Interrupted { stop: Stop::new(), left: Arc::new(AtomicUsize::new(after)) }
}

/// Ended again and again, in the warm-up, between two pieces or inside of one: the same draws bit for bit, with either metric.
#[test]
fn a_run_that_was_ended_goes_on_to_the_same_draws() {
    for metric in [Metric::Diagonal, Metric::LowRank] {
        let (whole, parts) = (Scratch::new("whole"), Scratch::new("parts"));
        let sample = |scratch: &Scratch, density: &Interrupted, threads| {
            nuts(scratch).metric(metric).threads(threads).stop(&density.stop).run(density)
        };
        let expected = sample(&whole, &interrupted(usize::MAX), 1).unwrap();
        assert!(expected.divergences() > 0 && expected.total_draws() == 500);
        let (mut runs, mut partial) = (0, 0);
        let last = loop {
            let density = interrupted(1300 + 400 * runs);
            runs += 1;
            match sample(&parts, &density, 1 + runs % 2) {
                Ok(draws) if draws.total_draws() == 500 => break draws,
                // What is returned early are the first of these draws.
                Ok(draws) if draws.chains() == 2 => {
                    partial += 1;
                    for (a, b) in draws.column("z[0]").unwrap().iter().zip(expected.column("z[0]").unwrap()) {
                        assert_eq!(*a, &b[..a.len()]);
                    }
                }
                _ => {}
            }
            assert!(runs < 50);
        };
        assert!(runs > 2 && partial > 0, "{runs} runs, {partial} with some draws");
        same(&last, &expected);
    }
}

/// Continued with more draws; a run that asks for fewer than there are is refused.
#[test]
fn more_draws_are_a_longer_run() {
    let (one, two) = (Scratch::new("one"), Scratch::new("two"));
    let model = groups(DATA);
    let expected = model.sample(&nuts(&one).draws(400)).unwrap();
    for draws in [30, 130, 400] {
        assert_eq!(model.sample(&nuts(&two).draws(draws)).unwrap().draws(), draws);
    }
    let again = model.sample(&nuts(&two).draws(400)).unwrap();
    same(&again, &expected);
    let error = model.sample(&nuts(&two).draws(200)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Options);
    assert!(error.to_string().contains("at least 360 draws per chain"), "{error}");
}

/// Pieces are no worse than a chain in one piece: means and sds of both are within 4.5 standard errors of each other.
#[test]
fn pieces_have_the_same_posterior() {
    let scratch = Scratch::new("posterior");
    let model = groups(DATA);
    let run = |nuts: Nuts| model.sample(&nuts.chains(4).warmup(1000).draws(4000)).unwrap().summary().rows;
    let pieces = run(nuts(&scratch).checkpoint_every(7).target_acceptance(0.95));
    let plain = run(Nuts::default().progress(Progress::Hidden).seed(6).target_acceptance(0.95));
    for (a, b) in pieces.iter().zip(plain) {
        let error = a.mcse_mean.hypot(b.mcse_mean);
        assert!((a.mean - b.mean).abs() < 4.5 * error, "{}: {} and {}", a.name, a.mean, b.mean);
        assert!((a.sd / b.sd - 1.0).abs() < 0.1, "{}: {} and {}", a.name, a.sd, b.sd);
        assert!(
            a.r_hat < 1.01 && a.ess_bulk > 0.6 * b.ess_bulk,
            "{}: {} for {}",
            a.name,
            a.ess_bulk,
            b.ess_bulk
        );
    }
}

#[test]
fn another_runs_checkpoint_is_refused() {
    let scratch = Scratch::new("other");
    let model = groups(DATA);
    let first = model.sample(&nuts(&scratch)).unwrap();
    let before = std::fs::read(&scratch.0).unwrap();
    let refused = |model: &Model, nuts: Nuts, part: &str| {
        let error = model.sample(&nuts).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Options, "{error}");
        assert!(error.to_string().contains(part), "no `{part}` in: {error}");
        assert_eq!(std::fs::read(&scratch.0).unwrap(), before);
    };
    refused(&model, nuts(&scratch).seed(6), "whose seed is 6, got one whose seed is 5");
    refused(&model, nuts(&scratch).chains(3), "whose chains is 3");
    refused(
        &model,
        nuts(&scratch).target_acceptance(0.9),
        "whose target_acceptance is 0.9, got one whose target_acceptance is 0.8",
    );
    refused(&model, nuts(&scratch).checkpoint_every(10), "whose checkpoint_every is 10");
    refused(
        &model,
        nuts(&scratch).start(&[("mu", &[1.0])]),
        "whose start of mu is [1.0], got one whose start of mu is none",
    );
    // One datum in its seventh digit, another prior, another name.
    refused(&groups([0.3, 1.9, -0.4000001]), nuts(&scratch), "of this model and these data");
    let with_prior = |name: &str, laplace: bool| {
        Model::record(|scope| {
            let mu = match laplace {
                true => scope.site(name).sample(Laplace(0.0, 2.0)),
                false => scope.site(name).sample(Normal(0.0, 2.0)),
            };
            let tau = scope.site("tau").sample(HalfNormal(1.0));
            scope.enter("groups", 3);
            let theta = scope.site("theta").sample(Normal(mu, tau));
            scope.site("y").observe(Normal(theta, 1.0), DATA);
            scope.exit();
            Ok(())
        })
        .unwrap()
    };
    refused(&with_prior("mu", true), nuts(&scratch), "log density, gradient or values");
    refused(&with_prior("nu", false), nuts(&scratch), "got one of `mu` []");
    same(&model.sample(&nuts(&scratch)).unwrap(), &first);
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let scratch = Scratch::new("damaged");
    let model = groups(DATA);
    let _ = model.sample(&nuts(&scratch)).unwrap();
    let good = std::fs::read(&scratch.0).unwrap();
    let error = |content: &[u8]| {
        std::fs::write(&scratch.0, content).unwrap();
        let error = model.sample(&nuts(&scratch)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format, "{error}");
        error.to_string()
    };
    for at in (0..good.len()).step_by(good.len() / 40) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let _ = (error(&bad), error(&good[..at]));
    }
    assert!(error(&good[..good.len() - 1]).contains("a damaged file; delete it to begin anew"));
    let newer = String::from_utf8(good).unwrap().replacen("\"version\":1", "\"version\":2", 1);
    assert!(error(newer.as_bytes()).contains("expected version 1 of the file format, got 2"));
}

#[test]
fn one_run_at_a_time_writes_to_a_checkpoint() {
    let scratch = Scratch::new("busy");
    let model = groups(DATA);
    let others = Arc::new(AtomicUsize::new(0));
    let (seen, other, path) = (others.clone(), model.clone(), nuts(&scratch));
    // Asked while the first run draws.
    let progress = Progress::callback(move |_| {
        if seen.fetch_add(1, Ordering::Relaxed) == 0 {
            let error = other.sample(&path).err().map_or(String::new(), |error| error.to_string());
            assert!(error.contains("a checkpoint that no other run uses"), "{error}");
        }
    });
    let draws = model.sample(&nuts(&scratch).progress(progress)).unwrap();
    assert!(others.load(Ordering::Relaxed) > 0);
    assert!(
        draws.report().messages.iter().all(|message| !message.contains("callback")),
        "{:?}",
        draws.report()
    );
    // Not taken any more.
    assert!(model.sample(&nuts(&scratch)).is_ok());
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_said_at_once() {
    let model = groups(DATA);
    let nowhere = std::env::temp_dir().join("mynah-no-such-folder").join("file");
    let error = model.sample(&nuts(&Scratch(nowhere))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("make its folder first"), "{error}");
    let scratch = Scratch::new("zero");
    let error = model.sample(&nuts(&scratch).checkpoint_every(0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Options);
}

/// A chain that failed is tried again from its last place: where the reason is gone, the draws are those of a run without.
#[test]
fn a_chain_that_failed_goes_on() {
    let (whole, failing) = (Scratch::new("sound"), Scratch::new("failing"));
    #[derive(Clone)]
    struct Licensed(Arc<AtomicUsize>);
    impl LogDensity for Licensed {
        fn dim(&self) -> usize {
            1
        }
        fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
            self.log_density_and_gradient(z, &mut [0.0])
        }
        fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
            if self.0.fetch_sub(1, Ordering::Relaxed) < 10 {
                self.0.store(0, Ordering::Relaxed);
                return Err(DensityError::fatal("the licence has expired"));
            }
            gradient[0] = -z[0];
            Ok(-0.5 * z[0] * z[0])
        }
    }
    let run = |scratch: &Scratch, gradients| {
        let density = Licensed(Arc::new(AtomicUsize::new(gradients)));
        nuts(scratch).threads(1).sample(&Target::of_density(&density))
    };
    let expected = run(&whole, usize::MAX).unwrap();
    let cut = run(&failing, 1500).unwrap();
    assert!(
        cut.total_draws() < 500 && cut.report().messages[0].contains("the licence has expired"),
        "{:?}",
        cut.report()
    );
    same(&run(&failing, usize::MAX).unwrap(), &expected);
}
