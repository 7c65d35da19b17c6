//! The warnings in words: what was seen, what it means, what to do.

use super::{Suspects, Warning};
use std::fmt;

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NotFinite(suspects) => {
                write!(f, "{} NaN or infinite draws (how many: {}). ", having(suspects), named(suspects, 0))?;
                f.write_str("Their diagnostics are undefined; look for an overflow or a division by zero in the model.")
            }
            Warning::TooFewDraws { draws } => write!(
                f,
                "the shortest chain has {draws} draws. Nothing can be said about convergence with fewer than 4; draw more."
            ),
            Warning::ChainsDisagree(suspects) => {
                write!(f, "{} R-hat above 1.01 (worst: {}). ", having(suspects), named(suspects, 3))?;
                f.write_str(
                    "The chains have not reached the same distribution, so do not use these draws; ",
                )?;
                f.write_str("run longer, or reparametrise (`noncentered()`) if that does not help.")
            }
            Warning::NeverMoves(suspects) => {
                write!(
                    f,
                    "in some chain {} the same value at every draw ({}). ",
                    having(suspects),
                    named(suspects, 3)
                )?;
                f.write_str("The chain is stuck there, unless the model fixes the value; start elsewhere or check the model.")
            }
            Warning::LowBulkEss(suspects) => {
                let seen = having(suspects);
                write!(
                    f,
                    "{seen} a bulk effective sample size below 100 per chain (worst: {}). ",
                    named(suspects, 0)
                )?;
                f.write_str(
                    "Means and medians are imprecise and R-hat is unreliable; draw more or reparametrise.",
                )
            }
            Warning::LowTailEss(suspects) => {
                let seen = having(suspects);
                write!(
                    f,
                    "{seen} a tail effective sample size below 100 per chain (worst: {}). ",
                    named(suspects, 0)
                )?;
                f.write_str("The 5% and 95% quantiles are imprecise; draw more.")
            }
            other => about_run(f, other),
        }
    }
}

/// The warnings that name no scalar.
fn about_run(f: &mut fmt::Formatter<'_>, warning: &Warning) -> fmt::Result {
    match warning {
        Warning::Divergences { count, draws } => {
            write!(f, "{count} of {draws} draws diverged. ")?;
            f.write_str("The sampler could not follow the posterior there and means may be biased; ")?;
            f.write_str("write hierarchical sites with `noncentered()`, or raise the target acceptance (0.95 or 0.99).")
        }
        Warning::LowEnergyMixing { chains, lowest } => {
            write!(f, "E-BFMI is below 0.3 in {} (lowest: {lowest:.2}). ", chain_list(chains))?;
            f.write_str("The sampler moves slowly between energies and explores the tails badly; ")?;
            f.write_str("reparametrise heavy-tailed or hierarchical sites (`noncentered()`).")
        }
        Warning::DepthSaturated { count, draws, depth } => {
            write!(f, "{count} of {draws} draws were stopped at the greatest tree depth, {depth}. ")?;
            f.write_str("They are valid but correlated and expensive; ")?;
            f.write_str("allow a deeper tree, warm up longer, or rescale or reparametrise the model.")
        }
        Warning::OutsideTrainingRegion { share } => {
            write!(
                f,
                "in {:.1}% of the draws a surrogate was asked outside its training region. ",
                100.0 * share
            )?;
            f.write_str("Beyond the ranges it was trained on it answers for the nearest point inside, between its simulations it guesses; ")?;
            f.write_str("train it where the posterior is, or narrow the model's prior.")
        }
        Warning::StoppedEarly { draws, requested } => {
            match requested {
                0 => write!(f, "the run was stopped early, with {draws} draws in the shortest chain. ")?,
                _ => write!(
                    f,
                    "the run was stopped early, with {draws} of {requested} draws in the shortest chain. "
                )?,
            }
            f.write_str("The draws are valid as far as they go; see the effective sample sizes, or run it to the end.")
        }
        Warning::FewChains { chains } => {
            let noun = if *chains == 1 { "chain" } else { "chains" };
            write!(f, "there {} only {chains} {noun}. ", if *chains == 1 { "is" } else { "are" })?;
            f.write_str("R-hat can then miss a region no chain has visited; run at least 4.")
        }
        Warning::NotFinite(_)
        | Warning::TooFewDraws { .. }
        | Warning::ChainsDisagree(_)
        | Warning::NeverMoves(_)
        | Warning::LowBulkEss(_)
        | Warning::LowTailEss(_) => unreachable!("written above"),
    }
}

/// "1 of 12 scalars has", "3 of 12 scalars have".
fn having(suspects: &Suspects) -> String {
    let noun = if suspects.of == 1 { "scalar" } else { "scalars" };
    format!(
        "{} of {} {noun} {}",
        suspects.count,
        suspects.of,
        if suspects.count == 1 { "has" } else { "have" }
    )
}

/// "tau 1.032, mu 1.021, ...".
fn named(suspects: &Suspects, decimals: usize) -> String {
    let mut list: Vec<String> =
        suspects.worst.iter().map(|s| format!("{} {:.decimals$}", s.name, s.value)).collect();
    if suspects.count > list.len() {
        list.push("...".to_owned());
    }
    list.join(", ")
}

/// "chain 2", "chains 0, 3".
fn chain_list(chains: &[usize]) -> String {
    let list: Vec<String> = chains.iter().map(usize::to_string).collect();
    format!("{} {}", if chains.len() == 1 { "chain" } else { "chains" }, list.join(", "))
}
