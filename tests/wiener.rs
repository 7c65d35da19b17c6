//! The Wiener first-passage density: reference values, quadrature, its sampler, and no NaN anywhere.

use mynah::dist::{Kernel, Partials, Response, Wiener};
use mynah::{Domain, Seed};
use std::collections::BTreeMap;

fn partials(parameters: [f64; 4], x: [f64; 2]) -> Partials<4> {
    let row = <Wiener as Kernel<4, 2>>::row(parameters);
    let partials = <Wiener as Kernel<4, 2>>::partials(&row, x);
    let log_prob = <Wiener as Kernel<4, 2>>::log_prob(&row, x);
    assert!(log_prob == partials.log_prob || log_prob.is_nan(), "the two ways to a log density differ");
    partials
}

/// One line of wfpt_reference.csv.
struct Reference {
    stratum: String,
    x: [f64; 2],
    /// v, a, w, t0.
    parameters: [f64; 4],
    log_prob: f64,
    /// With respect to v, a, w, t0, rt.
    slopes: [f64; 5],
    joint_cdf: f64,
    choice_probability: f64,
}

fn parse(text: &str) -> Vec<Reference> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("id,"));
    let parsed = lines.map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        // The probabilities of the far tails were left empty.
        let number =
            |i: usize| if fields[i].is_empty() { f64::NAN } else { fields[i].parse().expect("a number") };
        Reference {
            stratum: fields[1].to_owned(),
            x: [number(2), number(3)],
            parameters: [4, 5, 6, 7].map(number),
            log_prob: number(8),
            slopes: [9, 10, 11, 12, 13].map(number),
            joint_cdf: number(14),
            choice_probability: number(15),
        }
    });
    parsed.collect()
}

fn committed() -> Vec<Reference> {
    parse(include_str!("reference/wfpt_reference.csv"))
}

/// Checks every row and prints the worst errors by stratum.
fn check(rows: &[Reference]) {
    let mut worst: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for row in rows {
        let got = partials(row.parameters, row.x);
        let [v, a, w, t0] = got.parameters;
        let relative = |got: f64, want: f64| (got - want).abs() / want.abs();
        let value_error = relative(got.log_prob, row.log_prob);
        let slopes = [v, a, w, t0, got.value].into_iter().zip(row.slopes);
        // Where a derivative is 0 (the reference has 2e-58) one can ask for the roundings of its terms, of order 1
        // there.
        let zero = |want: f64| want.abs() < 1e-25;
        let slope_errors = slopes.map(|(got, want)| if zero(want) { got.abs() } else { relative(got, want) });
        let slope_error = slope_errors.fold(0.0, f64::max);
        // Far inside what is asked for (1e-9 and 1e-6), without a floor: log densities as near to 0 as 2e-3 and
        // derivatives that are differences of terms a thousand times larger keep these digits.
        assert!(value_error < 1e-12, "{} {:?} {:?}: {value_error:e}", row.stratum, row.x, row.parameters);
        assert!(slope_error < 1e-10, "{} {:?} {:?}: {slope_error:e}", row.stratum, row.x, row.parameters);
        let entry = worst.entry(&row.stratum).or_default();
        *entry = (entry.0.max(value_error), entry.1.max(slope_error));
    }
    for (stratum, (value, slope)) in worst {
        println!("{stratum:14} log density {value:.1e} slopes {slope:.1e}");
    }
}

#[test]
fn meets_the_committed_reference() {
    let rows = committed();
    assert_eq!(rows.len(), 720);
    check(&rows);
}

#[test]
fn meets_the_whole_reference() {
    let Some(folder) = std::env::var_os("MYNAH_REFERENCE_DATA") else {
        println!("not run: MYNAH_REFERENCE_DATA is not set");
        return;
    };
    let path = std::path::Path::new(&folder).join("wfpt/wfpt_reference.csv");
    let rows = parse(&std::fs::read_to_string(path).expect("the reference file"));
    assert!(rows.len() >= 1500);
    check(&rows);
}

/// The probability of a choice with a response time in (t0, rt], by Gauss-Legendre panels in ln(rt - t0). The lower
/// limit, exp(-26) of the upper, loses nothing: the density falls to 0 there faster than any power.
fn probability(parameters: [f64; 4], choice: f64, rt: f64) -> f64 {
    // Five-point Gauss-Legendre nodes and weights (NIST DLMF 3.5.21).
    const NODES: [f64; 5] = [
        -0.906_179_845_938_664,
        -0.538_469_310_105_683_1,
        0.0,
        0.538_469_310_105_683_1,
        0.906_179_845_938_664,
    ];
    const WEIGHTS: [f64; 5] = [
        0.236_926_885_056_189_1,
        0.478_628_670_499_366_47,
        0.568_888_888_888_888_9,
        0.478_628_670_499_366_47,
        0.236_926_885_056_189_1,
    ];
    let row = <Wiener as Kernel<4, 2>>::row(parameters);
    let last = (rt - parameters[3]).ln();
    let (first, panels) = (last - 26.0, 1300);
    let half = 0.5 * (last - first) / f64::from(panels);
    let mut sum = 0.0;
    for panel in 0..panels {
        let middle = first + half * f64::from(2 * panel + 1);
        for (node, weight) in NODES.into_iter().zip(WEIGHTS) {
            let time = (middle + half * node).exp();
            let log_prob = <Wiener as Kernel<4, 2>>::log_prob(&row, [parameters[3] + time, choice]);
            sum += weight * half * time * log_prob.exp();
        }
    }
    sum
}

#[test]
fn integrates_to_the_distribution_function_and_to_one() {
    for row in committed().iter().filter(|row| !row.joint_cdf.is_nan()).step_by(11) {
        let below = probability(row.parameters, row.x[1], row.x[0]);
        // Quadrature below 1e-12 of the mass; t0 + time loses digits of the shortest times, hence 1e-9.
        assert!((below - row.joint_cdf).abs() < 1e-9, "{:?} {:?}: {below}", row.parameters, row.x);
        let far = row.parameters[3] + 400.0;
        let of_choice = probability(row.parameters, row.x[1], far);
        assert!((of_choice - row.choice_probability).abs() < 1e-9, "{:?}: {of_choice}", row.parameters);
        let total = of_choice + probability(row.parameters, 1.0 - row.x[1], far);
        assert!((total - 1.0).abs() < 1e-9, "{:?}: {total}", row.parameters);
    }
}

/// Value and slopes must not know where the branches are: finite differences across the switch and the mode borders.
#[test]
fn gradient_meets_finite_differences_at_the_branch_borders() {
    let step = 1e-5;
    for tau in [0.05, 0.2, 0.4, 1.2] {
        for (w, choice) in [(0.03, 0.0), (0.03, 1.0), (0.5, 0.0), (0.8, 1.0), (0.98, 0.0)] {
            let point = [0.7, 1.5, w, 0.25, 0.25 + tau * 2.25];
            let at = |p: [f64; 5]| partials([p[0], p[1], p[2], p[3]], [p[4], choice]);
            let exact = at(point);
            for i in 0..5 {
                let (mut up, mut down) = (point, point);
                up[i] += step;
                down[i] -= step;
                let difference = (at(up).log_prob - at(down).log_prob) / (2.0 * step);
                let slope = if i < 4 { exact.parameters[i] } else { exact.value };
                // Truncation: step^2 / 6 times a third derivative of up to 2 / min(w, 1-w)^3.
                assert!(
                    (difference - slope).abs() < 4e-6 * (1.0 + slope.abs()),
                    "{tau} {w} {i}: {difference} {slope}"
                );
            }
        }
    }
}

#[test]
fn outside_is_minus_infinity_and_nothing_is_nan() {
    let parameters = [0.5, 1.2, 0.4, 0.3];
    for x in [
        [0.3, 1.0],
        [0.2, 0.0],
        [-1.0, 1.0],
        [0.5, 2.0],
        [0.5, 0.5],
        [f64::NEG_INFINITY, 0.0],
        [0.5, f64::NAN],
    ] {
        assert_eq!(partials(parameters, x), Partials::IMPOSSIBLE, "{x:?}");
    }
    for v in [-1e8, -30.0, 0.0, 2.0, 1e8] {
        for a in [1e-6, 0.1, 3.0, 1e6] {
            for w in [1e-12, 0.01, 0.5, 0.999, 1f64.next_down()] {
                for time in [5e-324, 1e-300, 1e-100, 1e-30, 1e-12, 1e-3, 1.0, 1e3, 1e9, 1e100] {
                    for choice in [0.0, 1.0] {
                        let p = partials([v, a, w, 0.0], [time, choice]);
                        let numbers = [p.log_prob, p.value].into_iter().chain(p.parameters);
                        assert!(
                            numbers.into_iter().all(|n| !n.is_nan()),
                            "{v} {a} {w} {time} {choice}: {p:?}"
                        );
                        assert!(p.log_prob < f64::INFINITY);
                    }
                }
            }
        }
    }
}

#[test]
fn parameters_outside_their_domain_give_nan() {
    let good = [0.5, 1.2, 0.4, 0.3];
    let bad: [(usize, &[f64]); 4] = [
        (0, &[f64::NAN, f64::INFINITY]),
        (1, &[0.0, -1.0, f64::INFINITY, f64::NAN]),
        (2, &[0.0, 1.0, -0.1, f64::NAN]),
        (3, &[-0.1, f64::NAN]),
    ];
    for (index, values) in bad {
        for &value in values {
            let mut parameters = good;
            parameters[index] = value;
            let [v, a, w, t0] = parameters;
            assert!(Wiener(v, a, w, t0).log_prob(Response { rt: 0.7, choice: 1 }).is_nan(), "{parameters:?}");
            let row = <Wiener as Kernel<4, 2>>::row(parameters);
            assert!(<Wiener as Kernel<4, 2>>::partials(&row, [0.7, 0.0]).log_prob.is_nan());
            let draw = Wiener(v, a, w, t0).sample(&mut Seed(1).stream(Domain::User, 0));
            assert!(draw.rt.is_nan(), "{parameters:?}");
        }
    }
}

/// Draws against the density: Kolmogorov's test of rt within each choice and a z-test of the choice, each with a
/// false-positive rate of 1e-6.
#[test]
fn draws_follow_the_density() {
    let count = 4000;
    for (index, parameters) in
        [[0.0, 1.0, 0.5, 0.0], [1.5, 2.0, 0.3, 0.2], [-0.8, 1.4, 0.8, 0.35]].into_iter().enumerate()
    {
        let [v, a, w, t0] = parameters;
        let mut stream = Seed(11).stream(Domain::User, index as u64);
        let draws: Vec<Response> = (0..count).map(|_| Wiener(v, a, w, t0).sample(&mut stream)).collect();
        for choice in [0u8, 1] {
            let mut times: Vec<f64> = draws.iter().filter(|d| d.choice == choice).map(|d| d.rt).collect();
            times.sort_by(f64::total_cmp);
            let share = probability(parameters, f64::from(choice), t0 + 400.0);
            let z = (times.len() as f64 - share * f64::from(count))
                / (share * (1.0 - share) * f64::from(count)).sqrt();
            assert!(z.abs() < 4.9, "choice {choice} of {parameters:?}: z = {z}"); // P(|z| > 4.9) = 1e-6
            let size = times.len() as f64;
            let distance = times.iter().enumerate().step_by(7).map(|(rank, &rt)| {
                let expected = probability(parameters, f64::from(choice), rt) / share;
                (expected - rank as f64 / size).abs().max((expected - (rank + 1) as f64 / size).abs())
            });
            let largest = distance.fold(0.0, f64::max);
            // Kolmogorov: P(sqrt(n) D > 2.69) = 2 exp(-2 2.69^2) = 1e-6; every seventh point can only lower D.
            assert!(largest * size.sqrt() < 2.69, "choice {choice} of {parameters:?}: {largest}");
        }
    }
}
