//! How far learned likelihoods moved a posterior: the score check. The mathematics and its limits: [`super::own_error`].

use super::failed::{WORTH_SAYING, about_failures};
use super::moved::{Pulled, covariances};
use crate::draws::{Draws, Moved};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{ExpectedScores, LearnedSite, Replay, ScoreEffort, ScoreOutcome};
use crate::model::Model;
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;
use std::time::Instant;

/// The posterior draws at which data are simulated.
const DRAWS: usize = 32;
/// How often simulations are run: the later ones where the posterior is less what the earlier ones found.
const ROUNDS: u64 = 3;
/// The draws by which that step is found.
const STEPPED: usize = 500;
/// The fewest posterior draws of which anything is said.
const FEWEST: usize = 10;
/// Seeds of this domain are those of the check.
const SEED: u64 = 0x5c0e;

/// The check that tells how far learned likelihoods moved each posterior mean, in posterior sds: by simulating data at posterior draws
/// and looking whether the learned density's scores are zero on average, as those of the true density are.
///
/// [`Model::sample`] makes it after every run ([`Nuts::score_check`](super::Nuts::score_check) changes or skips it) for likelihoods whose simulator is
/// known (`NeuralLikelihood::simulator`); [`Model::score_check`] makes it for draws that are there. The result stands in
/// [`SamplerReport::moved`](crate::draws::SamplerReport::moved) and as the column `moved` of the summary, which warns of shifts above 0.3;
/// [`Draws::corrected`] takes the shifts back.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `simulations` | 1000 | simulations for each observed datum; the Monte Carlo error is about `1 / sqrt(simulations)` sds | 16 to 1 000 000 |
/// | `seconds` | 2 | the most it may take, as estimated from a few simulations; where that is too little, a quarter or a sixteenth of the simulations are run, or none, and the report says so | 0 or more; infinite: any |
/// | `seed` | that of the sampler; 0 | same seed, same shifts on any number of threads (where the time is not what limits the simulations) | |
/// | `progress` | that of the sampler; [`Progress::Auto`] | how to show how far it is | |
/// | `stop` | that of the sampler; never | a flag that ends the check and keeps the draws | |
///
/// # What it computes, and its limits
/// The learned posterior's mean of a quantity h lies `Cov(h, L)` too high, `L = sum_r n_r b_r' theta_r`, where b_r is the mean of the gradient
/// of log q(x | theta) over data x simulated at row r of the parameters, and n_r the number of its data: first order in the error of q, and
/// expected over data like the model's own. For data that the model does not describe, and beyond some 2 posterior sds, it is an alarm more than a
/// measure. It says nothing of widths. A simulator that does not make the data (another time step, no lapses) makes the
/// check judge by that simulator. Derivation, assumptions and measurements: [`own_error`](super::own_error).
#[derive(Clone, Debug)]
pub struct ScoreCheck {
    simulations: usize,
    seconds: f64,
    seed: Option<Seed>,
    progress: Option<Progress>,
    stop: Option<Stop>,
}

impl Default for ScoreCheck {
    fn default() -> Self {
        Self { simulations: 1000, seconds: 2.0, seed: None, progress: None, stop: None }
    }
}

impl ScoreCheck {
    /// Simulations for each observed datum.
    pub fn simulations(mut self, per_datum: usize) -> Self {
        self.simulations = per_datum;
        self
    }

    /// The most seconds it may take.
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// The seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = Some(seed.into());
        self
    }

    /// How to show how far it is.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The flag that ends it.
    pub fn stop(mut self, stop: &Stop) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// The same with what a sampler has for what is not set.
    pub(super) fn or(&self, seed: Seed, progress: &Progress, stop: &Stop) -> Self {
        Self {
            seed: self.seed.or(Some(seed)),
            progress: self.progress.clone().or(Some(progress.clone())),
            stop: self.stop.clone().or(Some(stop.clone())),
            ..*self
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |expected: &str, got: String| {
            Err(Error::new(
                ErrorKind::Options,
                format!("expected {expected}, got {got}; see the options of ScoreCheck"),
            ))
        };
        if !(16..=1_000_000).contains(&self.simulations) {
            return wrong("16 to 1 000 000 simulations for each datum", self.simulations.to_string());
        }
        match self.seconds >= 0.0 {
            true => Ok(()),
            false => wrong("0 seconds or more", self.seconds.to_string()),
        }
    }
}

impl Model {
    /// Makes the score check for draws of this model: the same draws, with the result in their report
    /// ([`SamplerReport::moved`](crate::draws::SamplerReport::moved)) in place of an earlier one. Draws of a model without learned likelihoods
    /// come back as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] for an option out of range; [`ErrorKind::Shape`] when the draws are not of this model's unknowns;
    /// [`ErrorKind::Value`] when they have been corrected.
    pub fn score_check(&self, draws: &Draws, check: &ScoreCheck) -> Result<Draws> {
        check.check()?;
        let own = self.kept_sites().map(|site| (site.name.as_str(), &site.shape[..]));
        if !own.eq(draws.parameters().iter().map(|parameter| (parameter.name.as_str(), &parameter.shape[..])))
        {
            let message = "expected draws of this model's unknowns and deterministic quantities, got draws of others; sample this model";
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if draws.report().moved.as_ref().is_some_and(|moved| moved.corrected) {
            let message = "expected draws as they were sampled, got corrected ones; check the former";
            return Err(Error::new(ErrorKind::Value, message));
        }
        Ok(self.with_score_check(draws.clone(), check))
    }

    /// The draws with what the check finds.
    pub(super) fn with_score_check(&self, draws: Draws, check: &ScoreCheck) -> Draws {
        let start = Instant::now();
        let mut replay = self.density();
        let Some((mut moved, pulled)) = self.pulled(&mut replay, &draws, check) else { return draws };
        if !pulled.is_empty() {
            let covariances = covariances(&mut replay, &draws, &pulled);
            (moved.shift, moved.mcse) = (covariances.shift, covariances.mcse);
        }
        moved.seconds = start.elapsed().as_secs_f64();
        let mut report = draws.report().clone();
        report.moved = Some(moved);
        let draws = draws.with_report(report);
        match pulled.is_empty() {
            true => draws,
            false => draws.with_correction(self.correction(pulled)),
        }
    }

    /// What is said of learned likelihoods that are not checked.
    pub(super) fn unchecked(&self) -> Vec<String> {
        self.density().learned().iter().flat_map(unchecked).collect()
    }

    /// What pulls at the parameters of every learned statement; `None` for a model without any.
    fn pulled(&self, replay: &mut Replay, draws: &Draws, check: &ScoreCheck) -> Option<(Moved, Vec<Pulled>)> {
        let sites = replay.learned();
        if sites.is_empty() {
            return None;
        }
        let places = Places::spread(draws, DRAWS.min(draws.total_draws()));
        let terms: Vec<usize> = sites.iter().map(|site| site.term).collect();
        let parameters = places.parameters(replay, draws, &terms);
        let (progress, stop) =
            (check.progress.clone().unwrap_or_default(), check.stop.clone().unwrap_or_default());
        let reporter = progress.start("checking", ROUNDS * (sites.len() * parameters.len()) as u64);
        let (mut moved, mut pulled) = (Moved::default(), vec![]);
        let (mut at, mut center) = (parameters.clone(), vec![]);
        for round in 0..ROUNDS {
            moved = Moved { simulations: moved.simulations, ..Moved::default() };
            let mut found = vec![];
            for (index, site) in sites.iter().enumerate() {
                let effort = ScoreEffort {
                    per_datum: if round + 1 < ROUNDS { check.simulations / 4 } else { check.simulations },
                    seconds: if round + 1 < ROUNDS { check.seconds / 6.0 } else { check.seconds / 1.5 },
                    seed: check.seed.unwrap_or_default().derive(SEED + round).derive(index as u64),
                    reporter: &reporter,
                    stop: &stop,
                };
                let of_site = |at: &[Vec<Vec<f64>>]| {
                    at.iter().map(|of_draw| of_draw[index].clone()).collect::<Vec<_>>()
                };
                let simulated_at = of_site(&at);
                let outcome = match draws.total_draws() < FEWEST {
                    true => ScoreOutcome::NotDone(format!("there are fewer than {FEWEST} draws")),
                    false => site.density.expected_scores(
                        &simulated_at,
                        center.get(index).map_or(&[], Vec::as_slice),
                        &effort,
                    ),
                };
                match outcome {
                    ScoreOutcome::Exact => {}
                    ScoreOutcome::NotDone(why) => moved.messages.extend(not_done(site, &why)),
                    ScoreOutcome::Done(scores) => {
                        moved.messages.extend(impossible(site, &scores));
                        moved.sites.push(site.place.clone());
                        moved.simulations += scores.simulations;
                        let of_site = of_site(&parameters);
                        let of_scores = Pulled::new(site.term, site.place.clone(), of_site, &scores);
                        if round + 1 == ROUNDS {
                            let said = about_failures(replay, draws, &of_scores, &scores, &simulated_at);
                            moved.messages.extend(said);
                        }
                        found.push(of_scores);
                    }
                }
            }
            pulled = found;
            if pulled.is_empty() || round + 1 == ROUNDS {
                break;
            }
            let corrected = self.corrected_points(replay, draws, &pulled);
            let mut parameters_at = |z: &[f64]| -> Vec<Vec<f64>> {
                replay.run_forward(z);
                terms.iter().map(|term| replay.learned_parameters(*term)).collect()
            };
            let count = DRAWS.min(corrected.len());
            at = (0..count).map(|k| parameters_at(&corrected[k * corrected.len() / count])).collect();
            center = if round + 2 == ROUNDS { parameters_at(&mean_point(&corrected)) } else { vec![] };
        }
        Some((moved, pulled))
    }

    /// Unconstrained points of some draws, with the step taken back.
    fn corrected_points(&self, replay: &mut Replay, draws: &Draws, pulled: &[Pulled]) -> Vec<Vec<f64>> {
        let rows = Places::spread(draws, draws.total_draws().min(STEPPED)).rows(draws);
        self.stepped_back(replay, pulled, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
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
fn unchecked(site: &LearnedSite) -> Vec<String> {
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

/// Some draws, spread evenly over all.
pub(super) struct Places {
    /// Chain and draw.
    pub(super) at: Vec<(usize, usize)>,
}

impl Places {
    pub(super) fn spread(draws: &Draws, count: usize) -> Self {
        let (total, lengths) = (draws.total_draws(), draws.chain_lengths());
        let place = |k: usize| {
            let mut index = k * total / count;
            let chain = lengths.iter().position(|length| {
                let here = index < *length;
                index -= if here { 0 } else { *length };
                here
            });
            (chain.unwrap_or(0), index)
        };
        Self { at: (0..count).map(place).collect() }
    }

    /// The parameters of learned statements at each of the draws.
    pub(super) fn parameters(
        &self,
        replay: &mut Replay,
        draws: &Draws,
        terms: &[usize],
    ) -> Vec<Vec<Vec<f64>>> {
        let at = |row: &Vec<f64>| {
            replay.restore(row);
            terms.iter().map(|term| replay.learned_parameters(*term)).collect()
        };
        self.rows(draws).iter().map(at).collect()
    }

    /// A scalar at these draws.
    pub(super) fn column(&self, draws: &Draws, label: usize) -> Vec<f64> {
        let columns = draws.column_at(label);
        self.at.iter().map(|(chain, draw)| columns[*chain][*draw]).collect()
    }

    /// The draws.
    fn rows(&self, draws: &Draws) -> Vec<Vec<f64>> {
        let columns: Vec<Vec<&[f64]>> = (0..draws.labels().len()).map(|k| draws.column_at(k)).collect();
        let row =
            |(chain, draw): &(usize, usize)| columns.iter().map(|column| column[*chain][*draw]).collect();
        self.at.iter().map(row).collect()
    }
}
