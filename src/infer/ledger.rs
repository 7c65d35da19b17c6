//! What all chains have done up to the places where they can be continued.

use super::checkpoint::Checkpoint;
use super::record::Record;
use super::saved_chain::{Adapted, Saved};
use crate::error::Result;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A [`Saved`] chain without its draws.
pub(super) struct State {
    pub(super) position: Vec<f64>,
    pub(super) adapted: Option<Vec<f64>>,
    pub(super) pieces: u64,
    pub(super) made: usize,
}

pub(super) struct Ledger {
    chains: Vec<Mutex<Saved>>,
    checkpoint: Option<Checkpoint>,
}

impl Ledger {
    /// Chains at their starts.
    pub(super) fn new(starts: Vec<Vec<f64>>) -> Self {
        let chains = starts.into_iter().map(|position| Mutex::new(Saved::at(position))).collect();
        Self { chains, checkpoint: None }
    }

    /// Chains with the file that they are written to.
    pub(super) fn with_checkpoint(chains: Vec<Saved>, checkpoint: Checkpoint) -> Self {
        Self { chains: chains.into_iter().map(Mutex::new).collect(), checkpoint: Some(checkpoint) }
    }

    /// Where a chain is.
    pub(super) fn state(&self, chain: usize) -> State {
        let saved = locked(&self.chains[chain]);
        State {
            position: saved.position.clone(),
            adapted: saved.adapted.as_ref().map(|adapted| adapted.0.clone()),
            pieces: saved.pieces,
            made: saved.record.made,
        }
    }

    /// The draws that need not be made again, warm-up included.
    pub(super) fn steps_done(&self, warmup: usize) -> usize {
        let done = |state: State| if state.adapted.is_some() { warmup + state.made } else { 0 };
        (0..self.chains.len()).map(|chain| done(self.state(chain))).sum()
    }

    /// Adds a piece that a chain has made, and writes the file if it is time.
    pub(super) fn write(&self, chain: usize, piece: Record, position: &[f64], adapted: Vec<f64>) {
        {
            let mut saved = locked(&self.chains[chain]);
            saved.record.append(piece, chain);
            saved.position = position.to_vec();
            saved.adapted = Some(Adapted(adapted));
            saved.pieces += 1;
        }
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.write_when_due(|| self.all());
        }
    }

    /// Writes the file, if there is one.
    pub(super) fn write_now(&self) -> Result<()> {
        self.checkpoint.as_ref().map_or(Ok(()), |checkpoint| checkpoint.write(&self.all()))
    }

    /// Writes what is not written yet. Returns what the chains have done, and what went wrong with the file, a sentence.
    pub(super) fn close(self) -> (Vec<Record>, Option<String>) {
        let is_old = self.checkpoint.as_ref().is_some_and(Checkpoint::is_old);
        let failure = is_old.then(|| self.write_now().err()).flatten();
        let spoiled =
            failure.map(|error| format!("The checkpoint could not be written at the end: {error}."));
        let records = self
            .chains
            .into_iter()
            .map(|chain| chain.into_inner().unwrap_or_else(PoisonError::into_inner).record);
        (records.collect(), spoiled)
    }

    fn all(&self) -> Vec<MutexGuard<'_, Saved>> {
        self.chains.iter().map(locked).collect()
    }
}

fn locked(chain: &Mutex<Saved>) -> MutexGuard<'_, Saved> {
    chain.lock().unwrap_or_else(PoisonError::into_inner)
}
