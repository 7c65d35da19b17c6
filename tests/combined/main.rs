//! Distributions put together of others: densities against formulae written out and references, slopes against differences, draws
//! against shares and moments.

mod intervals;
mod mixtures;
mod reference;
#[path = "../support/mod.rs"]
mod support;

use mynah::check;
use mynah::graph::Var;
use mynah::prelude::*;

/// Shares and means of this many draws are told from others at four standard errors: about one false alarm in 16 000 each.
pub(crate) const DRAWS: usize = 40_000;

/// Log density and slopes by parameters of a density whose parameters are unknowns on the whole line.
pub(crate) fn at<const P: usize>(
    parameters: [f64; P],
    log_prob: impl for<'s> Fn([Var<'s>; P]) -> Var<'s>,
) -> (f64, Vec<f64>) {
    let model = Model::record(|scope| {
        let unknown = |p: usize| scope.site(format!("p{p}")).sample(Flat());
        scope.site("f").factor(log_prob(std::array::from_fn(unknown)));
        Ok(())
    })
    .unwrap();
    let mut gradient = vec![0.0; P];
    match model.density().log_density_and_gradient(&parameters, &mut gradient) {
        Ok(value) => (value, gradient),
        // Minus infinity is no point for a sampler; it is a value all the same.
        Err(_) => (model.log_density(&parameters).unwrap(), gradient),
    }
}

pub(crate) fn close(got: f64, want: f64, tolerance: f64) -> bool {
    got == want || (got - want).abs() <= tolerance * want.abs().max(1e-3)
}

pub(crate) fn agrees(model: &Model) {
    let check = check::gradient(&mut model.density(), &check::random_points(model.dim(), 10, 3)).unwrap();
    assert!(check.agrees(), "{check}");
}
