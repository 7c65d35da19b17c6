use mynah::prelude::*;

fn not_a_model() {
    sample!(mu ~ Normal(0.0, 1.0));
}

#[model]
fn as_an_expression() {
    let mu = sample!(mu ~ Normal(0.0, 1.0));
}

fn main() {}
