//! Discrete unknowns met from plates whose elements belong to theirs.

use mynah::prelude::*;

const GROUP: [usize; 2] = [1, 0];
const OTHER: [usize; 2] = [0, 0];

/// The mean takes the state of a trial's group; an item's group has nothing to do with it.
#[model]
fn two_ways(y: &[f64]) {
    plate!(groups = 2, {
        sample!(z ~ Bernoulli(0.3));
    });
    sample!(shift ~ Normal(0, 1));
    plate!(trials = 2, of = groups.by(&GROUP), {
        let mean = shift * z;
        plate!(items = 2, of = groups.by(&OTHER), {
            sample!(y ~ Normal(mean, 1), observed = y, missing = skip);
        });
    });
}

#[model]
fn one_way(y: &[f64]) {
    plate!(groups = 2, {
        sample!(z ~ Bernoulli(0.3));
    });
    sample!(shift ~ Normal(0, 1));
    plate!(trials = 2, of = groups.by(&GROUP), {
        let mean = shift * z;
        plate!(items = 2, {
            sample!(y ~ Normal(mean, 1), observed = y);
        });
    });
}

/// Whose element a statement means cannot be told where two plates lead to the unknown's own, and is not guessed.
#[test]
fn several_ways_to_an_unknown_are_refused() {
    for y in [[0.3, -0.2, 1.1, 0.9], [0.3, f64::NAN, 1.1, 0.9]] {
        let error = two_ways(&y).unwrap_err().to_string();
        assert!(error.contains("expected one way to the elements of the discrete unknown `z`"), "{error}");
        assert!(error.contains("at site `y`"), "{error}");
    }
}

#[test]
fn one_way_to_an_unknown_is_taken() {
    let y = [0.3, -0.2, 1.1, 0.9];
    let model = one_way(&y).unwrap();
    for shift in [-0.7, 0.4, 1.3] {
        let group = |first: usize| {
            let of = |p: f64, z: f64| {
                let each = y[first..first + 2].iter().map(|y| Normal(shift * z, 1.0).log_prob(*y));
                p * each.sum::<f64>().exp()
            };
            (of(0.3, 1.0) + of(0.7, 0.0)).ln()
        };
        let exact = Normal(0.0, 1.0).log_prob(shift) + group(0) + group(2);
        let found = model.log_density(&[shift]).unwrap();
        assert!((found - exact).abs() < 1e-12, "{found} {exact}");
    }
}
