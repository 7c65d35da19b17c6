use mynah::prelude::*;

#[model]
fn gathered(group: &[i32], y: &[f64]) {
    plate!(groups = 3, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(mu.at(group), 1.0), observed = y);
    });
}

fn main() {}
