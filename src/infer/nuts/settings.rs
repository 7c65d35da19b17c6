//! The options as `nuts-rs` wants them.

use super::options::Nuts;
use crate::infer::markov::ChainStart;
use nuts_rs::{
    DiagAdaptExpSettings, DiagNutsSettings, EuclideanAdaptOptions, FlowNutsSettings, FlowSettings,
    KineticEnergyKind, NutsSettings, StepSizeAdaptMethod,
};
use serde::Serialize;
use std::fmt::Debug;

/// Warm-up draws between two looks at whether the map of `Metric::LowRank` should be fitted anew.
const LOOK_EVERY: u64 = 10;
/// The last share of the warm-up, in which the map stays and the step size settles.
const STEP_SIZE_WINDOW: f64 = 0.15;

pub(super) fn diagonal(nuts: &Nuts, start: &ChainStart<'_>) -> DiagNutsSettings {
    let mut adapt: EuclideanAdaptOptions<DiagAdaptExpSettings> = DiagNutsSettings::default().adapt_options;
    adapt.step_size_settings.target_accept = nuts.target_acceptance;
    adapt.mass_matrix_options.store_mass_matrix = start.is_continued;
    settings(DiagNutsSettings { adapt_options: adapt, ..DiagNutsSettings::default() }, nuts, start)
}

/// The "flow" of `nuts-rs` is our affine map, moved in with the ordinary leapfrog.
pub(super) fn in_affine_map(nuts: &Nuts, start: &ChainStart<'_>, step_size: Option<f64>) -> FlowNutsSettings {
    let mut adapt = FlowSettings {
        step_size_window: STEP_SIZE_WINDOW,
        transform_update_freq: LOOK_EVERY,
        // The sampler would keep every draw until the end of the run; we keep what a fit needs ourselves.
        transform_train_max_energy_error: f64::NEG_INFINITY,
        ..FlowSettings::default()
    };
    adapt.step_size_settings.target_accept = nuts.target_acceptance;
    if let Some(step_size) = step_size {
        adapt.step_size_settings.adapt_options.method = StepSizeAdaptMethod::Fixed(step_size);
    }
    let settings_of_flow = FlowNutsSettings {
        adapt_options: adapt,
        trajectory_kind: KineticEnergyKind::Euclidean,
        ..FlowNutsSettings::default()
    };
    settings(settings_of_flow, nuts, start)
}

fn settings<A: Debug + Copy + Default + Serialize>(
    defaults: NutsSettings<A>,
    nuts: &Nuts,
    start: &ChainStart<'_>,
) -> NutsSettings<A> {
    NutsSettings {
        num_tune: start.warmup as u64,
        num_draws: start.draws as u64,
        maxdepth: u64::from(nuts.max_depth),
        num_chains: nuts.chains.count,
        store_divergences: true,
        store_gradient: true,
        ..defaults
    }
}
