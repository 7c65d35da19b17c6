use mynah::prelude::*;

#[model]
fn equals() {
    sample!(mu = Normal(0.0, 1.0));
}

fn main() {}
