#![allow(dead_code, reason = "each program uses its part of this file")]
//! Gradients beside differences, and posterior means beside what they should be.

use mynah::check;
use mynah::prelude::*;

/// A run whose means have some digits.
pub(crate) fn nuts() -> Nuts {
    Nuts::default().warmup(500).draws(1500).seed(4).progress(Progress::Hidden)
}

pub(crate) fn gradient_agrees(model: &Model) {
    let points = check::random_points(model.dim(), 20, 3);
    let check = check::gradient(&mut model.density(), &points).unwrap();
    assert!(check.agrees(), "{check}");
}

/// The mean of each element of a site, to five Monte Carlo standard errors.
pub(crate) fn mean_is(posterior: &Draws, site: &str, expected: &[f64]) {
    let of_site = |name: &str| name == site || name.starts_with(&format!("{site}["));
    let rows: Vec<_> = posterior.summary().rows.into_iter().filter(|row| of_site(&row.name)).collect();
    assert_eq!(rows.len(), expected.len(), "elements of {site}");
    for (row, expected) in rows.iter().zip(expected) {
        assert!((row.mean - expected).abs() < 5.0 * row.mcse_mean, "{}: {} {expected}", row.name, row.mean);
    }
}
