use mynah::prelude::*;

#[model]
fn text(y: &[String]) {
    sample!(mu ~ Normal(0.0, 1.0));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(mu, 1.0), observed = y);
    });
}

fn main() {}
