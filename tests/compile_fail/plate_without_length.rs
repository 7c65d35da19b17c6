use mynah::prelude::*;

#[model]
fn plate() {
    plate!(rows, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

fn main() {}
