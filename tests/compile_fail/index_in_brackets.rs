use mynah::prelude::*;

#[model]
fn brackets() {
    plate!(rows = 3, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
    sample!(y ~ Normal(mu[0], 1.0), observed = 1.0);
}

fn main() {}
