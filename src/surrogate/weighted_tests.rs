//! Data that are weighed, on the random networks of [`super::tests`]: the gradient of a weighted sum is the weighted sum of the gradients of
//! data bound alone.

use super::NeuralLikelihood;
use super::tests::{OUTCOMES, ROWS, cases, data, likelihood};
use crate::dist::{Distribution, Normal, Uniform, UniformResponse};
use crate::logdensity::LogDensity;
use crate::model::Model;
use crate::simulate::Outcome;

/// The log density of each datum, and the sum of its gradients by the parameters of all rows, each times its weight.
fn one_by_one(
    likelihood: &NeuralLikelihood,
    (x, rows, parameters): &(Vec<f64>, Vec<u32>, Vec<f64>),
    weights: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let (mut each, mut sum) = (vec![], vec![0.0; parameters.len()]);
    let mut gradient = sum.clone();
    for ((x, row), weight) in x.chunks_exact(likelihood.outcome().width()).zip(rows).zip(weights) {
        let density = likelihood.bind(x, &[*row], ROWS).unwrap();
        each.push(density.evaluator().log_prob_and_gradient(parameters, &mut gradient));
        if *weight != 0.0 {
            sum.iter_mut().zip(&gradient).for_each(|(sum, g)| *sum += weight * g);
        }
    }
    (each, sum)
}

// 1e-4: gradients of networks in f32, added up in another order.
fn agrees(likelihood: &NeuralLikelihood, data: &(Vec<f64>, Vec<u32>, Vec<f64>), weights: &[f64]) {
    let (x, rows, parameters) = data;
    let (expected, expected_gradient) = one_by_one(likelihood, data, weights);
    let mut evaluator = likelihood.bind(x, rows, ROWS).unwrap().weighted_evaluator().unwrap();
    let (mut each, mut gradient) = (vec![0.0; rows.len()], vec![f64::NAN; parameters.len()]);
    // Twice, because workspaces are used again.
    for _ in 0..2 {
        evaluator.pointwise(parameters, &mut each);
        evaluator.weighted_gradient(parameters, weights, &mut gradient);
        for (got, want) in each.iter().zip(&expected) {
            assert!(got == want || (got - want).abs() < 1e-5 * (1.0 + want.abs()), "{got} {want}");
        }
        for (got, want) in gradient.iter().zip(&expected_gradient) {
            assert!(
                (got - want).abs() < 1e-4 * (1.0 + want.abs()),
                "{:?}: {got} {want}",
                likelihood.outcome()
            );
        }
    }
}

#[test]
fn weighted_gradients_are_weighted_sums_of_gradients() {
    let weights: Vec<f64> = (0..40).map(|i| f64::from(i % 5) * 0.4 - 0.4).collect();
    for (outcome, likelihood) in cases() {
        let mut data = data(outcome);
        agrees(&likelihood, &data, &weights);
        agrees(&likelihood, &data, &[1.0; 40]);
        agrees(&likelihood, &data, &[0.0; 40]);
        data.2[0] = 2.7; // outside of the training region
        agrees(&likelihood, &data, &weights);
    }
}

#[test]
fn times_that_are_impossible_and_have_no_weight_play_no_part() {
    for (outcome, likelihood) in cases() {
        if outcome == Outcome::TimeAndChoice {
            let mut data = data(outcome);
            let last = data.2.len() - ROWS;
            data.2[last..].fill(1.0); // t0, above some of the times
            let weights: Vec<f64> = (0..40).map(|i| if data.0[2 * i] <= 1.0 { 0.0 } else { 0.7 }).collect();
            assert!(weights.contains(&0.0) && weights.contains(&0.7));
            agrees(&likelihood, &data, &weights);
        }
    }
}

/// The gradient of a model by differences: the log density is one of networks in f32, so that the steps are wide and the promise small.
fn gradient_holds(model: &Model, z: &[f64]) {
    let mut density = model.density();
    let mut gradient = vec![0.0; z.len()];
    density.log_density_and_gradient(z, &mut gradient).unwrap();
    for i in 0..z.len() {
        let mut at = |step: f64| {
            let mut moved = z.to_vec();
            moved[i] += step;
            density.log_density(&moved).unwrap()
        };
        let h = 2e-3;
        let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!((gradient[i] - slope).abs() < 1e-2 * (1.0 + slope.abs()), "{i}: {} {slope}", gradient[i]);
    }
}

#[test]
fn a_learned_likelihood_with_lapses() {
    let likelihood = likelihood(Outcome::TimeAndChoice);
    let (x, ..) = data(Outcome::TimeAndChoice);
    let responses: Vec<[f64; 2]> = x.chunks_exact(2).map(|x| [x[0], x[1]]).collect();
    let model = Model::record(|scope| {
        let lapse = scope.site("lapse").sample(Uniform(0, 1));
        let a = scope.site("a").sample(Uniform(0.5, 2));
        let t0 = scope.site("t0").sample(Normal(1, 0.1));
        scope.enter("trials", responses.len());
        let given = likelihood.given([("a", a.into()), ("b", 0.3.into()), ("t0", t0.into())]);
        scope.site("response").observe(given.lapse(lapse, UniformResponse(0, 10)), &responses);
        scope.exit();
        Ok(())
    });
    let model = model.unwrap();
    let z = [-1.0, 0.2, 0.97];
    let (lapse, inside) = (1.0 / (1.0 + 1.0_f64.exp()), 1.0 / (1.0 + (-0.2_f64).exp()));
    let theta = [0.5 + 1.5 * inside, 0.3, z[2]];
    // Log-Jacobians of both intervals, and the prior of t0.
    let mut expected = [1.0 - 2.0 * lapse, 1.0 - 2.0 * inside, (1.0 - z[2]) / 0.01];
    let each = model.pointwise_log_density(&z, "response").unwrap();
    assert!(responses.iter().any(|[rt, _]| *rt < z[2]), "some times are impossible but for lapses");
    for (response, got) in responses.iter().zip(each) {
        let mut slopes = [0.0; 3];
        let bound = likelihood.bind(response, &[0], 1).unwrap();
        let learned = bound.evaluator().log_prob_and_gradient(&theta, &mut slopes).exp();
        let density = (1.0 - lapse) * learned + lapse / 20.0;
        assert!((got - density.ln()).abs() < 1e-5 * (1.0 + got.abs()), "{got} {}", density.ln());
        expected[0] += (0.05 - learned) / density * lapse * (1.0 - lapse);
        if learned > 0.0 {
            let share = (1.0 - lapse) * learned / density;
            expected[1] += share * slopes[0] * 1.5 * inside * (1.0 - inside);
            expected[2] += share * slopes[2];
        }
    }
    let mut gradient = [0.0; 3];
    model.density().log_density_and_gradient(&z, &mut gradient).unwrap();
    for (got, want) in gradient.iter().zip(expected) {
        // Networks in f32.
        assert!((got - want).abs() < 1e-4 * (1.0 + want.abs()), "{gradient:?} {expected:?}");
    }
    let drawn = model.sample_prior(3, 1).unwrap();
    assert!(drawn.iter().all(|draw| draw.get("response").unwrap().len() == 80), "it can be drawn from");
    // A trial that lies outside is counted, wherever the likelihood stands.
    let mut density = model.density();
    density.run_forward(&z);
    assert_eq!(density.outside_training_region(), Some(false));
}

#[test]
fn learned_likelihoods_of_every_kind_in_mixtures() {
    for outcome in OUTCOMES.into_iter().filter(|outcome| outcome.width() == 1) {
        let (learned, (x, ..)) = (likelihood(outcome), data(outcome));
        let model = Model::record(|scope| {
            let b = scope.site("b").sample(Normal(0, 0.5));
            scope.enter("rows", x.len());
            let of = |b| learned.given([("a", 1.2.into()), ("b", b)]).log_prob_of(&x);
            scope.site("y").factor(of(b.into()).log_add_exp(of((b * 0.5).into()) + 0.3));
            scope.exit();
            Ok(())
        });
        gradient_holds(&model.unwrap(), &[0.3]);
    }
}
