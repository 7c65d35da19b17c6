//! The categorical distribution, whose number of parameters varies: by logits against mpmath (60 digits; the rows
//! `CategoricalLogits` of the reference table), by weights against logits, and its draws against its probabilities.

use mynah::LogDensity;
use mynah::graph::Var;
use mynah::model;
use mynah::prelude::*;

/// The log probability of `category` and its gradient by the logits, from a model whose logits are its unknowns.
fn by_logits(logits: &[f64], category: u64, weights: bool) -> (f64, Vec<f64>) {
    let model = Model::record(|scope| {
        scope.enter("categories", logits.len());
        let z = scope.site("z").sample(Flat());
        scope.exit();
        let each: Vec<Var<'_>> =
            (0..logits.len()).map(|k| if weights { z.at(k).exp() } else { z.at(k) }).collect();
        let site = scope.site("k");
        if weights {
            site.observe(Categorical(each), category)
        } else {
            site.observe(CategoricalLogits(each), category)
        }
        Ok(())
    });
    let mut gradient = vec![0.0; logits.len()];
    let value = model.unwrap().density().log_density_and_gradient(logits, &mut gradient).unwrap();
    (value, gradient)
}

fn close(ours: f64, exact: f64) -> bool {
    // 1e-10 relative; below 1e-25 the reference is the residue of its own arithmetic.
    (ours - exact).abs() <= 1e-10 * exact.abs() + 1e-25
}

#[test]
fn logits_meet_the_reference() {
    let table: [(&[f64], u64, f64, &[f64]); 3] = [
        (
            &[0.0, 1.0, -2.0],
            1,
            -0.3490122167681864,
            &[-0.25949646034241912, 0.29461548730175884, -0.03511902695933972],
        ),
        (&[500.0, -500.0, 499.0], 2, -1.3132616875182228, &[-0.7310585786300049, 0.0, 0.7310585786300049]),
        (
            &[0.001, 0.0, 0.0, 0.0],
            0,
            -1.3855444548855146,
            &[0.7498124531289111, -0.2499374843763037, -0.2499374843763037, -0.2499374843763037],
        ),
    ];
    for (logits, category, log_prob, slopes) in table {
        let (value, gradient) = by_logits(logits, category, false);
        assert!(close(value, log_prob), "{value} against {log_prob}");
        for (ours, exact) in gradient.iter().zip(slopes) {
            assert!(close(*ours, *exact), "{ours} against {exact}");
        }
    }
}

#[test]
fn weights_are_exponentials_of_logits() {
    for category in 0..4 {
        let logits = [0.3, -1.2, 2.0, 0.1];
        let (by_logit, slopes) = by_logits(&logits, category, false);
        let (by_weight, weight_slopes) = by_logits(&logits, category, true);
        assert!((by_logit - by_weight).abs() < 1e-14);
        assert!(slopes.iter().zip(&weight_slopes).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}

/// Chi-square with 2 degrees of freedom: 27.6 has probability 1e-6.
#[test]
fn draws_have_the_probabilities() {
    let probabilities = [0.2, 0.5, 0.3];
    let model = Model::record(|scope| {
        scope.site("unused").sample(Normal(0.0, 1.0));
        scope.enter("rows", 20_000);
        scope.site("k").observe(Categorical(probabilities), vec![0u64; 20_000]);
        scope.exit();
        Ok(())
    });
    let drawn = &model.unwrap().sample_prior(1, Seed(3)).unwrap()[0];
    let mut counts = [0.0; 3];
    drawn.get("k").unwrap().iter().for_each(|k| counts[*k as usize] += 1.0);
    let score = |(n, p): (&f64, &f64)| (n - 20_000.0 * p).powi(2) / (20_000.0 * p);
    let chi_square: f64 = counts.iter().zip(&probabilities).map(score).sum();
    assert!(chi_square < 27.6, "{counts:?}");
}

#[model]
fn unnormalised(k: &[u64]) {
    sample!(p ~ Uniform(0.0, 1.0));
    sample!(q ~ Uniform(0.0, 1.0));
    plate!(rows = k.len(), {
        sample!(k ~ Categorical((p, q, 1.0 - p - q)), observed = k);
    });
}

/// z with logistic(z) = p.
fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

#[test]
fn negative_weights_are_no_distribution() {
    let model = unnormalised(&[0, 1, 0, 2]).unwrap();
    let mut density = model.density();
    let mut gradient = [0.0; 2];
    assert!(density.log_density_and_gradient(&[logit(0.5), logit(0.2)], &mut gradient).is_ok());
    let negative = [logit(0.7), logit(0.8)];
    let alone = density.log_density(&negative).unwrap_err().to_string();
    let error = density.log_density_and_gradient(&negative, &mut gradient).unwrap_err().to_string();
    assert!(error.contains("weight 2 = -0.5") && error.contains("NaN"), "{error}");
    assert_eq!(alone, error);
}

#[test]
fn draws_stay_where_all_weights_are_positive() {
    let data: Vec<u64> = [0; 10].into_iter().chain([1; 6]).chain([2; 8]).collect();
    let nuts = Nuts::default().chains(1).threads(1).warmup(300).draws(500).seed(4).progress(Progress::Hidden);
    let draws = unnormalised(&data).unwrap().sample(&nuts).unwrap();
    let (p, q) = (draws.column("p").unwrap()[0], draws.column("q").unwrap()[0]);
    assert!(p.iter().zip(q).all(|(p, q)| p + q < 1.0));
}

#[test]
fn weights_without_a_sum_have_no_draws_and_no_density() {
    let model = |weights: [f64; 3], category: u64| {
        Model::record(|scope| {
            scope.enter("categories", 3);
            let z = scope.site("z").sample(Flat());
            scope.exit();
            scope.site("k").observe(Categorical([z.at(0), z.at(1), z.at(2)]), category);
            Ok(())
        })
        .unwrap()
        .density()
        .log_density_and_gradient(&weights, &mut [0.0; 3])
    };
    assert!(model([1.0, 2.0, 0.0], 1).is_ok());
    for bad in [[0.0; 3], [1.0, -1e-9, 1.0], [1.0, f64::NAN, 1.0], [-1.0; 3]] {
        assert!(model(bad, 0).unwrap_err().to_string().contains("NaN"), "{bad:?}");
    }
    // A weight of 0 makes its category impossible, not undefined.
    assert!(model([1.0, 2.0, 0.0], 2).unwrap_err().to_string().contains("-inf"));
    // Sums of weights do not overflow.
    let large = model([1e308, 1e308, 2e307], 0).unwrap();
    // A few roundings of the logarithm of 1e308, which is 709.
    assert!((large - (1.0f64 / 2.2).ln()).abs() < 5e-13);
}

#[test]
fn prior_draws_of_negative_weights_are_not_categories() {
    let model = unnormalised(&[0; 50]).unwrap();
    for drawn in model.sample_prior(40, Seed(8)).unwrap() {
        let rest = 1.0 - drawn.get("p").unwrap()[0] - drawn.get("q").unwrap()[0];
        let categories = drawn.get("k").unwrap();
        match rest < 0.0 {
            true => assert!(categories.iter().all(|k| k.is_nan())),
            false => assert!(categories.iter().all(|k| [0.0, 1.0, 2.0].contains(k))),
        }
    }
}

#[test]
fn no_categories_is_an_error() {
    let none: Vec<f64> = vec![];
    let model = Model::record(|scope| {
        scope.site("unused").sample(Normal(0.0, 1.0));
        scope.site("k").observe(Categorical(none), 0u64);
        Ok(())
    });
    assert!(model.unwrap_err().to_string().contains("at least one category"));
}
