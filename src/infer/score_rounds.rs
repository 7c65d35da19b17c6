//! The rounds of the score check: simulations at the posterior, then where it is less what was found before.

use super::failed::{WORTH_SAYING, about_failures};
use super::moved::Pulled;
use super::places::Places;
use super::score_check::ScoreCheck;
use crate::draws::{Draws, Moved};
use crate::graph::{ExpectedScores, LearnedSite, Replay, ScoreEffort, ScoreOutcome};
use crate::model::Model;
use crate::progress::Reporter;
use crate::stop::Stop;

/// The posterior draws at which data are simulated.
const DRAWS: usize = 32;
/// The earlier rounds have so much fewer simulations.
const EARLIER: usize = 4;
/// How often simulations are run: the later ones where the posterior is less what the earlier ones found.
const ROUNDS: u64 = 3;
/// The draws by which that step is found.
const STEPPED: usize = 500;
/// The fewest posterior draws of which anything is said.
const FEWEST: usize = 10;
/// Seeds of this domain are those of the check.
const SEED: u64 = 0x5c0e;

/// For each draw and each learned statement the parameters of all rows.
type Parameters = Vec<Vec<Vec<f64>>>;

/// A check under way.
pub(super) struct Rounds<'a> {
    model: &'a Model,
    draws: &'a Draws,
    check: &'a ScoreCheck,
    sites: Vec<LearnedSite>,
    terms: Vec<usize>,
    /// At the posterior draws.
    parameters: Parameters,
    reporter: Reporter,
    stop: Stop,
}

/// Where a round simulates: at draws, and for the last one at their mean.
struct Spots {
    draws: Parameters,
    /// For each learned statement; empty but for the last round.
    center: Vec<Vec<f64>>,
}

impl<'a> Rounds<'a> {
    /// `None` for a model without learned statements.
    pub(super) fn of(
        model: &'a Model,
        draws: &'a Draws,
        check: &'a ScoreCheck,
        replay: &mut Replay,
    ) -> Option<Self> {
        let sites = replay.learned();
        if sites.is_empty() {
            return None;
        }
        let terms: Vec<usize> = sites.iter().map(|site| site.term).collect();
        let places = Places::spread(draws, DRAWS.min(draws.total_draws()));
        let parameters = places.parameters(replay, draws, &terms);
        let steps = ROUNDS * (sites.len() * parameters.len()) as u64;
        let reporter = check.progress.clone().unwrap_or_default().start("checking", steps);
        let stop = check.stop.clone().unwrap_or_default();
        Some(Self { model, draws, check, sites, terms, parameters, reporter, stop })
    }

    /// What was found but for the shifts, and what pulls at the parameters of every statement that could be checked.
    pub(super) fn run(&self, replay: &mut Replay) -> (Moved, Vec<Pulled>) {
        let mut spots = Spots { draws: self.parameters.clone(), center: vec![] };
        let mut simulations = 0;
        for round in 0.. {
            let (mut moved, pulled) = self.round(replay, round, &spots);
            moved.simulations += simulations;
            simulations = moved.simulations;
            if pulled.is_empty() || round + 1 == ROUNDS {
                return (moved, pulled);
            }
            spots = self.stepped_back(replay, &pulled, round + 2 == ROUNDS);
        }
        unreachable!("the last round returns")
    }

    /// One round over all statements.
    fn round(&self, replay: &mut Replay, round: u64, spots: &Spots) -> (Moved, Vec<Pulled>) {
        let (mut moved, mut pulled) = (Moved::default(), vec![]);
        for (index, site) in self.sites.iter().enumerate() {
            let at: Vec<Vec<f64>> = spots.draws.iter().map(|of_draw| of_draw[index].clone()).collect();
            let center = spots.center.get(index).map_or(&[][..], Vec::as_slice);
            match self.scores(round, index, &at, center) {
                ScoreOutcome::Exact => {}
                ScoreOutcome::NotDone(why) => moved.messages.extend(not_done(site, &why)),
                ScoreOutcome::Done(scores) => {
                    let parameters = self.parameters.iter().map(|of_draw| of_draw[index].clone()).collect();
                    let of_site = Pulled::new(site.term, site.place.clone(), parameters, &scores);
                    moved.messages.extend(impossible(site, &scores));
                    if round + 1 == ROUNDS {
                        moved.messages.extend(about_failures(replay, self.draws, &of_site, &scores, &at));
                    }
                    moved.sites.push(site.place.clone());
                    moved.simulations += scores.simulations;
                    pulled.push(of_site);
                }
            }
        }
        (moved, pulled)
    }

    /// The scores of one statement; the last round has most of the simulations and of the time.
    fn scores(&self, round: u64, index: usize, at: &[Vec<f64>], center: &[f64]) -> ScoreOutcome {
        if self.draws.total_draws() < FEWEST {
            return ScoreOutcome::NotDone(format!("there are fewer than {FEWEST} draws"));
        }
        let (share, of_time) = if round + 1 < ROUNDS { (EARLIER, 1.0 / 6.0) } else { (1, 2.0 / 3.0) };
        let effort = ScoreEffort {
            per_datum: self.check.simulations / share,
            seconds: self.check.seconds * of_time,
            seed: self.check.seed.unwrap_or_default().derive(SEED + round).derive(index as u64),
            reporter: &self.reporter,
            stop: &self.stop,
        };
        self.sites[index].density.expected_scores(at, center, &effort)
    }

    /// Where the next round simulates: at draws with the step taken back that was found.
    fn stepped_back(&self, replay: &mut Replay, pulled: &[Pulled], with_center: bool) -> Spots {
        let rows = Places::spread(self.draws, self.draws.total_draws().min(STEPPED)).rows(self.draws);
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let points = self.model.stepped_back(replay, pulled, &rows);
        let mut at = |z: &[f64]| -> Vec<Vec<f64>> {
            replay.run_forward(z);
            self.terms.iter().map(|term| replay.learned_parameters(*term)).collect()
        };
        let count = DRAWS.min(points.len());
        Spots {
            draws: (0..count).map(|k| at(&points[k * points.len() / count])).collect(),
            center: if with_center { at(&mean_point(&points)) } else { vec![] },
        }
    }
}

fn mean_point(points: &[Vec<f64>]) -> Vec<f64> {
    let coordinate = |k: usize| points.iter().map(|z| z[k]).sum::<f64>() / points.len() as f64;
    (0..points[0].len()).map(coordinate).collect()
}

/// What is said of a statement whose check was not made.
fn not_done(site: &LearnedSite, why: &str) -> Vec<String> {
    let mut said =
        vec![format!("{}: the error of the learned likelihood was not checked: {why}.", site.place)];
    said.extend(unchecked(site));
    said
}

/// What is said of a statement whose learned likelihood was not checked.
pub(super) fn unchecked(site: &LearnedSite) -> Vec<String> {
    site.density.unchecked().into_iter().map(|sentence| format!("{}: {sentence}.", site.place)).collect()
}

/// What is said of simulated data that have density zero.
fn impossible(site: &LearnedSite, scores: &ExpectedScores) -> Option<String> {
    let share = scores.impossible as f64 / scores.simulations.max(1) as f64;
    (share > WORTH_SAYING).then(|| {
        format!(
            "{}: {:.1} % of the data simulated at the posterior have density zero under the learned likelihood; it was trained on \
             too few simulations there, or on others than these: simulate more, or under a wider prior.",
            site.place,
            100.0 * share
        )
    })
}
