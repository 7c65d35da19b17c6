//! Which numbers a density was asked about, in words: what a message needs to be of use.

use super::compile::{Density, Graph, Op, Term};
use super::workspace::Workspace;
use crate::graph::density::term::{Slot, Value};

/// No more parameters than this are listed.
const MOST_PARAMETERS: usize = 12;

impl Graph {
    /// The first element, in the order of the statements, whose log density is not finite at the values last computed.
    pub(crate) fn culprit(&self, work: &mut Workspace) -> Option<String> {
        self.terms.iter().find_map(|term| {
            let mut each = vec![0.0; term.elements];
            term.pointwise(work, &mut each);
            let at = each.iter().position(|p| !p.is_finite())?;
            let numbers = term.numbers_of(work, at);
            Some(format!("the log density is {} at {}, element {at} ({numbers})", each[at], term.place))
        })
    }

    /// What learned densities have to say of the data they are bound to.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let doubts = |term: &Term| match &term.kind {
            Density::Bound { bound, .. } => bound.density.doubts(),
            _ => vec![],
        };
        let of_terms = self.terms.iter().map(|term| (&term.place, doubts(term)));
        let of_nodes = self.steps.iter().filter_map(|step| match &step.op {
            Op::Density(node) => Some((&node.place, node.doubts())),
            _ => None,
        });
        let sentences = |(place, doubts): (&String, Vec<String>)| -> Vec<String> {
            doubts.into_iter().map(|doubt| format!("{place}: {doubt}.")).collect()
        };
        of_terms.chain(of_nodes).flat_map(sentences).collect()
    }
}

impl Term {
    /// `data 3.5, loc = 0.1, scale = -2`: an element's value and parameters.
    fn numbers_of(&self, work: &Workspace, element: usize) -> String {
        let (value, row) = match &self.kind {
            Density::Factor => (None, element),
            Density::Combined(_) => {
                let width = self.data.len() / self.elements;
                let data = (width > 0).then(|| in_words("data", &self.data[element * width..][..width]));
                (data, element)
            }
            Density::Bound { bound, .. } => {
                let width = self.data.len() / self.elements;
                (Some(in_words("data", &self.data[element * width..][..width])), bound.plan.row_of(element).0)
            }
            Density::Formula { formula, value, plan } => {
                let ((row, e), width) = (plan.row_of(element), formula.width());
                let value = match value {
                    Value::Observed(data) => in_words("data", &data[e * width..][..width]),
                    Value::Live(slot) => {
                        in_words("value", &work.values[slot.offset + slot.map.at(e) * width..][..width])
                    }
                };
                (Some(value), row)
            }
        };
        let number = |(p, (name, slot)): (usize, (&String, &Slot))| {
            let number = work.values[slot.offset + slot.map.at(row)];
            let expected = match &self.kind {
                Density::Formula { formula, .. } => formula.expected(p, number),
                _ => None,
            };
            let expected = expected.map(|what| format!(", which is not {what}")).unwrap_or_default();
            format!("{name} = {number}{expected}")
        };
        let parameters =
            self.names.iter().zip(&self.parameters).enumerate().take(MOST_PARAMETERS).map(number);
        let more = (self.names.len() > MOST_PARAMETERS).then(|| "...".to_string());
        value.into_iter().chain(parameters).chain(more).collect::<Vec<_>>().join(", ")
    }
}

fn in_words(what: &str, numbers: &[f64]) -> String {
    match numbers {
        [number] => format!("{what} {number}"),
        numbers => format!("{what} {numbers:?}"),
    }
}
