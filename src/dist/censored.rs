//! Values of which only an interval is known.
//!
//! A datum known to lie from low to high counts with log P(low <= X <= high), one that is known with log p(x). Values beyond the limits of
//! a scale are such intervals, without an end.
//!
//! Source: Klein & Moeschberger, Survival Analysis (2003), section 3.5.

use super::combinator::{Combinator, Given, Own, Recorded};
use super::density::Density;
use super::kernel::ParameterDomain;
use super::truncated::{check_ends, interval_of};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, DrawRecord, DrawRule, Shape, Tape};
use crate::seed::Stream;
use crate::transform::Support;
use std::sync::Arc;

pub(super) fn censored<'t>(base: Density<'t>, low: Argument<'t>, high: Argument<'t>) -> Density<'t> {
    Density::combined(Arc::new(Censored { limits: true }), vec![low, high], vec![base])
}

pub(super) fn interval_censored(base: Density<'_>) -> Density<'_> {
    Density::combined(Arc::new(Censored { limits: false }), vec![], vec![base])
}

/// By limits that data are compared with, or by data that are intervals.
struct Censored {
    limits: bool,
}

/// The numbers of a node over a shape, which must be data.
fn numbers_over(tape: &Tape, node: u32, shape: &Shape, what: &str) -> Result<Vec<f64>> {
    match tape.constant_of(node) {
        Some(numbers) => {
            let map = tape.shape(node).broadcast_to(shape);
            Ok((0..shape.len()).map(|i| numbers[map.at(i)]).collect())
        }
        None => {
            let message = format!("expected data as {what} of a censored distribution, got a variable");
            Err(Error::new(ErrorKind::Site, message))
        }
    }
}

impl Combinator for Censored {
    fn name(&self) -> &'static str {
        if self.limits { "censored" } else { "interval_censored" }
    }

    fn parameters(&self) -> Vec<(String, Option<ParameterDomain>)> {
        let ends: &[&str] = if self.limits { &["low", "high"] } else { &[] };
        ends.iter().map(|end| (end.to_string(), None)).collect()
    }

    fn width(&self, _: &[super::combinator::Resolved]) -> usize {
        if self.limits { 1 } else { 2 }
    }

    fn check(&self, own: &Own<'_>) -> Result<()> {
        interval_of(&own.parts[0], self.name())?;
        if self.limits { check_ends(own, self.name()) } else { Ok(()) }
    }

    fn record(&self, own: &Own<'_>, value: &Given, shape: &Shape) -> Result<Recorded> {
        let (tape, base) = (own.tape, &own.parts[0]);
        let intervals: Vec<[f64; 2]> = match value {
            Given::Rows(rows, _, of_data) => {
                let map = of_data.broadcast_to(shape);
                (0..shape.len()).map(|i| [rows[2 * map.at(i)], rows[2 * map.at(i) + 1]]).collect()
            }
            Given::Node(node) => {
                let data = numbers_over(tape, *node, shape, "the value")?;
                let low = numbers_over(tape, own.nodes[0], shape, "the limits")?;
                let high = numbers_over(tape, own.nodes[1], shape, "the limits")?;
                (0..shape.len()).map(|i| known(data[i], low[i], high[i])).collect()
            }
        };
        let [low, high] = [0, 1].map(|end| intervals.iter().map(|interval| interval[end]).collect());
        let ends = [low, high].map(|numbers| tape.constant(numbers, shape.clone()));
        let operands: Vec<u32> = base.nodes.iter().copied().chain(ends).collect();
        let log_prob = tape.function(interval_of(base, self.name())?, &operands, shape.clone());
        // How its own values are drawn, which does not depend on which value they have.
        let drawn = base.record(tape, &Given::Node(tape.number(0.0)), shape)?.draw;
        let operands = own.nodes.iter().map(|&node| tape.operand(node, shape)).collect();
        Ok(Recorded {
            log_prob,
            draw: DrawRecord::Rule { rule: Arc::new(AsKnown), operands, parts: vec![drawn] },
        })
    }

    fn support(&self, _: &Own<'_>) -> Result<Support> {
        let message =
            "expected `observed = ...`: a censored distribution is one of data; an unknown is not censored";
        Err(Error::new(ErrorKind::Site, message))
    }

    fn allows(&self, own: &Own<'_>, datum: &[f64]) -> bool {
        match datum {
            [low, high] => low < high || (low == high && own.parts[0].allows(own.tape, &[*low])),
            [x] => {
                let beyond = |end: usize, is: fn(f64, f64) -> bool| match own.number(end) {
                    Some(end) => is(*x, end),
                    // Limits that differ between data: the density is the judge.
                    None => true,
                };
                let censored = beyond(0, |x, low| x <= low) || beyond(1, |x, high| x >= high);
                x.is_finite() && (censored || own.parts[0].allows(own.tape, datum))
            }
            _ => false,
        }
    }

    fn expected(&self, own: &Own<'_>) -> String {
        let value = own.parts[0].expected(own.tape);
        if self.limits {
            format!("{value}, or what is at or beyond a limit,")
        } else {
            format!("intervals [low, high], low <= high, each end {value} or infinite,")
        }
    }
}

/// What is known of a value.
fn known(x: f64, low: f64, high: f64) -> [f64; 2] {
    if x <= low {
        [f64::NEG_INFINITY, low]
    } else if x >= high {
        [high, f64::INFINITY]
    } else {
        [x, x]
    }
}

/// A draw moved to the limits, or as an interval without length.
struct AsKnown;

impl DrawRule for AsKnown {
    fn width(&self, _: usize, operands: usize) -> usize {
        if operands == 0 { 2 } else { 1 }
    }

    fn draw(&self, limits: &[f64], parts: &[&[f64]], _: &mut Stream, out: &mut [f64]) {
        match limits {
            [low, high] => {
                out[0] = if parts[0][0].is_nan() { f64::NAN } else { parts[0][0].max(*low).min(*high) }
            }
            _ => out.fill(parts[0][0]),
        }
    }
}
