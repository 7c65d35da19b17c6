use mynah::prelude::*;

#[model]
fn branching(y: &[f64]) {
    plate!(times = y.len(), {
        scan!(x = 0.0, (u = y) => if x > 0.0 { x + u } else { u });
    });
}

#[model]
fn text(y: &[f64], names: &[String]) {
    plate!(times = y.len(), {
        scan!(x = 0.0, (u = names) => x + u);
    });
}

fn main() {}
