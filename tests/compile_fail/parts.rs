//! A part of a model is a call of a function marked #[model] that has a return type.

use mynah::prelude::*;

#[model]
fn effect() -> Var {
    sample!(effect ~ Normal(0, 1));
    effect
}

#[model]
fn no_call() {
    submodel!(part = effect);
}

#[model]
fn twice() {
    submodel!(part = effect());
    submodel!(part = effect());
}

#[model]
fn returns_a_model() -> mynah::Result<mynah::Model> {
    sample!(effect ~ Normal(0, 1));
}

#[model]
fn forgets_its_value() -> Var {
    sample!(effect ~ Normal(0, 1));
}

fn main() {}
