use mynah::prelude::*;

#[model]
fn fractions() {
    plate!(rows = 2.5, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

#[model]
fn one_label() {
    plate!(cities = "Rome", {
        sample!(rate ~ Normal(0.0, 1.0));
    });
}

#[model]
fn signed_positions(subject: &[i32]) {
    plate!(subjects = 3, {
        sample!(mu ~ Normal(0.0, 1.0));
    });
    plate!(trials = 3, of = subjects.by(subject), {
        sample!(y ~ Normal(mu, 1.0), observed = [0.1, 0.2, 0.3]);
    });
}

fn main() {}
