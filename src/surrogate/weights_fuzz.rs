//! Files that are whole but make no sense: what passes the checks can be used without a panic.
//!
//! A header with other numbers and tensors of other lengths and values, each file with the checksum of what it holds. 2 000
//! files for each outcome; the variable `PROPTEST_CASES` sets another number.

use super::*;
use crate::surrogate::tests::{OUTCOMES, data, likelihood};
use crate::surrogate::weights_header::Header;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

const NUMBERS: [f64; 10] =
    [0.0, -0.0, 1.0, -1.0, 3.0, 1e-300, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// What may stand in place of a value of the header.
fn values() -> [Value; 16] {
    [
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(7),
        json!(40),
        json!(u64::MAX),
        json!(-1),
        json!(0.5),
        json!(null),
        json!(true),
        json!([]),
        json!("count"),
        json!("real"),
        json!("time_and_choice"),
    ]
}

/// Replaces the `at`-th value of a tree of values, counted depth first; returns how many it has passed.
fn replace(tree: &mut Value, at: usize, by: &Value) -> usize {
    let mut passed = 1;
    if at == 0 {
        *tree = by.clone();
        return passed;
    }
    let mut visit = |child: &mut Value| {
        if passed <= at {
            passed += replace(child, at - passed, by);
        }
    };
    match tree {
        Value::Array(values) => values.iter_mut().for_each(&mut visit),
        Value::Object(entries) => entries.values_mut().for_each(&mut visit),
        _ => {}
    }
    passed
}

/// Values of the header to replace; numbers of tensors to replace; a tensor to shorten by so many bytes.
type Damage = (Vec<(Index, Index)>, Vec<(Index, Index, Index)>, Option<(Index, usize)>);

fn damage() -> impl Strategy<Value = Damage> {
    let edits = vec(any::<(Index, Index)>(), 0..3);
    let numbers = vec(any::<(Index, Index, Index)>(), 0..3);
    (edits, numbers, proptest::option::weighted(0.1, (any::<Index>(), 1..17_usize)))
}

fn file_of(likelihood: &NeuralLikelihood, (edits, numbers, cut): &Damage) -> Vec<u8> {
    let mut header = serde_json::to_value(Header::of(likelihood)).unwrap();
    let count = replace(&mut header.clone(), usize::MAX, &Value::Null);
    for (at, by) in edits {
        replace(&mut header, at.index(count), by.get(&values()));
    }
    let header = header.to_string();
    let mut tensors = likelihood.tensors();
    for (tensor, at, by) in numbers {
        let index = tensor.index(tensors.len());
        let tensor = &mut tensors[index];
        let number = *by.get(&NUMBERS);
        let bytes = match tensor.dtype {
            Dtype::F64 => number.to_le_bytes().to_vec(),
            Dtype::F32 => (number as f32).to_le_bytes().to_vec(),
            _ => vec![number as u8],
        };
        if !tensor.bytes.is_empty() {
            let start = at.index(tensor.bytes.len() / bytes.len()) * bytes.len();
            tensor.bytes[start..start + bytes.len()].copy_from_slice(&bytes);
        }
    }
    if let Some((tensor, less)) = cut {
        let index = tensor.index(tensors.len());
        let tensor = &mut tensors[index];
        let size = match tensor.dtype {
            Dtype::F64 => 8,
            Dtype::F32 => 4,
            _ => 1,
        };
        let left = (tensor.bytes.len() / size).saturating_sub(*less);
        tensor.bytes.truncate(left * size);
        tensor.shape = vec![left];
    }
    let entry = HashMap::from([(ENTRY.to_owned(), header), (CHECKSUM.to_owned(), file::BLANK.to_owned())]);
    let views = tensors
        .iter()
        .map(|t| (t.name.as_str(), TensorView::new(t.dtype, t.shape.clone(), &t.bytes).unwrap()));
    let mut bytes = serialize(views, Some(entry)).unwrap();
    file::seal(&mut bytes);
    bytes
}

#[test]
fn what_passes_the_checks_can_be_used() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000);
    for outcome in OUTCOMES {
        let (likelihood, (x, rows, _)) = (likelihood(outcome), data(outcome));
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let loaded = std::cell::Cell::new(0);
        let start = std::time::Instant::now();
        let outcome_of_run = runner.run(&damage(), |damage| {
            let Ok(learned) = read(&file_of(&likelihood, &damage)) else { return Ok(()) };
            loaded.set(loaded.get() + 1);
            let parameters = vec![0.7; learned.names().len() * 3];
            if let Ok(density) = learned.bind(&x, &rows, 3) {
                let mut gradient = vec![0.0; parameters.len()];
                density.evaluator().log_prob_and_gradient(&parameters, &mut gradient);
                density.evaluator().pointwise(&parameters, &mut vec![0.0; rows.len()]);
                density.rows_outside(&parameters);
                let mut stream = crate::Seed(1).stream(crate::Domain::User, 0);
                density.sample(&parameters, &mut stream);
                density.check_posterior(&vec![parameters; 3], &mut stream);
            }
            Ok(())
        });
        outcome_of_run.unwrap_or_else(|failure| panic!("{outcome:?}: {failure}"));
        println!(
            "{outcome:?}: {cases} files in {:.1} s, {} loaded",
            start.elapsed().as_secs_f64(),
            loaded.get()
        );
        assert!(loaded.get() > cases / 50, "{outcome:?}: hardly any file passes, so that nothing is tested");
    }
}
