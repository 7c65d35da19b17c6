//! Densities as variables: a value per element, and slopes weighed by what is made of it.
//!
//! What `log_prob_of` gives must be, element by element, what the same distribution gives in a statement; and sums of it, weighed in
//! any way, must have the slopes that differences find.

use mynah::check;
use mynah::dist::Density;
use mynah::graph::{Argument, Learned, RowDensity, RowEvaluator, Var, WeightedEvaluator};
use mynah::model::Scope;
use mynah::prelude::*;
use std::sync::Arc;

/// Log densities and gradients of two recordings of the same model agree to rounding of sums of some hundred terms.
fn same(one: &Model, other: &Model, points: u64) {
    let (mut left, mut right) = (one.density(), other.density());
    for z in check::random_points(one.dim(), points as usize, 7) {
        let (mut by_left, mut by_right) = (vec![0.0; z.len()], vec![0.0; z.len()]);
        let value = left.log_density_and_gradient(&z, &mut by_left).unwrap();
        let again = right.log_density_and_gradient(&z, &mut by_right).unwrap();
        assert!((value - again).abs() <= 1e-12 * (1.0 + value.abs()), "{value} {again}");
        assert_eq!(again, right.log_density(&z).unwrap(), "both sweeps give the same value");
        for (left, right) in by_left.iter().zip(&by_right) {
            assert!((left - right).abs() <= 1e-11 * (1.0 + left.abs()), "{left} {right}");
        }
    }
}

fn agrees(model: &Model) {
    let check = check::gradient(&mut model.density(), &check::random_points(model.dim(), 10, 3)).unwrap();
    assert!(check.agrees(), "{check}");
}

/// The statement `y ~ distribution`, and the same by a factor of the log densities.
fn both_ways<'a, D, V>(plate: usize, data: V, distribution: D) -> [Model; 2]
where
    D: for<'s> Fn(&'s Scope, [Var<'s>; 2]) -> Density<'s>,
    V: Copy + mynah::dist::IntoObserved + 'a,
{
    [true, false].map(|as_statement| {
        Model::record(|scope| {
            let a = scope.site("a").sample(Normal(0.3, 1.0));
            let b = scope.site("b").sample(HalfNormal(1.0));
            scope.enter("rows", plate);
            let density = distribution(scope, [a, b]);
            match as_statement {
                true => scope.site("y").observe(density, data),
                false => scope.site("y").factor(density.log_prob_of(data)),
            }
            scope.exit();
            Ok(())
        })
        .unwrap()
    })
}

#[test]
fn what_a_statement_says_a_factor_says() {
    let reals: Vec<f64> = (0..150).map(|i| (f64::from(i) * 0.7).sin() * 2.0).collect();
    let covariate: Vec<f64> = (0..150).map(|i| f64::from(i % 7) * 0.1).collect();
    let counts: Vec<u64> = (0..150).map(|i| i % 11).collect();
    let groups: Vec<f64> = (0..150).map(|i| f64::from(i / 40)).collect();
    let (few, ones) = (&reals[..5], [0_u64, 1, 1, 0, 1]);
    let models = [
        // One row of parameters for all, few and many; a row each; rows that some share.
        both_ways(5, few, |_, [a, b]| Normal(a, b).density()),
        both_ways(150, &reals[..], |_, [a, b]| Normal(a, b).density()),
        both_ways(150, &reals[..], |_, [a, b]| StudentT(4, a + b * &covariate * &reals, b).density()),
        both_ways(150, &reals[..], |_, [a, b]| Normal(a + b * &groups, b).density()),
        both_ways(150, &counts[..], |_, [a, _]| PoissonLog(a).density()),
        both_ways(150, &counts[..], |_, [a, b]| Poisson((a + b * &covariate).exp()).density()),
        both_ways(150, &counts[..], |_, [a, b]| Poisson((a + b * &reals).exp()).density()),
        both_ways(5, ones, |_, [a, _]| BernoulliLogit(a).density()),
        both_ways(5, ones, |_, [a, b]| CategoricalLogits((a, b, 0.0)).density()),
        both_ways(5, ones, |_, [a, b]| {
            Categorical((a.exp(), b, &few.iter().map(|x| x.abs()).collect::<Vec<_>>())).density()
        }),
        both_ways(2, [[0.7, 1.0], [0.9, 0.0]], |_, [a, b]| Wiener(a, 1.5 + b, 0.5, 0.2).density()),
    ];
    for [statement, factor] in models {
        same(&statement, &factor, 6);
    }
}

#[test]
fn an_unknown_by_its_log_density() {
    #[model]
    fn by_statement(n: usize) {
        sample!(scale ~ HalfNormal(2));
        plate!(rows = n, {
            sample!(x ~ Normal(scale, scale));
        });
    }
    #[model]
    fn by_factor(n: usize) {
        sample!(scale ~ HalfNormal(2));
        plate!(rows = n, {
            sample!(x ~ Flat());
            factor!(prior = Normal(scale, scale).log_prob_of(x));
        });
    }
    same(&by_statement(3).unwrap(), &by_factor(3).unwrap(), 5);
    same(&by_statement(70).unwrap(), &by_factor(70).unwrap(), 5);
}

/// The elements, each with a weight of its own that may be 0, in nested plates whose parameters have one axis each.
#[test]
fn weights_reach_the_slopes() {
    #[model]
    fn nested(y: &[f64], weights: &[f64]) {
        plate!(rows = 4, {
            sample!(mu ~ Normal(0, 1));
            plate!(columns = 25, {
                sample!(sigma ~ HalfNormal(1));
                let each = Normal(mu, sigma.exp()).log_prob_of(y);
                factor!(likelihood = each * weights * mu.tanh());
            });
        });
        factor!(more = (0.01 * each).exp().sum());
    }
    let y: Vec<f64> = (0..100).map(|i| (f64::from(i) * 1.3).cos()).collect();
    let weights: Vec<f64> = (0..100).map(|i| f64::from(i % 4) * 0.5).collect();
    agrees(&nested(&y, &weights).unwrap());
    // The same numbers, added up by hand.
    let model = nested(&y, &weights).unwrap();
    let z: Vec<f64> = (0..model.dim()).map(|i| (i as f64 * 0.37).sin()).collect();
    let normal = |x: f64, m: f64, s: f64| Normal(m, s).log_prob(x);
    let mut total = 0.0;
    for r in 0..4 {
        total += normal(z[r], 0.0, 1.0);
        for c in 0..25 {
            let (log_sigma, i) = (z[4 + r * 25 + c], r * 25 + c);
            let sigma: f64 = log_sigma.exp();
            let each = normal(y[i], z[r], sigma.exp());
            total += HalfNormal(1.0).log_prob(sigma) + log_sigma;
            total += each * weights[i] * z[r].tanh() + (0.01 * each).exp();
        }
    }
    let value = model.log_density(&z).unwrap();
    assert!((value - total).abs() < 1e-12 * total.abs(), "{value} {total}");
}

#[test]
fn outside_the_support_it_is_impossible_and_has_no_slope() {
    #[model]
    fn mixed(y: &[f64]) {
        sample!(scale ~ HalfNormal(1));
        plate!(rows = y.len(), {
            let positive = LogNormal(0.0, scale).log_prob_of(y);
            let real = Normal(0.0, scale).log_prob_of(y);
            let count = Poisson(scale).log_prob_of(y);
            factor!(likelihood = Var::log_sum_exp_of(&[positive, real, count]));
        });
    }
    for y in [&[-0.5, 1.5, 2.0, -3.0][..], &[-1.0; 40], &[0.5; 40]] {
        agrees(&mixed(y).unwrap());
    }
}

#[test]
fn without_a_variable_there_is_nothing_to_record_in() {
    let panic = std::panic::catch_unwind(|| {
        let _ = Normal(0, 1).log_prob_of([0.1, 0.2]);
    });
    let panic = panic.unwrap_err();
    let owned = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    let message = panic.downcast_ref::<&str>().map_or(owned, |text| (*text).to_string());
    assert!(message.contains("`log_prob` of"), "{message}");
}

#[test]
fn mistakes_are_named() {
    fn error_of(record: impl for<'s> Fn(&'s Scope, Var<'s>) -> Var<'s>) -> String {
        let model = Model::record(|scope| {
            let x = scope.site("x").sample(Normal(0, 1));
            scope.enter("rows", 3);
            scope.site("f").factor(record(scope, x));
            scope.exit();
            Ok(())
        });
        model.unwrap_err().to_string()
    }
    let data = [0.1, 0.2];
    let message = error_of(|_, x| Normal(x, 1).log_prob_of(data));
    assert!(message.contains("site `f` in plate `rows`") && message.contains("length 2"), "{message}");
    let message = error_of(|_, x| Normal(x, -1).log_prob_of(0.5));
    assert!(message.contains("a positive number for the parameter `scale` of Normal"), "{message}");
    let message = error_of(|_, x| Normal(x, 1).log_prob_of([f64::NAN, 0.0, 0.0]));
    assert!(message.contains("NaN at position 0"), "{message}");
    let message = error_of(|_, x| Wiener(x, 1, 0.5, 0.1).log_prob_of([0.3, 0.4, 0.5]));
    assert!(message.contains("2 numbers per element"), "{message}");
    let message = error_of(|_, x| Wiener(0.1, 1, 0.5, 0.1).log_prob_of(x));
    assert!(message.contains("2 numbers per element"), "{message}");
    let message = error_of(|_, x| x.log_mix([0.0, 1.0], 2.0));
    assert!(message.contains("length 2"), "{message}");
}

#[test]
fn sums_of_exponentials_over_plates() {
    #[model]
    fn nested() {
        plate!(rows = 3, {
            plate!(columns = 4, {
                sample!(x ~ Normal(0, 1));
            });
            deterministic!(by_row = x.log_sum_exp());
        });
        deterministic!(all = (x * 3.0).log_sum_exp());
        plate!(columns = 2, {
            deterministic!(again = x.log_sum_exp_over("columns").log_sum_exp() + 0.0);
        });
        factor!(used = by_row.sum() - all * again);
    }
    let model = nested().unwrap();
    agrees(&model);
    let z: Vec<f64> = (0..12).map(|i| f64::from(i) * 0.3 - 1.0).collect();
    let values = model.values_at(&z).unwrap();
    let log_sum_exp = |x: &[f64]| x.iter().map(|x| x.exp()).sum::<f64>().ln();
    for r in 0..3 {
        let (got, want) = (values.get("by_row").unwrap()[r], log_sum_exp(&z[r * 4..r * 4 + 4]));
        assert!((got - want).abs() < 1e-14, "{got} {want}");
    }
    let tripled: Vec<f64> = z.iter().map(|x| 3.0 * x).collect();
    assert!((values.get("all").unwrap()[0] - log_sum_exp(&tripled)).abs() < 1e-14);
    assert!((values.get("again").unwrap()[0] - log_sum_exp(&z)).abs() < 1e-14);
}

/// log p(x | a, b) = -(x - a b)^2 - b x, the gradient of whole sums alone unless `weighs`.
#[derive(Clone)]
struct Bent {
    names: Vec<String>,
    weighs: bool,
    data: Vec<f64>,
    row_of_datum: Vec<u32>,
    rows: usize,
}

impl Bent {
    fn shared(weighs: bool) -> Arc<dyn Learned> {
        let names = ["a", "b"].map(String::from).to_vec();
        Arc::new(Bent { names, weighs, data: vec![], row_of_datum: vec![], rows: 0 })
    }

    fn each(&self, parameters: &[f64], i: usize) -> (f64, usize, [f64; 2]) {
        let (row, x) = (self.row_of_datum[i] as usize, self.data[i]);
        let [a, b] = [parameters[row], parameters[self.rows + row]];
        let miss = x - a * b;
        (-miss * miss - b * x, row, [2.0 * miss * b, 2.0 * miss * a - x])
    }
}

impl Learned for Bent {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn width(&self) -> usize {
        1
    }

    fn bind(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Arc<dyn RowDensity>> {
        Ok(Arc::new(Bent { data: data.to_vec(), row_of_datum: row_of_datum.to_vec(), rows, ..self.clone() }))
    }
}

impl RowDensity for Bent {
    fn parameters(&self) -> usize {
        2
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn evaluator(&self) -> Box<dyn RowEvaluator> {
        Box::new(self.clone())
    }

    fn weighted_evaluator(&self) -> Option<Box<dyn WeightedEvaluator>> {
        self.weighs.then(|| Box::new(self.clone()) as Box<dyn WeightedEvaluator>)
    }

    fn rows_outside(&self, parameters: &[f64]) -> usize {
        parameters[..self.rows].iter().filter(|a| **a > 10.0).count()
    }

    fn doubts(&self) -> Vec<String> {
        vec!["bent".to_string()]
    }
}

impl RowEvaluator for Bent {
    fn log_prob(&mut self, parameters: &[f64]) -> f64 {
        (0..self.data.len()).map(|i| self.each(parameters, i).0).sum()
    }

    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        self.weighted_gradient(parameters, &vec![1.0; self.data.len()], gradient);
        self.log_prob(parameters)
    }

    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]) {
        out.iter_mut().enumerate().for_each(|(i, out)| *out = self.each(parameters, i).0);
    }
}

impl WeightedEvaluator for Bent {
    fn weighted_gradient(&mut self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        for (i, weight) in weights.iter().enumerate() {
            let (_, row, slopes) = self.each(parameters, i);
            (0..2).for_each(|p| gradient[p * self.rows + row] += weight * slopes[p]);
        }
    }
}

#[test]
fn a_plugged_in_density_with_and_without_weights() {
    let y: Vec<f64> = (0..40).map(|i| f64::from(i % 9) * 0.2 - 0.5).collect();
    let models = [true, false].map(|weighs| {
        Model::record(|scope| {
            let p = scope.site("p").sample(Beta(2, 2));
            scope.enter("groups", 3);
            let a = scope.site("a").sample(Normal(0, 1));
            scope.exit();
            scope.enter("rows", y.len());
            let index: Vec<usize> = (0..y.len()).map(|i| i * 7 % 3).collect();
            let arguments: Vec<Argument> = vec![a.at(&index).into(), p.into()];
            let bent = Density::learned(Bent::shared(weighs), arguments);
            let log_prob = bent.log_prob_of(&y);
            scope.site("f").factor(p.log_mix(log_prob, Normal(0.0 * p, 2).log_prob_of(&y)));
            scope.exit();
            Ok(())
        })
        .unwrap()
    });
    models.iter().for_each(agrees);
    same(&models[0], &models[1], 5);
}
