//! Random models against an evaluator written apart from the graph.
//!
//! A program of nested and repeated plates, gathers, sums, stacks, data, shared expressions, vectors, slices and recursions is
//! recorded as a model, and evaluated as it reads: one scalar at a time, every plate a loop, with dual numbers for the
//! gradient. Discrete unknowns go through all their joint states there. Every program is then written anew, some of its unknowns known or in other
//! coordinates, and compared again. Lengths, names, indices and numbers come from pools of a few, so that equal ones meet. `DIFFERENTIAL_PROGRAMS=1000000` runs more.

mod compare;
mod distributions;
mod dual;
mod evaluate;
mod evaluate_latent;
mod evaluate_states;
mod evaluate_unknowns;
mod generate;
mod generate_densities;
mod generate_reads;
mod generate_states;
mod generate_unknowns;
mod learned;
mod program;
mod record;
mod record_unknowns;
mod rewritten;
mod unknowns;

use compare::compare;
use evaluate_latent::Rewriting;
use generate::Generator;
use mynah::{Domain, Seed, Stream};
use program::Program;
use rand::RngExt;
use rewritten::compare_rewritten;

/// The programs of an ordinary run.
const PROGRAMS: u64 = 10_000;

/// What is said of programs whose discrete unknowns cannot be summed out, and what such a program has two of at least.
const REFUSED: [(&str, &str); 2] = [("in plates that cross", "Discrete {"), ("expected one way", "Of(")];

/// What the programs are made of, as they print.
const FORMS: [&str; 32] = [
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
    "Seen {",
    "Imputed {",
    "Expression {",
    "part ",
    "BernoulliLogit(",
    "distribution: Bernoulli(",
    "Binomial(1",
    "Binomial(2",
    "distribution: Categorical(",
    "Discrete {",
    "AtStates(",
    "distribution: Mixture(",
];

/// What became of a program.
#[derive(PartialEq)]
enum Fate {
    /// It has numbers that make rounding errors of what any evaluator finds.
    Wild,
    /// Its discrete unknowns meet where they cannot be summed out.
    Refused,
    Compared,
    /// And rewritten too.
    Rewritten,
}

fn is_refused(program: &Program, why: &str) -> bool {
    REFUSED.iter().any(|(words, twice)| why.contains(words) && program.to_string().matches(twice).count() > 1)
}

/// # Errors
/// Where both sides differ.
fn fate(program: &Program, z: &[f64], stream: &mut Stream) -> Result<Fate, String> {
    let model = match record::record(program) {
        Err(error) if is_refused(program, &error.to_string()) => return Ok(Fate::Refused),
        model => model.map_err(|error| format!("it does not build: {error}"))?,
    };
    let Some(outcome) = compare(&model, program, z, &Rewriting::default())? else { return Ok(Fate::Wild) };
    match compare_rewritten(&model, program, z, &outcome, stream)? {
        true => Ok(Fate::Rewritten),
        false => Ok(Fate::Compared),
    }
}

#[test]
fn random_models_agree_with_a_slow_evaluator() {
    let programs =
        std::env::var("DIFFERENTIAL_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(PROGRAMS);
    let [mut compared, mut rewritten, mut refused] = [0_u64; 3];
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
        let fated = std::panic::AssertUnwindSafe(|| fate(&program, &z, &mut stream));
        match std::panic::catch_unwind(fated).unwrap_or_else(panicked) {
            Ok(Fate::Wild) => {}
            Ok(Fate::Refused) => refused += 1,
            Ok(fate) => {
                compared += 1;
                rewritten += u64::from(fate == Fate::Rewritten);
                let text = program.to_string();
                FORMS.iter().zip(&mut of_form).for_each(|(form, n)| *n += u64::from(text.contains(form)));
            }
            Err(why) => failures.push(format!("program {index}: {why}\n{program}")),
        }
        if failures.len() >= 3 {
            break;
        }
    }
    println!(
        "{compared} programs compared, {rewritten} rewritten, {refused} refused; with each form: {of_form:?}"
    );
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(
        compared * 10 >= programs * 7,
        "only {compared} of {programs} programs were tame and have unknowns"
    );
    assert!(rewritten * 2 >= programs, "only {rewritten} of {programs} programs were written anew");
    assert!(refused * 50 <= programs, "{refused} of {programs} programs were refused");
    for (form, n) in FORMS.iter().zip(of_form) {
        assert!(n * 200 >= programs, "only {n} of {programs} programs had `{form}`");
    }
}
