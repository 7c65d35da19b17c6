//! The warnings in words: what was seen, what it means, what to do.

use super::{Correlated, Place, Suspect, Suspects, Warning};
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
                f.write_str("run longer. If that does not help, look at each chain's mean: chains that stay apart sit in ")?;
                f.write_str("different modes, chains that drift need another parametrisation.")
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
            Warning::StoodStill { scalars, chain, first } => {
                let (seen, longest) = (having(scalars), &scalars.worst[0]);
                write!(
                    f,
                    "{seen} one value for longer than chance allows (longest: {} for {:.0} draws, ",
                    longest.name, longest.value
                )?;
                write!(
                    f,
                    "from draw {first} of chain {chain} on). The chain was stuck there, so its estimates are off by more than "
                )?;
                f.write_str("their standard errors say; see whether it diverged there, raise the target acceptance, or start elsewhere.")
            }
            Warning::LowBulkEss(suspects) => {
                let seen = having(suspects);
                write!(
                    f,
                    "{seen} a bulk effective sample size below 100 per chain (worst: {}). ",
                    named(suspects, 0)
                )?;
                f.write_str(
                    "Means and medians are imprecise and R-hat is unreliable; draw more, or look for what slows the sampler: strong correlations (`Metric::LowRank`), heavy tails.",
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
        Warning::Divergences { count, draws, place, explained } => {
            write!(f, "{count} of {draws} draws diverged. ")?;
            f.write_str("The sampler could not follow the posterior there and means may be biased. ")?;
            about_divergences(f, place.as_ref(), *explained)
        }
        Warning::LowEnergyMixing { chains, lowest } => {
            write!(f, "E-BFMI is below 0.3 in {} (lowest: {lowest:.2}). ", chain_list(chains))?;
            f.write_str("The sampler moves slowly between energies and explores the tails badly; ")?;
            f.write_str("mostly a heavy-tailed prior (such as `Cauchy`) is the cause, or the scale of a hierarchical site near 0: ")?;
            f.write_str("choose lighter tails, or write that site with `noncentered()`.")
        }
        Warning::DepthSaturated { count, draws, depth, correlated } => {
            write!(f, "{count} of {draws} draws were stopped at the greatest tree depth, {depth}. ")?;
            f.write_str("They are valid but correlated and expensive; ")?;
            if let Some(Correlated { first, second, correlation }) = correlated {
                write!(f, "{first} and {second} go together most (rank correlation {correlation:.2}): try ")?;
                return f.write_str(
                    "`Metric::LowRank`, centre the data, or write one of them relative to the other.",
                );
            }
            f.write_str("allow a deeper tree, warm up longer, or bring the parameters to one scale.")
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
            f.write_str("The fewer, the likelier all miss the same part of the posterior, which no diagnostic sees; run at least 4.")
        }
        other => about_surrogates(f, other),
    }
}

/// The warnings of learned likelihoods.
fn about_surrogates(f: &mut fmt::Formatter<'_>, warning: &Warning) -> fmt::Result {
    match warning {
        Warning::SurrogateMoved { scalars, sites } => {
            write!(f, "{} a mean that the likelihood learned for {} ", having(scalars), sites.join(" and "))?;
            write!(f, "moved by more than 0.3 posterior sds ({}). ", moved(scalars))?;
            f.write_str("Take `corrected()` draws, simulate more, simulate where the posterior is, or average an ensemble.")
        }
        Warning::DataUnlike { sites, farthest } => {
            let sites = sites.join(" and ");
            write!(
                f,
                "data drawn from the posterior are unlike those observed at {sites}; which of their statistics is noted below. "
            )?;
            if let Some(Suspect { name, value }) = farthest {
                write!(
                    f,
                    "How far the learned likelihood moved the means is known for data that the model describes alone: here any of them may \
                     be off by more than was found (at most {value:+.2} sds, for {name}). "
                )?;
            }
            f.write_str("Learn the likelihood again from simulations where the posterior is (`Model::posterior_box`), and if the warning stays, mend the model.")
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
        _ => unreachable!("written above"),
    }
}

/// What is known of divergences, and the remedy for it.
fn about_divergences(f: &mut fmt::Formatter<'_>, place: Option<&Place>, explained: bool) -> fmt::Result {
    if explained {
        f.write_str("Their reasons are noted below. ")?;
    }
    match place {
        Some(Place { name, quantile }) if *quantile < 0.5 => {
            write!(
                f,
                "Most lie where {name} is low (on average at its {:.0}% quantile): ",
                100.0 * quantile
            )?;
            write!(
                f,
                "if {name} is the scale of a hierarchical site, write that site with `noncentered()`; if not, "
            )?;
        }
        Some(Place { name, quantile }) => {
            write!(
                f,
                "Most lie where {name} is high (on average at its {:.0}% quantile): ",
                100.0 * quantile
            )?;
            f.write_str("a heavy tail or a hard limit there may be the cause; ")?;
        }
        None if explained => f.write_str("If they name no value out of range, ")?,
        None => return f.write_str("Raise the target acceptance (0.95 or 0.99)."),
    }
    f.write_str("raise the target acceptance (0.95 or 0.99).")
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

/// "v[2] +0.51, a -0.33, ...".
fn moved(suspects: &Suspects) -> String {
    let list: Vec<String> = suspects.worst.iter().map(|s| format!("{} {:+.2}", s.name, s.value)).collect();
    let more = if suspects.count > list.len() { ", ..." } else { "" };
    format!("{}{more}", list.join(", "))
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
