//! What can be checked when a statement is recorded, before any sampling.

use crate::dist::{DensityFamily, Family, Observed};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Tape};
use crate::transform::{Support, Transform};

/// Constant parameters lie in their domains.
pub(super) fn constant_parameters(tape: &Tape, family: &dyn Family, nodes: &[NodeId]) -> Result<()> {
    for ((name, domain), &node) in family.parameters().iter().zip(nodes) {
        let Some(numbers) = tape.constant_of(node) else { continue };
        if let Some(bad) = numbers.iter().find(|&&number| !domain.contains(number)) {
            let message = format!(
                "expected {domain} for the parameter `{name}` of {}, got {bad}; check the numbers passed to it",
                family.name()
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
    }
    Ok(())
}

/// The bijection onto the support of an unknown.
pub(super) fn latent_transform(tape: &Tape, family: &dyn Family, nodes: &[NodeId]) -> Result<Transform> {
    let support = family.support(&lone_parameters(tape, nodes));
    if let Support::Interval { low, high } = support
        && !(low < high)
    {
        let message = match low.is_nan() || high.is_nan() {
            true => format!(
                "expected numbers for the bounds of {}, got variables or arrays: the support of an unknown must be \
                 known when the model is built; scale a Uniform(0.0, 1.0) instead",
                family.name()
            ),
            false => format!("expected bounds low < high for {}, got {low} and {high}", family.name()),
        };
        return Err(Error::new(ErrorKind::Value, message));
    }
    Transform::of(support).ok_or_else(|| {
        let message = format!(
            "expected `observed = ...` for {}: an unknown must be continuous for gradient-based samplers; sum the \
             discrete unknown out with factor!",
            family.name()
        );
        Error::new(ErrorKind::Site, message)
    })
}

/// The parameters that are single numbers; NaN for the others.
fn lone_parameters(tape: &Tape, nodes: &[NodeId]) -> Vec<f64> {
    let number = |&node: &NodeId| match tape.constant_of(node) {
        Some(numbers) if numbers.len() == 1 => numbers[0],
        _ => f64::NAN,
    };
    nodes.iter().map(number).collect()
}

/// Data have the right length and width and lie in the support.
pub(super) fn data(
    tape: &Tape,
    family: &DensityFamily,
    nodes: &[NodeId],
    data: &Observed,
    plate: &str,
    elements: usize,
) -> Result<()> {
    let width = match family {
        DensityFamily::Formula(family) => family.width(),
        DensityFamily::Learned(learned) => learned.width(),
    };
    if data.width != width {
        let message = format!("expected data of {width} numbers per element, got {} per element", data.width);
        return Err(Error::new(ErrorKind::Shape, message));
    }
    if data.len() != elements {
        let message = format!(
            "expected {elements} observed values, one per element of {plate}, got {}; give the plate the length of \
             the data",
            data.len()
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    match family {
        DensityFamily::Formula(family) => {
            data_in_support(family.name(), family.support(&lone_parameters(tape, nodes)), data)
        }
        DensityFamily::Learned(_) => Ok(()),
    }
}

fn data_in_support(name: &str, support: Support, data: &Observed) -> Result<()> {
    let known = !matches!(support, Support::Interval { low, high } if low.is_nan() || high.is_nan());
    for (i, datum) in data.values.chunks_exact(data.width).enumerate() {
        if datum.iter().any(|x| !x.is_finite()) || (known && !support.contains(datum)) {
            let datum = if datum.len() == 1 { format!("{}", datum[0]) } else { format!("{datum:?}") };
            let message = format!(
                "expected {support} for data of {name}, got {datum} at position {i}; remove or correct that value"
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
    }
    Ok(())
}
