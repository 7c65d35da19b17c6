//! When draws cannot be trusted: what is checked, and against which threshold.
//!
//! R-hat above 1.01 and an effective sample size below 100 per chain are the limits of Vehtari et al. 2021,
//! <https://doi.org/10.1214/20-BA1221>; E-BFMI below 0.3 that of Betancourt 2016, <https://arxiv.org/abs/1604.00695>.

use super::diagnostics::Standstill;
use super::{Correlated, Draws, Place, SummaryRow, places};
use serde::Serialize;

/// R-hat above this: the chains disagree.
const R_HAT_LIMIT: f64 = 1.01;
/// Effective draws per chain below this: R-hat and the Monte Carlo errors are themselves unreliable.
const ESS_PER_CHAIN: f64 = 100.0;
/// E-BFMI below this: the chain diffuses slowly through the energies.
const BFMI_LIMIT: f64 = 0.3;
/// A larger share of draws outside a surrogate's training region moves the 5 % and 95 % quantiles visibly.
const OUTSIDE_LIMIT: f64 = 0.01;
/// Fewer chains than this: R-hat has little to compare.
const FEWEST_CHAINS: usize = 4;
/// Fewer draws per chain than this: nothing can be computed.
const FEWEST_DRAWS: usize = 4;
/// So many of the worst scalars are named.
const NAMED: usize = 3;

/// A scalar under suspicion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspect {
    /// The scalar's label.
    pub name: String,
    /// The figure that is out of bounds.
    pub value: f64,
}

/// The scalars that break one rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspects {
    /// The worst of them, at most three, the worst first.
    pub worst: Vec<Suspect>,
    /// How many break the rule.
    pub count: usize,
    /// Of how many scalars.
    pub of: usize,
}

/// A reason not to trust the draws. Its text says what was seen, what it means and what to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Warning {
    /// Some draws are NaN or infinite; the value is how many.
    NotFinite(Suspects),
    /// The chains are too short for any diagnostic.
    TooFewDraws {
        /// Draws of the shortest chain.
        draws: usize,
    },
    /// R-hat is above 1.01; the value is R-hat.
    ChainsDisagree(Suspects),
    /// The draws of a scalar never change, or those of whole chains; the value is where they stand.
    NeverMoves(Suspects),
    /// A chain stood still for longer than chance allows ([`standstill`](super::diagnostics::standstill)); the value is for how
    /// many draws.
    StoodStill {
        /// The scalars that did.
        scalars: Suspects,
        /// The chain of the longest stretch, counted from 0.
        chain: usize,
        /// The first draw of that stretch, counted from 0.
        first: usize,
    },
    /// The effective sample size in the bulk is below 100 per chain; the value is that size.
    LowBulkEss(Suspects),
    /// The effective sample size in the tails is below 100 per chain; the value is that size.
    LowTailEss(Suspects),
    /// Trajectories diverged.
    Divergences {
        /// Draws that came from a divergent trajectory.
        count: usize,
        /// Draws in all.
        draws: usize,
        /// Where most of them lie, if that is clear.
        place: Option<Place>,
        /// Whether the sampler's messages say why.
        explained: bool,
    },
    /// E-BFMI is below 0.3.
    LowEnergyMixing {
        /// The chains, counted from 0.
        chains: Vec<usize>,
        /// The lowest E-BFMI.
        lowest: f64,
    },
    /// Trees were stopped at the greatest depth allowed.
    DepthSaturated {
        /// Draws that came from such a tree.
        count: usize,
        /// Draws in all.
        draws: usize,
        /// The depth.
        depth: u32,
        /// The two scalars that go together most, if they do so strongly.
        correlated: Option<Correlated>,
    },
    /// A learned likelihood moved means by more than 0.3 posterior sds and the error of that ([`Moved::error`](super::Moved::error)); the value is
    /// how far.
    SurrogateMoved {
        /// The scalars that were moved.
        scalars: Suspects,
        /// The statements whose likelihoods are learned.
        sites: Vec<String>,
    },
    /// Data drawn from the posterior are unlike those observed: the model does not describe these data, or the learned density is wrong where
    /// the posterior is.
    DataUnlike {
        /// The statements whose data they are.
        sites: Vec<String>,
        /// The largest shift of a mean that the score check found, in posterior sds ([`Moved`](super::Moved)). Any mean may be off by more: the
        /// check speaks of data that the model describes. `None` where there was no check.
        farthest: Option<Suspect>,
    },
    /// A surrogate was asked outside the region it was trained on.
    OutsideTrainingRegion {
        /// The share of draws, in [0, 1].
        share: f64,
    },
    /// The run ended before it was done.
    StoppedEarly {
        /// Draws of the shortest chain.
        draws: usize,
        /// Draws asked for per chain; 0 when not known.
        requested: usize,
    },
    /// There are fewer than four chains.
    FewChains {
        /// How many there are.
        chains: usize,
    },
}

impl Warning {
    /// Everything that speaks against these draws, the gravest first.
    pub(super) fn all(draws: &Draws, rows: &[SummaryRow], still: &[Option<Standstill>]) -> Vec<Warning> {
        let mut all = vec![];
        all.extend(not_finite(draws).map(Warning::NotFinite));
        if draws.draws() < FEWEST_DRAWS {
            all.push(Warning::TooFewDraws { draws: draws.draws() });
        }
        all.extend(about_rows(draws, rows, still));
        all.extend(about_sampler(draws, rows));
        all.extend(moved(draws));
        all.extend(unlike(draws));
        let report = draws.report();
        if let Some(share) =
            report.outside_training_region.filter(|share| share.is_nan() || *share > OUTSIDE_LIMIT)
        {
            all.push(Warning::OutsideTrainingRegion { share });
        }
        if report.stopped_early {
            all.push(Warning::StoppedEarly { draws: draws.draws(), requested: report.requested_draws });
        }
        if draws.chains() < FEWEST_CHAINS && draws.log_weights(0).is_none() {
            all.push(Warning::FewChains { chains: draws.chains() });
        }
        all
    }
}

impl Suspects {
    /// The scalars with a badness above zero, the largest badness first; `None` when there are none.
    fn of(rows: impl ExactSizeIterator<Item = (String, f64, f64)>) -> Option<Self> {
        let of = rows.len();
        let mut bad: Vec<(String, f64, f64)> = rows.filter(|(_, _, badness)| *badness > 0.0).collect();
        bad.sort_by(|a, b| b.2.total_cmp(&a.2));
        let count = bad.len();
        let worst = bad.into_iter().take(NAMED).map(|(name, value, _)| Suspect { name, value }).collect();
        (count > 0).then_some(Self { worst, count, of })
    }
}

fn not_finite(draws: &Draws) -> Option<Suspects> {
    Suspects::of(draws.labels().iter().enumerate().map(|(k, name)| {
        let columns = draws.column_at(k);
        let bad = columns.iter().flat_map(|chain| chain.iter()).filter(|x| !x.is_finite()).count() as f64;
        (name.clone(), bad, bad)
    }))
}

/// What the diagnostics of the scalars say; each is silent where its figure is NaN.
fn about_rows(
    draws: &Draws,
    rows: &[SummaryRow],
    still: &[Option<Standstill>],
) -> impl Iterator<Item = Warning> {
    let needed = ESS_PER_CHAIN * draws.chains() as f64;
    let r_hat = Suspects::of(rows.iter().map(|row| (row.name.clone(), row.r_hat, row.r_hat - R_HAT_LIMIT)));
    let never = Suspects::of(rows.iter().enumerate().map(|(k, row)| {
        (
            row.name.clone(),
            row.q50,
            f64::from(draws.draws() >= FEWEST_DRAWS && some_chain_still(draws, k) && !constant(draws, k)),
        )
    }));
    let low = |ess: fn(&SummaryRow) -> f64| {
        Suspects::of(rows.iter().map(move |row| (row.name.clone(), ess(row), needed - ess(row))))
    };
    [
        r_hat.map(Warning::ChainsDisagree),
        never.map(Warning::NeverMoves),
        stood_still(draws, rows, still),
        low(|row| row.ess_bulk).map(Warning::LowBulkEss),
        low(|row| row.ess_tail).map(Warning::LowTailEss),
    ]
    .into_iter()
    .flatten()
}

/// The scalars that stood still in a part of a chain.
fn stood_still(draws: &Draws, rows: &[SummaryRow], still: &[Option<Standstill>]) -> Option<Warning> {
    // A chain that never moved has its own warning.
    let part = |k: usize| still[k].filter(|_| !some_chain_still(draws, k));
    let length = |k: usize| part(k).map_or(0.0, |still| still.draws as f64);
    let scalars =
        Suspects::of(rows.iter().enumerate().map(|(k, row)| (row.name.clone(), length(k), length(k))))?;
    let longest = (0..rows.len()).filter_map(part).max_by_key(|still| still.draws)?;
    Some(Warning::StoodStill { scalars, chain: longest.chain, first: longest.first })
}

fn some_chain_still(draws: &Draws, column: usize) -> bool {
    draws.column_at(column).iter().any(|chain| chain.iter().all(|x| *x == chain[0]))
}

/// Whether a scalar is one number throughout while others move: a zero above the diagonal of a Cholesky factor, say. Chains that are stuck stand
/// at places of their own.
fn constant(draws: &Draws, column: usize) -> bool {
    let columns = draws.column_at(column);
    let same = columns.iter().all(|chain| chain.iter().all(|x| *x == columns[0][0]));
    let moves = |chain: usize| {
        (0..draws.labels().len()).any(|k| draws.column_at(k)[chain].windows(2).any(|pair| pair[0] != pair[1]))
    };
    columns.len() > 1 && same && (0..columns.len()).all(moves)
}

/// The scalars that a learned likelihood moved.
fn moved(draws: &Draws) -> Option<Warning> {
    let moved = draws.report().moved.as_ref().filter(|moved| !moved.corrected)?;
    let scalar = |(k, (name, shift)): (usize, (&String, &f64))| (name.clone(), *shift, moved.beyond_limit(k));
    let scalars: Vec<_> = draws.labels().iter().zip(&moved.shift).enumerate().map(scalar).collect();
    let scalars = Suspects::of(scalars.into_iter())?;
    Some(Warning::SurrogateMoved { scalars, sites: moved.sites.clone() })
}

/// The statements that make data unlike the observed ones.
fn unlike(draws: &Draws) -> Option<Warning> {
    let report = draws.report();
    let suspect = |(label, value): (usize, f64)| Suspect { name: draws.labels()[label].clone(), value };
    let farthest = report.moved.as_ref().and_then(|moved| moved.farthest()).map(suspect);
    (!report.unlike.is_empty()).then(|| Warning::DataUnlike { sites: report.unlike.clone(), farthest })
}

/// What the sampler's own statistics say.
fn about_sampler(draws: &Draws, rows: &[SummaryRow]) -> Vec<Warning> {
    let mut all = vec![];
    let total = draws.total_draws();
    if draws.divergences() > 0 {
        all.push(Warning::Divergences {
            count: draws.divergences(),
            draws: total,
            place: places::of_divergences(draws),
            explained: !draws.report().divergences.is_empty(),
        });
    }
    let low: Vec<(usize, f64)> =
        draws.e_bfmi().into_iter().enumerate().filter(|(_, bfmi)| *bfmi < BFMI_LIMIT).collect();
    if let Some(lowest) = low.iter().map(|(_, bfmi)| *bfmi).reduce(f64::min) {
        all.push(Warning::LowEnergyMixing { chains: low.into_iter().map(|(c, _)| c).collect(), lowest });
    }
    let statistics = (0..draws.chains()).flat_map(|c| draws.statistics(c));
    let saturated = statistics.filter(|draw| draw.max_depth_reached).map(|draw| draw.depth).max();
    if let Some(depth) = saturated {
        let (count, correlated) = (draws.max_depth_hits(), places::strongest_correlation(draws, rows));
        all.push(Warning::DepthSaturated { count, draws: total, depth, correlated });
    }
    all
}
