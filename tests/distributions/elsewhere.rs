//! Log densities and slopes beside values that were made elsewhere and are not committed, held-out rows among them.

use crate::support::reference_data;
use crate::table::{Entry, may_be_unknown, table};
use serde_json::Value;
use std::path::Path;

/// A number, which JSON may hold as text.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().expect("a number").parse().expect("a number"))
}

/// Whether two numbers agree to 1e-10 of their size; where the wanted one is what 30 digits leave of 0, to one rounding of terms of order 1.
fn agree(got: f64, want: f64) -> bool {
    got == want || (got - want).abs() <= 1e-10 * want.abs() || (want.abs() < 1e-25 && got.abs() < 2.3e-16)
}

/// Compares the rows of the distributions that are there; how many.
fn compare(path: &Path, conventions: &Value, entries: &[Entry]) -> usize {
    let mut compared = 0;
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let Some(entry) = entries.iter().find(|entry| entry.name == &row[0]) else { continue };
        let given: Value = serde_json::from_str(&row[2]).unwrap();
        // The number of trials is data there, and a parameter like any other here.
        let trials = given.get("n").map(|_| "n");
        let own =
            conventions[&row[0]]["params"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        let names: Vec<&str> = trials.into_iter().chain(own).collect();
        let parameters: Vec<f64> = names.iter().map(|name| number(&given[name])).collect();
        let (x, want): (f64, f64) = (row[3].parse().unwrap(), row[4].parse().unwrap());
        let (got, found) = (entry.normalised(&parameters, x), (entry.evaluate)(&parameters, x));
        assert!(agree(got, want), "{}: {got} {want}", row.as_slice());
        compared += 1;
        if want == f64::NEG_INFINITY {
            continue;
        }
        if let Ok(want) = row[5].parse::<f64>()
            && !(entry.support)(&parameters).is_discrete()
        {
            assert!(agree(found.value, want), "{}, by the value: {} {want}", row.as_slice(), found.value);
        }
        let slopes: Value =
            if row[6].is_empty() { Value::Null } else { serde_json::from_str(&row[6]).unwrap() };
        for (p, name) in names.iter().enumerate() {
            if slopes[name].is_null() || !may_be_unknown(entry.domains[p], parameters[p]) {
                continue;
            }
            let (got, want) = (found.parameters[p], number(&slopes[name]));
            assert!(agree(got, want), "{}, by {name}: {got} {want}", row.as_slice());
        }
    }
    compared
}

#[test]
fn values_made_elsewhere() {
    let Some(folder) = reference_data("values_made_elsewhere") else { return };
    let folder = folder.join("distributions");
    let text = std::fs::read_to_string(folder.join("univariate_conventions.json")).unwrap();
    let (conventions, entries) = (serde_json::from_str(&text).unwrap(), table());
    let split = |name: &str| folder.join(name).join("univariate_logprob.csv");
    let paths = [split("public"), split("heldout")];
    let compared: usize =
        paths.iter().filter(|path| path.exists()).map(|path| compare(path, &conventions, &entries)).sum();
    println!("{compared} rows");
    assert!(compared >= 300, "only {compared} rows");
}
