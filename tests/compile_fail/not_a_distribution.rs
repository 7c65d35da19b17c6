use mynah::prelude::*;

#[model]
fn number() {
    sample!(mu ~ 1.0 + 2.0);
}

fn main() {}
