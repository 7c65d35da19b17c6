//! Promises of ensembles and of flows over several columns, on the random networks of [`super::tests`].

use super::NeuralLikelihood;
use super::tests::{OUTCOMES, ROWS, cases, data, likelihood, parts};
use crate::simulate::Outcome;

// 1e-12: sums of three exponentials in f64.
#[test]
fn an_ensemble_is_the_mixture_of_its_members() {
    for (outcome, likelihood) in cases().into_iter().filter(|(_, likelihood)| likelihood.members().len() == 3)
    {
        let (x, _, parameters) = data(outcome);
        let theta: Vec<f64> = parameters.iter().step_by(ROWS).copied().collect();
        let members = likelihood.members();
        for x in x.chunks_exact(outcome.width()) {
            let density = |member: &NeuralLikelihood| member.log_prob(&theta, x).unwrap().exp();
            let expected = (members.iter().map(density).sum::<f64>() / 3.0).ln();
            let got = likelihood.log_prob(&theta, x).unwrap();
            assert!((got - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{outcome:?}: {got} {expected}");
        }
    }
}

// Outside the training region each datum loses the same in an ensemble as alone, and the gradient leads back.
#[test]
fn an_ensemble_of_one_likelihood_is_that_likelihood_outside_its_region_too() {
    for outcome in OUTCOMES {
        let alone = likelihood(outcome);
        let twice = NeuralLikelihood::ensemble(parts(outcome, 0), vec![parts(outcome, 0)]);
        let (x, rows, mut parameters) = data(outcome);
        parameters[0] = 2.7;
        let run = |likelihood: &NeuralLikelihood| {
            let mut gradient = vec![0.0; parameters.len()];
            let density = likelihood.bind(&x, &rows, ROWS).unwrap();
            assert_eq!(density.rows_outside(&parameters), 1);
            (density.evaluator().log_prob_and_gradient(&parameters, &mut gradient), gradient)
        };
        let ((value, gradient), (value_2, gradient_2)) = (run(&alone), run(&twice));
        assert!((value - value_2).abs() < 1e-10 * value.abs(), "{outcome:?}: {value} {value_2}");
        for (one, two) in gradient.iter().zip(&gradient_2) {
            // f32 sums in two parts instead of one.
            assert!((one - two).abs() < 1e-4 * (1.0 + one.abs()), "{outcome:?}: {one} {two}");
        }
    }
}

#[test]
fn weights_of_several_columns_that_do_not_fit_are_refused_in_words() {
    let path = std::env::temp_dir().join(format!("mynah-wide-{}.safetensors", std::process::id()));
    likelihood(Outcome::Real { width: 2 }).save(&path).unwrap();
    let good = std::fs::read(&path).unwrap();
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = good.windows(from.len()).position(|w| w == from.as_bytes()).expect(from);
        [&good[..at], to.as_bytes(), &good[at + to.len()..]].concat()
    };
    let flow = "a flow over several columns";
    let cases = [
        (replaced("\\\"transforms\\\":3", "\\\"transforms\\\":4"), "expected a tensor `wide`"),
        (replaced("\\\"transforms\\\":3", "\\\"transforms\\\":0"), flow),
        (replaced("\\\"width\\\":2", "\\\"width\\\":3"), flow),
        (replaced("[5,16,12,42]", "[5,12,16,42]"), "expected"),
    ];
    for (bytes, message) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = NeuralLikelihood::load(&path).unwrap_err();
        assert!(error.to_string().contains(message), "{error}, not {message}");
    }
    std::fs::remove_file(&path).unwrap();
}

// 300 data are three blocks of a flow over several columns, 100 are one. 1e-4: f32 sums of gradients in another order.
#[test]
fn blocks_of_data_add_up() {
    for (_, likelihood) in cases().into_iter().filter(|(outcome, _)| *outcome == Outcome::Real { width: 2 }) {
        add_up(&likelihood, 300, [100, 171]);
        add_up(&likelihood, 1200, [400, 401]); // more blocks than an ensemble keeps
    }
}

fn add_up(likelihood: &NeuralLikelihood, count: usize, cuts: [usize; 2]) {
    let (x, _, parameters) = data(Outcome::Real { width: 2 });
    let x: Vec<f64> = x.iter().cycle().take(2 * count).copied().collect();
    let rows: Vec<u32> = (0..count as u32).map(|i| i * 7 % ROWS as u32).collect();
    let run = |from: usize, to: usize| {
        let mut gradient = vec![0.0; parameters.len()];
        let density = likelihood.bind(&x[2 * from..2 * to], &rows[from..to], ROWS).unwrap();
        (density.evaluator().log_prob_and_gradient(&parameters, &mut gradient), gradient)
    };
    let (value, gradient) = run(0, count);
    let parts = [run(0, cuts[0]), run(cuts[0], cuts[1]), run(cuts[1], count)];
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    assert!((value - sum).abs() < 1e-9 * sum.abs(), "{value} {sum}");
    for (i, g) in gradient.iter().enumerate() {
        let sum: f64 = parts.iter().map(|part| part.1[i]).sum();
        assert!((g - sum).abs() < 1e-4 * (1.0 + sum.abs()), "{i}: {g} {sum}");
    }
    let density = likelihood.bind(&[], &[], ROWS).unwrap();
    assert_eq!(density.evaluator().log_prob(&parameters), 0.0, "no data, no density");
}

// A datum at any distance from those of training: a finite log density that falls with the distance, a finite gradient.
#[test]
fn data_far_out_have_finite_densities_and_gradients() {
    for (outcome, likelihood) in cases() {
        let Outcome::Real { width } = outcome else { continue };
        let (x, rows, parameters) = data(outcome);
        for column in 0..width {
            let mut before = f64::INFINITY;
            for far in [1e2, 1e4, 1e8, 1e16, 1e150, 1e300] {
                for side in [-1.0, 1.0] {
                    let mut x = x.clone();
                    x[5 * width + column] = side * far;
                    let mut gradient = vec![f64::NAN; parameters.len()];
                    let density = likelihood.bind(&x, &rows, ROWS).unwrap();
                    let value = density.evaluator().log_prob_and_gradient(&parameters, &mut gradient);
                    assert!(value.is_finite(), "{outcome:?}, column {column} at {far}: {value}");
                    assert!(gradient.iter().all(|g| g.is_finite()), "{outcome:?} at {far}: {gradient:?}");
                    if side > 0.0 {
                        assert!(value < before, "{outcome:?}, column {column} at {far}: {value} {before}");
                        before = value;
                    }
                }
            }
        }
    }
}
