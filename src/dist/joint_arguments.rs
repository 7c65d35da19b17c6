//! Densities of vectors: their arguments as numbers of each element.

use super::density::{Density, DensityFamily};
use super::family::Family;
use super::joint::{JointArgument, JointFamily, Rank};
use super::observed::Observed;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Axis, NodeId, Operand, Tape};
use std::sync::Arc;

/// The parameters of a statement: as nodes, and as operands over the open plates.
pub(crate) struct Parameters {
    pub(crate) operands: Vec<Operand>,
    pub(crate) nodes: Vec<NodeId>,
    /// The axis of the vectors among them, if a value can have it too.
    pub(crate) axes: Option<Axis>,
}

/// The family of the size that the arguments have, and its parameters.
///
/// # Errors
/// When an argument is no vector or matrix, sizes differ, or a constant lies outside of its domain.
pub(crate) fn joint_parameters(
    tape: &Tape,
    family: &dyn JointFamily,
    arguments: Vec<Argument<'_>>,
) -> Result<(Arc<dyn Family>, Parameters)> {
    let kinds = family.arguments();
    let mut nodes = vec![];
    for (kind, argument) in kinds.iter().zip(arguments) {
        let node = tape.localised(node(tape, family.name(), kind, argument)?);
        in_domain(tape, family.name(), kind, node)?;
        nodes.push(node);
    }
    let size = size(tape, family.name(), kinds, &nodes)?;
    let mut operands = vec![];
    for (kind, node) in kinds.iter().zip(&mut nodes) {
        if kind.rank == Rank::Covariance {
            let what = format!("the parameter `{}` of {}", kind.name, family.name());
            *node = tape.var(*node).factor(&what)?.node;
        }
        match kind.rank {
            Rank::Number => operands.push(tape.entry(*node, &[])),
            Rank::Vector if tape.vector_axes(*node).is_empty() => {
                operands.extend((0..size).map(|_| tape.entry(*node, &[])));
            }
            Rank::Vector => operands.extend((0..size).map(|k| tape.entry(*node, &[k]))),
            Rank::Lower | Rank::Covariance => {
                let entries = (0..size).flat_map(|i| (0..=i).map(move |j| [i, j]));
                operands.extend(entries.map(|at| tape.entry(*node, &at)));
            }
        }
    }
    // Values lie along the vectors' own axis where that comes after all open plates.
    let innermost = tape.current_shape().0.last().map(|axis| axis.plate);
    let variable = |(kind, node): &(&JointArgument, &NodeId)| {
        kind.rank == Rank::Vector && tape.constant_of(**node).is_none()
    };
    let axis = kinds.iter().zip(&nodes).filter(variable);
    let axes: Vec<Axis> = axis.flat_map(|(_, node)| tape.vector_axes(*node)).collect();
    let after = axes.iter().copied().find(|axis| Some(axis.plate) > innermost);
    // Of one that comes before an open plate the name and the labels remain.
    let axis = after.or_else(|| axes.first().map(|axis| tape.axis_like(*axis)));
    let axis = family.axis().or(axis);
    Ok((family.build(size)?, Parameters { operands, nodes, axes: axis }))
}

fn node(tape: &Tape, family: &str, kind: &JointArgument, argument: Argument<'_>) -> Result<NodeId> {
    let Argument::Data(numbers) = argument else { return Ok(tape.argument(argument)) };
    let side = numbers.len().isqrt();
    match kind.rank {
        Rank::Vector => Ok(tape.constant_vector(&numbers, &[numbers.len()])),
        Rank::Lower | Rank::Covariance if side * side == numbers.len() => {
            Ok(tape.constant_vector(&numbers, &[side, side]))
        }
        Rank::Lower | Rank::Covariance => {
            let message = format!(
                "expected a square matrix for the parameter `{}` of {family}, row by row, got {} numbers",
                kind.name,
                numbers.len()
            );
            Err(Error::new(ErrorKind::Shape, message))
        }
        Rank::Number => Ok(tape.argument(Argument::Data(numbers))),
    }
}

/// Constants lie in their domains.
fn in_domain(tape: &Tape, family: &str, kind: &JointArgument, node: NodeId) -> Result<()> {
    let Some(numbers) = tape.constant_of(node) else { return Ok(()) };
    match numbers.iter().find(|number| !kind.domain.contains(**number)) {
        None => Ok(()),
        Some(bad) => {
            let message = format!(
                "expected {} for the parameter `{}` of {family}, got {bad}; check the numbers passed to it",
                kind.domain, kind.name
            );
            Err(Error::new(ErrorKind::Value, message))
        }
    }
}

/// The size that all vectors and matrices have.
fn size(tape: &Tape, family: &str, kinds: &[JointArgument], nodes: &[NodeId]) -> Result<usize> {
    let mut size: Option<usize> = None;
    for (kind, &node) in kinds.iter().zip(nodes) {
        let axes = tape.vector_axes(node);
        let own = match (kind.rank, &axes[..]) {
            (Rank::Number | Rank::Vector, []) => continue,
            (Rank::Vector, [axis]) => axis.len,
            (Rank::Lower | Rank::Covariance, _) => {
                tape.square(node, &format!("the parameter `{}` of {family}", kind.name))?
            }
            (rank, _) => {
                let what = if rank == Rank::Number {
                    "a number"
                } else {
                    "a vector: an array over one plate that is not open"
                };
                let message = format!(
                    "expected {what} for the parameter `{}` of {family}, got an array over {}",
                    kind.name,
                    tape.shape_in_words(&tape.shape(node))
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
        };
        if size.is_some_and(|size| size != own) {
            let message = format!(
                "expected parameters of one size for {family}, got {} and {own} (`{}`)",
                size.unwrap_or(0),
                kind.name
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        size = Some(own);
    }
    Ok(size.unwrap_or(1))
}

/// Closes the innermost plate for a density whose vectors run along it, and tells it which that is; to be opened again after the statement.
pub(crate) fn close_for_vectors(tape: &Tape, density: &mut Density<'_>) -> Option<Axis> {
    let DensityFamily::Joint(family) = &density.family else { return None };
    let axis = tape.current_shape().0.last().copied()?;
    density.family = DensityFamily::Joint(family.along(axis)?);
    tape.set_aside(axis);
    Some(axis)
}

/// Numbers given one after another are the rows that they make.
pub(crate) fn in_rows(data: &mut Observed, width: usize, elements: usize) {
    if data.width == 1 && width > 1 && data.values.len() == width * elements {
        data.width = width;
    }
}
