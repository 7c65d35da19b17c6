//! What can be checked when a statement is recorded, before any sampling.

use super::site::Site;
use crate::dist::{DensityFamily, Family, Observed, ParameterDomain};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Tape};
use crate::transform::Support;
use std::collections::{HashMap, HashSet};

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

/// Counts among the parameters, such as numbers of trials, are numbers or data: no variable stands for them.
pub(super) fn counts(tape: &Tape, family: &dyn Family, nodes: &[NodeId]) -> Result<()> {
    for ((name, domain), &node) in family.parameters().iter().zip(nodes) {
        if *domain == ParameterDomain::Count && tape.constant_of(tape.source(node)).is_none() {
            let message = format!(
                "expected a number or data for the parameter `{name}` of {}, got a variable: counts such as numbers of trials are \
                 known; sum an unknown one out with factor!",
                family.name()
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
    }
    Ok(())
}

/// The parameters that are single numbers; NaN for the others.
pub(super) fn lone_parameters(tape: &Tape, nodes: &[NodeId]) -> Vec<f64> {
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
        DensityFamily::Joint(_) => unreachable!("its parameters have made a formula of it"),
    };
    if let Some((row, length)) = data.ragged {
        let message = format!(
            "expected rows of one length, got {} numbers in row 0 and {length} in row {row}; fill or drop what is missing",
            data.width
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    if data.width != width {
        let message = format!(
            "expected data of {width} numbers per element, got {} per element; a table of one number per cell is passed as \
             `&rows.concat()` in two nested plates",
            data.width
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    if elements == 1 && data.len() > 1 && tape.current_shape().is_scalar() {
        let message = format!(
            "expected one observed value outside of any plate, got {0}; put the statement into a plate of their number: \
             plate!(rows = {0}, {{ ... }})",
            data.len()
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    if !data.values.len().is_multiple_of(width.max(1)) {
        let message =
            format!("expected data of {width} numbers per element, got {} numbers", data.values.len());
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
        DensityFamily::Learned(_) | DensityFamily::Joint(_) => Ok(()),
    }
}

fn data_in_support(name: &str, support: Support, data: &Observed) -> Result<()> {
    let known = !matches!(support, Support::Interval { low, high } if low.is_nan() || high.is_nan())
        && !matches!(support, Support::Above { low: end } | Support::Below { high: end } if end.is_nan());
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
