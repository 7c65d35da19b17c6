use mynah::prelude::*;

#[model]
fn covariates(x: &[Vec<f64>], y: &[f64]) {
    sample!(slope ~ Normal(0.0, 1.0));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(slope * x, 1.0), observed = y);
    });
}

fn main() {}
