//! The macros of mynah: `#[model]` and, inside it, `sample!`, `plate!`, `scan!`, `submodel!`, `deterministic!` and `factor!`.
//!
//! Passes: parse a statement (`statement.rs`), expand it to calls of the plain builder (`mynah::model::Scope`), check that
//! nothing jumps out of an open plate (`leaving.rs`), and, where a statement stands in the wrong place, a fallback that says
//! so. Generated code names only `::mynah::__private`.

mod commas;
mod expand;
#[cfg(test)]
mod fuzz;
mod leaving;
mod named;
mod part;
mod statement;

use proc_macro::TokenStream;

/// Turns a function whose body is a model into one that records it and returns `mynah::Result<mynah::Model>`.
///
/// The function takes the model's data; its body may hold any Rust besides the statements below, and `?`. It has no
/// return type of its own, unless it is a part of other models. Variables have no readable value while a model is recorded, so control flow may depend on the
/// data but not on them. Ordinary loops and branches record what they run through; a plate is not a loop: its statements run
/// once, and `continue`, `break` and `return` cannot leave it.
///
/// | statement | meaning |
/// |---|---|
/// | `sample!(mu ~ Normal(0.0, 1.0));` | an unknown with a prior; binds `mu` |
/// | `sample!(z ~ Bernoulli(p));` | a discrete unknown with finitely many states, which is summed out; `mean.at(z)` |
/// | `sample!(y ~ Normal(mu, 1.0), observed = data);` | data with a likelihood; `data` may be an expression of unknowns |
/// | `sample!(y ~ Normal(mu, 1.0), observed = data, missing = skip);` | data some of which are missing (NaN, `None`), which are left out |
/// | `sample!(x ~ Normal(mu, 1.0), observed = x, missing = impute);` | the same, unknowns in their place (site `x.missing`); rebinds `x` to the whole array |
/// | `sample!(y ~ ddm.given(v: drift, a), observed = data);` | parameters by name, for learned likelihoods; `a` alone is `a: a` (in `deterministic!` and `factor!` too) |
/// | `plate!(rows = n, { ... });` | the statements inside stand for n independent elements; bindings stay visible |
/// | `plate!(bakeries = &names, { ... });` | the same over labels, which summaries then carry: `rate[Berlin]` |
/// | `plate!(bakeries, { ... });` | a plate that was open before, once more |
/// | `plate!(trials = n, of = subjects.by(&subject), { ... });` | elements that belong to those of an earlier plate: its arrays gather themselves |
/// | `deterministic!(ratio = mu / sigma);` | a quantity kept with the draws; binds `ratio` |
/// | `scan!(x = x0, (e = noise) => a * x + e);` | a recursion along the plate: x_t of x_(t-1) and of the inputs at t; binds `x`, an array over the plate. Several states: `scan!((a, b) = (a0, b0), (y = &data) => (a + y, b));` |
/// | `factor!(penalty = -mu.abs());` | a term added to the log density |
/// | `submodel!(subjects = effects(&names));` | what a `#[model]` function with a return type records, its sites under a prefix (`subjects.spread`); binds `subjects` to what it returns |
///
/// # Models inside others
/// A `#[model]` function *with* a return type is a part of other models: it records into the model that calls it by `submodel!`, and returns what it says
/// (a [`Var`](../mynah/graph/struct.Var.html), a tuple or a struct of them, or `()`). Variables may be among its arguments.
///
/// `sample!`, `deterministic!` and `factor!` take `name = expression` (a `String` or `&str`) as a last option, for
/// statements in a loop: `sample!(h ~ Normal(previous, 1.0), name = format!("h{t}"));`.
#[proc_macro_attribute]
pub fn model(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::model(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

macro_rules! statement_outside_a_model {
    ($($name:ident: $form:literal),*) => {$(
        #[doc = concat!("`", $form, "`: a statement of a model; see [`macro@model`].")]
        #[proc_macro]
        pub fn $name(_: TokenStream) -> TokenStream {
            let message = concat!(
                "`", stringify!($name), "!` must be a statement of its own, directly in the body of a function marked #[model], as in `",
                $form, ";`"
            );
            syn::Error::new(proc_macro2::Span::call_site(), message).into_compile_error().into()
        }
    )*};
}

statement_outside_a_model!(
    sample: "sample!(mu ~ Normal(0.0, 1.0))",
    plate: "plate!(rows = 10, { ... })",
    deterministic: "deterministic!(ratio = mu / sigma)",
    factor: "factor!(penalty = -mu.abs())",
    submodel: "submodel!(subjects = effects(&names))",
    scan: "scan!(x = x0, (y = &data) => a * x + y)"
);
