//! The rows of the reference data that may not be committed.

use super::{at, close, support};
use mynah::prelude::*;

/// A row of reference data: the value, the parameters, the log density, and its derivatives by value and parameters.
struct Reference {
    x: f64,
    parameters: Vec<f64>,
    log_prob: f64,
    slopes: Vec<f64>,
}

/// The fields of a line; some stand in quotes, with quotes in them doubled.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.replace("\"\"", "'").chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// The rows of a distribution in the reference data that may not be committed. Fields: name, perhaps the case, parameters, value, log
/// density, perhaps the slope by the value, slopes.
fn reference_rows(file: &str, distribution: &str, parameters: &[&str]) -> Vec<Reference> {
    let Some(folder) = support::reference_data(distribution) else { return vec![] };
    let text = std::fs::read_to_string(folder.join("distributions/public").join(file)).unwrap();
    let json = |text: &str| -> serde_json::Value { serde_json::from_str(&text.replace('\'', "\"")).unwrap() };
    let number = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap(),
    };
    let row = |line: &str| {
        let fields = fields(line);
        let first = fields.iter().position(|field| field.starts_with('{')).unwrap();
        let given = json(&fields[first]);
        let mut slopes = vec![];
        if let Some(by) = fields[first + 1..].iter().find(|field| field.starts_with('{')).map(|by| json(by)) {
            let of_value = by.get("value").map(number).or_else(|| fields[first + 3].parse().ok());
            slopes.push(of_value.unwrap_or(f64::NAN));
            slopes.extend(parameters.iter().map(|name| number(&by[*name])));
        }
        Reference {
            x: fields[first + 1].parse().unwrap(),
            parameters: parameters.iter().map(|name| number(&given[*name])).collect(),
            log_prob: fields[first + 2].parse().unwrap(),
            slopes,
        }
    };
    let rows: Vec<Reference> =
        text.lines().filter(|line| line.starts_with(&format!("{distribution},"))).map(row).collect();
    assert!(rows.len() >= 4, "{distribution} has rows in the reference data");
    rows
}

/// Log densities hold to 1e-10, slopes relative to the largest of theirs: the small ones are differences of others.
fn holds(row: &Reference, (value, slopes): (f64, &[f64])) {
    let (x, want) = (row.x, row.log_prob);
    assert!(close(value, want, 1e-10), "{x} {:?}: {value} for {want}", row.parameters);
    let size =
        row.slopes.iter().filter(|slope| !slope.is_nan()).fold(1e-3_f64, |size, slope| size.max(slope.abs()));
    for (got, want) in slopes.iter().zip(&row.slopes).filter(|(_, want)| !want.is_nan()) {
        assert!(
            (got - want).abs() <= 1e-10 * size,
            "{x} {:?}: {slopes:?} for {:?}",
            row.parameters,
            row.slopes
        );
    }
}

#[test]
fn truncated_normals_of_the_reference() {
    for row in reference_rows("univariate_logprob.csv", "TruncatedNormal", &["loc", "scale", "low", "high"]) {
        let p = &row.parameters;
        let (value, slopes) = at([row.x, p[0], p[1], p[2], p[3]], |[x, loc, scale, low, high]| {
            Normal(loc, scale).truncated(low, high).log_prob_of(x)
        });
        holds(&row, (value, &slopes));
    }
}

#[test]
fn zero_inflated_counts_of_the_reference() {
    for row in reference_rows("univariate_logprob.csv", "ZeroInflatedPoisson", &["pi", "rate"]) {
        let (value, slopes) = at([row.parameters[0], row.parameters[1]], |[pi, rate]| {
            ZeroInflated(pi, Poisson(rate)).log_prob_of(row.x)
        });
        holds(&row, (value, &[&[f64::NAN], &slopes[..]].concat()));
    }
}

#[test]
fn mixtures_of_the_reference() {
    for row in
        reference_rows("multivariate_logprob.csv", "MixtureTwoNormals", &["w", "mu1", "s1", "mu2", "s2"])
    {
        let p = &row.parameters;
        let (value, slopes) = at([row.x, p[0], p[1], p[2], p[3], p[4]], |[x, w, mu1, s1, mu2, s2]| {
            Mixture([w, 1.0 - w], [Normal(mu1, s1), Normal(mu2, s2)]).log_prob_of(x)
        });
        holds(&row, (value, &slopes));
    }
}
