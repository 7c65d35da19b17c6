//! Why trajectories diverged: how often for which reason, and where the first few of them were.

use crate::draws::Divergence;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// So many divergences of a chain are kept with their position.
const KEPT: usize = 100;
/// So many reasons are named.
const NAMED: usize = 3;

/// The divergences of one chain, or of several.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(super) struct Reasons {
    /// Per kind of reason: how often, and its first example.
    kinds: Vec<(usize, String)>,
    of_kind: HashMap<String, usize>,
    pub(super) kept: Vec<Divergence>,
}

/// The same in a file.
#[derive(Serialize, Deserialize)]
struct Stored {
    kinds: Vec<(usize, String)>,
    kept: Vec<Divergence>,
}

impl From<Reasons> for Stored {
    fn from(reasons: Reasons) -> Self {
        Self { kinds: reasons.kinds, kept: reasons.kept }
    }
}

impl From<Stored> for Reasons {
    fn from(Stored { kinds, kept }: Stored) -> Self {
        let of_kind = kinds.iter().enumerate().map(|(k, (_, reason))| (kind(reason), k)).collect();
        Self { kinds, of_kind, kept }
    }
}

impl Reasons {
    pub(super) fn wants_position(&self) -> bool {
        self.kept.len() < KEPT
    }

    pub(super) fn add(&mut self, divergence: Divergence) {
        self.count(&divergence.reason, 1);
        if self.wants_position() {
            self.kept.push(divergence);
        }
    }

    fn count(&mut self, reason: &str, times: usize) {
        let next = self.kinds.len();
        let kind = *self.of_kind.entry(kind(reason)).or_insert(next);
        if kind == next {
            self.kinds.push((0, reason.to_string()));
        }
        self.kinds[kind].0 += times;
    }

    /// Takes over what another chain has seen; `chain` is its number among the draws.
    pub(super) fn merge(&mut self, other: Reasons, chain: usize) {
        other.kinds.iter().for_each(|(times, reason)| self.count(reason, *times));
        self.kept.extend(other.kept.into_iter().map(|divergence| Divergence { chain, ..divergence }));
    }

    /// Takes over what the same chain has seen afterwards.
    pub(super) fn append(&mut self, later: Reasons, chain: usize) {
        self.merge(later, chain);
        self.kept.truncate(KEPT);
    }

    /// One sentence for each of the commonest reasons.
    pub(super) fn sentences(&self) -> Vec<String> {
        let total: usize = self.kinds.iter().map(|(times, _)| times).sum();
        let mut kinds: Vec<&(usize, String)> = self.kinds.iter().collect();
        kinds.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
        let mut sentences: Vec<String> = kinds
            .iter()
            .take(NAMED)
            .map(|(times, reason)| match times {
                1 => format!("1 of {total} divergences: {reason}."),
                _ => format!("{times} of {total} divergences: {reason} (the first of them)."),
            })
            .collect();
        if kinds.len() > NAMED {
            let rest: usize = kinds[NAMED..].iter().map(|(times, _)| times).sum();
            sentences.push(format!("{rest} of {total} divergences: {} other reasons.", kinds.len() - NAMED));
        }
        sentences
    }
}

/// A reason without its numbers: two that differ in these alone are of one kind. Numbers inside `names` count.
fn kind(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len());
    for (index, part) in reason.split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(part);
            continue;
        }
        for word in part.split(|c: char| c.is_whitespace() || ",()[]".contains(c)) {
            out.push_str(if word.trim_end_matches([':', ';', '.']).parse::<f64>().is_ok() {
                "#"
            } else {
                word
            });
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divergence(reason: &str) -> Divergence {
        Divergence { chain: 0, draw: 0, reason: reason.to_string(), position: vec![] }
    }

    #[test]
    fn the_commonest_reason_comes_first_with_its_first_example() {
        let mut first = Reasons::default();
        first.add(divergence("the energy error was 1200 (limit 1000)"));
        first.add(divergence("NaN at site `y`, element 3 (scale = -0.25)"));
        let mut second = Reasons::default();
        second.add(divergence("NaN at site `y`, element 17 (scale = -1e-3)"));
        second.add(divergence("NaN at site `x1`, element 17 (scale = -1)"));
        first.merge(second, 1);
        let sentences = first.sentences();
        assert_eq!(sentences.len(), 3, "{sentences:?}");
        let expected = "2 of 4 divergences: NaN at site `y`, element 3 (scale = -0.25) (the first of them).";
        assert_eq!(sentences[0], expected);
        assert_eq!(first.kept[2].chain, 1);
        assert_eq!(first.kept[0].chain, 0);
    }
}
