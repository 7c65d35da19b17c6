//! A density as `nuts-rs` wants it. Its generics are instantiated here, once, so that a user's crate that edits its model
//! does not build the sampler again.
//!
//! For `Metric::LowRank`, and for chains that go on with what others have adapted, the density is also the "flow" that `nuts-rs` moves in: the affine map of [`super::affine`],
//! fitted anew whenever the draws of the warm-up have grown by half, or as it was given.

use super::affine::Affine;
use super::low_rank::Points;
use crate::logdensity::{DensityError, LogDensity};
use nuts_rs::{CpuLogpFunc, CpuMathError, HasDims, LogpError};
use rand::Rng;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The first fit of the map comes after this many draws, and the second after as many again.
const FIRST_FIT: usize = 10;
/// A fit looks at no more draws than this.
const MOST_POINTS: usize = 400;
/// Nor at more numbers than this.
const MOST_NUMBERS: usize = 1 << 22;

/// What warm-up has seen: shared by the chain's loop, which adds to it, and the target, which fits the map.
pub(super) type SharedWindow = Rc<RefCell<Window>>;

/// The draws of the warm-up that the map is fitted to: the latter two thirds of them.
pub(super) struct Window {
    points: Points,
    seen: usize,
    next_fit: usize,
    /// The map in use.
    pub(super) map: Option<Affine>,
}

impl Window {
    pub(super) fn new(dim: usize) -> Self {
        Self { points: Points::new(dim), seen: 0, next_fit: FIRST_FIT, map: None }
    }

    /// Adds a draw that moved, with the gradient there.
    pub(super) fn push(&mut self, draw: &[f64], gradient: &[f64]) {
        self.points.push(draw, gradient);
        self.seen += 1;
        // Room for half as many again, so that the oldest are rarely moved out.
        let most = MOST_POINTS.min(MOST_NUMBERS / self.points.dim).max(2 * FIRST_FIT);
        if self.points.len() > most + most / 2 {
            self.points.keep_last(most);
        }
    }

    /// The map fitted to the latest draws, if it is time for one.
    fn refit(&mut self) -> Option<Affine> {
        if self.seen < self.next_fit {
            return None;
        }
        self.next_fit = (self.seen + FIRST_FIT).max(self.seen * 3 / 2);
        self.points.keep_last(self.seen - self.seen / 3);
        self.points.fit().map(|fit| fit.map)
    }
}

/// One chain's density, type-erased.
pub(super) struct ChainDensity {
    density: Box<dyn LogDensity>,
    window: SharedWindow,
    /// The map that a chain goes on with.
    given: Option<Affine>,
}

impl ChainDensity {
    pub(super) fn new(density: Box<dyn LogDensity>, window: SharedWindow, given: Option<Affine>) -> Self {
        Self { density, window, given }
    }
}

/// A [`DensityError`] on its way through the sampler. Its `Debug` is its `Display`, since the sampler writes the former.
pub(super) struct ChainError(DensityError);

impl std::fmt::Display for ChainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for ChainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ChainError {}

impl LogpError for ChainError {
    fn is_recoverable(&self) -> bool {
        self.0.is_recoverable()
    }
}

impl HasDims for ChainDensity {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_string(), self.density.dim() as u64)])
    }
}

impl CpuLogpFunc for ChainDensity {
    type LogpError = ChainError;
    type FlowParameters = Affine;
    type ExpandedVector = ();

    fn dim(&self) -> usize {
        self.density.dim()
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, ChainError> {
        self.density.log_density_and_gradient(position, gradient).map_err(ChainError)
    }

    fn expand_vector<R: Rng + ?Sized>(&mut self, _: &mut R, _: &[f64]) -> Result<(), CpuMathError> {
        Ok(())
    }

    fn new_transformation<R: Rng + ?Sized>(
        &mut self,
        _: &mut R,
        dim: usize,
        _: u64,
    ) -> Result<Affine, ChainError> {
        Ok(Affine::at(&vec![0.0; dim], &vec![1.0; dim]))
    }

    fn init_transformation<R: Rng + ?Sized>(
        &mut self,
        _: &mut R,
        position: &[f64],
        gradient: &[f64],
        _: u64,
    ) -> Result<Affine, ChainError> {
        let first = self.given.clone().unwrap_or_else(|| Affine::at(position, gradient));
        let map = Affine { version: 1, ..first };
        self.window.borrow_mut().map = Some(map.clone());
        Ok(map)
    }

    fn update_transformation<'a, R: Rng + ?Sized>(
        &'a mut self,
        _: &mut R,
        _: impl ExactSizeIterator<Item = &'a [f64]>,
        _: impl ExactSizeIterator<Item = &'a [f64]>,
        _: impl ExactSizeIterator<Item = &'a f64>,
        map: &'a mut Affine,
    ) -> Result<(), ChainError> {
        let mut window = self.window.borrow_mut();
        if let Some(fitted) = window.refit() {
            *map = Affine { version: map.version + 1, ..fitted };
            window.map = Some(map.clone());
        }
        Ok(())
    }

    fn transformation_id(&self, map: &Affine) -> Result<i64, ChainError> {
        Ok(map.version)
    }

    fn inv_transform_normalize(
        &mut self,
        map: &Affine,
        x: &[f64],
        by_x: &[f64],
        y: &mut [f64],
        by_y: &mut [f64],
    ) -> Result<f64, ChainError> {
        map.backward(x, y);
        map.gradient(by_x, by_y);
        Ok(map.log_determinant)
    }

    fn init_from_untransformed_position(
        &mut self,
        map: &Affine,
        x: &[f64],
        by_x: &mut [f64],
        y: &mut [f64],
        by_y: &mut [f64],
        _: Option<f64>,
    ) -> Result<(f64, f64), ChainError> {
        let value = self.logp(x, by_x)?;
        Ok((value, self.inv_transform_normalize(map, x, by_x, y, by_y)?))
    }

    fn init_from_transformed_position(
        &mut self,
        map: &Affine,
        x: &mut [f64],
        by_x: &mut [f64],
        y: &[f64],
        by_y: &mut [f64],
        _: Option<f64>,
    ) -> Result<(f64, f64), ChainError> {
        map.forward(y, x);
        let value = self.logp(x, by_x)?;
        map.gradient(by_x, by_y);
        Ok((value, map.log_determinant))
    }
}
