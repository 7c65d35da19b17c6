use mynah::prelude::*;

#[model]
fn text() {
    deterministic!(label = "cookies");
    factor!(condition = "even");
}

fn main() {}
