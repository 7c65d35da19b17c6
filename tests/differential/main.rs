//! Random models against an evaluator written apart from the graph.
//!
//! A program of nested and repeated plates, gathers, sums, stacks, data, shared expressions, vectors, slices and recursions is
//! recorded as a model, and evaluated as it reads: one scalar at a time, every plate a loop, with dual numbers for the
//! gradient. Lengths, names, indices and numbers come from pools of a few, so that equal ones meet. `DIFFERENTIAL_PROGRAMS=1000000` runs more.

mod distributions;
mod dual;
mod evaluate;
mod evaluate_unknowns;
mod generate;
mod generate_densities;
mod generate_reads;
mod generate_unknowns;
mod learned;
mod program;
mod record;
mod record_unknowns;
mod unknowns;

use evaluate::Evaluator;
use generate::Generator;
use mynah::{Domain, LogDensity, Seed};
use program::Program;
use rand::RngExt;

/// The programs of an ordinary run.
const PROGRAMS: u64 = 20_000;

/// Both sides sum the same numbers in different orders: relative to the sum of the magnitudes 1e-9 is far above rounding.
const VALUE: f64 = 1e-9;
/// Slopes grow by the products of a few functions; rounding is far below.
const SLOPE: f64 = 1e-6;

/// Beyond this a value or slope on the way (a sine of 1e7, a Poisson rate of exp(80)) makes rounding errors of what any
/// evaluator finds.
const TAME: f64 = 1e3;

/// What the programs are made of, as they print.
const FORMS: [&str; 20] = [
    "Ordered(",
    "SumToZero(",
    "Between(",
    "Above(",
    "NonCenteredStudent(",
    "NonCenteredLogNormal(",
    "noncentered: true",
    "noncentered: false",
    "Dirichlet(Numbers",
    "Dirichlet(Array",
    "LkjCholesky(",
    "loc: Array",
    "factor: Array",
    "scale: Some",
    "ObservedVectors",
    "Scan(",
    "Gaps {",
    "Local(",
    ", again,",
    "Labels",
];

/// Whether a program was tame enough to be compared to the end.
///
/// # Errors
/// Where both sides differ.
fn compare(program: &Program, z: &[f64]) -> Result<bool, String> {
    let model = record::record(program).map_err(|error| format!("it does not build: {error}"))?;
    if model.dim() != program.dim {
        return Err(format!("{} dimensions, expected {}", model.dim(), program.dim));
    }
    let expected = Evaluator::new(program, z).run();
    // Not so where it is NaN.
    if !(expected.greatest < TAME) || expected.magnitude.is_nan() {
        return Ok(false);
    }
    let mut gradient = vec![0.0; z.len()];
    let mut density = model.density();
    let value = density.log_density_and_gradient(z, &mut gradient).map_err(|error| error.to_string())?;
    let close = |got: f64, expected: f64, scale: f64| (got - expected).abs() <= scale;
    if !close(value, expected.log_density.value, VALUE * (1.0 + expected.magnitude)) {
        return Err(format!("log density {value}, expected {}", expected.log_density.value));
    }
    let lone = density.log_density(z).map_err(|error| error.to_string())?;
    if !close(lone, value, VALUE * (1.0 + expected.magnitude)) {
        return Err(format!("log density {lone} without its gradient, {value} with it"));
    }
    for (i, (got, slope)) in gradient.iter().zip(expected.log_density.gradient(z.len())).enumerate() {
        if !close(*got, slope, SLOPE * (1.0 + slope.abs())) {
            return Err(format!("slope {i} is {got}, expected {slope}"));
        }
    }
    let values = model.values_at(z).map_err(|error| error.to_string())?;
    for (name, numbers) in &expected.kept {
        let got = values.get(name).map_err(|error| error.to_string())?;
        let same = got.len() == numbers.len()
            && got.iter().zip(numbers).all(|(a, b)| close(*a, *b, VALUE * (1.0 + b.abs())));
        if !same {
            return Err(format!("values of `{name}` are {got:?}, expected {numbers:?}"));
        }
    }
    for (name, each) in &expected.pointwise {
        let got = model.pointwise_log_density(z, name).map_err(|error| error.to_string())?;
        let same = got.len() == each.len()
            && got.iter().zip(each).all(|(a, b)| close(*a, *b, VALUE * (1.0 + b.abs())));
        if !same {
            return Err(format!("log densities of `{name}` are {got:?}, expected {each:?}"));
        }
    }
    Ok(true)
}

#[test]
fn random_models_agree_with_a_slow_evaluator() {
    let programs =
        std::env::var("DIFFERENTIAL_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(PROGRAMS);
    let mut compared = 0_u64;
    let mut of_form = [0_u64; FORMS.len()];
    let mut failures = vec![];
    for index in 0..programs {
        let mut stream = Seed(20_261_121).stream(Domain::User, index);
        let program = Generator::new(&mut stream).program();
        let z: Vec<f64> = (0..program.dim).map(|_| stream.random_range(-1.5..1.5)).collect();
        if program.dim == 0 {
            continue;
        }
        let panicked = |_| Err("it panicked, as said above".to_string());
        match std::panic::catch_unwind(|| compare(&program, &z)).unwrap_or_else(panicked) {
            Ok(false) => {}
            Ok(true) => {
                compared += 1;
                let text = program.to_string();
                FORMS.iter().zip(&mut of_form).for_each(|(form, n)| *n += u64::from(text.contains(form)));
            }
            Err(why) => failures.push(format!("program {index}: {why}\n{program}")),
        }
        if failures.len() >= 3 {
            break;
        }
    }
    println!("{compared} programs compared; with each form: {of_form:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(
        compared * 10 >= programs * 7,
        "only {compared} of {programs} programs were tame and have unknowns"
    );
    for (form, n) in FORMS.iter().zip(of_form) {
        assert!(n * 200 >= programs, "only {n} of {programs} programs had `{form}`");
    }
}
