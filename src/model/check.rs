//! What can be checked when a statement is recorded, before any sampling.

use super::site::Site;
use crate::dist::{DensityFamily, Family, Observed, ParameterDomain, Resolved, check_constant};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Tape};
use crate::transform::Support;
use std::collections::{HashMap, HashSet};

/// Constant parameters lie in their domains.
pub(super) fn constant_parameters(tape: &Tape, family: &dyn Family, nodes: &[NodeId]) -> Result<()> {
    for ((name, domain), &node) in family.parameters().iter().zip(nodes) {
        check_constant(tape, family.name(), (name, *domain), node)?;
    }
    Ok(())
}

/// Warns of unknowns that stand for a parameter although half of their prior, say, lies outside of its domain.
pub(super) fn unknowns_in_domain(
    tape: &Tape,
    family: &dyn Family,
    nodes: &[NodeId],
    unknowns: &HashMap<NodeId, (String, Support)>,
) {
    for ((name, domain), &node) in family.parameters().iter().zip(nodes) {
        let Some((unknown, support)) = unknowns.get(&tape.source(node)) else { continue };
        if !domain.includes(*support) {
            let support = match support {
                Support::Real => "any real number".to_string(),
                support => support.to_string(),
            };
            tape.warn(&format!(
                "the parameter `{name}` of {} must be {domain}, and the unknown `{unknown}` given for it may be \
                 {support}: its prior is cut off at the end of the domain, where chains that run into it diverge; give \
                 `{unknown}` a prior on the domain ({})",
                family.name(),
                match domain {
                    ParameterDomain::Positive | ParameterDomain::NonNegative => "HalfNormal, Exponential, Gamma, LogNormal",
                    _ => "Beta, Uniform",
                }
            ));
        }
    }
}

/// The parameters that are single numbers; NaN for the others.
pub(super) fn lone_parameters(tape: &Tape, nodes: &[NodeId]) -> Vec<f64> {
    let number = |&node: &NodeId| match tape.constant_of(node) {
        Some(numbers) if numbers.len() == 1 => numbers[0],
        _ => f64::NAN,
    };
    nodes.iter().map(number).collect()
}

/// Data have the right length and width.
pub(super) fn data(tape: &Tape, data: &Observed, width: usize, plate: &str, elements: usize) -> Result<()> {
    if elements == 1 && data.len() > 1 && data.width == width && tape.current_shape().is_scalar() {
        let message = format!(
            "expected one observed value outside of any plate, got {0}; put the statement into a plate of their number: \
             plate!(rows = {0}, {{ ... }})",
            data.len()
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    data.check_rows(width)?;
    if data.len() != elements {
        let message = format!(
            "expected {elements} observed values, one per element of {plate}, got {}; give the plate the length of \
             the data",
            data.len()
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    Ok(())
}

/// Data lie in the support of a family.
pub(super) fn data_of_family(
    tape: &Tape,
    family: &DensityFamily,
    nodes: &[NodeId],
    data: &Observed,
) -> Result<()> {
    match family {
        DensityFamily::Formula(family) => {
            data_in_support(family.name(), family.support(&lone_parameters(tape, nodes)), data)
        }
        DensityFamily::Learned(_) | DensityFamily::Joint(_) | DensityFamily::Combined(_) => Ok(()),
    }
}

/// Data are possible in a density put together of others.
pub(super) fn data_of_parts(tape: &Tape, density: &Resolved, data: &Observed) -> Result<()> {
    let rows = data.values.chunks_exact(data.width);
    match rows.enumerate().find(|(_, datum)| !density.allows(tape, datum)) {
        None => Ok(()),
        Some((i, datum)) => Err(impossible(&density.expected(tape), density.name(), datum, i)),
    }
}

fn impossible(expected: &str, name: &str, datum: &[f64], position: usize) -> Error {
    let datum = if datum.len() == 1 { format!("{}", datum[0]) } else { format!("{datum:?}") };
    let advice = match datum.contains("NaN") {
        true => "if it is missing, add `missing = skip` or `missing = impute` to the statement",
        false => "remove or correct that value",
    };
    let message =
        format!("expected {expected} for data of {name}, got {datum} at position {position}; {advice}");
    Error::new(ErrorKind::Value, message)
}

fn data_in_support(name: &str, support: Support, data: &Observed) -> Result<()> {
    let known = !matches!(support, Support::Interval { low, high } if low.is_nan() || high.is_nan())
        && !matches!(support, Support::Above { low: end } | Support::Below { high: end } if end.is_nan());
    for (i, datum) in data.values.chunks_exact(data.width).enumerate() {
        if datum.iter().any(|x| !x.is_finite()) || (known && !support.contains(datum)) {
            return Err(impossible(&support.to_string(), name, datum, i));
        }
    }
    Ok(())
}

/// No site is named as an element of another one is labelled: `x[0]` beside an array `x`.
pub(super) fn labels(sites: &[Site]) -> Result<()> {
    let arrays: HashSet<&str> =
        sites.iter().filter(|site| !site.shape.is_empty()).map(|site| site.name.as_str()).collect();
    let clash = |site: &&Site| {
        site.name.ends_with(']') && {
            let bracket = site.name.rfind('[').unwrap_or(0);
            arrays.contains(&site.name[..bracket])
        }
    };
    match sites.iter().find(clash) {
        None => Ok(()),
        Some(site) => {
            let message = format!(
                "expected names that tell sites apart, got `{}` beside an array whose elements are labelled so; rename \
                 one of them",
                site.name
            );
            Err(Error::new(ErrorKind::Site, message))
        }
    }
}
