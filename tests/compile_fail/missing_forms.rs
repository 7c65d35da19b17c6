//! What becomes of missing data is one of two words, and stands beside data.

use mynah::prelude::*;

#[model]
fn other_word(y: &[f64]) {
    plate!(rows = y.len(), {
        sample!(y ~ Normal(0, 1), observed = y, missing = drop);
    });
}

#[model]
fn without_data(n: usize) {
    plate!(rows = n, {
        sample!(y ~ Normal(0, 1), missing = impute);
    });
}

#[model]
fn twice(y: &[f64]) {
    plate!(rows = y.len(), {
        sample!(y ~ Normal(0, 1), observed = y, missing = skip, missing = impute);
    });
}

fn main() {}
