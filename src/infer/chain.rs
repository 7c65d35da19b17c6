//! One chain from start to end.
//!
//! Whatever happens inside ends this chain alone: an error of the density, a statistic the sampler no longer has, a panic
//! in a user's density or node, which is caught here. The draws made before it are kept in every case.
//!
//! A run with a checkpoint is made of pieces: the warm-up, then `checkpoint_every` draws at a time. At the end of a piece the chain is dropped, and the
//! next one begins with nothing but what is written: position, what was adapted, and a stream of its own. So a chain that
//! is taken up from a file does what it would have done. Without a checkpoint all is one piece.

use super::board::Board;
use super::chains::Chains;
use super::coordinates::Coordinates;
use super::ledger::Ledger;
use super::markov::{ChainSampler, ChainStart, LastDraw, MarkovChain};
use super::record::Record;
use super::target::Target;
use crate::draws::Divergence;
use crate::error::panic_message;
use crate::seed::Domain;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Points of a chain, and numbers in them, kept for what there is to say of it afterwards.
const POINTS: usize = 300;
const NUMBERS: usize = 1 << 20;

/// What all chains of a run share.
pub(super) struct Run<'a> {
    pub(super) options: &'a Chains,
    pub(super) sampler: &'a dyn ChainSampler,
    pub(super) target: &'a Target<'a>,
    pub(super) board: &'a Board<'a>,
    pub(super) ledger: &'a Ledger,
}

/// How a piece of a chain ended.
enum End {
    /// There is no more to do.
    Done,
    /// The next piece can begin.
    Next,
}

impl Run<'_> {
    /// Runs one chain to its end. Returns the draws of the last piece, which are not in the ledger, and why the chain ended before its time.
    pub(super) fn run_chain(&self, chain: usize) -> (Record, Option<String>) {
        let mut piece = Record::default();
        let run = || loop {
            piece = Record::with_columns(&self.sampler.statistics());
            if let End::Done = self.piece(chain, &mut piece)? {
                return Ok(());
            }
        };
        let failure = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => None,
            Ok(Err(reason)) => Some(reason),
            Err(payload) => Some(format!("the model's code panicked: {}", panic_message(payload.as_ref()))),
        };
        // A panic may have come in the middle of a row.
        piece.cut(self.board.width);
        (piece, failure)
    }

    /// Draws until the piece, the run or the chain ends.
    fn piece(&self, chain: usize, piece: &mut Record) -> Result<End, String> {
        let options = self.options;
        let from = self.ledger.state(chain);
        let left = options.draws.saturating_sub(from.made);
        if left == 0 {
            return Ok(End::Done);
        }
        let warmup = if from.adapted.is_none() { options.warmup } else { 0 };
        let mut markov = self.sampler.chain(ChainStart {
            chain,
            density: self.target.density(),
            position: &from.position,
            adapted: from.adapted.as_deref(),
            warmup,
            draws: left,
            stream: options.seed.stream(Domain::Chain, chain as u64 | from.pieces << 32),
            is_continued: options.checkpoint.is_some(),
        })?;
        for _ in 0..warmup {
            if options.stop.is_requested() {
                return Ok(End::Done);
            }
            markov.advance()?;
            self.board.advance(chain, markov.step_size(), false);
        }
        if warmup > 0 && self.is_written(chain, markov.as_ref(), piece) {
            return Ok(End::Next);
        }
        let mut kept = Kept::new(self, chain, from.made);
        while piece.made < left && !options.stop.is_requested() {
            markov.advance()?;
            kept.keep(markov.as_mut(), piece)?;
            if piece.made >= options.checkpoint_every && self.is_written(chain, markov.as_ref(), piece) {
                return Ok(End::Next);
            }
        }
        Ok(End::Done)
    }

    /// Puts a piece into the ledger, if there is a checkpoint and a chain can begin where this one is.
    fn is_written(&self, chain: usize, markov: &dyn MarkovChain, piece: &mut Record) -> bool {
        let adapted = self.options.checkpoint.as_ref().and_then(|_| markov.adapted());
        let can = adapted.is_some();
        if let Some(adapted) = adapted {
            self.ledger.write(chain, std::mem::take(piece), markov.position(), adapted);
        }
        can
    }
}

/// What turns a chain's positions into draws.
struct Kept<'a> {
    run: &'a Run<'a>,
    coordinates: Box<dyn Coordinates + 'a>,
    chain: usize,
    /// The draws of the pieces before.
    before: usize,
    said: LastDraw,
}

impl<'a> Kept<'a> {
    fn new(run: &'a Run<'a>, chain: usize, before: usize) -> Self {
        Self { run, coordinates: run.target.coordinates(), chain, before, said: LastDraw::default() }
    }

    /// Adds the chain's last draw to the piece.
    fn keep(&mut self, markov: &mut dyn MarkovChain, piece: &mut Record) -> Result<(), String> {
        self.said.clear();
        markov.last_draw(&mut self.said)?;
        let position = markov.position();
        let draw = self.before + piece.made;
        self.keep_point(draw, position, piece);
        if let Some(is_outside) = self.coordinates.draw(position, &mut piece.draws.values) {
            piece.outside = Some(piece.outside.unwrap_or(0) + usize::from(is_outside));
        }
        piece.draws.push_statistics(&self.said.statistics);
        piece.made += 1;
        self.run.board.advance(self.chain, markov.step_size(), self.said.divergence.is_some());
        self.explain(draw, piece);
        Ok(())
    }

    /// Notes why and where a trajectory diverged.
    fn explain(&mut self, draw: usize, piece: &mut Record) {
        let Some(diverged) = self.said.divergence.take() else { return };
        let mut reason = diverged.reason;
        if diverged.finite
            && let Some(blame) = self.coordinates.blame(&diverged.from, &diverged.to)
        {
            reason.push_str(&format!("; {blame}"));
        }
        let mut position = vec![];
        if piece.reasons.wants_position() {
            self.coordinates.draw(&diverged.from, &mut position);
        }
        piece.reasons.add(Divergence { chain: self.chain, draw, reason, position });
    }

    /// Keeps some of the draws, spread over the chain, in unconstrained space.
    fn keep_point(&self, draw: usize, position: &[f64], piece: &mut Record) {
        let most = POINTS.min(NUMBERS / position.len());
        if most > 0 && draw.is_multiple_of(self.run.options.draws.div_ceil(most)) {
            piece.positions.extend_from_slice(position);
            piece.gradients.extend_from_slice(&self.said.gradient);
        }
    }
}
