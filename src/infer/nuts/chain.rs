//! One chain of `nuts-rs`.
//!
//! In warm-up it adapts its step size and its coordinates. A chain that goes on from what another has adapted moves in an affine map, whichever
//! metric found it, and keeps both.

use super::adapted::Adapted;
use super::affine::Affine;
use super::density::{ChainDensity, SharedWindow, Window};
use super::metric::Metric;
use super::options::Nuts;
use super::settings;
use super::statistics::{Diagonal, Statistics};
use crate::infer::markov::{ChainStart, Diverged, LastDraw, MarkovChain};
use nuts_rs::{Chain, CpuMath, NutsError, Progress, Settings, Storable};
use std::cell::RefCell;
use std::rc::Rc;

type Math = CpuMath<ChainDensity>;

/// A chain at its start.
pub(super) fn begin<'a>(nuts: &'a Nuts, start: ChainStart<'a>) -> Result<Box<dyn MarkovChain + 'a>, String> {
    let dim = start.density.dim();
    let window = Rc::new(RefCell::new(Window::new(dim)));
    let Some(numbers) = start.adapted else {
        let learning = Learning::new(Some(nuts.metric), window);
        return match nuts.metric {
            Metric::Diagonal => new(settings::diagonal(nuts, &start), start, learning),
            Metric::LowRank => new(settings::in_affine_map(nuts, &start, None), start, learning),
        };
    };
    let Some(Adapted { step_size, map }) = Adapted::of_numbers(numbers, dim) else {
        return Err("expected a step size and a mass matrix to go on with, got other numbers".into());
    };
    let settings = settings::in_affine_map(nuts, &start, Some(step_size));
    new(settings, start, Learning { step_size, map: Some(map), ..Learning::new(None, window) })
}

/// What is being adapted.
struct Learning {
    window: SharedWindow,
    /// What warm-up adapts; `None` for a chain that has no warm-up.
    metric: Option<Metric>,
    step_size: f64,
    /// The map, where it is not the window's.
    map: Option<Affine>,
}

impl Learning {
    fn new(metric: Option<Metric>, window: SharedWindow) -> Self {
        Self { window, metric, step_size: f64::NAN, map: None }
    }

    /// Notes what the sampler says of a draw of the warm-up.
    fn note(&mut self, statistics: &Statistics<'_>) -> Result<(), String> {
        self.step_size = statistics.adapted_step_size()?;
        if self.metric == Some(Metric::Diagonal)
            && let Some(Diagonal { scale, location }) = statistics.diagonal()?
        {
            self.map = Some(Affine::new(location.to_vec(), scale.to_vec(), vec![], vec![]));
        }
        Ok(())
    }

    fn adapted(&self) -> Option<Adapted> {
        let map = self.map.clone().or_else(|| self.window.borrow().map.clone())?;
        Some(Adapted { step_size: self.step_size, map })
    }
}

fn new<'a, S: Settings>(
    settings: S,
    start: ChainStart<'a>,
    learning: Learning,
) -> Result<Box<dyn MarkovChain + 'a>, String> {
    let ChainStart { chain, density, position, warmup, mut stream, is_continued, .. } = start;
    let math = CpuMath::new(ChainDensity::new(density, learning.window.clone(), learning.map.clone()));
    let mut sampler = settings
        .new_chain(chain as u64, math, &mut stream)
        .map_err(|error| in_words(error.downcast_ref(), &error))?;
    sampler.set_position(position).map_err(|error| in_words(error.downcast_ref(), &error))?;
    let (position, last) = (position.into(), None);
    Ok(Box::new(NutsChain { sampler, last, position, learning, warmup, is_continued, can_begin: false }))
}

struct NutsChain<C: Chain<Math>> {
    sampler: C,
    /// What the sampler says of the last draw.
    last: Option<(C::Stats, Progress)>,
    position: Box<[f64]>,
    learning: Learning,
    /// Draws of the warm-up that are left.
    warmup: usize,
    /// Whether it will be asked for what it adapted.
    is_continued: bool,
    /// Whether a chain can begin at the last draw whose statistics were read: no part of the gradient is 0.
    can_begin: bool,
}

impl<C: Chain<Math>> NutsChain<C> {
    /// Reads what the sampler says of the last draw, which costs as much as a gradient of a small model.
    fn read<T>(
        &mut self,
        read: impl FnOnce(&Statistics<'_>, &Progress, &[f64], &mut Learning) -> Result<T, String>,
    ) -> Result<T, String> {
        let (stats, progress) = self.last.as_mut().ok_or("the sampler has made no draw yet")?;
        let dims = (&*self.sampler.math()).into();
        let statistics = Statistics(stats.get_all(&dims));
        self.can_begin = statistics.gradient()?.iter().all(|slope| *slope != 0.0);
        read(&statistics, progress, &self.position, &mut self.learning)
    }

    /// Adapts what is not the sampler's own business, and notes what is.
    fn learn(&mut self, moved: bool) -> Result<(), String> {
        let (is_continued, fits) =
            (self.is_continued, moved && self.learning.metric == Some(Metric::LowRank));
        if !is_continued && !fits {
            return Ok(());
        }
        self.read(|statistics, _, position, learning| {
            if fits {
                learning.window.borrow_mut().push(position, statistics.gradient()?);
            }
            if is_continued { learning.note(statistics) } else { Ok(()) }
        })
    }
}

impl<C: Chain<Math>> MarkovChain for NutsChain<C> {
    fn advance(&mut self) -> Result<(), String> {
        let drawn = self.sampler.expanded_draw();
        let (position, _, stats, progress) = drawn.map_err(|error| in_words(error.downcast_ref(), &error))?;
        let moved = position != self.position;
        self.position = position;
        self.last = Some((stats, progress));
        if self.warmup > 0 {
            self.warmup -= 1;
            self.learn(moved)?;
        }
        Ok(())
    }

    fn position(&self) -> &[f64] {
        &self.position
    }

    fn last_draw(&mut self, draw: &mut LastDraw) -> Result<(), String> {
        self.read(|statistics, progress, _, _| {
            let of_draw = statistics.of_draw(progress)?;
            draw.statistics.extend(of_draw.numbers());
            draw.gradient.extend_from_slice(statistics.gradient()?);
            if of_draw.diverging {
                draw.divergence = Some(Diverged {
                    reason: statistics.reason()?,
                    from: statistics.divergence_start()?.to_vec(),
                    to: statistics.divergence_end()?.to_vec(),
                    finite: statistics.is_energy_error()?,
                });
            }
            Ok(())
        })
    }

    fn adapted(&self) -> Option<Vec<f64>> {
        let ready = self.is_continued && self.warmup == 0 && self.can_begin;
        ready.then(|| self.learning.adapted())?.map(|adapted| adapted.numbers())
    }

    fn step_size(&self) -> Option<f64> {
        self.last.as_ref().map(|(_, progress)| progress.step_size)
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
