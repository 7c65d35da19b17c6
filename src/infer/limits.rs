//! The check of the sampler's options.

use super::nuts::Nuts;
use crate::draws::DrawStatistics;
use crate::error::{Error, ErrorKind, Result};

/// More warm-up than this is a slip of the keyboard.
const LONGEST_WARMUP: u64 = 1 << 32;
/// Threads beyond the cores are of use where a density waits for something; beyond this they are not.
const MOST_THREADS: usize = 256;

impl Nuts {
    /// Checks every option once; `width` is the number of scalars of a draw.
    ///
    /// # Errors
    /// [`ErrorKind::Options`], with what was expected.
    pub(super) fn check(&self, width: usize) -> Result<()> {
        let last = self.start.last_chain();
        let rules = [
            (self.chains >= 1, format!("expected at least 1 chain, got {}", self.chains)),
            (self.draws >= 1, format!("expected at least 1 draw per chain, got {}", self.draws)),
            (
                self.warmup >= 20,
                format!("expected at least 20 warm-up draws to adapt the step size, got {}", self.warmup),
            ),
            (
                self.warmup as u64 <= LONGEST_WARMUP,
                format!("expected at most 2^32 warm-up draws, got {}", self.warmup),
            ),
            (
                self.target_acceptance > 0.5 && self.target_acceptance < 1.0,
                format!("expected a target acceptance above 0.5 and below 1, got {}", self.target_acceptance),
            ),
            (
                (1..=20).contains(&self.max_depth),
                format!("expected a maximal depth from 1 to 20, got {}", self.max_depth),
            ),
            (self.threads != Some(0), "expected at least 1 thread, got 0".to_string()),
            (
                last.is_none_or(|chain| chain < self.chains),
                format!(
                    "expected starts for chains below {}, got one for chain {}",
                    self.chains,
                    last.unwrap_or(0)
                ),
            ),
        ];
        let broken = rules.into_iter().find(|(holds, _)| !holds).map(|(_, message)| message);
        match broken.or_else(|| self.too_large(width)) {
            Some(message) => {
                Err(Error::new(ErrorKind::Options, format!("{message}; see the options of Nuts")))
            }
            None => Ok(()),
        }
    }

    /// Whether the draws have no room in memory.
    fn too_large(&self, width: usize) -> Option<String> {
        let bytes = width
            .checked_mul(size_of::<f64>())
            .and_then(|bytes| bytes.checked_add(size_of::<DrawStatistics>()))
            .and_then(|bytes| bytes.checked_mul(self.draws))
            .and_then(|bytes| bytes.checked_mul(self.chains));
        let fits = bytes.is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        (!fits).then(|| {
            format!(
                "expected draws that fit into memory, got {} chains of {} draws of {width} numbers; draw fewer, or keep fewer \
                 sites",
                self.chains, self.draws
            )
        })
    }

    /// How many threads run the chains.
    pub(super) fn thread_count(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or(cores).min(self.chains).min(cores.max(MOST_THREADS))
    }
}
