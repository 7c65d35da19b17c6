//! Names that are not known: a message with those that are, the nearest first.

use crate::{Error, ErrorKind};

/// So many names are listed before "and n more".
const LISTED: usize = 8;

/// The error for a name that is none of `known`; `what` says what was looked for ("parameter").
pub(super) fn unknown_name<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let mut known: Vec<(usize, &str)> = known.map(|other| (distance(name, other), other)).collect();
    // Stable: names equally far stay in the order of the model.
    known.sort_by_key(|(distance, _)| *distance);
    let mut list: Vec<String> = known.iter().take(LISTED).map(|(_, other)| format!("`{other}`")).collect();
    if known.len() > LISTED {
        list.push(format!("... ({} more)", known.len() - LISTED));
    }
    let message = format!("expected the name of a {what}, got `{name}`; use one of {}", list.join(", "));
    Error::new(ErrorKind::Site, message)
}

/// The number of characters to insert, delete or replace to turn one name into the other (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_of_known_pairs() {
        for (a, b, expected) in [("", "", 0), ("", "mu", 2), ("kitten", "sitting", 3), ("rate", "rate[0]", 3)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }
}
