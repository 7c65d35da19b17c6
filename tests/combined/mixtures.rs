//! Mixtures, and counts with extra or missing zeros.

use super::{DRAWS, agrees, at, close};
use mynah::check;
use mynah::dist::Density;
use mynah::graph::Var;
use mynah::prelude::*;

#[model]
fn two_groups(y: &[f64]) {
    sample!(share ~ Beta(2, 2));
    sample!(low ~ Normal(-1, 1));
    sample!(scale ~ HalfNormal(2));
    plate!(rows = y.len(), {
        sample!(y ~ Mixture([share, 1.0 - share], (Normal(low, 1.0), Normal(low + 2.0, scale))), observed = y);
    });
}

#[model]
fn many_families(y: &[f64], covariate: &[f64]) {
    sample!(w ~ HalfNormal(1));
    sample!(m ~ Normal(0, 1));
    sample!(s ~ HalfNormal(2));
    plate!(rows = y.len(), {
        let inner = Mixture([0.5, 0.5], (Normal(m, 3), Normal(-m, 3)));
        let components = (Normal(m * covariate, s), StudentT(3, m, s), LogNormal(m, s), inner);
        sample!(y ~ Mixture((w, 2, w * covariate, 0.5), components), observed = y);
    });
}

#[test]
fn a_mixture_is_the_sum_of_its_components() {
    let y: Vec<f64> = (0..50).map(|i| (f64::from(i) * 0.77).sin() * 3.0).collect();
    let model = two_groups(&y).unwrap();
    agrees(&model);
    for z in check::random_points(3, 5, 1) {
        let (share, low, scale) = (1.0 / (1.0 + (-z[0]).exp()), z[1], z[2].exp());
        let mut total = Beta(2.0, 2.0).log_prob(share) + (share * (1.0 - share)).ln();
        total += Normal(-1.0, 1.0).log_prob(low) + HalfNormal(2.0).log_prob(scale) + z[2];
        for y in &y {
            let p = [Normal(low, 1.0).log_prob(*y).exp(), Normal(low + 2.0, scale).log_prob(*y).exp()];
            total += (share * p[0] + (1.0 - share) * p[1]).ln();
        }
        let value = model.log_density(&z).unwrap();
        assert!(close(value, total, 1e-12), "{value} {total}");
    }
}

#[test]
fn components_of_several_families_and_weights_of_any_sum() {
    let y: Vec<f64> = (0..30).map(|i| (f64::from(i) * 0.77).sin() * 3.0).collect();
    let covariate: Vec<f64> = (0..30).map(|i| f64::from(i % 5) * 0.3).collect();
    let model = many_families(&y, &covariate).unwrap();
    agrees(&model);
    let z: [f64; 3] = [0.3, -0.4, 0.2];
    let (w, m, s): (f64, f64, f64) = (z[0].exp(), z[1], z[2].exp());
    let each = model.pointwise_log_density(&z, "y").unwrap();
    for ((y, x), got) in y.iter().zip(&covariate).zip(each) {
        let p = |log_prob: f64| log_prob.exp();
        let inner = 0.5 * p(Normal(m, 3.0).log_prob(*y)) + 0.5 * p(Normal(-m, 3.0).log_prob(*y));
        let sum = w * p(Normal(m * x, s).log_prob(*y))
            + 2.0 * p(StudentT(3.0, m, s).log_prob(*y))
            + w * x * p(LogNormal(m, s).log_prob(*y))
            + 0.5 * inner;
        let want = (sum / (w + 2.0 + w * x + 0.5)).ln();
        assert!(close(got, want, 1e-13), "{got} {want}");
    }
}

#[test]
fn a_component_without_weight_is_no_component() {
    let (value, slopes) =
        at([0.0, 1.0], |[w, m]| Mixture([w, 1.0 - w], (Normal(m, 1), Normal(0, 1))).log_prob_of(0.5));
    let ratio = Normal(1.0, 1.0).log_prob(0.5).exp() / Normal(0.0, 1.0).log_prob(0.5).exp();
    assert!(close(value, Normal(0.0, 1.0).log_prob(0.5), 1e-15));
    assert!(close(slopes[0], ratio - 1.0, 1e-14) && slopes[1] == 0.0, "{slopes:?}");
    // Beyond the support of one of them.
    let (value, slopes) =
        at([0.25, 1.0], |[w, m]| Mixture((w, 1.0 - w), (Exponential(m), Normal(m, 1))).log_prob_of(-0.5));
    assert!(close(value, 0.75_f64.ln() + Normal(1.0, 1.0).log_prob(-0.5), 1e-15));
    assert!(close(slopes[0], -1.0 / 0.75, 1e-14) && close(slopes[1], -1.5, 1e-14), "{slopes:?}");
}

#[test]
fn draws_come_from_the_components() {
    #[model]
    fn drawn(y: &[f64]) {
        sample!(share ~ Uniform(0.299_999, 0.300_001));
        plate!(rows = y.len(), {
            sample!(x ~ Mixture([share, 1.0 - share], (Normal(-3, 1), Normal(4, 2))));
            sample!(y ~ Mixture((3, 7, 0), (Normal(-30, 1), Normal(40, 2), Normal(0, 1))), observed = y);
        });
    }
    let draws = drawn(&vec![0.0; DRAWS]).unwrap().sample_prior(1, 5).unwrap();
    for (site, low, high) in [("x", -3.0, 4.0), ("y", -30.0, 40.0)] {
        let numbers = draws[0].get(site).unwrap();
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let expected = 0.3 * low + 0.7 * high;
        let spread: f64 = 0.3 * (1.0 + low * low) + 0.7 * (4.0 + high * high) - expected * expected;
        assert!((mean - expected).abs() < 4.0 * (spread / n).sqrt(), "{site}: {mean} for {expected}");
        // The fourth central moment of such a mixture is below 3 times the squared variance.
        assert!((variance / spread - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{site}: {variance} for {spread}");
    }
}

#[test]
fn an_unknown_may_have_a_mixture_for_its_prior() {
    #[model]
    fn slab_and_spike(y: &[f64]) {
        sample!(share ~ Beta(1, 1));
        plate!(effects = y.len(), {
            sample!(effect ~ Mixture([share, 1.0 - share], (Normal(0, 0.1), Normal(0, 3))));
            sample!(y ~ Normal(effect, 0.5), observed = y);
        });
    }
    let model = slab_and_spike(&[0.1, -0.2, 4.0]).unwrap();
    agrees(&model);
    let posterior =
        model.sample(&Nuts::default().chains(2).draws(400).target_acceptance(0.95).seed(1)).unwrap();
    let effect = posterior.get("effect").unwrap().mean();
    assert!(effect[0].abs() < 0.3 && (effect[2] - 3.9).abs() < 0.4, "{effect:?}");
}

#[test]
fn mistakes_in_mixtures_are_named() {
    fn error_of(y: f64, density: impl for<'s> Fn(Var<'s>) -> Density<'s>) -> String {
        let model = Model::record(|scope| {
            let x = scope.site("x").sample(Normal(0, 1));
            scope.site("y").observe(density(x), y);
            Ok(())
        });
        model.unwrap_err().to_string()
    }
    let message = error_of(0.0, |x| Mixture([x, 1.0 - x, 0.0 * x], (Normal(0, 1), Normal(x, 1))).density());
    assert!(message.contains("3 weights and 2 components") && message.contains("site `y`"), "{message}");
    let message = error_of(0.0, |x| Mixture([0.5, -0.5], [Normal(x, 1), Normal(x, 2)]).density());
    assert!(message.contains("a number 0 or above for the parameter `weight 1` of Mixture"), "{message}");
    let message = error_of(-1.0, |x| Mixture([0.5, 0.5], (Exponential(x.exp()), HalfNormal(1))).density());
    assert!(message.contains("expected a positive number for data of Mixture, got -1"), "{message}");
    let message = error_of(0.5, |x| Mixture([0.5, 0.5], (Normal(x, 1), Wiener(x, 1, 0.5, 0.1))).density());
    assert!(message.contains("expected components of 1 numbers per element"), "{message}");
    let message = error_of(0.5, |x| ZeroInflated(0.2, Normal(x, 1)).density());
    assert!(message.contains("expected a distribution of counts"), "{message}");
    let message =
        error_of(2.0, |x| Hurdle(0.2, Mixture([0.5, 0.5], [Poisson(x.exp()), Poisson(1.0 + x)])).density());
    assert!(message.contains("expected one family of counts"), "{message}");
    let message = error_of(2.5, |x| ZeroInflated(0.2, PoissonLog(x)).density());
    assert!(message.contains("expected a count"), "{message}");
    let message = error_of(2.0, |x| ZeroInflated(0.2, Binomial(x.exp(), 0.3)).density());
    assert!(message.contains("counts such as numbers of trials are known"), "{message}");
    let message = error_of(2.0, |x| ZeroInflated(1.2, PoissonLog(x)).density());
    assert!(message.contains("for the parameter `pi` of ZeroInflated, got 1.2"), "{message}");
}

#[test]
fn extra_and_missing_zeros() {
    for k in [0.0, 1.0, 4.0] {
        let q = |k: f64| Poisson(1.7).log_prob(k).exp();
        let inflated = at([0.3, 1.7], |[pi, rate]| ZeroInflated(pi, Poisson(rate)).log_prob_of(k));
        let want = if k == 0.0 { 0.3 + 0.7 * q(0.0) } else { 0.7 * q(k) };
        assert!(close(inflated.0, want.ln(), 1e-14), "{k}: {inflated:?}");
        let hurdle = at([0.3, 1.7], |[pi, rate]| Hurdle(pi, Poisson(rate)).log_prob_of(k));
        let want = if k == 0.0 { 0.3 } else { 0.7 * q(k) / (1.0 - q(0.0)) };
        assert!(close(hurdle.0, want.ln(), 1e-14), "{k}: {hurdle:?}");
        let slopes =
            if k == 0.0 { [1.0 / 0.3, 0.0] } else { [-1.0 / 0.7, k / 1.7 - 1.0 - q(0.0) / (1.0 - q(0.0))] };
        assert!(hurdle.1.iter().zip(slopes).all(|(got, want)| close(*got, want, 1e-13)), "{k}: {hurdle:?}");
    }
    // Where zeros are all there is, and where there are none.
    assert_eq!(at([1.0, 1.7], |[pi, rate]| Hurdle(pi, Poisson(rate)).log_prob_of(0)), (0.0, vec![1.0, 0.0]));
    let (value, slopes) = at([0.3, 1e-12], |[pi, rate]| Hurdle(pi, Poisson(rate)).log_prob_of(1));
    // log(0.7 rate / (exp(rate) - 1)), which is log 0.7 - rate / 2 up to 1e-25.
    assert!(
        close(value, 0.7_f64.ln() - 5e-13, 1e-14) && (slopes[1] + 0.5).abs() < 0.01,
        "{value} {slopes:?}"
    );

    #[model]
    fn counts(visits: &[u64], covariate: &[f64]) {
        sample!(pi ~ Beta(2, 2));
        sample!(slope ~ Normal(0, 1));
        plate!(rows = visits.len(), {
            let log_rate = 0.3 + slope * covariate;
            sample!(inflated ~ ZeroInflated(pi, PoissonLog(log_rate)), observed = visits);
            sample!(hurdle ~ Hurdle(pi, PoissonLog(log_rate)), observed = visits);
        });
    }
    let visits: Vec<u64> = (0..60).map(|i| [0, 0, 3, 1, 5, 2][i % 6]).collect();
    let covariate: Vec<f64> = (0..60).map(|i| f64::from(i % 7) * 0.2).collect();
    agrees(&counts(&visits, &covariate).unwrap());
}

#[test]
fn draws_with_extra_and_missing_zeros() {
    #[model]
    fn drawn(y: &[u64]) {
        sample!(pi ~ Uniform(0.299_999, 0.300_001));
        plate!(rows = y.len(), {
            sample!(inflated ~ ZeroInflated(pi, Poisson(2.0)), observed = y);
            sample!(hurdle ~ Hurdle(pi, Poisson(2.0)), observed = y);
            sample!(rare ~ Hurdle(pi, Poisson(1e-6)), observed = y);
        });
    }
    let draws = drawn(&vec![0; DRAWS]).unwrap().sample_prior(1, 5).unwrap();
    let zero = (-2.0_f64).exp();
    let rate = 2.0 / (1.0 - zero);
    let (share, second) = (0.7, 6.0);
    let expected = [
        ("inflated", 0.3 + 0.7 * zero, share * 2.0, share * second),
        ("hurdle", 0.3, share * rate, share * second / (1.0 - zero)),
        ("rare", 0.3, share, share),
    ];
    for (site, zeros, mean, square) in expected {
        let (numbers, n) = (draws[0].get(site).unwrap(), DRAWS as f64);
        let got = numbers.iter().filter(|x| **x == 0.0).count() as f64 / n;
        assert!((got - zeros).abs() < 4.0 * (zeros * (1.0 - zeros) / n).sqrt(), "{site}: {got} zeros");
        let got = numbers.iter().sum::<f64>() / n;
        assert!(
            (got - mean).abs() < 4.0 * ((square - mean * mean) / n).sqrt(),
            "{site}: mean {got} for {mean}"
        );
    }
}

#[test]
fn vectors_have_densities_and_mixtures_too() {
    #[model]
    fn clusters(y: &[f64], other: &[f64]) {
        sample!(share ~ Beta(2, 2));
        sample!(scale ~ HalfNormal(1));
        sample!(center ~ MvNormal([0.0, 0.5], [2.0, 0.3, 0.3, 1.0]));
        sample!(factor ~ LkjCholesky(2, 2.0));
        plate!(rows = 5, {
            let components = (MvNormalCholesky(center, factor), MvNormal([0.0, 0.0], [4.0, 1.0, 1.0, 2.0]));
            sample!(y ~ Mixture([share, 1.0 - share], components), observed = y);
            let each = MvNormalCholesky(center * scale, factor).log_prob_of(other);
            factor!(more = 0.3 * each * share);
        });
    }
    let numbers: Vec<f64> = (0..10).map(|i| (f64::from(i) * 1.1).sin()).collect();
    let model = clusters(&numbers, &numbers[..10].iter().map(|x| 2.0 * x).collect::<Vec<_>>()).unwrap();
    agrees(&model);
    let draw = model.sample_prior(1, 1).unwrap();
    assert_eq!(draw[0].get("y").unwrap().len(), 10);
    // The densities written out: two normal variables with a correlation.
    let z = [0.2, -0.3, 0.4, 0.1, 0.6];
    let each = model.pointwise_log_density(&z, "y").unwrap();
    let values = model.values_at(&z).unwrap();
    let (center, factor) = (values.get("center").unwrap(), values.get("factor").unwrap());
    let normal = |x: [f64; 2], mean: [f64; 2], [a, b, c]: [f64; 3]| {
        let (first, det) = (x[0] - mean[0], a * c - b * b);
        let second = x[1] - mean[1];
        let square = (c * first * first - 2.0 * b * first * second + a * second * second) / det;
        (-0.5 * square).exp() / (2.0 * std::f64::consts::PI * det.sqrt())
    };
    let share = values.get("share").unwrap()[0];
    for (x, got) in numbers.chunks(2).zip(each) {
        let x = [x[0], x[1]];
        let own = normal(x, [center[0], center[1]], [1.0, factor[2], factor[2].powi(2) + factor[3].powi(2)]);
        let wide = normal(x, [0.0, 0.0], [4.0, 1.0, 2.0]);
        let want = (share * own + (1.0 - share) * wide).ln();
        assert!(close(got, want, 1e-12), "{got} {want}");
    }
}

#[test]
fn one_family_along_an_array() {
    fn record(y: &[f64], along_array: bool) -> Model {
        Model::record(|scope| {
            scope.enter("groups", 3);
            let mean = scope.site("mean").sample(Normal(0, 2).ordered());
            let share = scope.site("share").sample(Gamma(2, 1));
            scope.exit();
            let scale = scope.site("scale").sample(HalfNormal(1));
            let covariate: Vec<f64> = (0..y.len()).map(|i| 0.5 + (i % 3) as f64).collect();
            scope.enter("rows", y.len());
            let scale = scale * &covariate;
            match along_array {
                true => scope.site("y").observe(Mixture(share, Normal(mean, scale)), y),
                false => {
                    let weights: Vec<Var> = (0..3).map(|k| share.at(k)).collect();
                    let components: Vec<_> = (0..3).map(|k| Normal(mean.at(k), scale)).collect();
                    scope.site("y").observe(Mixture(weights, components), y);
                }
            }
            scope.exit();
            Ok(())
        })
        .unwrap()
    }
    let y: Vec<f64> = (0..25).map(|i| (f64::from(i) * 1.1).sin() * 3.0).collect();
    let (along, apart) = (record(&y, true), record(&y, false));
    agrees(&along);
    for z in check::random_points(7, 5, 2) {
        let (mut left, mut right) = (vec![0.0; 7], vec![0.0; 7]);
        let value = along.density().log_density_and_gradient(&z, &mut left).unwrap();
        let again = apart.density().log_density_and_gradient(&z, &mut right).unwrap();
        assert!(close(value, again, 1e-12), "{value} {again}");
        assert!(
            left.iter().zip(&right).all(|(left, right)| close(*left, *right, 1e-9)),
            "{left:?} {right:?}"
        );
    }
    // The same seed draws the same from both, whose draws are made of the same parts in the same order.
    let [one, other] = [along, apart].map(|model| model.sample_prior(2, 4).unwrap());
    assert_eq!(one[1].get("y").unwrap(), other[1].get("y").unwrap());
}

#[test]
fn mixtures_along_arrays_in_plates_and_what_they_refuse() {
    /// Levels that all subjects share, in shares of their own.
    #[model]
    fn shares_per_subject(y: &[f64]) {
        plate!(levels = 2, {
            sample!(mean ~ Normal(0, 2).ordered());
        });
        plate!(subjects = 3, {
            sample!(share ~ Dirichlet([1.0, 2.0]));
            plate!(trials = 4, {
                sample!(y ~ Mixture(share, Normal(mean, 1)), observed = y);
            });
        });
    }
    let y: Vec<f64> = (0..12).map(|i| (f64::from(i) * 1.1).sin() * 3.0).collect();
    let model = shares_per_subject(&y).unwrap();
    agrees(&model);
    let z = [0.1, 0.3, -0.2, 0.5, 0.9];
    let (values, each) = (model.values_at(&z).unwrap(), model.pointwise_log_density(&z, "y").unwrap());
    let (mean, share) = (values.get("mean").unwrap(), values.get("share").unwrap());
    for (i, (y, got)) in y.iter().zip(each).enumerate() {
        let part = |k: usize| share[i / 4 * 2 + k] * Normal(mean[k], 1.0).log_prob(*y).exp();
        let want = (part(0) + part(1)).ln();
        assert!(close(got, want, 1e-13), "{got} {want}");
    }
    #[model]
    fn no_array(y: f64) {
        sample!(w ~ Beta(1, 1));
        sample!(y ~ Mixture(w, Normal(0, 1)), observed = y);
    }
    let error = no_array(0.5).unwrap_err().to_string();
    assert!(error.contains("one plate that is not open") && error.contains("site `y`"), "{error}");
    #[model]
    fn of_other_length(y: f64) {
        plate!(levels = 3, {
            sample!(mean ~ Normal(0, 2));
        });
        sample!(share ~ Dirichlet([1.0, 2.0]));
        sample!(y ~ Mixture(share, Normal(mean, 1)), observed = y);
    }
    let error = of_other_length(0.5).unwrap_err().to_string();
    assert!(error.contains("plate `levels` (3)") && error.contains("site `y`"), "{error}");
}
