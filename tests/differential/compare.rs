//! A model beside what the evaluator finds: log density, gradient, values, log densities of data.

use super::evaluate::{Evaluator, Outcome};
use super::evaluate_latent::Rewriting;
use super::program::Program;
use mynah::{LogDensity, Model};

/// Both sides sum the same numbers in different orders: relative to the sum of the magnitudes 1e-9 is far above rounding.
const VALUE: f64 = 1e-9;
/// Slopes grow by the products of a few functions; rounding is far below.
const SLOPE: f64 = 1e-6;

/// Beyond this a value or slope on the way (a sine of 1e7, a Poisson rate of exp(80)) makes rounding errors of what any
/// evaluator finds.
const TAME: f64 = 1e3;

fn close(got: f64, expected: f64, scale: f64) -> bool {
    (got - expected).abs() <= scale
}

fn all_close(got: &[f64], expected: &[f64]) -> bool {
    got.len() == expected.len()
        && got.iter().zip(expected).all(|(a, b)| close(*a, *b, VALUE * (1.0 + b.abs())))
}

/// What a program comes to at z, if it is tame.
///
/// # Errors
/// Where model and program differ.
pub(crate) fn compare(
    model: &Model,
    program: &Program,
    z: &[f64],
    rewriting: &Rewriting,
) -> Result<Option<Outcome>, String> {
    let expected = Evaluator::new(program, z, rewriting).run();
    let free: Vec<usize> = (0..z.len()).filter(|k| !expected.fixed[*k]).collect();
    if model.dim() != free.len() {
        return Err(format!("{} dimensions, expected {}", model.dim(), free.len()));
    }
    // Not so where it is NaN.
    if !(expected.greatest < TAME) || expected.magnitude.is_nan() {
        return Ok(None);
    }
    let point: Vec<f64> = free.iter().map(|k| z[*k]).collect();
    densities(model, &expected, &point, &free)?;
    let values = model.values_at(&point).map_err(|error| error.to_string())?;
    for (name, numbers) in &expected.kept {
        let got = values.get(name).map_err(|error| error.to_string())?;
        if !all_close(got, numbers) {
            return Err(format!("values of `{name}` are {got:?}, expected {numbers:?}"));
        }
    }
    for (name, each) in &expected.pointwise {
        let got = model.pointwise_log_density(&point, name).map_err(|error| error.to_string())?;
        if !all_close(&got, each) {
            return Err(format!("log densities of `{name}` are {got:?}, expected {each:?}"));
        }
    }
    Ok(Some(expected))
}

fn densities(model: &Model, expected: &Outcome, point: &[f64], free: &[usize]) -> Result<(), String> {
    let mut gradient = vec![0.0; point.len()];
    let mut density = model.density();
    let value = density.log_density_and_gradient(point, &mut gradient).map_err(|error| error.to_string())?;
    if !close(value, expected.log_density.value, VALUE * (1.0 + expected.magnitude)) {
        return Err(format!("log density {value}, expected {}", expected.log_density.value));
    }
    let lone = density.log_density(point).map_err(|error| error.to_string())?;
    if !close(lone, value, VALUE * (1.0 + expected.magnitude)) {
        return Err(format!("log density {lone} without its gradient, {value} with it"));
    }
    let slopes = expected.log_density.gradient(expected.fixed.len());
    for (got, k) in gradient.iter().zip(free) {
        if !close(*got, slopes[*k], SLOPE * (1.0 + slopes[*k].abs())) {
            return Err(format!("slope {k} is {got}, expected {}", slopes[*k]));
        }
    }
    Ok(())
}
