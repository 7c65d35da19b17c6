use mynah::prelude::*;

#[model]
fn without_inputs(y: &[f64]) {
    plate!(times = y.len(), {
        scan!(x = 0.0 => 0.5 * x);
    });
}

#[model]
fn inputs_without_parentheses(y: &[f64]) {
    plate!(times = y.len(), {
        scan!(x = 0.0, u = y => 0.5 * x + u);
    });
}

#[model]
fn inputs_without_names(y: &[f64]) {
    plate!(times = y.len(), {
        scan!(x = 0.0, (y) => 0.5 * x + y);
    });
}

#[model]
fn fewer_starts(y: &[f64]) {
    plate!(times = y.len(), {
        scan!((a, b) = 0.0, (u = y) => (a + u, b));
    });
}

#[model]
fn fewer_next_states(y: &[f64]) {
    plate!(times = y.len(), {
        scan!((a, b) = (0.0, 1.0), (u = y) => a + b);
    });
}

#[model]
fn nothing() {
    plate!(times = 3, {
        scan!();
    });
}

fn main() {}
