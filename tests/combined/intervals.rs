//! Truncated and censored distributions.

use super::{DRAWS, agrees, at, close};
use mynah::dist::Density;
use mynah::graph::Var;
use mynah::prelude::*;

fn numbers(list: &str) -> Vec<f64> {
    list.split_whitespace().map(|n| n.parse().expect("a number")).collect()
}

/// The density of a family by its name.
fn family<'s>(name: &str, p: [Var<'s>; 2]) -> Density<'s> {
    let [a, b] = p;
    match name {
        "Normal" => Normal(a, b).density(),
        "HalfNormal" => HalfNormal(a).density(),
        "LogNormal" => LogNormal(a, b).density(),
        "Exponential" => Exponential(a).density(),
        "Gamma" => Gamma(a, b).density(),
        "InverseGamma" => InverseGamma(a, b).density(),
        "Cauchy" => Cauchy(a, b).density(),
        "HalfCauchy" => HalfCauchy(a).density(),
        "Uniform" => Uniform(a, b).density(),
        "Weibull" => Weibull(a, b).density(),
        "Logistic" => Logistic(a, b).density(),
        "Laplace" => Laplace(a, b).density(),
        "Gumbel" => Gumbel(a, b).density(),
        "Pareto" => Pareto(a, b).density(),
        "LogUniform" => LogUniform(a, b).density(),
        "Geometric" => Geometric(a).density(),
        "NegativeBinomial" => NegativeBinomial(a, b).density(),
        "Poisson" => Poisson(a).density(),
        "PoissonLog" => PoissonLog(a).density(),
        other => unreachable!("no family {other}"),
    }
}

#[test]
fn probabilities_of_intervals() {
    let (mut worst, mut worst_slope) = (0.0_f64, 0.0_f64);
    for line in include_str!("../reference/intervals.csv").lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let (mut parameters, ends) = (numbers(fields[1]), [numbers(fields[2])[0], numbers(fields[3])[0]]);
        let slopes = numbers(fields[5]);
        parameters.resize(2, 1.0); // a parameter that is not there
        let (value, got) = at([parameters[0], parameters[1]], |p| {
            family(fields[0], p).interval_censored().log_prob_of([ends])
        });
        let want = numbers(fields[4])[0];
        let error = (value - want).abs() / want.abs().max(1e-3);
        // Of counts near 900 the log probabilities are differences of numbers of some 6000.
        assert!(error < 1e-11, "{line}: {value}, error {error:e}");
        worst = worst.max(error);
        for (got, want) in got.iter().zip(&slopes) {
            // A slope is a difference of what the two ends say, or a mean of slopes of either sign: rounded like these, which are of
            // order 1 even where it is nearly 0.
            let size = slopes.iter().fold(want.abs(), |size, slope| size.max(slope.abs() * 1e-3)).max(1e-4);
            let error = (got - want).abs() / size;
            assert!(error < 1e-10, "{line}: slopes {got:e} for {want:e}, error {error:e}");
            worst_slope = worst_slope.max(error);
        }
    }
    println!("log probabilities {worst:.1e}, slopes {worst_slope:.1e}");
}

#[model]
fn every_kind(y: &[f64], counts: &[u64], visits: &[[f64; 2]], limits: &[f64]) {
    sample!(m ~ Normal(0, 1));
    sample!(s ~ HalfNormal(1).truncated(0.1, 5));
    sample!(t ~ Normal(m, s).truncated(-3, 4));
    sample!(above ~ Normal(0, 1).truncated(t, f64::INFINITY));
    sample!(below ~ Exponential(s).truncated(-1, s));
    sample!(far ~ Normal(0, 1).truncated(f64::NEG_INFINITY, -2));
    plate!(rows = y.len(), {
        sample!(truncated ~ Normal(m, s).truncated(-4, 4.0 + t.exp() + above.tanh() * 0.1 + below + far.exp()), observed = y);
        sample!(censored ~ Normal(m + t, s).censored(-1, limits), observed = y);
        sample!(count ~ PoissonLog(m).truncated(1, f64::INFINITY), observed = counts);
        sample!(capped ~ PoissonLog(m * limits).censored(f64::NEG_INFINITY, 4), observed = counts);
        sample!(visits ~ Gamma(s, t.exp()).interval_censored(), observed = visits);
        sample!(lapsing ~ LogNormal(m, s).lapse(0.1, Uniform(0, 10)), observed = limits);
    });
}

fn every_kind_of_data() -> Model {
    let y: Vec<f64> = (0..40).map(|i| (f64::from(i) * 0.9).sin() * 2.0).collect();
    let limits: Vec<f64> = (0..40).map(|i| 1.0 + f64::from(i % 3)).collect();
    let counts: Vec<u64> = (0..40).map(|i| 1 + i % 6).collect();
    let interval = |i: u32| match i % 4 {
        0 => [0.5, 1.5],
        1 => [f64::NEG_INFINITY, 2.0],
        2 => [3.0, f64::INFINITY],
        _ => [0.7, 0.7],
    };
    let visits: Vec<[f64; 2]> = (0..40).map(interval).collect();
    every_kind(&y, &counts, &visits, &limits).unwrap()
}

#[test]
fn truncated_and_censored_slopes() {
    agrees(&every_kind_of_data());
}

#[test]
fn censored_data_count_with_the_probability_of_where_they_are() {
    let value = |y: f64| at([0.5, 2.0], |[m, s]| Normal(m, s).censored(-1, 1.5).log_prob_of(y)).0;
    let below = mynah::math::log_normal_cdf(-0.75).0;
    let above = mynah::math::log_normal_cdf(-0.5).0;
    assert!(close(value(-1.0), below, 1e-14) && close(value(-7.0), below, 1e-14));
    assert!(close(value(1.5), above, 1e-14) && close(value(9.0), above, 1e-14));
    assert!(close(value(0.3), Normal(0.5, 2.0).log_prob(0.3), 1e-14));
    // Of counts the limit itself belongs to what is censored.
    let count = |k: u64| at([3.0], |[rate]| Poisson(rate).censored(0, 2).log_prob_of(k)).0;
    let at_least_two: f64 = 1.0 - (-3.0_f64).exp() * 4.0;
    assert!(close(count(0), -3.0, 1e-14) && close(count(1), 3.0_f64.ln() - 3.0, 1e-14));
    assert!(close(count(2), at_least_two.ln(), 1e-14));
}

#[test]
fn draws_between_ends_and_at_limits() {
    #[model]
    fn drawn(n: usize, zeros: &[f64], counts: &[u64], intervals: &[[f64; 2]]) {
        sample!(m ~ Normal(0, 1).truncated(5, 6));
        plate!(rows = n, {
            sample!(x ~ Exponential(2.0).truncated(0.5, 2));
            sample!(tail ~ Normal(0, 1).truncated(8, 100));
            sample!(capped ~ Normal(0, 1).censored(-1, 0.5), observed = zeros);
            sample!(counts ~ Poisson(1.0).truncated(1, 3), observed = counts);
            sample!(known ~ Exponential(1.0).interval_censored(), observed = intervals);
        });
    }
    let n = DRAWS / 4;
    let model = drawn(n, &vec![0.0; n], &vec![1; n], &vec![[0.0, 1.0]; n]).unwrap();
    let draws = model.sample_prior(1, 3).unwrap();
    let share = |site: &str, holds: &dyn Fn(f64) -> bool| {
        let numbers = draws[0].get(site).unwrap();
        numbers.iter().filter(|x| holds(**x)).count() as f64 / numbers.len() as f64
    };
    let phi = mynah::math::normal_cdf;
    type Case<'a> = (&'a str, f64, &'a dyn Fn(f64) -> bool);
    let table: [Case<'_>; 8] = [
        ("x", 1.0, &|x| (0.5..=2.0).contains(&x)),
        ("x", (1.0 - (-1.0_f64).exp()) / (1.0 - (-3.0_f64).exp()), &|x| x < 1.0),
        ("tail", 1.0, &|x| x >= 8.0),
        ("tail", 1.0 - phi(-8.1) / phi(-8.0), &|x| x < 8.1),
        ("capped", phi(-1.0), &|x| x == -1.0),
        ("capped", 1.0 - phi(0.5), &|x| x == 0.5),
        ("counts", 0.6, &|x| x == 1.0),
        ("counts", 0.1, &|x| x == 3.0),
    ];
    for (site, want, holds) in table {
        let got = share(site, holds);
        assert!(
            (got - want).abs() <= 4.0 * (want * (1.0 - want) / n as f64).sqrt(),
            "{site}: {got} for {want}"
        );
    }
    let known = draws[0].get("known").unwrap();
    assert!(known.len() == 2 * n && known.chunks(2).all(|pair| pair[0] == pair[1]));
    // All that a prior draws lies where the density is above 0.
    let prior = every_kind_of_data().sample_prior(20, 1).unwrap();
    for draw in prior {
        assert!(draw.iter().all(|(_, numbers)| numbers.iter().all(|x| x.is_finite())));
    }
}

#[test]
fn mistakes_in_truncated_and_censored_distributions_are_named() {
    fn error_of(density: impl for<'s> Fn(Var<'s>) -> Density<'s>, y: Option<f64>) -> String {
        let model = Model::record(|scope| {
            let x = scope.site("x").sample(Normal(0, 1));
            match y {
                Some(y) => scope.site("y").observe(density(x), y),
                None => _ = scope.site("y").sample(density(x)),
            }
            Ok(())
        });
        model.unwrap_err().to_string()
    }
    let table: [(String, &str); 8] = [
        (
            error_of(|x| Normal(x, 1).truncated(2, 1), Some(1.5)),
            "expected ends low < high for truncated, got 2 and 1",
        ),
        (
            error_of(|x| Normal(x, 1).truncated(0, 1), Some(1.5)),
            "a finite number from 0 to 1 for data of truncated, got 1.5",
        ),
        (
            error_of(|x| StudentT(3, x, 1).truncated(0, 1), Some(0.5)),
            "distribution function is known in truncated",
        ),
        (error_of(|x| Poisson(x.exp()).truncated(1, 5), None), "expected `observed = ...`"),
        (
            error_of(|x| Normal(x, 1).truncated(-1, 2).ordered(), Some(0.5)),
            "expected a prior of unknowns for .ordered()",
        ),
        (error_of(|x| Normal(x, 1).censored(0, 1), None), "expected `observed = ...`"),
        (error_of(|x| Normal(0, 1).censored(x, 4), Some(0.5)), "expected data as the limits"),
        (error_of(|x| Poisson(x.exp()).truncated(1, 3), Some(1.5)), "expected a count"),
    ];
    for (message, part) in table {
        assert!(message.contains(part) && message.contains("site `y`"), "{message}");
    }
}

/// Counts that have an end: what is beyond it is impossible, and a sum ends there.
#[test]
fn intervals_of_counts_with_an_end() {
    let value = |ends: [f64; 2]| at([0.3], |[p]| Binomial(5, p).interval_censored().log_prob_of([ends])).0;
    let p = |k: f64| Binomial(5.0, 0.3).log_prob(k).exp();
    assert!(close(value([4.0, f64::INFINITY]), (p(4.0) + p(5.0)).ln(), 1e-13));
    assert!(close(value([3.0, 9.0]), (p(3.0) + p(4.0) + p(5.0)).ln(), 1e-13));
    assert!(close(value([f64::NEG_INFINITY, 0.0]), p(0.0).ln(), 1e-13));
    assert_eq!(value([6.0, f64::INFINITY]), f64::NEG_INFINITY);
    let (value, _) = at([0.3, 0.2], |[p, pi]| Hurdle(pi, Binomial(5, p)).log_prob_of(2));
    assert!(close(value, (0.8 * p(2.0) / (1.0 - p(0.0))).ln(), 1e-13));
}
