use mynah::prelude::*;

#[model]
fn plate() {
    plate!(rows, 3, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

#[model]
fn parent(subject: &[usize]) {
    plate!(trials = 3, of = subject, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

fn main() {}
