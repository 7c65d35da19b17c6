//! Starts, faults and reports of the sampler.

use super::start::starting_points;
use super::{Metric, NamedDensity, Nuts, Target};
use crate::dist::{Flat, HalfNormal, Normal, Uniform};
use crate::draws::Parameter;
use crate::model::Model;
use crate::transform::Support;
use crate::{DensityError, ErrorKind, LogDensity, Progress};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn nuts() -> Nuts {
    Nuts::default().progress(Progress::Hidden).warmup(200).draws(200).seed(5)
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

/// A density given by a closure: value and gradient.
#[derive(Clone)]
struct Closure<F>(usize, F);

impl<F> LogDensity for Closure<F>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<f64, DensityError> + Send,
{
    fn dim(&self) -> usize {
        self.0
    }
    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        let mut gradient = vec![0.0; self.0];
        self.log_density_and_gradient(z, &mut gradient)
    }
    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        (self.1)(z, gradient)
    }
}

fn starts(nuts: &Nuts, target: &Target<'_>) -> Vec<Vec<f64>> {
    starting_points(&nuts.chains, target.coordinates().as_mut()).unwrap()
}

type Function = fn(&[f64], &mut [f64]) -> Result<f64, DensityError>;

/// A standard normal density.
fn standard(z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
    gradient.iter_mut().zip(z).for_each(|(g, z)| *g = -z);
    Ok(-0.5 * z.iter().map(|z| z * z).sum::<f64>())
}

// --- Starts ---------------------------------------------------------------------------------------------------------

/// The two moons of sbibm without their tips: rings of radius 0.1 +- 0.01 on either side of the line a + b = 0.
fn two_moons() -> Model {
    Model::record(|scope| {
        let a = scope.site("a").sample(Uniform(-1.0, 1.0));
        let b = scope.site("b").sample(Uniform(-1.0, 1.0));
        let across = ((a + b) * 0.5_f64.sqrt()).abs() - 0.25;
        let along = (b - a) * 0.5_f64.sqrt();
        let radius = (across.powi(2) + along.powi(2)).sqrt();
        scope.site("moons").factor(((radius - 0.1) / 0.01).powi(2) * -0.5 - radius.ln());
        Ok(())
    })
    .unwrap()
}

/// Fair coins would put all four chains on one side in 25 of 200 runs.
#[test]
fn chains_start_in_both_moons() {
    let model = two_moons();
    let one_sided = (0..200).filter(|seed| {
        let starts = starts(&nuts().seed(*seed), &Target::of_model(&model));
        let upper = starts.iter().filter(|z| {
            let values = model.values_at(z).unwrap();
            values.get("a").unwrap()[0] + values.get("b").unwrap()[0] > 0.0
        });
        [0, 4].contains(&upper.count())
    });
    let count = one_sided.count();
    assert!(count <= 4, "{count} of 200 runs start in one moon");
}

/// Two modes 12 sds apart in one of five dimensions, without a prior to draw from.
fn two_modes() -> Closure<Function> {
    Closure(5, |z, gradient| {
        let rest = standard(z, gradient)? + 0.5 * z[0] * z[0];
        let (low, high) = (-0.5 * ((z[0] + 1.5) / 0.25).powi(2), -0.5 * ((z[0] - 1.5) / 0.25).powi(2));
        let top = low.max(high);
        let (p, q) = ((low - top).exp(), (high - top).exp());
        gradient[0] = (-(z[0] + 1.5) * p - (z[0] - 1.5) * q) / (p + q) / 0.0625;
        Ok(rest + top + (p + q).ln())
    })
}

#[test]
fn chains_of_a_density_without_a_prior_start_in_both_modes() {
    let one_sided = (0..200).filter(|seed| {
        let starts = starts(&nuts().seed(*seed), &Target::of_density(&two_modes()));
        [0, 4].contains(&starts.iter().filter(|z| z[0] > 0.0).count())
    });
    let count = one_sided.count();
    assert!(count <= 4, "{count} of 200 runs start in one mode");
}

/// What R-hat is for: chains that stay in different modes are reported.
#[test]
fn different_modes_are_a_warning() {
    let posterior = nuts().run(&two_modes()).unwrap();
    assert!(posterior.summary().row("z[0]").unwrap().r_hat > 1.5);
    says(&posterior.summary().to_string(), &["R-hat above 1.01"]);
}

/// Two normal modes 40 sds apart: chains stay where they start.
#[test]
fn given_starts_are_where_chains_start() {
    let model = Model::record(|scope| {
        let x = scope.site("x").sample(Uniform(-30.0, 30.0));
        let away = x.abs() - 20.0;
        scope.site("modes").factor(away.powi(2) * -0.5);
        let scale = scope.site("scale").sample(HalfNormal(1.0));
        scope.enter("groups", 2);
        let _ = scope.site("group").sample(Normal(x, scale).noncentered());
        scope.exit();
        Ok(())
    })
    .unwrap();
    let run = nuts().start(&[("x", &[-20.5]), ("group", &[-20.0, -21.0])]).start_chain(2, &[("x", &[20.5])]);
    let posterior = model.sample(&run).unwrap();
    let means: Vec<f64> =
        posterior.column("x").unwrap().iter().map(|x| x.iter().sum::<f64>() / x.len() as f64).collect();
    assert!(
        means
            .iter()
            .enumerate()
            .all(|(chain, mean)| (mean - if chain == 2 { 20.0 } else { -20.0 }).abs() < 1.0)
    );

    // The point itself: a positive scale, a bounded site, and a non-centred one whose place depends on both.
    let given: [(&str, &[f64]); 3] = [("x", &[-20.5]), ("group", &[-20.0, -21.0]), ("scale", &[0.7])];
    let start = &starts(&nuts().start(&given), &Target::of_model(&model))[3];
    let values = model.values_at(start).unwrap();
    for (site, expected) in given {
        let got = values.get(site).unwrap();
        assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{site}: {got:?}");
    }
}

/// Densities over named parameters take starts by these names.
#[test]
fn a_named_density_starts_where_it_is_told() {
    let parameters =
        [(Parameter::new("shift", []), Support::Real), (Parameter::new("rate", [2]), Support::Positive)];
    let density = NamedDensity::new(parameters, |theta: &[f64], gradient: &mut [f64]| {
        gradient.copy_from_slice(&[-theta[0], -1.0, -1.0]);
        Ok(-0.5 * theta[0] * theta[0] - theta[1] - theta[2])
    })
    .unwrap();
    let error = |values: &[f64]| density.sample(&nuts().start(&[("rate", values)])).unwrap_err().to_string();
    says(&error(&[1.0]), &["expected 2 numbers for `rate`"]);
    says(&error(&[1.0, -1.0]), &["support of `rate`", "got -1 at element 1"]);
    let far = density.sample(&nuts().start(&[("rate", &[1e308, 1.0])])).unwrap();
    assert_eq!(far.chains(), 4);
}

#[test]
fn wrong_starts_are_named() {
    let model = Model::record(|scope| {
        scope.enter("groups", 2);
        let scale = scope.site("scale").sample(HalfNormal(1.0));
        scope.site("twice").deterministic(scale * 2.0);
        scope.exit();
        Ok(())
    })
    .unwrap();
    type Case<'a> = (&'a [(&'a str, &'a [f64])], ErrorKind, &'a [&'a str]);
    let cases: [Case<'_>; 6] = [
        (
            &[("skale", &[1.0, 1.0])],
            ErrorKind::Options,
            &["an unknown in the start", "got `skale`", "`scale`"],
        ),
        (&[("twice", &[1.0, 1.0])], ErrorKind::Options, &["got `twice`"]),
        (&[("scale", &[1.0])], ErrorKind::Shape, &["expected 2 numbers for site `scale`", "got 1"]),
        (
            &[("scale", &[1.0, f64::NAN])],
            ErrorKind::Value,
            &["finite numbers for `scale`", "got NaN at element 1"],
        ),
        (&[("scale", &[1.0, -0.5])], ErrorKind::Value, &["support of `scale`", "got -0.5 at element 1"]),
        (&[("scale", &[0.0, 1.0])], ErrorKind::Value, &["support of `scale`", "got 0 at element 0"]),
    ];
    for (start, kind, parts) in cases {
        let error = model.sample(&nuts().start(start)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        says(&error.to_string(), parts);
    }
    let error = model.sample(&nuts().start_chain(4, &[("scale", &[1.0, 1.0])])).unwrap_err();
    says(&error.to_string(), &["starts for chains below 4", "chain 4"]);
    let error = nuts().start(&[("x", &[0.0])]).run(&Closure(1, standard)).unwrap_err();
    says(&error.to_string(), &["a parameter in the start", "got `x`", "there are `z`"]);
    // At the mode the slope is 0 in every dimension; that is no reason not to start there.
    assert!(nuts().start(&[("z", &[0.0, 0.0])]).run(&Closure(2, standard)).is_ok());
}

/// Short and long points, and more draws than there is memory for.
#[test]
fn a_model_is_asked_at_points_of_its_own_length() {
    let model = two_moons();
    for z in [&[][..], &[0.1], &[0.1, 0.2, 0.3]] {
        assert_eq!(model.values_at(z).unwrap_err().kind(), ErrorKind::Shape);
        assert_eq!(model.pointwise_log_density(z, "a").unwrap_err().kind(), ErrorKind::Shape);
        says(&model.log_density(z).unwrap_err().to_string(), &["expected a point", "of 2 numbers"]);
        assert!(model.density().log_density_and_gradient(&[0.1, 0.2], &mut vec![0.0; z.len()]).is_err());
    }
    says(&model.sample_prior(usize::MAX, 1).unwrap_err().to_string(), &["fit into memory"]);
    assert_eq!(model.sample_prior(3, 1).unwrap().len(), 3);
}

// --- What does not work ---------------------------------------------------------------------------------------------

#[test]
fn numbers_beyond_all_bounds_are_errors_in_time() {
    let most = usize::MAX;
    let cases = [
        (nuts().chains(most), "fit into memory"),
        (nuts().draws(most), "fit into memory"),
        (nuts().chains(1 << 40).draws(1 << 40), "fit into memory"),
        (nuts().warmup(most), "at most 2^32 warm-up draws"),
    ];
    for (nuts, part) in cases {
        let error = nuts.run(&Closure(1, standard)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Options);
        says(&error.to_string(), &[part, "see the options of Chains"]);
    }
    assert_eq!(nuts().threads(most).run(&Closure(1, standard)).unwrap().chains(), 4);
    assert!(nuts().run(&Closure(0, standard)).unwrap_err().to_string().contains("at least one dimension"));
}

#[test]
fn an_unknown_that_nothing_uses_is_named() {
    let model = Model::record(|scope| {
        let _ = scope.site("used").sample(Normal(0.0, 1.0));
        scope.enter("rows", 3);
        let _ = scope.site("idle").sample(Flat());
        scope.exit();
        Ok(())
    })
    .unwrap();
    let error = model.sample(&nuts()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sampling);
    says(&error.to_string(), &["site `idle`, element 0 and 2 more", "flat prior and nothing uses it"]);
    let error = nuts().run(&Closure(3, |z: &[f64], gradient: &mut [f64]| {
        gradient.fill(0.0);
        standard(&z[..2], &mut gradient[..2])
    }));
    says(&error.unwrap_err().to_string(), &["along `z[2]` is 0"]);
}

/// A fatal error in the words of the density: no type names, no backtrace.
#[test]
fn a_fatal_density_ends_its_chain_in_its_own_words() {
    let mut calls = 0;
    let density = Closure(1, move |z: &[f64], gradient: &mut [f64]| {
        calls += 1;
        match calls > 3000 {
            true => Err(DensityError::fatal("the disk is on fire")),
            false => standard(z, gradient),
        }
    });
    let posterior = nuts().draws(100_000).chains(1).run(&density).unwrap();
    let message = format!("Chain 0 ended after {} draws: the disk is on fire.", posterior.draws());
    assert_eq!(posterior.report().messages, [message]);
    let always = Closure(1, |_: &[f64], _: &mut [f64]| Err(DensityError::fatal("no licence")));
    let error = nuts().run(&always).unwrap_err().to_string();
    says(&error, &["a fatal error", "no licence"]);
    assert!(!error.contains("DensityError") && !error.contains("backtrace"), "{error}");
}

/// One chain's density panics after a while; the draws before it and the other chains stay.
#[test]
fn a_panic_in_a_density_ends_its_chain_alone() {
    let clones = Arc::new(AtomicUsize::new(0));
    struct Fragile(Arc<AtomicUsize>, usize, usize);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            Self(self.0.clone(), self.0.fetch_add(1, Ordering::Relaxed), 0)
        }
    }
    impl LogDensity for Fragile {
        fn dim(&self) -> usize {
            1
        }
        fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
            self.log_density_and_gradient(z, &mut [0.0])
        }
        fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
            self.2 += 1;
            // The first clone looks for starts; the second is a chain's.
            assert!(self.1 != 1 || self.2 < 2000, "index 7 out of bounds");
            standard(z, gradient)
        }
    }
    let posterior = nuts().draws(2000).chains(2).threads(1).run(&Fragile(clones, 0, 0)).unwrap();
    let lengths = posterior.chain_lengths();
    assert!(lengths[0] > 50 && lengths[0] < 2000 && lengths[1] == 2000, "{lengths:?}");
    let parts = ["Chain 0 ended after", "the model's code panicked: index 7 out of bounds"];
    says(&posterior.report().messages[0], &parts);
    assert!(posterior.report().stopped_early);

    let at_once = Closure(1, |_: &[f64], _: &mut [f64]| panic!("not today"));
    let error = nuts().run(&at_once).unwrap_err();
    says(&error.to_string(), &["a panic in the model's code: not today"]);
}

#[test]
fn a_panic_in_the_callback_is_said_and_sampling_goes_on() {
    let progress = Progress::callback(|_| panic!("the window is closed"));
    let posterior = nuts().progress(progress).run(&Closure(1, standard)).unwrap();
    assert_eq!(posterior.total_draws(), 800);
    let parts = ["progress callback panicked (the window is closed)", "not called again"];
    says(&posterior.report().messages[0], &parts);
}

/// A scale that goes below 0: the site, the scale and what it should be, the commonest reason first; with either metric.
#[test]
fn divergences_have_their_reasons_and_places() {
    let model = Model::record(|scope| {
        let scale = scope.site("scale").sample(Normal(0.5, 1.0));
        scope.enter("rows", 3);
        scope.site("y").observe(Normal(0.0, scale), [0.3, -0.1, 0.2]);
        scope.exit();
        Ok(())
    })
    .unwrap();
    for metric in [Metric::Diagonal, Metric::LowRank] {
        let posterior = model.sample(&nuts().draws(1000).metric(metric)).unwrap();
        let (count, report) = (posterior.divergences(), posterior.report());
        assert!(count > 0);
        // Near 0 the slope is too steep, below it there is no density: the site is known of both.
        let first = report.messages.iter().find(|message| message.contains("divergences:")).unwrap();
        let of_scale = report.messages.iter().find(|message| message.contains("NaN")).unwrap();
        says(first, &[&format!("of {count} divergences: the"), "site `"]);
        let parts = [
            "divergences: the log density is NaN at site `y`",
            "scale = -",
            "which is not a positive number",
        ];
        says(of_scale, &parts);
        let kept = &report.divergences;
        assert!(!kept.is_empty() && kept.len() <= count);
        for divergence in kept {
            assert!(posterior.statistics(divergence.chain)[divergence.draw].diverging);
            assert!(divergence.position.len() == 1 && divergence.position[0] > 0.0, "{divergence:?}");
            says(&divergence.reason, &["site `"]);
        }
    }
}

// --- Metrics --------------------------------------------------------------------------------------------------------

/// A normal density whose 30 dimensions have a correlation of nearly -1/29 with all others: the sum is narrow.
fn narrow_sum(z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
    let sum: f64 = z.iter().sum();
    let value = standard(z, gradient)?;
    gradient.iter_mut().for_each(|g| *g -= 1e4 * sum);
    Ok(value - 0.5e4 * sum * sum)
}

#[test]
fn the_low_rank_metric_follows_a_narrow_direction_and_the_diagonal_names_it() {
    let gradients = |metric| {
        let posterior = nuts().metric(metric).warmup(400).chains(2).run(&Closure(30, narrow_sum)).unwrap();
        let draws = (0..2).flat_map(|chain| posterior.statistics(chain));
        (draws.map(|draw| f64::from(draw.gradients)).sum::<f64>() / 400.0, posterior)
    };
    let ((diagonal, slow), (low_rank, fast)) = (gradients(Metric::Diagonal), gradients(Metric::LowRank));
    assert!(low_rank < 20.0 && diagonal > 100.0, "{low_rank} {diagonal}");
    assert!(fast.report().messages.is_empty(), "{:?}", fast.report().messages);
    let parts = ["gradients, since parameters are strongly correlated", "Try `Metric::LowRank`"];
    says(&slow.report().messages[0], &parts);
    // Each has variance 1 but for the sum: 29/30 of it. 4 standard errors of a mean of 400 draws or fewer.
    let summary = fast.summary();
    for row in &summary.rows {
        assert!(row.mean.abs() < 4.0 * row.mcse_mean, "{}: {}", row.name, row.mean);
        assert!((row.sd / (29.0_f64 / 30.0).sqrt() - 1.0).abs() < 0.2, "{}: {}", row.name, row.sd);
    }
}

#[test]
fn low_rank_draws_do_not_depend_on_the_number_of_threads() {
    let draw =
        |threads| nuts().metric(Metric::LowRank).threads(threads).run(&Closure(30, narrow_sum)).unwrap();
    let (one, two) = (draw(1), draw(2));
    assert_eq!(one.column("z[3]").unwrap(), two.column("z[3]").unwrap());
}
