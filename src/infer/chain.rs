//! One chain from start to end.
//!
//! Whatever happens inside ends this chain alone: an error of the density, a statistic the sampler no longer has, a panic
//! in a user's density or node, which is caught here. The draws made before it are kept in every case.

use super::board::Board;
use super::low_rank::Points;
use super::metric::Metric;
use super::nuts::Nuts;
use super::reasons::Reasons;
use super::statistics::Statistics;
use super::target::{SharedWindow, Target, Window};
use crate::draws::{ChainDraws, Divergence};
use crate::error::panic_message;
use crate::logdensity::LogDensity;
use crate::seed::{Domain, Stream};
use nuts_rs::{
    Chain, CpuMath, DiagAdaptExpSettings, DiagNutsSettings, EuclideanAdaptOptions, FlowNutsSettings,
    FlowSettings, KineticEnergyKind, NutsError, NutsSettings, Progress, Settings, Storable,
};
use serde::Serialize;
use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Warm-up draws between two looks at whether the map of `Metric::LowRank` should be fitted anew.
const LOOK_EVERY: u64 = 10;
/// The last share of the warm-up, in which the map stays and the step size settles.
const STEP_SIZE_WINDOW: f64 = 0.15;
/// Points of a chain, and numbers in them, kept for the question whether another metric would have done better.
const POINTS: usize = 300;
const NUMBERS: usize = 1 << 20;

/// Writes one row of a draw: the constrained values at z. Returns whether a learned density was asked outside the region it
/// was trained on, if there is one.
pub(super) type Record = Box<dyn FnMut(&[f64], &mut Vec<f64>) -> Option<bool> + Send>;

/// Says what spoils the log density from one unconstrained point to another, if that is known.
pub(super) type Blame = Box<dyn FnMut(&[f64], &[f64]) -> Option<String> + Send>;

/// What one chain needs.
pub(super) struct ChainPlan {
    pub(super) density: Box<dyn LogDensity>,
    pub(super) record: Record,
    pub(super) blame: Blame,
}

/// What one chain did.
#[derive(Default)]
pub(super) struct ChainOutcome {
    pub(super) draws: ChainDraws,
    /// In how many draws a learned density was asked outside the region it was trained on, if there is one.
    pub(super) outside: Option<usize>,
    /// Why the chain ended before its time.
    pub(super) failure: Option<String>,
    pub(super) reasons: Reasons,
    /// Unconstrained draws with the gradients there, spread over the chain.
    pub(super) points: Option<Points>,
}

/// Runs one chain from `start`.
pub(super) fn run_chain(
    nuts: &Nuts,
    plan: impl FnOnce() -> ChainPlan,
    chain: usize,
    start: &[f64],
    board: &Board<'_>,
) -> ChainOutcome {
    let mut outcome = ChainOutcome::default();
    let run = || {
        let ChainPlan { density, record, blame } = plan();
        let window = Rc::new(RefCell::new(Window::new(density.dim())));
        let target = Target::new(density, window.clone());
        let run = Run { nuts, record, blame, board, chain, window, outcome: &mut outcome };
        let mut stream = nuts.seed.stream(Domain::Chain, chain as u64);
        match nuts.metric {
            Metric::Diagonal => run.drive(diagonal(nuts), target, start, &mut stream),
            Metric::LowRank => run.drive(low_rank(nuts), target, start, &mut stream),
        }
    };
    let ended = catch_unwind(AssertUnwindSafe(run));
    outcome.failure = match ended {
        Ok(Ok(())) => None,
        Ok(Err(reason)) => Some(reason),
        Err(payload) => Some(format!("the model's code panicked: {}", panic_message(payload.as_ref()))),
    };
    // A panic may have come in the middle of a row.
    let ChainDraws { values, statistics } = &mut outcome.draws;
    values.truncate(statistics.len() * board.width);
    outcome
}

fn diagonal(nuts: &Nuts) -> DiagNutsSettings {
    let mut adapt: EuclideanAdaptOptions<DiagAdaptExpSettings> = DiagNutsSettings::default().adapt_options;
    adapt.step_size_settings.target_accept = nuts.target_acceptance;
    settings(DiagNutsSettings { adapt_options: adapt, ..DiagNutsSettings::default() }, nuts)
}

/// The "flow" of `nuts-rs` is our affine map, moved in with the ordinary leapfrog.
fn low_rank(nuts: &Nuts) -> FlowNutsSettings {
    let mut adapt = FlowSettings {
        step_size_window: STEP_SIZE_WINDOW,
        transform_update_freq: LOOK_EVERY,
        // The sampler would keep every draw until the end of the run; we keep what a fit needs ourselves.
        transform_train_max_energy_error: f64::NEG_INFINITY,
        ..FlowSettings::default()
    };
    adapt.step_size_settings.target_accept = nuts.target_acceptance;
    let settings_of_flow = FlowNutsSettings {
        adapt_options: adapt,
        trajectory_kind: KineticEnergyKind::Euclidean,
        ..FlowNutsSettings::default()
    };
    settings(settings_of_flow, nuts)
}

fn settings<A: Debug + Copy + Default + Serialize>(
    defaults: NutsSettings<A>,
    nuts: &Nuts,
) -> NutsSettings<A> {
    NutsSettings {
        num_tune: nuts.warmup as u64,
        num_draws: nuts.draws as u64,
        maxdepth: u64::from(nuts.max_depth),
        num_chains: nuts.chains,
        store_divergences: true,
        store_gradient: true,
        ..defaults
    }
}

struct Run<'a> {
    nuts: &'a Nuts,
    record: Record,
    blame: Blame,
    board: &'a Board<'a>,
    chain: usize,
    window: SharedWindow,
    outcome: &'a mut ChainOutcome,
}

impl Run<'_> {
    /// Draws until the end, the stop or the first failure.
    fn drive<S: Settings>(
        mut self,
        settings: S,
        target: Target,
        start: &[f64],
        stream: &mut Stream,
    ) -> Result<(), String> {
        let math = CpuMath::new(target);
        let mut sampler = settings
            .new_chain(self.chain as u64, math, stream)
            .map_err(|error| in_words(error.downcast_ref(), &error))?;
        sampler.set_position(start).map_err(|error| in_words(error.downcast_ref(), &error))?;
        let mut last: Box<[f64]> = start.into();
        for index in 0..self.nuts.warmup + self.nuts.draws {
            if self.nuts.stop.is_requested() {
                break;
            }
            let drawn = sampler.expanded_draw();
            let (position, _, mut stats, progress) =
                drawn.map_err(|error| in_words(error.downcast_ref(), &error))?;
            let kept = index >= self.nuts.warmup;
            let fits = !kept && self.nuts.metric == Metric::LowRank && position != last;
            // Reading the statistics costs as much as a gradient of a small model: not for draws that nobody asks about.
            if kept || fits {
                let dims = (&*sampler.math()).into();
                let statistics = Statistics(stats.get_all(&dims));
                match kept {
                    true => self.keep(index - self.nuts.warmup, &position, &statistics, &progress)?,
                    false => self.window.borrow_mut().push(&position, statistics.gradient()?),
                }
            }
            self.board.advance(self.chain, &progress, kept);
            last = position;
        }
        Ok(())
    }

    fn keep(
        &mut self,
        draw: usize,
        position: &[f64],
        statistics: &Statistics<'_>,
        progress: &Progress,
    ) -> Result<(), String> {
        let of_draw = statistics.of_draw(progress)?;
        self.keep_point(draw, position, statistics)?;
        let Self { record, outcome: ChainOutcome { draws, outside, .. }, .. } = self;
        if let Some(is_outside) = record(position, &mut draws.values) {
            *outside = Some(outside.unwrap_or(0) + usize::from(is_outside));
        }
        draws.statistics.push(of_draw);
        if of_draw.diverging {
            self.explain(draw, statistics)?;
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Notes why and where a trajectory diverged.
    fn explain(&mut self, draw: usize, statistics: &Statistics<'_>) -> Result<(), String> {
        let (from, to) = (statistics.divergence_start()?, statistics.divergence_end()?);
        let mut reason = statistics.reason()?;
        if statistics.is_energy_error()?
            && let Some(blame) = (self.blame)(from, to)
        {
            reason.push_str(&format!("; {blame}"));
        }
        let mut position = vec![];
        if self.outcome.reasons.wants_position() {
            (self.record)(from, &mut position);
        }
        self.outcome.reasons.add(Divergence { chain: self.chain, draw, reason, position });
        Ok(())
    }

    /// Keeps some of the draws, spread over the chain, in unconstrained space.
    fn keep_point(
        &mut self,
        draw: usize,
        position: &[f64],
        statistics: &Statistics<'_>,
    ) -> Result<(), String> {
        let most = POINTS.min(NUMBERS / position.len());
        if most > 0 && draw.is_multiple_of(self.nuts.draws.div_ceil(most)) {
            let points = self.outcome.points.get_or_insert_with(|| Points::new(position.len()));
            points.push(position, statistics.gradient()?);
        }
        Ok(())
    }
}

/// An error of the sampler. Its own text holds that of the density in a form for programmers; the cause itself is meant
/// for people.
fn in_words(cause: Option<&NutsError>, error: &dyn std::fmt::Display) -> String {
    match cause {
        Some(NutsError::LogpFailure(cause) | NutsError::BadInitGrad(cause)) => cause.to_string(),
        _ => error.to_string(),
    }
}
