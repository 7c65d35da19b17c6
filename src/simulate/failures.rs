//! Why simulations failed, counted by reason.
//!
//! Failures that have nothing to do with the outcome cost simulations and nothing else. Failures that *depend on the outcome* (a
//! time limit, a choice that has no place in the table) leave pairs of another distribution, `p(x | theta, kept)`, and a
//! density learned from those is biased: by `-ln P(kept | theta)` nats per datum, as a function of theta. Which of both
//! it is cannot be seen in the table, so that the share goes with the pairs wherever they go.

use super::Simulator;
use crate::error::panic_message;
use crate::seed::Stream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// So many reasons are kept, the commonest.
const LISTED: usize = 5;
/// No reason is longer than so many characters: it goes into the header of every file.
const LONGEST: usize = 200;

/// A reason for which simulations failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailureReason {
    /// What went wrong, without the numbers of a single row.
    pub reason: String,
    /// How many simulations failed for it.
    pub count: usize,
}

/// Failures by reason.
pub(super) type Counted = BTreeMap<String, usize>;

/// Why one row failed: the reason it is counted under, and the whole story of this row.
pub(crate) struct Problem {
    pub(super) reason: String,
    pub(crate) detail: String,
}

/// Appends one row to `data`, of finite numbers whatever the simulator does, or says why there is none.
pub(crate) fn simulate_one(
    simulator: &dyn Simulator,
    theta: &[f64],
    stream: &mut Stream,
    data: &mut Vec<f64>,
) -> Result<(), Problem> {
    catch_unwind(AssertUnwindSafe(|| simulator.simulate(theta, stream, data)))
        .map_err(|payload| Problem::panic("the simulator", panic_message(payload.as_ref())))?;
    match data.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(Problem::plain(format!("the simulator returned {value}"))),
        None => Ok(()),
    }
}

impl Problem {
    /// A reason that says everything.
    pub(super) fn plain(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { detail: reason.clone(), reason }
    }

    /// A panic; messages that differ in their numbers alone are one reason.
    pub(super) fn panic(who: &str, message: &str) -> Self {
        let detail = format!("{who} panicked: {message}");
        Self { reason: without_numbers(&detail).chars().take(LONGEST).collect(), detail }
    }
}

/// The text with every number written as `_`.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_number = false;
    for c in text.chars() {
        let digit = c.is_ascii_digit() || (in_number && c == '.');
        if !digit {
            out.push(c);
        } else if !in_number {
            out.push('_');
        }
        in_number = digit;
    }
    out
}

/// The commonest reasons, the commonest first; equal ones by their text.
pub(super) fn commonest(counted: Counted) -> Vec<FailureReason> {
    let mut reasons: Vec<FailureReason> =
        counted.into_iter().map(|(reason, count)| FailureReason { reason, count }).collect();
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
    reasons.truncate(LISTED);
    reasons
}

/// The reasons of two runs together.
pub(super) fn joined(one: &[FailureReason], other: &[FailureReason]) -> Vec<FailureReason> {
    let mut counted = Counted::new();
    for FailureReason { reason, count } in one.iter().chain(other) {
        let sum = counted.entry(reason.clone()).or_default();
        *sum = sum.saturating_add(*count);
    }
    commonest(counted)
}

/// `the simulator returned NaN (812), a response must have a choice that is 0 or 1 (3)`, for messages.
pub(super) fn in_words(reasons: &[FailureReason]) -> String {
    let words: Vec<String> =
        reasons.iter().map(|FailureReason { reason, count }| format!("{reason} ({count})")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_come_first_and_numbers_do_not_tell_reasons_apart() {
        let mut counted = Counted::new();
        for (text, count) in [("rt 0.25 is short", 2), ("rt 13 is short", 3), ("b", 4), ("a", 4), ("c", 1)] {
            *counted.entry(Problem::panic("it", text).reason).or_default() += count;
        }
        let reasons = commonest(counted);
        let expected =
            "it panicked: rt _ is short (5), it panicked: a (4), it panicked: b (4), it panicked: c (1)";
        assert_eq!(in_words(&reasons), expected);
        assert_eq!(joined(&reasons, &reasons[1..2])[0].count, 8);
    }
}
