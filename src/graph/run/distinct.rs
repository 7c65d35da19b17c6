//! What is the same is computed once: every array is stored by its distinct elements.
//!
//! A regression on three conditions for twenty subjects has 2 000 trials and 60 different drifts. Which elements of an array
//! are equal whatever the unknowns are can be seen when the model is built: those of a constant that have the same bits, and
//! those of an elementwise result whose operands are the same. The array is then stored by one element per class, and
//! whoever reads it does so through the map from elements to classes. Work on gathered arrays so moves below the gather, and
//! the rows of parameters of a term are distinct by value, not by position.
//!
//! Arrays with more than half as many classes as elements stay as they are: reading them through a map would cost more than
//! it saves.

use crate::graph::density::classes::Classes;
use crate::graph::record::recording::{Node, NodeId, Operand, Recording, TermKind};
use crate::graph::shape::Map;

/// Stores every array of a recording by its distinct elements; returns how many numbers each node then has, and where the
/// elements of the nodes of `keep` are found.
pub(in crate::graph) fn store_distinct(
    recording: &mut Recording,
    keep: &[NodeId],
) -> (Vec<usize>, Vec<Operand>) {
    let mut stored = Stored { maps: vec![], lengths: vec![] };
    for id in 0..recording.nodes.len() {
        let (node, shape) = &mut recording.nodes[id];
        let (len, node) = (shape.len(), node);
        let classes = match node {
            Node::Constant(index) => {
                let numbers = &mut recording.constants[*index];
                let classes = Classes::of_numbers(numbers).and_then(Classes::worthwhile);
                if let Some((_, first)) = &classes {
                    *numbers = first.iter().map(|&i| numbers[i as usize]).collect();
                }
                classes
            }
            Node::Unary(_, x) | Node::Copy(x) => stored.elementwise(len, &mut [x]),
            Node::Binary(_, x, y) => stored.elementwise(len, &mut [x, y]),
            Node::Stack(members) => {
                members.iter_mut().for_each(|member| stored.rewrite(member));
                None
            }
            // Of one number per element: as any elementwise function. Rows of data are told apart by their place.
            Node::Density { value: Some(value), parameters, .. } => {
                let mut operands: Vec<&mut Operand> = std::iter::once(value).chain(parameters).collect();
                stored.elementwise(len, &mut operands)
            }
            Node::Density { parameters, .. } => {
                parameters.iter_mut().for_each(|parameter| stored.rewrite(parameter));
                None
            }
            Node::Function(_, operands) => {
                stored.elementwise(len, &mut operands.iter_mut().collect::<Vec<_>>())
            }
            Node::Sum { source, .. } | Node::LogSumExp { source, .. } => {
                stored.rewrite(source);
                None
            }
            Node::Custom(_, inputs) => {
                inputs.iter_mut().for_each(|(input, _)| stored.rewrite(input));
                None
            }
            Node::Placeholder => None,
            Node::Input { operands, .. } | Node::Scan { operands, .. } => {
                operands.iter_mut().for_each(|operand| stored.rewrite(operand));
                None
            }
        };
        let (map, len) = classes.map_or((Map::Same, len), |(map, first)| (map, first.len()));
        stored.maps.push(map);
        stored.lengths.push(len);
    }
    for term in &mut recording.terms {
        match &mut term.kind {
            TermKind::Formula { parameters, .. } | TermKind::Learned { parameters, .. } => {
                parameters.iter_mut().for_each(|parameter| stored.rewrite(parameter));
            }
            TermKind::Factor(value) => stored.rewrite(value),
            TermKind::Combined { log_prob, draw, .. } => {
                stored.rewrite(log_prob);
                draw.operands(&mut |operand| stored.rewrite(operand));
            }
        }
    }
    let kept = keep.iter().map(|&node| Operand { node, map: stored.maps[node as usize].clone() }).collect();
    (stored.lengths, kept)
}

/// How the nodes so far are stored.
struct Stored {
    /// Per node: from its elements to what is stored of it.
    maps: Vec<Map>,
    /// Per node: the numbers stored.
    lengths: Vec<usize>,
}

impl Stored {
    /// Lets an operand read what is stored of its node.
    fn rewrite(&self, operand: &mut Operand) {
        operand.map = operand.map.then(&self.maps[operand.node as usize]);
    }

    /// Rewrites the operands of an elementwise node of `len` elements, for one element of each class only where there are
    /// few classes.
    fn elementwise(&self, len: usize, operands: &mut [&mut Operand]) -> Option<(Map, Vec<u32>)> {
        operands.iter_mut().for_each(|operand| self.rewrite(operand));
        let maps: Vec<&Map> = operands.iter().map(|operand| &operand.map).collect();
        let (map, first) = Classes::of_maps(len, &maps)?.worthwhile()?;
        for operand in operands {
            let source = self.lengths[operand.node as usize];
            operand.map = operand.map.at_all(&first).simplified(first.len(), source);
        }
        Some((map, first))
    }
}
