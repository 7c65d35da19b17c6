use mynah::prelude::*;

#[model]
fn indexed() {
    for i in 0..3 {
        sample!(mu[i] ~ Normal(0.0, 1.0));
    }
}

fn main() {}
