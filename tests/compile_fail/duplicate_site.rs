use mynah::prelude::*;

#[model]
fn twice() {
    sample!(mu ~ Normal(0.0, 1.0));
    plate!(rows = 3, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

fn main() {}
