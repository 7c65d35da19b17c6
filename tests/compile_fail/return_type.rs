use mynah::prelude::*;

#[model]
fn typed() -> Model {
    sample!(mu ~ Normal(0.0, 1.0));
}

fn main() {}
