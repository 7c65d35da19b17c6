//! What the chains show while they run: draws done, and per chain its step size and its divergences.

use crate::progress::Reporter;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// More chains than this are not told apart.
const MOST_CHAINS: usize = 8;

/// The board that all chains of a run write to.
pub(super) struct Board<'a> {
    reporter: &'a Reporter,
    chains: Vec<Shown>,
    /// The scalars of a draw.
    pub(super) width: usize,
}

/// A chain as the board shows it. Its numbers need not be of the same draw.
#[derive(Default)]
struct Shown {
    /// The bits of the step size; 0 before the first draw.
    step_size: AtomicU64,
    divergences: AtomicU32,
}

impl<'a> Board<'a> {
    pub(super) fn new(reporter: &'a Reporter, chains: usize, width: usize) -> Self {
        Self { reporter, chains: (0..chains).map(|_| Shown::default()).collect(), width }
    }

    /// Draws that were made before this run.
    pub(super) fn skip(&self, draws: usize) {
        self.reporter.advance(draws as u64);
    }

    /// One draw more of a chain. Divergences during warm-up are part of adaptation and are not shown.
    pub(super) fn advance(&self, chain: usize, step_size: Option<f64>, has_diverged: bool) {
        let shown = &self.chains[chain];
        shown.step_size.store(step_size.unwrap_or(0.0).to_bits(), Ordering::Relaxed);
        if has_diverged {
            shown.divergences.fetch_add(1, Ordering::Relaxed);
        }
        self.reporter.advance_with(1, || self.note());
    }

    /// "divergences 0, 3, 0, 0; step size 0.31, 0.29, 0.33, -": the last chain has not begun.
    fn note(&self) -> String {
        let divergences: Vec<u32> =
            self.chains.iter().map(|chain| chain.divergences.load(Ordering::Relaxed)).collect();
        let step = |chain: &Shown| match f64::from_bits(chain.step_size.load(Ordering::Relaxed)) {
            0.0 => "-".to_string(),
            step if step < 0.01 => format!("{step:.1e}"),
            step => format!("{step:.2}"),
        };
        let total: u32 = divergences.iter().sum();
        let each: Vec<String> = divergences.iter().map(u32::to_string).collect();
        let mut note = match total {
            0 => "no divergences".to_string(),
            _ if self.chains.len() <= MOST_CHAINS => format!("divergences {}", each.join(", ")),
            _ => format!("{total} divergences"),
        };
        let steps: Vec<String> = self.chains.iter().take(MOST_CHAINS).map(step).collect();
        note.push_str(&format!("; step size {}", steps.join(", ")));
        if self.chains.len() > MOST_CHAINS {
            note.push_str(", ...");
        }
        note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_has_step_size_and_divergences_of_each_chain() {
        let reporter = crate::Progress::Hidden.start("sampling", 2);
        let board = Board::new(&reporter, 3, 1);
        board.chains[0].step_size.store(0.25_f64.to_bits(), Ordering::Relaxed);
        assert_eq!(board.note(), "no divergences; step size 0.25, -, -");
        board.chains[1].step_size.store(0.0004_f64.to_bits(), Ordering::Relaxed);
        board.chains[1].divergences.store(7, Ordering::Relaxed);
        assert_eq!(board.note(), "divergences 0, 7, 0; step size 0.25, 4.0e-4, -");
    }
}
