use mynah::prelude::*;

#[model]
fn without_a_name() {
    sample!(mu ~ Normal(0.0, 1.0));
    factor!(-mu.abs());
}

#[model]
fn without_a_value() {
    sample!(mu ~ Normal(0.0, 1.0));
    deterministic!(mu);
    deterministic!(twice = );
}

#[model]
fn with_a_tilde() {
    deterministic!(mu ~ Normal(0.0, 1.0));
}

#[model]
fn with_another_option() {
    sample!(mu ~ Normal(0.0, 1.0));
    factor!(penalty = -mu.abs(), weight = 2.0);
}

#[model]
fn with_two_values() {
    sample!(mu ~ Normal(0.0, 1.0));
    deterministic!(twice = 2.0 * mu; mu);
}

fn main() {}
