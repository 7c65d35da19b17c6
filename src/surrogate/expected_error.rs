//! The error to expect of a posterior from the number of simulations alone.
//!
//! A density learned from N simulations is off, at parameters theta, by an error whose slope b(theta) shifts the maximum of the
//! likelihood of n data by n b / (n I), I being the information of one datum. The posterior's sd is 1 / sqrt(n I), so that the
//! shift is
//!
//! `b sqrt(n / I)` posterior sds: it grows with sqrt(n), whatever the model.
//!
//! b itself falls with the square root of N, as a mean of N would. What is left is a number, and that was measured
//! (`PER_ROOT`): the root mean square over parameters and data sets of the shifts of posterior means, in posterior sds, is about
//!
//! `4 sqrt(n / N)`
//!
//! | simulations of | parameters | N | rows of each | n | shift | factor |
//! |---|---:|---:|---:|---:|---:|---:|
//! | drift-diffusion trials | 4 | 1 000 | 1 | 500 | 2.85 | 4.0 |
//! | | 4 | 10 000 | 1 | 50 | 0.25 | 3.6 |
//! | | 4 | 10 000 | 1 | 500 | 0.78 | 3.5 |
//! | | 4 | 100 000 | 1 | 500 | 0.29 | 4.1 |
//! | with copies (`Ddm::augment`) | 4 | 10 000 | 5 | 500 | 0.62 | 2.8 |
//! | | 4 | 1 000 | 20 | 500 | 1.74 | 2.5 |
//! | | 4 | 10 000 | 20 | 500 | 0.39 | 1.7 |
//! | Poisson counts | 1 | 1 000 | 1 | 500 | 2.82 | 4.0 |
//! | | 1 | 10 000 | 1 | 500 | 0.57 | 2.5 |
//! | | 1 | 100 000 | 1 | 500 | 0.19 | 2.7 |
//! | normal numbers | 2 | 1 000 | 1 | 500 | 3.29 | 4.7 |
//! | | 2 | 10 000 | 1 | 500 | 1.02 | 4.6 |
//! | | 2 | 100 000 | 1 | 500 | 0.33 | 4.6 |
//!
//! Each figure is of 8 to 12 data sets on 2 to 4 trainings with the defaults of `Nle` (with copies: rate 0.002, decay 0.03, fewer
//! epochs), parameters in the inner part of a uniform prior. The number of parameters, one to four, hardly matters. *Limits*: a
//! single parameter of a single data set is off by three times as much now and then; posteriors far narrower or wider than the
//! prior of the simulations, other options and flows over many columns were not measured; a simulator that fails or a
//! training cut short comes on top.
//!
//! *Several rows of parameters* (subjects, conditions) have errors of their own. A parameter of one row sees n / R of the data; one
//! that R rows share sees all of them, but as many errors, that are neither equal nor independent: between sqrt(n / R) and
//! sqrt(n), of which the geometric mean is taken.

use crate::simulate::Provenance;

/// The measured factor of sqrt(n / N).
const PER_ROOT: f64 = 4.0;
/// A shift that is worth saying, in posterior sds: 0.3 moves the limits of a 90 % interval from 5 % and 95 % to 3 % and 91 %, or worse.
const WORTH_SAYING: f64 = 0.3;
/// The data for which a training says beforehand that its simulations are too few.
const MANY_DATA: usize = 100;
/// A share of failed simulations that is worth saying: 0.1 %. Were all of them of one kind of outcome, leaving them out would change the
/// log density of a datum by 0.001 nats, which a thousand data make one.
const FAILURES_WORTH_SAYING: f64 = 0.001;
/// The simulations that would tell as much as these do with their copies. Moved by exact symmetries, copies tell more than one
/// simulation, but of the same noise: r rows of each were worth r^(1/3) simulations (see the table).
fn effective(provenance: &Provenance) -> f64 {
    provenance.independent as f64 * provenance.rows_per_simulation().max(1.0).cbrt()
}

/// The root mean square of the shifts of posterior means, in posterior sds.
pub(super) fn expected_shift(provenance: &Provenance, data: usize, rows: usize) -> f64 {
    let data = data as f64 / (rows.clamp(1, data.max(1)) as f64).sqrt();
    PER_ROOT * (data / effective(provenance)).sqrt()
}

/// So few simulations that their likelihood is of little use for data by the hundred: a sentence for the report of a training.
pub(crate) fn few(provenance: &Provenance) -> Option<String> {
    let shift = expected_shift(provenance, MANY_DATA, 1);
    (provenance.independent > 0 && shift > 1.0).then(|| {
        format!(
            "{} simulations are few: with {MANY_DATA} data posterior means would be off by about {shift:.1} posterior sds on \
             average; simulate more",
            provenance.independent
        )
    })
}

/// What the simulations have to say to a reader of a posterior of so many data in so many rows of parameters.
pub(crate) fn doubts(provenance: &Provenance, data: usize, rows: usize) -> Vec<String> {
    [failures(provenance), too_few(provenance, data, rows)].into_iter().flatten().collect()
}

fn failures(provenance: &Provenance) -> Option<String> {
    let share = provenance.failed_share();
    if !(share > FAILURES_WORTH_SAYING) {
        return None;
    }
    let reason = provenance.reasons.first().map_or(String::new(), |commonest| {
        format!(" (the commonest reason, {} times: {})", commonest.count, commonest.reason)
    });
    Some(format!(
        "{:.1} % of the simulations it was learned from failed and were left out{reason}; if failing depends on the outcome, \
         this posterior is biased: mend the simulator, or fit data simulated from known parameters to see",
        100.0 * share
    ))
}

fn too_few(provenance: &Provenance, data: usize, rows: usize) -> Option<String> {
    // Weights without a number of simulations (made by hand) promise nothing that could be broken.
    if provenance.independent == 0 {
        return None;
    }
    let shift = expected_shift(provenance, data, rows);
    if !(shift > WORTH_SAYING) {
        return None;
    }
    let needed = provenance.independent as f64 * (shift / WORTH_SAYING).powi(2);
    Some(format!(
        "posterior means may be off by about {shift:.1} posterior sds, the error of likelihoods learned from {} simulations with {data} \
         data on average; some {} simulations would bring that to {WORTH_SAYING}",
        provenance.independent,
        round_up(needed)
    ))
}

/// Rounded up to one digit: 20 000, not 13 642.
fn round_up(number: f64) -> f64 {
    let unit = 10f64.powf(number.log10().floor());
    (number / unit).ceil() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simulations(independent: usize, rows: usize, failed: usize) -> Provenance {
        let mut provenance = Provenance::default();
        (provenance.independent, provenance.rows, provenance.failed) = (independent, rows, failed);
        provenance
    }

    /// Within a factor of 1.7 of every line of the table.
    #[test]
    fn the_rule_meets_what_was_measured() {
        for (independent, copies, data, measured) in [
            (1_000, 1, 500, 2.85),
            (10_000, 1, 50, 0.25),
            (10_000, 1, 500, 0.78),
            (100_000, 1, 500, 0.29),
            (10_000, 5, 500, 0.62),
            (1_000, 20, 500, 1.74),
            (10_000, 20, 500, 0.39),
            (10_000, 1, 500, 0.57),
            (100_000, 1, 500, 0.19),
            (10_000, 1, 500, 1.02),
        ] {
            let expected = expected_shift(&simulations(independent, independent * copies, 0), data, 1);
            assert!((expected / measured).ln().abs() < 1.7f64.ln(), "{expected} against {measured}");
        }
    }

    #[test]
    fn what_is_small_is_not_said() {
        let said = |provenance, data, rows| doubts(&provenance, data, rows).len();
        assert_eq!(said(simulations(100_000, 100_000, 100), 500, 1), 0);
        assert_eq!(said(simulations(100_000, 100_000, 101), 500, 1), 1);
        assert_eq!(said(simulations(100_000, 100_000, 0), 600, 1), 1);
        // Ten subjects; nobody; a number of rows that cannot be; weights that know nothing of simulations.
        assert_eq!(said(simulations(100_000, 100_000, 0), 1000, 10), 0);
        assert_eq!(said(simulations(20, 20, 0), 0, 0), 0);
        assert_eq!(said(simulations(100_000, 100_000, 0), 500, usize::MAX), 0);
        assert_eq!(said(Provenance::default(), 500, 1), 0);
        assert!(few(&simulations(1_600, 1_600, 0)).is_none() && few(&simulations(1_500, 1_500, 0)).is_some());
        assert_eq!([round_up(13_642.0), round_up(20_000.0), round_up(7.2)], [20_000.0, 20_000.0, 8.0]);
    }
}
