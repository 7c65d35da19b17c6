use mynah::prelude::*;

#[model]
fn option(data: &[f64]) {
    sample!(y ~ Normal(0.0, 1.0), obs = data);
}

fn main() {}
