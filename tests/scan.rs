//! Recursions: the same density, to rounding, as the loop written out, the right gradient, and what is refused.

#[path = "support/posterior.rs"]
mod posterior;

use mynah::check;
use mynah::prelude::*;
use mynah::{ErrorKind, LogDensity};
use posterior::gradient_agrees;
use rand::RngExt;

fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut stream = Seed(seed).stream(Domain::User, 0);
    (0..count).map(|_| stream.random::<f64>() - 0.5).collect()
}

/// The density and gradient of two models at random points.
fn same(a: &Model, b: &Model) {
    assert_eq!(a.dim(), b.dim());
    let (mut a, mut b) = (a.density(), b.density());
    for z in check::random_points(a.dim(), 10, 7) {
        let (mut da, mut db) = (vec![0.0; z.len()], vec![0.0; z.len()]);
        let pa = a.log_density_and_gradient(&z, &mut da).unwrap();
        let pb = b.log_density_and_gradient(&z, &mut db).unwrap();
        assert!((pa - pb).abs() <= 1e-12 * (1.0 + pa.abs()), "{pa} {pb}");
        for (da, db) in da.iter().zip(&db) {
            assert!((da - db).abs() <= 1e-10 * (1.0 + da.abs()), "{da} {db}");
        }
    }
}

#[model]
fn garch(y: &[f64]) {
    sample!(mu ~ Normal(0, 1));
    sample!(a0 ~ HalfNormal(1));
    sample!(a1 ~ Uniform(0, 1));
    sample!(b1 ~ Uniform(0, 1.0 - a1));
    plate!(days = y.len() - 1, {
        scan!(sigma = 0.5, (r = &y[..y.len() - 1]) => (a0 + a1 * (r - mu).powi(2) + b1 * sigma.powi(2)).sqrt());
        sample!(y ~ Normal(mu, sigma), observed = &y[1..]);
    });
}

#[model]
fn garch_written_out(y: &[f64]) {
    sample!(mu ~ Normal(0, 1));
    sample!(a0 ~ HalfNormal(1));
    sample!(a1 ~ Uniform(0, 1));
    sample!(b1 ~ Uniform(0, 1.0 - a1));
    let mut sigma = 0.0 * mu + 0.5;
    for t in 1..y.len() {
        sigma = (a0 + a1 * (y[t - 1] - mu).powi(2) + b1 * sigma.powi(2)).sqrt();
        sample!(y ~ Normal(mu, sigma), observed = y[t], name = format!("y{t}"));
    }
}

#[test]
fn a_scan_is_the_loop_written_out() {
    // More elements than are worked on together.
    let y = noise(200, 1);
    let (scanned, looped) = (garch(&y).unwrap(), garch_written_out(&y).unwrap());
    gradient_agrees(&scanned);
    same(&scanned, &looped);
}

/// Inputs that are unknowns, two states, a start that is an unknown, statements in the step.
#[model]
fn trend(y: &[f64]) {
    sample!(level0 ~ Normal(0, 1));
    sample!(damping ~ Uniform(0, 1));
    sample!(scale ~ HalfNormal(1));
    plate!(days = y.len(), {
        sample!(shock ~ Normal(0, 1));
        scan!((level, slope) = (level0, 0.1), (e = shock, step = [0.5, 1.0, 1.5, 1.0, 0.2]) => {
            let moved = damping * slope + scale * e;
            (level + step * moved, moved)
        });
        sample!(y ~ Normal(level + 0.5 * slope, 0.3), observed = y);
    });
}

#[model]
fn trend_written_out(y: &[f64]) {
    sample!(level0 ~ Normal(0, 1));
    sample!(damping ~ Uniform(0, 1));
    sample!(scale ~ HalfNormal(1));
    plate!(days = y.len(), {
        sample!(shock ~ Normal(0, 1));
    });
    let (mut level, mut slope) = (level0, 0.0 * level0 + 0.1);
    for (t, step) in [0.5, 1.0, 1.5, 1.0, 0.2].into_iter().enumerate() {
        slope = damping * slope + scale * shock.at(t);
        level += step * slope;
        sample!(y ~ Normal(level + 0.5 * slope, 0.3), observed = y[t], name = format!("y{t}"));
    }
}

#[test]
fn several_states_and_inputs_that_are_unknowns() {
    let y = noise(5, 2);
    let (scanned, looped) = (trend(&y).unwrap(), trend_written_out(&y).unwrap());
    gradient_agrees(&scanned);
    same(&scanned, &looped);
}

/// One recursion per subject: what does not vary along the plate may vary between subjects, as may starts and inputs.
#[test]
fn a_recursion_for_each_element_of_an_outer_plate() {
    #[model]
    fn learners(reward: &[f64], y: &[f64]) {
        sample!(gain ~ HalfNormal(1));
        plate!(subjects = 3, {
            sample!(rate ~ Beta(2, 2));
            sample!(start ~ Normal(0, 1));
            plate!(trials = 4, {
                scan!(value = start, (r = reward) => value + rate * (gain * r - value));
                sample!(y ~ Normal(value, 0.5), observed = y);
            });
        });
    }
    #[model]
    fn written_out(reward: &[f64], y: &[f64]) {
        sample!(gain ~ HalfNormal(1));
        plate!(subjects = 3, {
            sample!(rate ~ Beta(2, 2));
            sample!(start ~ Normal(0, 1));
        });
        for subject in 0..3 {
            let (rate, mut value) = (rate.at(subject), start.at(subject));
            for trial in 4 * subject..4 * subject + 4 {
                value += rate * (gain * reward[trial] - value);
                sample!(y ~ Normal(value, 0.5), observed = y[trial], name = format!("y{trial}"));
            }
        }
    }
    let (reward, y) = (noise(12, 3), noise(12, 4));
    let scanned = learners(&reward, &y).unwrap();
    gradient_agrees(&scanned);
    // The same unknowns in another order of coordinates would not compare: both record gain, rates, starts.
    same(&scanned, &written_out(&reward, &y).unwrap());
}

/// Affine steps of one state and of two, and one that is not, along more elements than are worked on together and in several rows.
#[test]
fn long_recursions_in_rows() {
    #[model]
    fn rows(y: &[f64]) {
        sample!(gain ~ Normal(0, 1));
        plate!(subjects = 2, {
            sample!(rate ~ Beta(2, 2));
            plate!(times = y.len() / 2, {
                scan!(level = gain, (u = y) => level + rate * (gain * u - level));
                scan!((a, b) = (gain, rate), (u = y) => (u - 0.5 * b, rate * a + 0.3 * b / gain));
                scan!((c, d) = (0.1, 0.0), (u = y) => ((rate * c - d).tanh() + u, c * rate));
                sample!(y ~ Normal(level + a * b - c * d, 1), observed = y);
            });
        });
    }
    #[model]
    fn written_out(y: &[f64]) {
        sample!(gain ~ Normal(0, 1));
        plate!(subjects = 2, {
            sample!(rate ~ Beta(2, 2));
        });
        for (subject, y) in y.chunks(y.len() / 2).enumerate() {
            let rate = rate.at(subject);
            let mut level = gain;
            let (mut a, mut b, mut c, mut d) = (gain, rate, 0.0 * rate + 0.1, 0.0 * rate);
            for (t, u) in y.iter().enumerate() {
                level += rate * (gain * u - level);
                (a, b) = (*u - 0.5 * b, rate * a + 0.3 * b / gain);
                (c, d) = ((rate * c - d).tanh() + u, c * rate);
                sample!(y ~ Normal(level + a * b - c * d, 1), observed = *u, name = format!("y{subject}.{t}"));
            }
        }
    }
    let y = noise(2 * 135, 8);
    let scanned = rows(&y).unwrap();
    gradient_agrees(&scanned);
    same(&scanned, &written_out(&y).unwrap());
}

/// A state that begins at minus infinity, as logs of weights do, is none of the others' business.
#[test]
fn a_state_that_is_infinite() {
    #[model]
    fn weights(y: &[f64]) {
        sample!(x ~ Normal(0, 1));
        plate!(times = y.len(), {
            scan!((never, sum) = (f64::NEG_INFINITY, x), (u = y) => (never + u, 0.5 * sum + u));
            sample!(y ~ Normal(sum + never.exp(), 1), observed = y);
        });
    }
    let y = noise(5, 9);
    let x = 0.7;
    let normal = |x: f64| -0.5 * x * x - 0.918_938_533_204_672_7;
    let mut sum = x;
    let data: f64 = y
        .iter()
        .map(|u| {
            sum = 0.5 * sum + u;
            normal(u - sum)
        })
        .sum();
    let found = weights(&y).unwrap().density().log_density(&[x]).unwrap();
    assert!((found - data - normal(x)).abs() < 1e-12, "{found}");
    gradient_agrees(&weights(&y).unwrap());
}

/// A step may leave a state as it is, read nothing that varies, or not read its inputs.
#[test]
fn corners() {
    #[model]
    fn corner(y: &[f64]) {
        sample!(x ~ Normal(0, 1));
        plate!(times = y.len(), {
            scan!((a, b, c) = (x, 1.0, 2.0), (u = y) => (b, a, x * 2.0));
            sample!(y ~ Normal(a + b * c, 1), observed = y);
        });
    }
    #[model]
    fn alone(y: &[f64]) {
        sample!(x ~ Normal(0, 1));
        plate!(times = y.len(), {
            scan!(a = 1.0, () => x * a);
            sample!(y ~ Normal(a, 1), observed = y);
        });
    }
    gradient_agrees(&corner(&noise(7, 5)).unwrap());
    gradient_agrees(&corner(&noise(1, 5)).unwrap());
    gradient_agrees(&alone(&noise(7, 5)).unwrap());
    let values = alone(&[0.0; 3]).unwrap();
    let x = 0.7f64;
    let expected: f64 = (1..=3).map(|t| -0.5 * x.powi(2 * t) - 0.918_938_533_204_672_7).sum();
    let prior = -0.5 * x * x - 0.918_938_533_204_672_7;
    assert!((values.density().log_density(&[x]).unwrap() - expected - prior).abs() < 1e-12);
}

/// In nested plates a next state may depend on the outer of them alone, and on no state.
#[test]
fn a_state_that_varies_along_some_of_the_rows() {
    #[model]
    fn nested(y: &[f64]) {
        plate!(schools = 2, {
            sample!(level ~ Normal(0, 1));
            plate!(pupils = 3, {
                plate!(times = 2, {
                    scan!((a, b) = (1.0, 0.5), () => (level, a + b));
                    sample!(y ~ Normal(a + 2.0 * b, 1), observed = y);
                });
            });
        });
    }
    let y = noise(12, 6);
    let model = nested(&y).unwrap();
    gradient_agrees(&model);
    // b is 1.5 and then level + 1.5.
    let z = [0.7, -0.4];
    let mean = |i: usize| z[i / 6] + 2.0 * if i.is_multiple_of(2) { 1.5 } else { z[i / 6] + 1.5 };
    let normal = |x: f64| -0.5 * x * x - 0.918_938_533_204_672_7;
    let data: f64 = y.iter().enumerate().map(|(i, y)| normal(y - mean(i))).sum();
    let expected = data + normal(z[0]) + normal(z[1]);
    assert!((model.density().log_density(&z).unwrap() - expected).abs() < 1e-12);
}

#[test]
fn what_is_no_recursion_is_said() {
    let said = |model: mynah::Result<Model>, kind: ErrorKind, words: &[&str]| {
        let error = model.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        words.iter().for_each(|word| assert!(error.to_string().contains(word), "{error}"));
    };
    #[model]
    fn outside() {
        sample!(x ~ Normal(0, 1));
        scan!(a = x, () => a + 1.0);
    }
    said(outside(), ErrorKind::Shape, &["scan `a`", "a plate for the recursion to run along"]);
    #[model]
    fn array_in_the_step(y: &[f64]) {
        sample!(x ~ Normal(0, 1));
        plate!(times = y.len(), {
            scan!(a = x, () => a + y);
        });
    }
    said(array_in_the_step(&[1.0, 2.0]), ErrorKind::Shape, &["scan `a`", "next state", "is an input"]);
    #[model]
    fn start_along_the_plate(y: &[f64]) {
        plate!(times = y.len(), {
            sample!(x ~ Normal(0, 1));
            scan!(a = x, () => a + 1.0);
        });
    }
    said(start_along_the_plate(&[1.0, 2.0]), ErrorKind::Shape, &["scan `a`", "start"]);
    #[model]
    fn wrong_length(y: &[f64]) {
        sample!(x ~ Normal(0, 1));
        plate!(times = 3, {
            scan!(a = x, (u = y) => a + u);
        });
    }
    said(wrong_length(&[1.0, 2.0]), ErrorKind::Shape, &["scan `a`", "length 2"]);
}
