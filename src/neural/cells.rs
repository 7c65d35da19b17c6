//! Steps of one dimension for many numbers at once: the driver of [`super::affine_step`] and [`super::spline_step`].
//!
//! A cell is one number `u` of one row with the raw numbers that a network gives it. Cells are taken in blocks of 16, whose raw
//! numbers are turned around (from cell by cell to number by number), so that a formula works on whole vectors of cells.

use super::lanes::{BLOCK, Lanes};
use pulp::{Arch, Simd, WithSimd};

/// A function `y = f(u; raw)`, increasing in `u`, with its derivatives.
pub(crate) trait Step: Copy {
    /// The raw numbers of a cell.
    fn raw_len(self) -> usize;

    /// The numbers that the way back needs of a cell.
    fn kept_len(self) -> usize;

    /// From `u` to `y` and `log dy/du`.
    fn forward<S: Simd>(
        self,
        raw: &Table<'_, S>,
        u: Lanes<S>,
        kept: &mut Table<'_, S>,
    ) -> (Lanes<S>, Lanes<S>);

    /// From the gradients by `y` and by `log dy/du` to those by the raw numbers, written to `by_raw`, and by `u`, returned.
    fn backward<S: Simd>(
        self,
        kept: &Table<'_, S>,
        by_y: Lanes<S>,
        by_log_slope: Lanes<S>,
        by_raw: &mut Table<'_, S>,
    ) -> Lanes<S>;
}

/// One vector of cells of a block: its numbers, each a vector.
pub(crate) struct Table<'a, S: Simd> {
    simd: S,
    numbers: &'a mut [f32],
    at: usize,
}

impl<S: Simd> Table<'_, S> {
    const VECTORS: usize = BLOCK / S::F32_LANES;

    #[inline(always)]
    pub(crate) fn get(&self, number: usize) -> Lanes<S> {
        Lanes::load(self.simd, self.numbers, number * Self::VECTORS + self.at)
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, number: usize, value: Lanes<S>) {
        value.store(self.numbers, number * Self::VECTORS + self.at);
    }
}

/// The cells of a number of rows, with room for all that a pass needs.
#[derive(Clone, Debug)]
pub(crate) struct Cells<T> {
    step: T,
    /// Block by block, `kept_len x 16`.
    kept: Vec<f32>,
    /// The raw numbers of one block or their gradients, `raw_len x 16`.
    raw: Vec<f32>,
}

impl<T: Step> Cells<T> {
    /// Room for a number of cells.
    pub(crate) fn new(step: T, cells: usize) -> Self {
        let kept = vec![0.0; cells.div_ceil(BLOCK) * step.kept_len() * BLOCK];
        Self { step, kept, raw: vec![0.0; step.raw_len() * BLOCK] }
    }

    /// Replaces `u` by `y`; writes the log derivatives.
    pub(crate) fn forward(&mut self, raw: &[f32], u: &mut [f32], log_slope: &mut [f32]) {
        Arch::new().dispatch(Forward { cells: self, raw, u, log_slope });
    }

    /// From the gradients by `y` and by each row's log density (`factors`, one per `width` cells) to those by the raw numbers
    /// and by `u`.
    pub(crate) fn backward(
        &mut self,
        width: usize,
        by_y: &[f32],
        factors: &[f32],
        by_raw: &mut [f32],
        by_u: &mut [f32],
    ) {
        Arch::new().dispatch(Backward { cells: self, width, by_y, factors, by_raw, by_u });
    }
}

struct Forward<'a, T> {
    cells: &'a mut Cells<T>,
    raw: &'a [f32],
    u: &'a mut [f32],
    log_slope: &'a mut [f32],
}

impl<T: Step> WithSimd for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Cells { step, kept, raw: turned } = self.cells;
        let blocks = self.u.chunks_mut(BLOCK).zip(self.log_slope.chunks_mut(BLOCK));
        let given = self.raw.chunks(BLOCK * step.raw_len()).zip(kept.chunks_mut(BLOCK * step.kept_len()));
        for ((u, log_slope), (raw, kept)) in blocks.zip(given) {
            turn(raw, step.raw_len(), turned);
            let (mut u_block, mut slope_block) = ([0.0; BLOCK], [0.0; BLOCK]);
            u_block[..u.len()].copy_from_slice(u);
            for at in 0..BLOCK / S::F32_LANES {
                let raw = Table { simd, numbers: turned, at };
                let mut kept = Table { simd, numbers: kept, at };
                let (y, slope) = step.forward(&raw, Lanes::load(simd, &u_block, at), &mut kept);
                y.store(&mut u_block, at);
                slope.store(&mut slope_block, at);
            }
            u.copy_from_slice(&u_block[..u.len()]);
            log_slope.copy_from_slice(&slope_block[..u.len()]);
        }
    }
}

struct Backward<'a, T> {
    cells: &'a mut Cells<T>,
    width: usize,
    by_y: &'a [f32],
    factors: &'a [f32],
    by_raw: &'a mut [f32],
    by_u: &'a mut [f32],
}

impl<T: Step> WithSimd for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Cells { step, kept, raw: turned } = self.cells;
        let blocks = self.by_u.chunks_mut(BLOCK).zip(self.by_y.chunks(BLOCK));
        let kept = kept.chunks_mut(BLOCK * step.kept_len());
        let given = self.by_raw.chunks_mut(BLOCK * step.raw_len()).zip(kept);
        for (block, ((by_u, by_y), (by_raw, kept))) in blocks.zip(given).enumerate() {
            let (mut y_block, mut factors) = ([0.0; BLOCK], [0.0; BLOCK]);
            y_block[..by_y.len()].copy_from_slice(by_y);
            let first = block * BLOCK;
            for (i, factor) in factors[..by_y.len()].iter_mut().enumerate() {
                *factor = self.factors[(first + i) / self.width];
            }
            for at in 0..BLOCK / S::F32_LANES {
                let kept = Table { simd, numbers: kept, at };
                let mut by_raw = Table { simd, numbers: turned, at };
                let (by_y, factor) = (Lanes::load(simd, &y_block, at), Lanes::load(simd, &factors, at));
                step.backward(&kept, by_y, factor, &mut by_raw).store(&mut y_block, at);
            }
            by_u.copy_from_slice(&y_block[..by_u.len()]);
            turn_back(turned, step.raw_len(), by_raw);
        }
    }
}

/// From cell by cell to number by number; the cells that are missing in a last block become zeros.
#[inline(always)]
fn turn(raw: &[f32], raw_len: usize, turned: &mut [f32]) {
    let (turned, _) = turned.as_chunks_mut::<BLOCK>();
    if raw.len() == raw_len * BLOCK {
        let cells: [&[f32]; BLOCK] = std::array::from_fn(|cell| &raw[cell * raw_len..][..raw_len]);
        for (number, turned) in turned[..raw_len].iter_mut().enumerate() {
            for (turned, cell) in turned.iter_mut().zip(cells) {
                *turned = cell[number];
            }
        }
        return;
    }
    turned.fill([0.0; BLOCK]);
    for (cell, raw) in raw.chunks_exact(raw_len).enumerate() {
        for (turned, raw) in turned.iter_mut().zip(raw) {
            turned[cell] = *raw;
        }
    }
}

/// The reverse.
#[inline(always)]
fn turn_back(turned: &[f32], raw_len: usize, raw: &mut [f32]) {
    let (turned, _) = turned.as_chunks::<BLOCK>();
    for (cell, raw) in raw.chunks_exact_mut(raw_len).take(BLOCK).enumerate() {
        for (turned, raw) in turned.iter().zip(raw) {
            *raw = turned[cell];
        }
    }
}
