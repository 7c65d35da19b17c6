//! Every univariate distribution, every identity: a new distribution is one line in `table`.

mod anything;
mod elsewhere;
mod long_arrays;
#[path = "../support/mod.rs"]
mod support;
mod table;

use mynah::dist::*;
use mynah::math::normal_quantile;
use mynah::transform::{Support, Transform};
use mynah::{Domain, Seed};
use table::{Entry, bad_values, may_be_unknown, table};

fn numbers(list: &str) -> Vec<f64> {
    list.split_whitespace().map(|n| n.parse().expect("a number")).collect()
}

fn relative(got: f64, want: f64) -> f64 {
    if got == want { 0.0 } else { (got - want).abs() / want.abs() }
}

#[test]
fn reference_values() {
    let entries = table();
    let mut worst = vec![(0.0f64, 0.0f64, 0usize); entries.len()];
    let tables =
        [include_str!("../reference/distributions.csv"), include_str!("../reference/distributions_more.csv")];
    let lines = |table: &'static str| table.lines().filter(|line| !line.starts_with('#')).skip(1);
    for line in tables.into_iter().flat_map(lines) {
        let fields: Vec<&str> = line.split(',').collect();
        let index = entries.iter().position(|e| e.name == fields[0]).expect("a distribution of the table");
        let (entry, parameters) = (&entries[index], numbers(fields[2]));
        let x = numbers(fields[3])[0];
        let got = (entry.evaluate)(&parameters, x);
        worst[index].2 += 1;
        if fields[4] == "-inf" {
            assert_eq!(got.log_prob, f64::NEG_INFINITY, "{line}");
            assert!(got.value == 0.0 && got.parameters.iter().all(|&slope| slope == 0.0), "{line}");
            continue;
        }
        let want = numbers(fields[4])[0];
        let log_prob = entry.normalised(&parameters, x);
        let summed = got.log_prob + (entry.carrier)(x);
        // The same sum; only where log p and carrier nearly cancel does their last rounding show.
        assert!((log_prob - summed).abs() <= 1e-15 * got.log_prob.abs(), "{line}: {log_prob:e} {summed:e}");
        // Relative, as promised, without a floor: the values near 0 (such as 4e-18 at a logit of -40) have their
        // digits too.
        let error = relative(log_prob, want);
        assert!(error < 1e-10, "{line}: got {log_prob}, error {error:e}");
        worst[index].0 = worst[index].0.max(error);
        let mut slopes: Vec<(f64, f64)> = got.parameters.into_iter().zip(numbers(fields[6])).collect();
        if !fields[5].is_empty() {
            slopes.push((got.value, numbers(fields[5])[0]));
        }
        for (got, want) in slopes {
            // At a mode the reference has the residue of its 30-digit arithmetic (4e-31 and the like) for 0: there
            // one rounding of the terms, which are of order 1 in all of these rows, is all one can ask for.
            if want.abs() < 1e-25 {
                assert!(got.abs() < 2.3e-16, "{line}: got {got:e} at a mode");
                continue;
            }
            let error = relative(got, want);
            assert!(error < 1e-10, "{line}: got {got:e}, wanted {want:e}, error {error:e}");
            worst[index].1 = worst[index].1.max(error);
        }
    }
    for (entry, (value, slope, rows)) in entries.iter().zip(worst) {
        println!("{:16} {rows:3} rows: log density {value:.1e} slopes {slope:.1e}", entry.name);
        assert!(rows >= 6, "{} has too few reference rows", entry.name);
    }
}

/// Five-point central difference.
fn difference(f: impl Fn(f64) -> f64, x: f64, step: f64) -> f64 {
    (8.0 * (f(x + step) - f(x - step)) - (f(x + 2.0 * step) - f(x - 2.0 * step))) / (12.0 * step)
}

#[test]
fn gradients_meet_finite_differences() {
    for entry in table() {
        for setting in &entry.settings {
            let mut compared = 0;
            for x in entry.draws(setting, 20) {
                let exact = (entry.evaluate)(setting, x);
                for (i, &slope) in exact.parameters.iter().enumerate() {
                    if !may_be_unknown(entry.domains[i], setting[i]) {
                        assert_eq!(slope, 0.0, "{} {setting:?} at {x}", entry.name);
                        continue;
                    }
                    let at = |p: f64| {
                        let mut moved = setting.clone();
                        moved[i] = p;
                        (entry.evaluate)(&moved, x).log_prob
                    };
                    compared += check_slope(&entry, at, setting[i], slope, setting, x);
                }
                if !(entry.support)(setting).is_discrete() {
                    compared += check_slope(
                        &entry,
                        |x| (entry.evaluate)(setting, x).log_prob,
                        x,
                        exact.value,
                        setting,
                        x,
                    );
                }
            }
            // Points so near a boundary that the difference would leave the support are the exception.
            let continuous = (0..setting.len()).filter(|&i| may_be_unknown(entry.domains[i], setting[i]));
            assert!(
                compared >= 15 * continuous.count(),
                "{} {setting:?}: only {compared} comparisons",
                entry.name
            );
        }
    }
}

/// Compares one derivative with a finite difference; the number of comparisons made: 0 if the difference leaves the
/// support.
fn check_slope(entry: &Entry, f: impl Fn(f64) -> f64, at: f64, slope: f64, setting: &[f64], x: f64) -> usize {
    // Small against the scale on which anything changes: the distance to 0, and to 1 for values of Beta and
    // probabilities.
    let step = 1e-3 * if at == 0.0 { 0.1 } else { at.abs().min((1.0 - at).abs().max(1e-4)).min(0.5) };
    let estimate = difference(&f, at, step);
    // Rounding: a few 1e-16 of the terms of f over the step; truncation: step^4 / 30 of a fifth derivative, at most
    // 1e-11 of the slope.
    let tolerance = 1e-7 * slope.abs() + 2e-14 * (1.0 + f(at).abs() + (slope * at).abs()) / step;
    if !f(at - 2.0 * step).is_finite() || !f(at + 2.0 * step).is_finite() {
        return 0;
    }
    assert!((estimate - slope).abs() <= tolerance, "{} {setting:?} at {x}: {estimate} {slope}", entry.name);
    1
}

/// The distribution function of a continuous distribution on a grid: x and the probability below it, by the trapezoidal rule along
/// a map from the line onto the support, where smooth densities make it exact to rounding. A density with a corner is taken on both
/// sides of it in turn.
fn distribution_function(entry: &Entry, setting: &[f64]) -> Vec<(f64, f64)> {
    let density = (entry.univariate)(setting);
    let mut grid = vec![(f64::NEG_INFINITY, 0.0)];
    for map in pieces(entry, setting) {
        let (reach, step) = if map(40.0).0 == 40f64.sinh() { (60.0, 1e-3) } else { (300.0, 5e-3) };
        let count = (2.0 * reach / step) as usize;
        let (mut below, mut before) = (grid.last().expect("a start").1, 0.0);
        grid.extend((0..=count).map(|i| {
            let (x, log_slope) = map(i as f64 * step - reach);
            let height = (density.log_prob(x) + log_slope).exp();
            below += 0.5 * step * (height + before);
            before = height;
            (x, below)
        }));
    }
    grid
}

/// A map from the line, with the logarithm of its slope.
type Map = Box<dyn Fn(f64) -> (f64, f64)>;

/// Maps onto the parts of a support on which the density has no corner.
fn pieces(entry: &Entry, setting: &[f64]) -> Vec<Map> {
    let above = |low: f64| -> Map { Box::new(move |z| (low + z.exp(), z)) };
    let below = |high: f64| -> Map { Box::new(move |z| (high - (-z).exp(), -z)) };
    match (entry.support)(setting) {
        Support::Real if entry.name.ends_with("Laplace") => vec![below(setting[0]), above(setting[0])],
        Support::Real => vec![Box::new(|z| (z.sinh(), z.cosh().ln()))],
        Support::Above { low } => vec![above(low)],
        Support::Below { high } => vec![below(high)],
        support => {
            let transform = Transform::of(support).expect("continuous");
            vec![Box::new(move |z| {
                let constrained = transform.constrain(z);
                (constrained.value, constrained.log_jacobian)
            })]
        }
    }
}

#[test]
fn densities_integrate_to_one() {
    for entry in table() {
        for setting in &entry.settings {
            let total = if (entry.support)(setting).is_discrete() {
                // The largest mean is 150: beyond 400 lies less than 1e-50.
                (0..400).map(|k| entry.normalised(setting, f64::from(k)).exp()).sum()
            } else {
                distribution_function(&entry, setting).last().expect("a grid").1
            };
            // Rounding of 1e5 terms; the heaviest tail that the grid cuts off is StudentT(0.7)'s, exp(-0.7 60) =
            // 6e-19.
            assert!((total - 1.0f64).abs() < 1e-11, "{} {setting:?}: {total}", entry.name);
        }
    }
}

#[test]
fn draws_follow_the_density() {
    let count = 20_000;
    for entry in table() {
        for setting in &entry.settings {
            let support = (entry.support)(setting);
            let mut draws = entry.draws(setting, count);
            assert!(
                draws.iter().all(|&x| support.contains(&[x])),
                "{} {setting:?} left its support",
                entry.name
            );
            draws.sort_by(f64::total_cmp);
            if support.is_discrete() {
                chi_square(&entry, setting, &draws)
            } else {
                kolmogorov(&entry, setting, &draws)
            }
        }
    }
}

/// Kolmogorov's test at a false-positive rate of 1e-6: P(sqrt(n) D > 2.69) = 2 exp(-2 2.69^2) = 1e-6.
fn kolmogorov(entry: &Entry, setting: &[f64], draws: &[f64]) {
    let grid = distribution_function(entry, setting);
    let size = draws.len() as f64;
    let mut largest = 0.0f64;
    for (rank, &x) in draws.iter().enumerate() {
        let above = grid.partition_point(|point| point.0 < x).clamp(1, grid.len() - 1);
        let ((x0, p0), (x1, p1)) = (grid[above - 1], grid[above]);
        let share = if x1 > x0 { ((x - x0) / (x1 - x0)).clamp(0.0, 1.0) } else { 1.0 };
        let expected = p0 + share * (p1 - p0);
        largest = largest
            .max((expected - rank as f64 / size).abs())
            .max((expected - (rank + 1) as f64 / size).abs());
    }
    assert!(largest * size.sqrt() < 2.69, "{} {setting:?}: D = {largest}", entry.name);
}

/// Pearson's test over cells of at least ten expected counts, at a false-positive rate of 1e-6 by the
/// Wilson-Hilferty approximation (<https://doi.org/10.1073/pnas.17.12.684>).
fn chi_square(entry: &Entry, setting: &[f64], draws: &[f64]) {
    let size = draws.len() as f64;
    let (mut statistic, mut cells, mut expected, mut seen) = (0.0, 0.0, 0.0, 0.0);
    let mut left = size;
    for k in 0..400 {
        let x = f64::from(k);
        expected += size * entry.normalised(setting, x).exp();
        seen += draws.iter().filter(|&&draw| draw == x).count() as f64;
        // The last cell takes all that is left.
        if expected >= 10.0 && left - expected >= 10.0 {
            statistic += (seen - expected) * (seen - expected) / expected;
            cells += 1.0;
            left -= expected;
            (expected, seen) = (0.0, 0.0);
        }
    }
    statistic += (seen - left) * (seen - left) / left;
    let ninth = 2.0 / (9.0 * f64::max(cells, 1.0));
    let limit = f64::max(cells, 1.0) * (1.0 - ninth - normal_quantile(1e-6) * f64::sqrt(ninth)).powi(3);
    assert!(statistic < limit, "{} {setting:?}: {statistic} over {cells} degrees of freedom", entry.name);
}

#[test]
fn parameters_outside_their_domain_give_nan() {
    for entry in table() {
        let setting = &entry.settings[0];
        let x = entry.draws(setting, 1)[0];
        for (i, &domain) in entry.domains.iter().enumerate() {
            assert!(domain.contains(setting[i]));
            for bad in bad_values(domain) {
                let mut parameters = setting.clone();
                parameters[i] = bad;
                assert!((entry.evaluate)(&parameters, x).log_prob.is_nan(), "{} {parameters:?}", entry.name);
                // Sampling must not panic; what it gives is no number of the support.
                let draw = (entry.univariate)(&parameters).sample(&mut Seed(1).stream(Domain::User, 0));
                assert!(draw.is_nan(), "{} {parameters:?} gave {draw}", entry.name);
            }
        }
    }
    assert!(Uniform(2.0, 1.0).log_prob(1.5).is_nan() && Uniform(1.0, 1.0).log_prob(1.0).is_nan());
}

#[test]
fn values_outside_the_support_are_impossible() {
    for entry in table() {
        let setting = &entry.settings[0];
        let outside = match (entry.support)(setting) {
            Support::Real => vec![],
            Support::Positive => vec![-1e-300, -1.0],
            Support::Interval { low, high } => vec![low - 0.1, high + 0.1, f64::INFINITY, f64::NEG_INFINITY],
            Support::Circle => vec![-3.2, 3.2, f64::INFINITY, f64::NEG_INFINITY],
            Support::Above { low } => vec![low - 1e-9, low - 10.0, f64::INFINITY, f64::NEG_INFINITY],
            Support::CountUpTo { most } => vec![-1.0, 0.5, most + 1.0, f64::INFINITY],
            _ => vec![-1.0, 0.5, f64::INFINITY, f64::NEG_INFINITY],
        };
        for x in outside {
            let got = (entry.evaluate)(setting, x);
            assert_eq!(got.log_prob, f64::NEG_INFINITY, "{} at {x}", entry.name);
            assert!(got.value == 0.0 && got.parameters.iter().all(|&slope| slope == 0.0));
            assert_eq!(entry.normalised(setting, x), f64::NEG_INFINITY);
        }
    }
}

#[test]
fn certain_coins() {
    assert_eq!((Bernoulli(0.0).log_prob(0.0), Bernoulli(0.0).log_prob(1.0)), (0.0, f64::NEG_INFINITY));
    assert_eq!((Bernoulli(1.0).log_prob(1.0), Bernoulli(1.0).log_prob(0.0)), (0.0, f64::NEG_INFINITY));
}
