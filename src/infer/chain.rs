//! One chain from start to end.

use super::nuts::{Metric, Nuts};
use super::start::starting_point;
use super::target::Target;
use crate::draws::{ChainDraws, DrawStatistics};
use crate::error::{Error, ErrorKind, Result};
use crate::logdensity::LogDensity;
use crate::progress::Reporter;
use crate::seed::{Domain, Stream};
use nuts_rs::{
    Chain, CpuMath, DiagNutsSettings, LowRankNutsSettings, NutsSettings, Progress, Settings, Storable, Value,
};
use serde::Serialize;
use std::fmt::Debug;

/// Writes one row of a draw: the constrained values at z. Returns whether a learned density was asked outside the region it
/// was trained on, if there is one.
pub(super) type Record = Box<dyn FnMut(&[f64], &mut Vec<f64>) -> Option<bool> + Send>;

/// What one chain needs.
pub(super) struct ChainPlan {
    pub(super) density: Box<dyn LogDensity>,
    pub(super) record: Record,
}

/// What one chain did.
pub(super) struct ChainOutcome {
    pub(super) draws: ChainDraws,
    /// In how many draws a learned density was asked outside the region it was trained on, if there is one.
    pub(super) outside: Option<usize>,
    /// Why the chain ended before its time.
    pub(super) failure: Option<String>,
}

/// Runs one chain.
///
/// # Errors
/// When it cannot start. What goes wrong later ends the chain and keeps its draws.
pub(super) fn run_chain(
    nuts: &Nuts,
    plan: ChainPlan,
    chain: u64,
    reporter: &Reporter,
) -> Result<ChainOutcome> {
    let ChainPlan { mut density, record } = plan;
    let start = starting_point(density.as_mut(), &mut nuts.seed.stream(Domain::Start, chain))?;
    let mut stream = nuts.seed.stream(Domain::Chain, chain);
    let draws = ChainDraws::default();
    let run =
        Run { nuts, start, record, reporter, outcome: ChainOutcome { draws, outside: None, failure: None } };
    match nuts.metric {
        Metric::Diagonal => {
            let mut settings = settings::<_>(DiagNutsSettings::default(), nuts);
            settings.adapt_options.step_size_settings.target_accept = nuts.target_acceptance;
            run.drive(settings, density, chain, &mut stream)
        }
        Metric::LowRank => {
            let mut settings = settings::<_>(LowRankNutsSettings::default(), nuts);
            settings.adapt_options.step_size_settings.target_accept = nuts.target_acceptance;
            run.drive(settings, density, chain, &mut stream)
        }
    }
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
        ..defaults
    }
}

struct Run<'a> {
    nuts: &'a Nuts,
    start: Vec<f64>,
    record: Record,
    reporter: &'a Reporter,
    outcome: ChainOutcome,
}

impl Run<'_> {
    fn drive<S: Settings>(
        mut self,
        settings: S,
        density: Box<dyn LogDensity>,
        chain: u64,
        stream: &mut Stream,
    ) -> Result<ChainOutcome> {
        let math = CpuMath::new(Target(density));
        let mut sampler =
            settings.new_chain(chain, math, stream).map_err(|error| cannot_start(&error.to_string()))?;
        sampler.set_position(&self.start).map_err(|error| cannot_start(&error.to_string()))?;
        for index in 0..self.nuts.warmup + self.nuts.draws {
            if self.nuts.stop.is_requested() {
                break;
            }
            let (position, _, mut stats, progress) = match sampler.expanded_draw() {
                Ok(draw) => draw,
                Err(error) => {
                    self.outcome.failure = Some(error.to_string());
                    break;
                }
            };
            if index >= self.nuts.warmup {
                let statistics = statistics(&progress, &stats.get_all(&(&*sampler.math()).into()));
                self.keep(&position, statistics);
            }
            self.reporter.advance(1);
        }
        Ok(self.outcome)
    }

    fn keep(&mut self, position: &[f64], statistics: DrawStatistics) {
        let ChainOutcome { draws, outside, .. } = &mut self.outcome;
        if let Some(is_outside) = (self.record)(position, &mut draws.values) {
            *outside = Some(outside.unwrap_or(0) + usize::from(is_outside));
        }
        draws.statistics.push(statistics);
    }
}

fn cannot_start(reason: &str) -> Error {
    Error::new(
        ErrorKind::Sampling,
        format!("expected the chain to start, got an error of the sampler: {reason}"),
    )
}

/// Our statistics from the sampler's, which come by name.
fn statistics(progress: &Progress, all: &[(&str, Option<Value>)]) -> DrawStatistics {
    let find = |name: &str| all.iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.as_ref());
    let number = |name: &str| match find(name) {
        Some(Value::ScalarF64(number)) => *number,
        _ => f64::NAN,
    };
    DrawStatistics {
        diverging: progress.diverging,
        depth: match find("depth") {
            Some(Value::ScalarU64(depth)) => *depth as u32,
            _ => 0,
        },
        max_depth_reached: matches!(find("maxdepth_reached"), Some(Value::ScalarBool(true))),
        energy: number("energy"),
        log_density: number("logp"),
        step_size: progress.step_size,
        acceptance: number("mean_tree_accept"),
        gradients: progress.num_gradients as u32,
    }
}
