//! The mean scores of a learned density over data of the simulator it was learned from ([`crate::infer::ScoreCheck`] says what for).
//!
//! At each of some posterior draws, for every distinct row of parameters, data are simulated and the learned log density differentiated:
//! one gradient call. Data that the density cannot speak of (a count larger than any in training) have density zero under it; they are
//! left out and counted, as failed simulations are.
//!
//! Simulations of one posterior draw run in the order of the rows on one thread, from a stream of their own, so that the result does not
//! depend on the number of threads.

use super::bound::Bound;
use super::ensemble::evaluator;
use super::likelihood::NeuralLikelihood;
use super::score_job::Job;
use super::shifted::{observed_shift, simulations_of_shift};
use crate::graph::{ExpectedScores, ScoreEffort, ScoreOutcome};
use crate::seed::Domain;
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// The most simulations by which the cost of one is found out, and the time after which they are enough.
const PILOT: usize = 200;
/// So many are run at least until one succeeds.
const FEWEST_PILOT: usize = 10;
const PILOT_TIME: Duration = Duration::from_millis(20);
/// By how much the simulations are reduced at a time where they would take too long, and how often at most.
const FEWER: usize = 4;
const REDUCTIONS: usize = 2;
/// The largest share of failed simulations with which anything is said, and the simulations of a draw after which it is looked at.
const MOST_FAILED: f64 = 0.5;
const LOOK: usize = 100;

/// What one posterior draw's simulations came to.
#[derive(Default)]
struct OfDraw {
    scores: Vec<f64>,
    log_success: Vec<f64>,
    simulations: usize,
    failed: usize,
    impossible: usize,
    reason: Option<String>,
}

/// The mean scores at posterior draws: `draws` are the parameters of all rows at each of them, parameter by parameter.
pub(super) fn expected_scores(
    likelihood: &NeuralLikelihood,
    bound: &Bound,
    draws: &[Vec<f64>],
    center: &[f64],
    effort: &ScoreEffort<'_>,
) -> ScoreOutcome {
    let Some(simulator) = &likelihood.simulator else {
        return ScoreOutcome::NotDone(
            "its simulator is not known; hand it over with `NeuralLikelihood::simulator`".into(),
        );
    };
    let data_of_row = &bound.data_of_row[..];
    let fits = |draw: &[f64]| draw.len() == likelihood.names().len() * data_of_row.len();
    let data: f64 = data_of_row.iter().sum();
    let all_fit = draws.iter().all(|draw| fits(draw)) && (center.is_empty() || fits(center));
    if draws.is_empty() || !all_fit || data == 0.0 {
        return ScoreOutcome::Exact;
    }
    let job = Job { likelihood, simulator, data_of_row, observed: bound.observed(&[]), effort };
    job.affordable(&draws[draws.len() / 2], center)
        .and_then(|per_datum| job.run(draws, center, per_datum))
        .map_or_else(ScoreOutcome::NotDone, ScoreOutcome::Done)
}

type OrWhy<T> = std::result::Result<T, String>;

impl Job<'_> {
    /// How many simulations per datum the time allows.
    fn affordable(&self, draw: &[f64], center: &[f64]) -> OrWhy<usize> {
        let asked = self.effort.per_datum;
        if self.effort.seconds == f64::INFINITY {
            return Ok(asked);
        }
        let per_simulation = self.cost(draw)?;
        let data: f64 = self.data_of_row.iter().sum();
        let of_shift =
            |per_datum: usize| if center.is_empty() { 0.0 } else { simulations_of_shift(self, per_datum) };
        let seconds = |per_datum: usize| per_simulation * (per_datum as f64 * data + of_shift(per_datum));
        let levels = (0..=REDUCTIONS).map(|times| asked / FEWER.pow(times as u32));
        let fits = levels.filter(|level| *level > 0).find(|level| seconds(*level) <= self.effort.seconds);
        fits.ok_or_else(|| {
            let (needed, least) = (seconds(asked), seconds((asked / FEWER.pow(REDUCTIONS as u32)).max(1)));
            format!(
                "it would take some {needed:.0} s of simulations ({least:.0} s for a rough one); run it with `Model::score_check` and \
                 `ScoreCheck::seconds({:.0})`",
                1.5 * needed + 1.0
            )
        })
    }

    /// The seconds that a simulation and its gradient take on as many threads as there are.
    fn cost(&self, draw: &[f64]) -> OrWhy<f64> {
        let rows = self.data_of_row.len();
        let (mut stream, width) = (self.effort.seed.stream(Domain::Prediction, u64::MAX), self.width());
        let start = Instant::now();
        let (mut data, mut row_of_datum, mut datum) = (vec![], vec![], vec![]);
        let (mut count, mut reason) = (0, None);
        while count < PILOT
            && (start.elapsed() < PILOT_TIME || row_of_datum.is_empty() && count < FEWEST_PILOT)
        {
            let row = count * rows / PILOT.max(rows) % rows;
            count += 1;
            match self.datum(draw, row, width, &mut stream, &mut datum) {
                Ok(()) => {
                    data.extend_from_slice(&datum);
                    row_of_datum.push(row as u32);
                }
                Err(problem) => reason = reason.or(problem),
            }
        }
        if row_of_datum.is_empty() {
            return Err(failing(reason));
        }
        let simulated = start.elapsed().as_secs_f64();
        // The network runs once for each row, the rest once for each datum: the first is had for all rows here, and taken off.
        let start = Instant::now();
        self.gradient(draw, &data, &row_of_datum);
        let differentiated = start.elapsed().as_secs_f64() / (self.effort.per_datum as f64).sqrt().max(1.0);
        Ok((simulated + differentiated) / count as f64 / rayon::current_num_threads() as f64)
    }

    fn run(&self, draws: &[Vec<f64>], center: &[f64], per_datum: usize) -> OrWhy<ExpectedScores> {
        let share = per_datum as f64 / draws.len() as f64;
        let one = |(index, draw): (usize, &Vec<f64>)| {
            let done = self.at_draw(draw, share, index as u64);
            self.effort.reporter.advance(1);
            done
        };
        let done = draws.par_iter().enumerate().map(one).collect::<OrWhy<Vec<OfDraw>>>()?;
        let mut all = ExpectedScores { data: self.data_of_row.to_vec(), ..ExpectedScores::default() };
        for done in done {
            all.simulations += done.simulations;
            all.failed += done.failed;
            all.impossible += done.impossible;
            all.reason = all.reason.or(done.reason);
            all.log_success.push(done.log_success);
            all.by_draw.push(done.scores);
        }
        mostly_good(all.simulations, all.failed + all.impossible, &all.reason)?;
        all.observed = observed_shift(self, center, per_datum);
        match self.effort.stop.is_requested() {
            true => Err("it was stopped".into()),
            false => Ok(all),
        }
    }

    /// Simulates at one posterior draw, `share` data for each observed one.
    fn at_draw(&self, draw: &[f64], share: f64, index: u64) -> OrWhy<OfDraw> {
        let mut stream = self.effort.seed.stream(Domain::Prediction, index);
        let (mut done, mut data, mut row_of_datum, mut datum) = (OfDraw::default(), vec![], vec![], vec![]);
        let mut kept = vec![0.0; self.data_of_row.len()];
        done.log_success = kept.clone();
        for (row, observed) in self.data_of_row.iter().enumerate().filter(|(_, observed)| **observed > 0.0) {
            let count = (observed * share).ceil() as usize;
            let mut failed = 0;
            for _ in 0..count {
                if self.effort.stop.is_requested() {
                    return Err("it was stopped".into());
                }
                done.simulations += 1;
                match self.datum(draw, row, self.width(), &mut stream, &mut datum) {
                    Ok(()) => {
                        data.extend_from_slice(&datum);
                        row_of_datum.push(row as u32);
                        kept[row] += 1.0;
                    }
                    Err(None) => done.impossible += 1,
                    Err(reason) => {
                        failed += 1;
                        done.failed += 1;
                        done.reason = done.reason.or(reason);
                    }
                }
                if done.simulations >= LOOK {
                    mostly_good(done.simulations, done.failed + done.impossible, &done.reason)?;
                }
            }
            // Half a success more, so that the logarithm is finite.
            done.log_success[row] = ((count - failed) as f64 + 0.5).ln() - (count as f64 + 0.5).ln();
        }
        done.scores = self.gradient(draw, &data, &row_of_datum);
        let rows = self.data_of_row.len();
        for (at, score) in done.scores.iter_mut().enumerate() {
            let row = at % rows;
            *score *= if kept[row] > 0.0 { self.data_of_row[row] / kept[row] } else { 0.0 };
        }
        Ok(done)
    }

    /// The gradient of the summed log density of data by the parameters of their rows; zero where it is not finite.
    fn gradient(&self, draw: &[f64], data: &[f64], row_of_datum: &[u32]) -> Vec<f64> {
        let mut gradient = vec![0.0; draw.len()];
        if let Ok(members) = self.likelihood.bound(data, row_of_datum, self.data_of_row.len()) {
            evaluator(&members).log_prob_and_gradient(draw, &mut gradient);
        }
        gradient.iter_mut().filter(|slope| !slope.is_finite()).for_each(|slope| *slope = 0.0);
        gradient
    }
}

/// Whether no more than half of the simulations have to be left out.
fn mostly_good(simulations: usize, left_out: usize, reason: &Option<String>) -> OrWhy<()> {
    let share = left_out as f64 / simulations.max(1) as f64;
    match share <= MOST_FAILED {
        true => Ok(()),
        false => {
            let reason = reason.as_deref().unwrap_or("data of density zero under the learned likelihood");
            Err(format!("{:.0} % of its simulations at the posterior fail ({reason})", 100.0 * share))
        }
    }
}

fn failing(reason: Option<String>) -> String {
    let reason = reason.unwrap_or_else(|| "all data have density zero under the learned likelihood".into());
    format!("its simulations at the posterior fail ({reason})")
}
