use mynah::prelude::*;

#[model]
fn branch() {
    sample!(mu ~ Normal(0.0, 1.0));
    if mu > 0.0 {
        factor!(penalty = mu);
    }
    if mu * 2.0 == 1.0 {
        factor!(equal = mu);
    }
}

fn main() {}
