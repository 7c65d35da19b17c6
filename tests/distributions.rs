//! Every univariate distribution, every identity: a new distribution is one line in `table`.

use mynah::dist::*;
use mynah::graph::Argument;
use mynah::math::normal_quantile;
use mynah::transform::{Support, Transform};
use mynah::{Domain, LogDensity, Model, Seed, Stream};

/// A log density with its derivatives, without the number of parameters in its type.
#[derive(Clone, Debug)]
struct Evaluated {
    /// Carrier excluded.
    log_prob: f64,
    value: f64,
    parameters: Vec<f64>,
}

/// One distribution: its kernel, erased, and parameter vectors to try.
struct Entry {
    name: &'static str,
    domains: Vec<ParameterDomain>,
    evaluate: fn(&[f64], f64) -> Evaluated,
    carrier: fn(f64) -> f64,
    support: fn(&[f64]) -> Support,
    draw: fn(&[f64], &mut Stream) -> f64,
    univariate: fn(&[f64]) -> Box<dyn Univariate>,
    in_model: for<'t> fn(&[Argument<'t>]) -> Density<'t>,
    settings: Vec<Vec<f64>>,
}

macro_rules! entry {
    ($name:ident $count:literal [$($i:literal)*] $($setting:expr),*) => {{
        type K = $name;
        Entry {
            name: <K as Kernel<$count>>::NAME,
            domains: <K as Kernel<$count>>::PARAMETERS.iter().map(|p| p.1).collect(),
            evaluate: |p, x| {
                let row = <K as Kernel<$count>>::row([$(p[$i]),*]);
                let partials = <K as Kernel<$count>>::partials(&row, [x]);
                let alone = <K as Kernel<$count>>::log_prob(&row, [x]);
                assert!(alone == partials.log_prob || alone.is_nan() && partials.log_prob.is_nan(), "{} {p:?} {x}", stringify!($name));
                Evaluated { log_prob: partials.log_prob, value: partials.value, parameters: partials.parameters.to_vec() }
            },
            carrier: |x| <K as Kernel<$count>>::carrier([x]),
            support: |p| <K as Kernel<$count>>::support([$(p[$i]),*]),
            draw: |p, stream| <K as Kernel<$count>>::sample([$(p[$i]),*], stream)[0],
            univariate: |p| Box::new($name($(p[$i]),*)),
            in_model: |p| $name($(p[$i].clone()),*).density(),
            settings: vec![$($setting.to_vec()),*],
        }
    }};
}

fn table() -> Vec<Entry> {
    vec![
        entry!(Normal 2 [0 1] [0.0, 1.0], [-2.5, 0.3]),
        entry!(HalfNormal 1 [0] [1.0], [0.2]),
        entry!(LogNormal 2 [0 1] [0.0, 1.0], [2.0, 0.1]),
        entry!(Exponential 1 [0] [1.0], [30.0]),
        entry!(Gamma 2 [0 1] [2.0, 0.2], [0.3, 1.5], [40.0, 3.0]),
        entry!(Beta 2 [0 1] [2.0, 2.0], [0.5, 2.0], [30.0, 4.0]),
        entry!(Uniform 2 [0 1] [0.0, 1.0], [-3.0, 3.5]),
        entry!(Bernoulli 1 [0] [0.5], [0.97]),
        entry!(BernoulliLogit 1 [0] [0.0], [-1.7]),
        entry!(Poisson 1 [0] [0.3], [9.3], [150.0]),
        entry!(PoissonLog 1 [0] [-1.0], [2.2], [5.0]),
        entry!(Cauchy 2 [0 1] [0.0, 1.0], [3.0, 0.5]),
        entry!(HalfCauchy 1 [0] [1.0], [5.0]),
        entry!(StudentT 3 [0 1 2] [3.0, 0.0, 1.0], [0.7, -1.0, 2.0], [30.0, 5.0, 0.5]),
        entry!(InverseGamma 2 [0 1] [2.0, 1.0], [12.0, 30.0]),
    ]
}

impl Entry {
    fn normalised(&self, parameters: &[f64], x: f64) -> f64 {
        (self.univariate)(parameters).log_prob(x)
    }

    fn draws(&self, parameters: &[f64], count: usize) -> Vec<f64> {
        let mut stream = Seed(5).stream(Domain::User, parameters[0].to_bits());
        (0..count).map(|_| (self.draw)(parameters, &mut stream)).collect()
    }
}

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
    let text = include_str!("reference/distributions.csv");
    for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
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
            assert!(
                compared >= 15 * setting.len(),
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

/// The distribution function of a continuous distribution on a grid: x and the probability below it, by the
/// trapezoidal rule along the support's own bijection (along sinh for the real line), where smooth densities make
/// it exact to rounding.
fn distribution_function(entry: &Entry, setting: &[f64]) -> Vec<(f64, f64)> {
    let support = (entry.support)(setting);
    let transform = Transform::of(support).expect("continuous");
    let density = (entry.univariate)(setting);
    let (reach, step) = if support == Support::Real { (60.0, 1e-3) } else { (300.0, 5e-3) };
    let count = (2.0 * reach / step) as usize;
    let (mut below, mut before) = (0.0, 0.0);
    let grid = (0..=count).map(|i| {
        let z = i as f64 * step - reach;
        let (x, log_slope) = if support == Support::Real {
            (z.sinh(), z.cosh().ln())
        } else {
            let constrained = transform.constrain(z);
            (constrained.value, constrained.log_jacobian)
        };
        let height = (density.log_prob(x) + log_slope).exp();
        below += 0.5 * step * (height + before);
        before = height;
        (x, below)
    });
    grid.collect()
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

/// Values of a domain's outside.
fn bad_values(domain: ParameterDomain) -> Vec<f64> {
    let more: &[f64] = match domain {
        ParameterDomain::Real => &[],
        ParameterDomain::Positive => &[0.0, -1.0],
        ParameterDomain::Probability => &[-0.1, 1.1],
        ParameterDomain::Unit => &[0.0, 1.0],
        ParameterDomain::NonNegative => &[-0.1],
    };
    let bad: Vec<f64> = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].iter().chain(more).copied().collect();
    assert!(bad.iter().all(|&value| !domain.contains(value)));
    bad
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
        let outside: &[f64] = match (entry.support)(setting) {
            Support::Real => &[],
            Support::Positive => &[-1e-300, -1.0],
            Support::Interval { .. } => &[-0.1, 1.1],
            _ => &[-1.0, 0.5, f64::INFINITY, f64::NEG_INFINITY],
        };
        for &x in outside {
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

// --- Long arrays, which are evaluated as vectors --------------------------------------------------------------------

/// Not a multiple of any vector's width or of a block's length.
const ROWS: usize = 101;

/// One setting of parameters per row, all of them near `setting` and in their domains, with a value drawn from each.
fn rows(entry: &Entry, setting: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut stream = Seed(11).stream(Domain::User, 0);
    let near = |r: usize| setting.iter().map(|p| p * (1.0 - 0.001 * r as f64)).collect::<Vec<f64>>();
    let parameters: Vec<Vec<f64>> = (0..ROWS).map(near).collect();
    let values = parameters.iter().map(|p| (entry.draw)(p, &mut stream)).collect();
    (parameters, values)
}

/// Data observed with parameters that are all unknowns, and the point at which these are the given ones. Each unknown is read
/// in reverse, so that parameters are gathered.
fn observed(entry: &Entry, parameters: &[Vec<f64>], values: &[f64]) -> (Model, Vec<f64>) {
    let reverse: Vec<usize> = (0..ROWS).rev().collect();
    let model = Model::record(|scope| {
        let mut unknowns = vec![];
        for p in 0..parameters[0].len() {
            scope.enter("unknowns", ROWS);
            unknowns.push(scope.site(format!("p{p}")).sample(Flat()));
            scope.exit();
        }
        scope.enter("rows", ROWS);
        let arguments: Vec<Argument<'_>> = unknowns.iter().map(|u| u.at(&reverse).into()).collect();
        scope.site("x").observe((entry.in_model)(&arguments), values);
        scope.exit();
        Ok(())
    });
    let count = parameters[0].len();
    let z = (0..count).flat_map(|p| parameters.iter().rev().map(move |row| row[p])).collect();
    (model.unwrap(), z)
}

/// Sums of a hundred terms, and logarithms and exponentials of vectors that may differ in the last two bits.
fn near(got: f64, want: f64, scale: f64) -> bool {
    (got - want).abs() <= 1e-13 * (scale + want.abs())
}

#[test]
fn a_row_of_parameters_per_datum_gives_what_each_gives_alone() {
    for entry in table() {
        for setting in &entry.settings {
            let (parameters, values) = rows(&entry, setting);
            let (model, z) = observed(&entry, &parameters, &values);
            let mut gradient = vec![0.0; z.len()];
            let value = model.density().log_density_and_gradient(&z, &mut gradient).unwrap();
            assert_eq!(value, model.density().log_density(&z).unwrap(), "{}", entry.name);
            let (mut total, mut sizes) = (0.0, 0.0);
            for (r, (row, &x)) in parameters.iter().zip(&values).enumerate() {
                let alone = (entry.evaluate)(row, x);
                let log_prob = entry.normalised(row, x);
                total += log_prob;
                sizes += log_prob.abs() + (entry.carrier)(x).abs();
                for (p, want) in alone.parameters.iter().enumerate() {
                    let got = gradient[p * ROWS + ROWS - 1 - r];
                    // The scale of a slope: one over that of its parameter.
                    let scale = 1.0 + 1.0 / row[p].abs().max(0.1);
                    assert!(near(got, *want, scale), "{} {row:?} at {x}: {got} {want}", entry.name);
                }
            }
            assert!(near(value, total, sizes), "{} {setting:?}: {value} {total}", entry.name);
        }
    }
}

#[test]
fn one_row_of_parameters_outside_its_domain_spoils_the_sum() {
    for entry in table() {
        let (parameters, values) = rows(&entry, &entry.settings[0]);
        let (model, z) = observed(&entry, &parameters, &values);
        let mut density = model.density();
        for (p, &domain) in entry.domains.iter().enumerate() {
            // Infinite unknowns are outside the support of their own prior already.
            for bad in bad_values(domain).into_iter().filter(|bad| !bad.is_infinite()) {
                for row in [0, 57, ROWS - 1] {
                    let mut z = z.clone();
                    z[p * ROWS + row] = bad;
                    let error = density.log_density_and_gradient(&z, &mut vec![0.0; z.len()]).unwrap_err();
                    assert!(error.to_string().contains("NaN"), "{} {bad}: {error}", entry.name);
                    assert!(density.log_density(&z).is_err(), "{} {bad}", entry.name);
                }
            }
        }
    }
}

#[test]
fn many_values_of_one_row_give_what_each_gives_alone() {
    for entry in table() {
        for setting in &entry.settings {
            let support = (entry.support)(setting);
            let draws = entry.draws(setting, ROWS);
            let Some(transform) = Transform::of(support) else { continue };
            let model = Model::record(|scope| {
                scope.enter("rows", ROWS);
                let arguments: Vec<Argument<'_>> = setting.iter().map(|&p| p.into()).collect();
                scope.site("x").sample((entry.in_model)(&arguments));
                scope.site("y").observe((entry.in_model)(&arguments), &draws);
                scope.exit();
                Ok(())
            })
            .unwrap();
            let z: Vec<f64> = draws.iter().map(|x| transform.unconstrain(*x)).collect();
            let mut gradient = vec![0.0; ROWS];
            let value = model.density().log_density_and_gradient(&z, &mut gradient).unwrap();
            let (mut total, mut sizes) = (0.0, 0.0);
            for (r, z) in z.iter().enumerate() {
                let x = transform.constrain(*z);
                let alone = (entry.evaluate)(setting, x.value);
                let terms = [alone.log_prob, x.log_jacobian, entry.normalised(setting, draws[r])];
                total += terms.iter().sum::<f64>();
                sizes += terms.iter().map(|term| term.abs()).sum::<f64>();
                let want = alone.value * x.value_slope + x.log_jacobian_slope;
                let scale = 1.0 + (alone.value * x.value_slope).abs();
                assert!(near(gradient[r], want, scale), "{} {setting:?}: {} {want}", entry.name, gradient[r]);
            }
            assert!(near(value, total, sizes), "{} {setting:?}: {value} {total}", entry.name);
        }
    }
}

// --- Anything at all -------------------------------------------------------------------------------------------------

const ANYTHING: [f64; 15] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -1e-300,
    1e-300,
    1e-10,
    0.5,
    1.0,
    -1.0,
    1e10,
    f64::MAX,
    f64::MIN,
];

/// Every list of `length` of these numbers.
fn lists(length: usize) -> Vec<Vec<f64>> {
    (0..length).fold(vec![vec![]], |lists, _| {
        let longer = |list: &Vec<f64>| ANYTHING.map(|x| [list.as_slice(), &[x]].concat());
        lists.iter().flat_map(longer).collect()
    })
}

#[test]
fn extremes_give_numbers_or_nan_and_never_panic() {
    for entry in table() {
        let mut stream = Seed(2).stream(Domain::User, 0);
        for parameters in lists(entry.domains.len()) {
            let valid = entry.domains.iter().zip(&parameters).all(|(domain, p)| domain.contains(*p));
            let ordered = entry.name != "Uniform" || parameters[0].next_up() < parameters[1];
            let distribution = (entry.univariate)(&parameters);
            for x in ANYTHING {
                let log_prob = distribution.log_prob(x);
                assert!(valid || !(log_prob.is_finite()), "{} {parameters:?} at {x}: {log_prob}", entry.name);
                (entry.evaluate)(&parameters, x);
            }
            let draw = distribution.sample(&mut stream);
            let inside = (entry.support)(&parameters).contains(&[draw]);
            match valid && ordered {
                true => assert!(inside, "{} {parameters:?} gave {draw}", entry.name),
                false => assert!(draw.is_nan(), "{} {parameters:?} gave {draw}", entry.name),
            }
        }
    }
    let mut stream = Seed(3).stream(Domain::User, 0);
    for parameters in lists(3).into_iter().map(|p| [p[0], p[1], p[2], 0.1]).chain([[0.5, 1.0, 0.5, f64::NAN]])
    {
        let wiener = Wiener(parameters[0], parameters[1], parameters[2], parameters[3]);
        let domains = <Wiener as Kernel<4, 2>>::PARAMETERS.map(|(_, domain)| domain);
        let valid = domains.iter().zip(&parameters).all(|(domain, p)| domain.contains(*p));
        for rt in ANYTHING {
            let log_prob = wiener.log_prob(Response { rt, choice: 1 });
            assert!(valid || !log_prob.is_finite(), "{parameters:?} at {rt}: {log_prob}");
        }
        assert!(valid || wiener.sample(&mut stream).rt.is_nan(), "{parameters:?}");
    }
}

#[test]
fn supports_and_transforms_take_anything() {
    for ends in lists(2) {
        let interval = Support::Interval { low: ends[0], high: ends[1] };
        let transforms = [Support::Real, Support::Positive, interval].map(|s| Transform::of(s).unwrap());
        for x in ANYTHING {
            for transform in transforms {
                transform.constrain(x);
                transform.unconstrain(x);
            }
            for support in
                [interval, Support::Count, Support::Category { categories: 0 }, Support::TimeAndChoice]
            {
                assert!(
                    !support.contains(&[]) && !support.contains(&[x; 3]) && !support.to_string().is_empty()
                );
                support.contains(&[x]);
            }
        }
    }
    assert_eq!(Observed::new(vec![1.0], 0).len(), 0);
    assert!(Observed::from(&[[0.0; 0]; 3][..]).is_empty());
}
