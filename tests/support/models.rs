#![allow(dead_code, reason = "one file for several tests")]
//! Models beside models, and what is wrong with one.

use mynah::prelude::*;

/// Points of unconstrained space, spread and the same at each call.
pub(crate) fn points(dim: usize) -> Vec<Vec<f64>> {
    (0..6).map(|k| (0..dim).map(|i| ((k * 7 + i * 3) % 11) as f64 * 0.2 - 1.0).collect()).collect()
}

/// Two models have one log density, to rounding.
pub(crate) fn agree(left: &Model, right: &Model) {
    assert_eq!(left.dim(), right.dim());
    for z in points(left.dim()) {
        let (left, right) = (left.log_density(&z).unwrap(), right.log_density(&z).unwrap());
        assert!((left - right).abs() < 1e-11 * right.abs().max(1.0), "{left} {right}");
    }
}

/// What is said of a model that cannot be built.
pub(crate) fn error_of(model: Result<Model>) -> String {
    model.unwrap_err().to_string()
}

/// The log density of one datum, by a model with one unknown that it does not depend on.
pub(crate) fn log_prob<'a, D>(distribution: impl Fn() -> D, value: &'a [f64]) -> f64
where
    D: for<'t> mynah::dist::Distribution<'t>,
{
    let model = Model::record(|scope| {
        scope.site("unused").sample(Normal(0.0, 1.0));
        scope.site("x").observe(distribution(), value);
        Ok(())
    });
    model.unwrap().pointwise_log_density(&[0.3], "x").unwrap()[0]
}
