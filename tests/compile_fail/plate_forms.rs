use mynah::prelude::*;

#[model]
fn without_statements() {
    plate!(rows = 3);
}

#[model]
fn entered_again_without_statements() {
    plate!(rows);
}

#[model]
fn gathered(subject: &[usize]) {
    plate!(trials = 3, of = subjects.at(subject), {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

#[model]
fn misspelt(subject: &[usize]) {
    plate!(trials = 3, off = subjects.by(subject), {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

#[model]
fn entered_again_with_a_parent(subject: &[usize]) {
    plate!(trials, of = subjects.by(subject), {
        sample!(mu ~ Normal(0.0, 1.0));
    });
}

fn main() {}
