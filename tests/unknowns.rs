//! Unknowns beyond single numbers: ends that are variables, ordered arrays, arrays of sum 0.

#[path = "support/posterior.rs"]
mod posterior;

use mynah::prelude::*;
use posterior::{gradient_agrees, mean_is, nuts};

/// x ~ U(0, 1), y ~ U(0, x), z ~ U(y, x): means 1/2, 1/4, 3/8.
#[test]
fn uniforms_between_variables() {
    #[model]
    fn nested() {
        sample!(x ~ Uniform(0, 1));
        sample!(y ~ Uniform(0, x));
        sample!(z ~ Uniform(y, x));
    }
    let model = nested().unwrap();
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    mean_is(&posterior, "x", &[0.5]);
    mean_is(&posterior, "y", &[0.25]);
    mean_is(&posterior, "z", &[0.375]);
    let rows = (posterior.get("x").unwrap(), posterior.get("y").unwrap(), posterior.get("z").unwrap());
    for ((x, y), z) in rows.0.iter().zip(rows.1.iter()).zip(rows.2.iter()) {
        assert!((0..x.len()).all(|k| 0.0 < y[k] && y[k] < z[k] && z[k] < x[k] && x[k] < 1.0));
    }
    // The prior draws the same.
    let draws = model.sample_prior(4000, 1).unwrap();
    let mean = |name: &str| draws.iter().map(|draw| draw.get(name).unwrap()[0]).sum::<f64>() / 4000.0;
    assert!((mean("z") - 0.375).abs() < 0.02 && (mean("y") - 0.25).abs() < 0.02);
}

/// Each element between ends of its own; the density is the product of 1 / width.
#[test]
fn arrays_of_ends() {
    #[model]
    fn between(low: &[f64], high: &[f64]) {
        sample!(gap ~ Uniform(0.5, 1.5));
        plate!(rows = low.len(), {
            sample!(x ~ Uniform(low, gap + high));
        });
    }
    let model = between(&[-1.0, 0.0, 2.0], &[0.0, 5.0, 2.5]).unwrap();
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    mean_is(&posterior, "gap", &[1.0]);
    mean_is(&posterior, "x", &[0.0, 3.0, 2.75]);
}

/// Three standard normal numbers in order: the means of order statistics, -3/(2 sqrt(pi)), 0, 3/(2 sqrt(pi)).
#[test]
fn ordered_numbers_are_order_statistics() {
    #[model]
    fn three() {
        plate!(ranks = 3, {
            sample!(x ~ Normal(0, 1).ordered());
        });
    }
    let model = three().unwrap();
    gradient_agrees(&model);
    let outer = 1.5 / std::f64::consts::PI.sqrt();
    mean_is(&model.sample(&nuts()).unwrap(), "x", &[-outer, 0.0, outer]);
    let draws = model.sample_prior(2000, 1).unwrap();
    let mean = |k: usize| draws.iter().map(|draw| draw.get("x").unwrap()[k]).sum::<f64>() / 2000.0;
    assert!((mean(0) + outer).abs() < 0.1 && mean(1).abs() < 0.1, "{} {}", mean(0), mean(1));
}

/// In a plate of groups each group's own numbers are in order; positive ones are the order statistics of exponentials, 1/2 and 3/2.
#[test]
fn positive_ordered_numbers_in_groups() {
    #[model]
    fn pairs() {
        plate!(groups = 2, {
            plate!(ranks = 2, {
                sample!(x ~ Exponential(1).ordered());
            });
        });
    }
    let model = pairs().unwrap();
    gradient_agrees(&model);
    mean_is(&model.sample(&nuts()).unwrap(), "x", &[0.5, 1.5, 0.5, 1.5]);
}

/// Normal numbers of sum 0 have variance 1 - 1/K each and correlation -1 / (K - 1).
#[test]
fn sums_of_zero() {
    #[model]
    fn effects() {
        plate!(groups = 4, {
            sample!(x ~ Normal(0, 1).sum_to_zero());
        });
    }
    let model = effects().unwrap();
    assert_eq!(model.dim(), 3);
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    mean_is(&posterior, "x", &[0.0; 4]);
    for row in posterior.summary().rows {
        assert!((row.sd * row.sd - 0.75).abs() < 0.05, "{}: {}", row.name, row.sd);
    }
    for draw in posterior.get("x").unwrap().iter() {
        assert!(draw.iter().sum::<f64>().abs() < 1e-12);
    }
    let draw = &model.sample_prior(1, 1).unwrap()[0];
    assert!(draw.get("x").unwrap().iter().sum::<f64>().abs() < 1e-12);
    // Chains can be started where such numbers are.
    let start = nuts().draws(20).start(&[("x", &[1.0, 2.0, -3.0, 0.0])]);
    assert!(model.sample(&start).is_ok());
}

#[test]
fn what_does_not_go_together_is_said() {
    let message = |model: mynah::Result<Model>| model.unwrap_err().to_string();
    #[model]
    fn alone() {
        sample!(x ~ Normal(0, 1).ordered());
    }
    assert!(message(alone()).contains("expected a plate for .ordered()"), "{}", message(alone()));
    #[model]
    fn between() {
        plate!(levels = 2, {
            sample!(x ~ Uniform(0, 1).ordered());
        });
    }
    assert!(
        message(between())
            .contains("expected a distribution of real or positive numbers for .ordered(), got Uniform")
    );
    #[model]
    fn positive() {
        plate!(levels = 2, {
            sample!(x ~ Gamma(1, 1).sum_to_zero());
        });
    }
    assert!(
        message(positive()).contains("expected a distribution of real numbers for .sum_to_zero(), got Gamma")
    );
}

/// The same posterior in either form, with the exact gradient: numbers, positive numbers, vectors.
#[test]
fn noncentered_unknowns_have_the_same_posterior() {
    fn scalars(noncentered: bool) -> Model {
        let model = Model::record(|scope| {
            let (loc, scale) =
                (scope.site("loc").sample(Normal(0, 1)), scope.site("scale").sample(Gamma(4, 4)));
            scope.enter("rows", 3);
            let (student, positive) = (scope.site("student"), LogNormal(loc, scale));
            let student = match noncentered {
                true => student.sample(StudentT(5, loc, scale).noncentered()),
                false => student.sample(StudentT(5, loc, scale)),
            };
            let positive = match noncentered {
                true => scope.site("positive").sample(positive.noncentered()),
                false => scope.site("positive").sample(positive),
            };
            scope.site("y").observe(Normal(student * positive, 0.7), [0.4, -1.0, 2.0]);
            scope.exit();
            Ok(())
        });
        model.unwrap()
    }
    fn vectors(noncentered: bool) -> Model {
        let model = Model::record(|scope| {
            scope.enter("effects", 2);
            let (mean, spread) =
                (scope.site("mean").sample(Normal(0, 1)), scope.site("spread").sample(Gamma(4, 4)));
            scope.exit();
            let factor = scope.site("correlation").sample(LkjCholesky(2, 2.0)).scale_rows(spread);
            scope.enter("rows", 3);
            let prior = MvNormalCholesky(mean, factor);
            let effect = match noncentered {
                true => scope.site("effect").sample(prior.noncentered()),
                false => scope.site("effect").sample(prior),
            };
            scope
                .site("y")
                .observe(Normal(effect.at(0) + effect.at(1) * [0.5, -1.0, 2.0], 0.7), [0.4, -1.0, 2.0]);
            scope.exit();
            Ok(())
        });
        model.unwrap()
    }
    for models in [[scalars(false), scalars(true)], [vectors(false), vectors(true)]] {
        models.iter().for_each(gradient_agrees);
        let [centred, noncentred] = models.map(|model| {
            model.sample(&nuts().target_acceptance(0.95).warmup(1000).draws(3000)).unwrap().summary().rows
        });
        for (a, b) in centred.iter().zip(&noncentred) {
            let error = (a.mcse_mean.powi(2) + b.mcse_mean.powi(2)).sqrt();
            // Five standard errors; the diagonal entry 1 and the zero above it do not move.
            assert!(
                (a.mean - b.mean).abs() <= 5.0 * error || a.sd == 0.0,
                "{}: {} {} {error}",
                a.name,
                a.mean,
                b.mean
            );
        }
    }
    let refused = Model::record(|scope| {
        let _ = scope.site("x").sample(Gamma(1, 1).noncentered());
        Ok(())
    });
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("a location and a scale") && said.contains("got Gamma"), "{said}");
}

/// Half lines and intervals of distributions with a shape: means by theory, with low at 1/2 in the mean.
#[test]
fn ends_of_truncated_and_shifted_distributions() {
    #[model]
    fn shifted() {
        sample!(low ~ Uniform(0, 1));
        // A half-normal number to the right, one to the left, and a symmetric one.
        sample!(right ~ TruncatedNormal(low, 1, low, f64::INFINITY));
        sample!(left ~ TruncatedNormal(low, 1, f64::NEG_INFINITY, low));
        sample!(around ~ TruncatedNormal(low, 1, low - 1, low + 1));
        sample!(time ~ ShiftedWald(2, 1, low));
        sample!(wealth ~ Pareto(low + 1, 6));
        // Numbers for ends.
        sample!(far ~ TruncatedNormal(0, 1, 2.5, f64::INFINITY));
        sample!(below ~ TruncatedNormal(0, 1, f64::NEG_INFINITY, -2.5));
        sample!(magnitude ~ LogUniform(1, 10.0 + low));
    }
    let model = shifted().unwrap();
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    let half = (2.0 / std::f64::consts::PI).sqrt();
    // The mean beyond 2.5 is phi(2.5) / (1 - Phi(2.5)).
    let beyond = mynah::math::log_normal_cdf(-2.5).1;
    for (name, mean) in [
        ("low", 0.5),
        ("right", 0.5 + half),
        ("left", 0.5 - half),
        ("around", 0.5),
        ("time", 1.0),
        ("wealth", 1.5 * 6.0 / 5.0),
        ("far", beyond),
        ("below", -beyond),
    ] {
        mean_is(&posterior, name, &[mean]);
    }
    let draws = model.sample_prior(4000, 1).unwrap();
    let mean = |name: &str| draws.iter().map(|draw| draw.get(name).unwrap()[0]).sum::<f64>() / 4000.0;
    // Five standard errors: standard deviations of 0.67, 0.14 and 0.5.
    assert!((mean("right") - 0.5 - half).abs() < 0.06 && (mean("far") - beyond).abs() < 0.03);
    assert!((mean("wealth") - 1.8).abs() < 0.05, "{}", mean("wealth"));
}

/// Conjugate posteriors of counts, with numbers of trials as data: Beta(a + successes, b + failures).
#[test]
fn counts_of_known_numbers_of_trials() {
    #[model]
    fn trials(n: &[u64], won: &[u64], total: u64) {
        sample!(p ~ Beta(2, 3));
        sample!(q ~ Beta(2, 3));
        sample!(logit ~ Logistic(0, 1));
        plate!(sessions = n.len(), {
            sample!(x ~ Binomial(n, p), observed = won);
            sample!(y ~ BinomialLogit(total, logit), observed = won);
            sample!(z ~ NegativeBinomial(4.0, q), observed = won);
        });
    }
    let (n, won) = ([10u64, 20, 5], [3u64, 9, 5]);
    let model = trials(&n, &won, 20).unwrap();
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    // 17 of 35; 17 failures before 12 successes.
    mean_is(&posterior, "p", &[19.0 / 40.0]);
    mean_is(&posterior, "q", &[14.0 / 34.0]);
    // logistic(logit) is uniform before the data, of which 17 of 60 are successes: Beta(18, 44), whose log odds have the mean
    // digamma(18) - digamma(44).
    let mean = mynah::math::digamma(18.0) - mynah::math::digamma(44.0);
    mean_is(&posterior, "logit", &[mean]);
}

/// Unknowns in the gaps of a covariate: where y says nothing of them they follow their prior, where it does the exact normal posterior.
#[test]
fn unknowns_fill_gaps() {
    #[model]
    fn gaps(x: &[f64], y: &[f64]) {
        plate!(gaps = 2, {
            sample!(missing ~ Normal([1.0, -1.0], 1));
        });
        plate!(rows = x.len(), {
            let x = missing.in_gaps(x);
            deterministic!(filled = x);
            sample!(y ~ Normal(x, 1), observed = y);
        });
    }
    let model = gaps(&[0.5, f64::NAN, 2.0, f64::NAN], &[0.0, 2.0, 5.0, -4.0]).unwrap();
    gradient_agrees(&model);
    let posterior = model.sample(&nuts()).unwrap();
    mean_is(&posterior, "missing", &[1.5, -2.5]);
    let filled = posterior.get("filled").unwrap().mean();
    assert_eq!((filled[0], filled[2]), (0.5, 2.0));
    let wrong = gaps(&[0.5, f64::NAN, 2.0, 1.0], &[0.0; 4]).unwrap_err().to_string();
    assert!(wrong.contains("one number per gap (NaN) of the data, 1"), "{wrong}");
}
