//! The categorical distribution, whose number of parameters varies: by logits against mpmath (60 digits; the rows
//! `CategoricalLogits` of the reference table), by weights against logits, and its draws against its probabilities.

use mynah::LogDensity;
use mynah::graph::Var;
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
