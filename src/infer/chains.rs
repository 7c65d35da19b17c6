//! The options that everything which runs chains has in common.

use super::given::GivenStart;
use crate::draws::DrawStatistics;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Progress;
use crate::seed::Seed;
use crate::stop::Stop;
use std::path::PathBuf;

/// More warm-up than this is a slip of the keyboard.
const LONGEST_WARMUP: u64 = 1 << 32;
/// Threads beyond the cores are of use where a density waits for something; beyond this they are not.
const MOST_THREADS: usize = 256;

/// How chains are run, whatever sampler makes them.
///
/// | option | default | meaning | range |
/// |---|---|---|---|
/// | `chains` | 4 | independent chains | 1 or more |
/// | `warmup` | 1000 | draws per chain for adaptation, not kept | 0 to 2^32; NUTS wants 20 |
/// | `draws` | 1000 | draws per chain that are kept | 1 or more, as many as there is memory for |
/// | `seed` | 0 | the root of all random numbers | |
/// | `threads` | all cores | how many chains run at once | 1 or more; no more than chains, nor than 256 or the cores |
/// | `progress` | a bar on a terminal | see [`Progress`] | |
/// | `stop` | never | a flag that ends the run early and keeps what is done | |
/// | `start` | chosen | where chains start | |
/// | `checkpoint` | none | a file that a run which was ended is continued from, see [`Chains::checkpoint`] | |
/// | `checkpoint_every` | 100 | the draws after which a chain can be continued | 1 or more |
///
/// A sampler has these options as its own: `Nuts::default().chains(2).seed(1)`. To use the same ones in several samplers, make them once and hand them
/// over ([`Nuts::with_chains`](super::Nuts::with_chains)).
///
/// # Examples
/// ```
/// use mynah::infer::Chains;
/// use mynah::prelude::*;
/// let chains = Chains::default().chains(2).draws(500).seed(1);
/// let (diagonal, low_rank) =
///     (Nuts::default().with_chains(chains.clone()), Nuts::default().metric(Metric::LowRank).with_chains(chains));
/// # let _ = (diagonal, low_rank);
/// ```
#[derive(Clone, Debug)]
pub struct Chains {
    pub(super) count: usize,
    pub(super) warmup: usize,
    pub(super) draws: usize,
    pub(super) seed: Seed,
    pub(super) threads: Option<usize>,
    pub(super) progress: Progress,
    pub(super) stop: Stop,
    pub(super) start: GivenStart,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) checkpoint_every: usize,
}

impl Default for Chains {
    fn default() -> Self {
        Self {
            count: 4,
            warmup: 1000,
            draws: 1000,
            seed: Seed(0),
            threads: None,
            progress: Progress::Auto,
            stop: Stop::new(),
            start: GivenStart::default(),
            checkpoint: None,
            checkpoint_every: 100,
        }
    }
}

/// The setters of [`Chains`], for itself and for a sampler that has one in a field of that name.
macro_rules! chain_options {
    ($($chains:ident)?) => {
        /// The number of independent chains.
        pub fn chains(mut self, chains: usize) -> Self {
            self.$($chains.)?count = chains;
            self
        }

        /// Draws per chain for adaptation.
        pub fn warmup(mut self, warmup: usize) -> Self {
            self.$($chains.)?warmup = warmup;
            self
        }

        /// Draws per chain that are kept.
        pub fn draws(mut self, draws: usize) -> Self {
            self.$($chains.)?draws = draws;
            self
        }

        /// The seed.
        pub fn seed(mut self, seed: impl Into<$crate::Seed>) -> Self {
            self.$($chains.)?seed = seed.into();
            self
        }

        /// How many chains run at once.
        pub fn threads(mut self, threads: usize) -> Self {
            self.$($chains.)?threads = Some(threads);
            self
        }

        /// How the run shows how far it is.
        pub fn progress(mut self, progress: $crate::Progress) -> Self {
            self.$($chains.)?progress = progress;
            self
        }

        /// The flag that ends the run early.
        pub fn stop(mut self, stop: &$crate::Stop) -> Self {
            self.$($chains.)?stop = stop.clone();
            self
        }

        /// Where all chains start: values by site, in the parameters' own space, flat in the order of the site's plates. Sites
        /// that are not named start as they would have. A hand-written density has one site, `z`.
        ///
        /// # Examples
        /// ```
        /// use mynah::prelude::*;
        ///
        /// #[model]
        /// fn groups(y: &[f64]) {
        ///     sample!(scale ~ HalfNormal(2.0));
        ///     plate!(groups = y.len(), {
        ///         sample!(mean ~ Normal(0.0, scale));
        ///         sample!(y ~ Normal(mean, 1.0), observed = y);
        ///     });
        /// }
        /// let nuts = Nuts::default()
        ///     .start(&[("scale", &[1.5]), ("mean", &[0.0, 0.0])])
        ///     .start_chain(3, &[("mean", &[2.0, -2.0])]);
        /// let posterior = groups(&[0.3, -0.9])?.sample(&nuts.draws(200))?;
        /// # assert_eq!(posterior.chains(), 4);
        /// # Ok::<(), mynah::Error>(())
        /// ```
        ///
        /// [`Model::sample`](crate::Model::sample) returns an error when there is no unknown of such a name, when the values are not as many as the
        /// site has elements, when one is not in the site's support, and when the log density is not finite there.
        pub fn start(mut self, values: &[(&str, &[f64])]) -> Self {
            self.$($chains.)?start.add(None, values);
            self
        }

        /// Where one chain starts, counted from 0; this wins over `start`.
        pub fn start_chain(mut self, chain: usize, values: &[(&str, &[f64])]) -> Self {
            self.$($chains.)?start.add(Some(chain), values);
            self
        }

        /// A file for what is done, from which the same call goes on where an earlier one was ended: by a stop, an error, a kill or a loss of power.
        /// A run with more `draws` goes on too. At the end the file stays: delete it, or name another, to sample anew.
        ///
        /// A chain can be continued from the end of its warm-up and after every `checkpoint_every` draws: there, *whether or not* it is ended, it begins anew from its
        /// position, step size and mass matrix with random numbers of its own. So the draws of a run that was ended and continued are, bit for bit,
        /// those of one that was not; they are not those of a run without a checkpoint. What comes after the last such place is
        /// lost with the process, as is a warm-up that was not complete.
        /// The file is written when a chain gets to such a place, but for no more than a twentieth of the time; it is replaced once it is complete, so
        /// that there is always a whole one.
        ///
        /// The file is continued only by the same sampler, options, seed and version of this crate, and for the same model and data: the log density, its
        /// gradient and all values at the chains' starts must be what they were. Anything else is refused. While a run uses
        /// the file, `NAME.lock` beside it keeps others out; that file is empty and stays.
        ///
        /// # Examples
        /// ```
        /// use mynah::prelude::*;
        ///
        /// #[model]
        /// fn coin(heads: &[u64]) {
        ///     sample!(p ~ Beta(1.0, 1.0));
        ///     plate!(tosses = heads.len(), {
        ///         sample!(toss ~ Bernoulli(p), observed = heads);
        ///     });
        /// }
        /// let path = std::env::temp_dir().join(format!("coin-{}.chains", std::process::id()));
        /// let nuts = Nuts::default().chains(2).warmup(200).seed(1).checkpoint(&path);
        /// let model = coin(&[1, 0, 1, 1])?;
        /// let some = model.sample(&nuts.clone().draws(300))?;
        /// // The next day, in another process: 700 more of each chain.
        /// let all = model.sample(&nuts.draws(1000))?;
        /// assert_eq!(some.column("p")?[1], &all.column("p")?[1][..300]);
        /// # std::fs::remove_file(&path).unwrap();
        /// # std::fs::remove_file(path.with_extension("chains.lock")).unwrap();
        /// # Ok::<(), mynah::Error>(())
        /// ```
        pub fn checkpoint(mut self, path: impl Into<std::path::PathBuf>) -> Self {
            self.$($chains.)?checkpoint = Some(path.into());
            self
        }

        /// The draws of a chain after which it can be continued from the checkpoint. The draws depend on it.
        pub fn checkpoint_every(mut self, draws: usize) -> Self {
            self.$($chains.)?checkpoint_every = draws;
            self
        }
    };
}
pub(super) use chain_options;

impl Chains {
    chain_options!();

    /// The options that draws depend on, but for their number, which may grow.
    pub(super) fn options(&self) -> Vec<(String, String)> {
        let mut options = vec![
            ("chains".to_owned(), self.count.to_string()),
            ("warmup".to_owned(), self.warmup.to_string()),
        ];
        options.extend(self.start.options());
        if self.checkpoint.is_some() {
            options.push(("checkpoint_every".to_owned(), self.checkpoint_every.to_string()));
        }
        options
    }

    /// Checks every option once; `width` is the number of scalars of a draw.
    ///
    /// # Errors
    /// [`ErrorKind::Options`], with what was expected.
    pub(super) fn check(&self, width: usize) -> Result<()> {
        let last = self.start.last_chain();
        let rules = [
            (self.count >= 1, format!("expected at least 1 chain, got {}", self.count)),
            (self.draws >= 1, format!("expected at least 1 draw per chain, got {}", self.draws)),
            (
                self.warmup as u64 <= LONGEST_WARMUP,
                format!("expected at most 2^32 warm-up draws, got {}", self.warmup),
            ),
            (self.threads != Some(0), "expected at least 1 thread, got 0".to_string()),
            (
                self.checkpoint_every >= 1,
                "expected at least 1 draw between places to continue from, got 0".to_string(),
            ),
            (
                last.is_none_or(|chain| chain < self.count),
                format!(
                    "expected starts for chains below {}, got one for chain {}",
                    self.count,
                    last.unwrap_or(0)
                ),
            ),
        ];
        let broken = rules.into_iter().find(|(holds, _)| !holds).map(|(_, message)| message);
        match broken.or_else(|| self.too_large(width)) {
            Some(message) => {
                Err(Error::new(ErrorKind::Options, format!("{message}; see the options of Chains")))
            }
            None => Ok(()),
        }
    }

    /// Whether the draws have no room in memory.
    fn too_large(&self, width: usize) -> Option<String> {
        let bytes = width
            .checked_add(DrawStatistics::NAMES.len())
            .and_then(|numbers| numbers.checked_mul(size_of::<f64>()))
            .and_then(|bytes| bytes.checked_mul(self.draws))
            .and_then(|bytes| bytes.checked_mul(self.count));
        let fits = bytes.is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        (!fits).then(|| {
            format!(
                "expected draws that fit into memory, got {} chains of {} draws of {width} numbers; draw fewer, or keep fewer \
                 sites",
                self.count, self.draws
            )
        })
    }

    /// How many threads run the chains.
    pub(super) fn thread_count(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or(cores).min(self.count).min(cores.max(MOST_THREADS))
    }
}
