//! Draws of learned densities against the densities themselves, on the random networks of [`super::tests`].

use super::tests::{ROWS, cases, data, likelihood};
use crate::error::ErrorKind;
use crate::seed::{Domain, Seed};
use crate::simulate::Outcome;

// If x is drawn from q at theta, the mean of q(x | theta') / q(x | theta) is 1 for every theta'. 4.5 standard errors: a false alarm in 150 000
// for each of the ten likelihoods and three pairs of parameters.
#[test]
fn draws_are_those_of_the_density() {
    for (outcome, likelihood) in cases() {
        let names = likelihood.names().to_vec();
        for (at, near) in [
            ([0.8, 0.4, 0.1], [0.9, 0.5, 0.1]),
            ([1.7, -0.8, 0.3], [1.6, -0.9, 0.3]),
            ([1.2, 1.5, 0.0], [1.2, 1.2, 0.0]),
        ] {
            let (at, near) = (&at[..names.len()], &near[..names.len()]);
            let given = names.iter().map(String::as_str).zip(at.iter().copied());
            let x = likelihood.sample(given, 4_000, Seed(8)).unwrap();
            let rows = vec![0; 4_000];
            let log_probs = |theta: &[f64]| {
                let mut out = vec![0.0; rows.len()];
                likelihood.bind(&x, &rows, 1).unwrap().evaluator().pointwise(theta, &mut out);
                out
            };
            let ratios: Vec<f64> =
                log_probs(near).iter().zip(log_probs(at)).map(|(a, b)| (a - b).exp()).collect();
            let n = ratios.len() as f64;
            let mean = ratios.iter().sum::<f64>() / n;
            let se = (ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n / n).sqrt();
            assert!(se < 0.2 && (mean - 1.0).abs() < 4.5 * se, "{outcome:?} at {at:?}: {mean} +- {se}");
        }
    }
}

// The probability integral transform of 4 000 draws is uniform: the largest distance of their distribution from that of the density is below
// 1.95 / sqrt(4 000) but for one time in 1 000 (Kolmogorov).
#[test]
fn draws_of_a_number_have_its_distribution() {
    for (outcome, likelihood) in cases() {
        let (low, high, theta) = match outcome {
            Outcome::Real { width: 1 } => (-40.0, 40.0, vec![1.1, 0.4]),
            Outcome::TimeAndChoice => (0.2, 60.0, vec![1.1, 0.4, 0.2]),
            _ => continue,
        };
        let given = likelihood.names().iter().map(String::as_str).zip(theta.iter().copied());
        let x = likelihood.sample(given, 4_000, Seed(3)).unwrap();
        let width = outcome.width();
        let mut sorted: Vec<f64> = x.iter().step_by(width).copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let cells = 200_000;
        let step = (high - low) / f64::from(cells);
        let middle = |i: i32| low + (f64::from(i) + 0.5) * step;
        let choices: &[f64] = if width == 2 { &[0.0, 1.0] } else { &[0.0] };
        let density: Vec<Vec<f64>> = choices
            .iter()
            .map(|choice| {
                let data: Vec<f64> =
                    (0..cells).flat_map(|i| [middle(i), *choice][..width].to_vec()).collect();
                let mut out = vec![0.0; cells as usize];
                likelihood
                    .bind(&data, &vec![0; cells as usize], 1)
                    .unwrap()
                    .evaluator()
                    .pointwise(&theta, &mut out);
                out
            })
            .collect();
        let (mut mass, mut farthest) = (0.0, 0.0_f64);
        for i in 0..cells as usize {
            mass += density.iter().map(|d| d[i].exp()).sum::<f64>() * step;
            let below = sorted.partition_point(|x| *x <= middle(i as i32) + 0.5 * step) as f64 / 4_000.0;
            farthest = farthest.max((below - mass).abs());
        }
        assert!(
            (mass - 1.0).abs() < 0.01,
            "{outcome:?}: the density has mass {mass} between {low} and {high}"
        );
        assert!(farthest < 1.95 / 4_000.0_f64.sqrt() + 0.005, "{outcome:?}: {farthest}");
    }
}

#[test]
fn a_bound_density_draws_a_datum_for_each_of_its_own() {
    for (outcome, likelihood) in cases() {
        let (x, rows, parameters) = data(outcome);
        let density = likelihood.bind(&x, &rows, ROWS).unwrap();
        let draw = |seed: u64| density.sample(&parameters, &mut Seed(seed).stream(Domain::User, 0)).unwrap();
        assert_eq!(draw(1).len(), x.len());
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_in_words() {
    let likelihood = likelihood(Outcome::Count);
    type Case<'a> = (&'a [(&'a str, f64)], usize, ErrorKind, &'a str);
    let cases: [Case<'_>; 7] = [
        (&[], 1, ErrorKind::Site, "no `a`"),
        (&[("a", 1.0)], 1, ErrorKind::Site, "no `b`"),
        (&[("a", 1.0), ("b", 0.0), ("c", 0.0)], 1, ErrorKind::Site, "the unknown name `c`"),
        (&[("a", 1.0), ("b", 0.0), ("a", 0.0)], 1, ErrorKind::Site, "`a` twice"),
        (&[("a", f64::NAN), ("b", 0.0)], 1, ErrorKind::Value, "a = NaN"),
        (&[("a", 1.0), ("b", f64::INFINITY)], 1, ErrorKind::Value, "b = inf"),
        (&[("a", 1.0), ("b", 0.0)], usize::MAX, ErrorKind::Options, "numbers in one call"),
    ];
    for (given, count, kind, message) in cases {
        let error = likelihood.sample(given.iter().copied(), count, Seed(1)).unwrap_err();
        assert!(error.kind() == kind && error.to_string().contains(message), "{error:?}, not {message}");
    }
    assert!(likelihood.sample([("a", 1.0), ("b", 0.0)], 0, Seed(1)).unwrap().is_empty());
    for theta in [[f64::NAN, 0.0], [1.0, f64::NEG_INFINITY]] {
        assert_eq!(likelihood.log_prob(&theta, &[1.0]).unwrap_err().kind(), ErrorKind::Value);
    }
    assert_eq!(likelihood.bind(&[1.0], &[0], usize::MAX).err().unwrap().kind(), ErrorKind::Shape);
    assert_eq!(likelihood.bind(&[], &[0], 1).err().unwrap().kind(), ErrorKind::Shape);
}

// Slices of any length make NaN, none, or all rows: never a panic.
#[test]
fn slices_of_the_wrong_length_are_taken_for_what_they_are() {
    for (outcome, likelihood) in cases() {
        let (x, rows, parameters) = data(outcome);
        let density = likelihood.bind(&x, &rows, ROWS).unwrap();
        let stream = &mut Seed(1).stream(Domain::User, 0);
        for wrong in [vec![], parameters[1..].to_vec(), [&parameters[..], &[0.5]].concat()] {
            let mut evaluator = density.evaluator();
            let (mut gradient, mut each) = (vec![0.0; parameters.len()], vec![0.0; rows.len()]);
            assert!(evaluator.log_prob(&wrong).is_nan());
            assert!(evaluator.log_prob_and_gradient(&wrong, &mut gradient).is_nan() && gradient[0].is_nan());
            assert!(evaluator.log_prob_and_gradient(&parameters, &mut wrong.clone()).is_nan());
            evaluator.pointwise(&wrong, &mut each);
            assert!(each[0].is_nan());
            evaluator.pointwise(&parameters, &mut each[1..]);
            assert_eq!(density.rows_outside(&wrong), ROWS);
            assert_eq!(density.sample(&wrong, stream), None);
            assert!(density.check_posterior(&[wrong.clone(), wrong], stream).sentences.is_empty());
            assert!(density.check_posterior(&[], stream).sentences.is_empty());
        }
        for x in [&x[1..], &[x.clone(), vec![0.5]].concat(), &[]] {
            assert_eq!(likelihood.bind(x, &rows, ROWS).err().unwrap().kind(), ErrorKind::Shape);
        }
        assert!(!likelihood.region().contains(&[]) && !likelihood.region().contains(&[1.0; 9]));
    }
}
