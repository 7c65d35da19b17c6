//! What a sampler that runs Markov chains gives to [`Chains`](super::Chains).

use crate::draws::Statistic;
use crate::logdensity::LogDensity;
use crate::seed::Stream;

/// A sampler of Markov chains: it makes chains that advance draw by draw. [`Chains::run`](super::Chains::run) does the rest: starts,
/// threads, warm-up, names, reports, checkpoints.
///
/// # Examples
/// Random-walk Metropolis, with steps of a fixed width:
/// ```
/// use mynah::draws::Draws;
/// use mynah::infer::{ChainSampler, ChainStart, Chains, LastDraw, MarkovChain, Sampler, Target};
/// use mynah::prelude::*;
/// use rand::RngExt;
///
/// struct RandomWalk { width: f64, chains: Chains }
///
/// impl Sampler for RandomWalk {
///     fn sample(&self, target: &Target<'_>) -> Result<Draws> {
///         self.chains.run(target, self)
///     }
/// }
///
/// impl ChainSampler for RandomWalk {
///     fn name(&self) -> &str {
///         "random walk"
///     }
///     fn options(&self) -> Vec<(String, String)> {
///         vec![("width".into(), self.width.to_string())]
///     }
///     fn statistics(&self) -> Vec<&str> {
///         vec!["log_density", "accepted"]
///     }
///     fn chain<'a>(&'a self, start: ChainStart<'a>) -> Result<Box<dyn MarkovChain + 'a>, String> {
///         let ChainStart { mut density, position, stream, .. } = start;
///         let value = density.log_density(position).map_err(|error| error.to_string())?;
///         Ok(Box::new(Walk { sampler: self, density, stream, z: position.to_vec(), value, accepted: false }))
///     }
/// }
///
/// struct Walk<'a> {
///     sampler: &'a RandomWalk,
///     density: Box<dyn LogDensity>,
///     stream: Stream,
///     z: Vec<f64>,
///     value: f64,
///     accepted: bool,
/// }
///
/// impl MarkovChain for Walk<'_> {
///     fn advance(&mut self) -> Result<(), String> {
///         let width = self.sampler.width;
///         let there: Vec<f64> = self.z.iter().map(|z| z + self.stream.random_range(-width..width)).collect();
///         // Where there is no density there is none to accept.
///         let value = self.density.log_density(&there).unwrap_or(f64::NEG_INFINITY);
///         self.accepted = self.stream.random::<f64>().ln() < value - self.value;
///         if self.accepted {
///             (self.z, self.value) = (there, value);
///         }
///         Ok(())
///     }
///     fn position(&self) -> &[f64] {
///         &self.z
///     }
///     fn last_draw(&mut self, draw: &mut LastDraw) -> Result<(), String> {
///         draw.statistics.extend([self.value, f64::from(u8::from(self.accepted))]);
///         Ok(())
///     }
///     fn adapted(&self) -> Option<Vec<f64>> {
///         Some(vec![]) // nothing is learned in warm-up
///     }
/// }
///
/// #[model]
/// fn coin(heads: &[u64]) {
///     sample!(p ~ Beta(1.0, 1.0));
///     plate!(tosses = heads.len(), {
///         sample!(toss ~ Bernoulli(p), observed = heads);
///     });
/// }
/// let walk = RandomWalk { width: 2.0, chains: Chains::default().chains(4).warmup(100).draws(2000).seed(1) };
/// let posterior = coin(&[1, 0, 1, 1])?.sample(&walk)?;
/// assert!((posterior.get("p")?.mean()[0] - 2.0 / 3.0).abs() < 0.03);
/// assert_eq!(posterior.statistic_names(), ["log_density", "accepted"]);
/// # Ok::<(), mynah::Error>(())
/// ```
pub trait ChainSampler: Sync {
    /// The sampler's name, for people: "NUTS".
    fn name(&self) -> &str;

    /// The options that draws depend on, beside those of [`Chains`](super::Chains), by name; they go with the draws, and a checkpoint is
    /// continued only where they are the same.
    fn options(&self) -> Vec<(String, String)>;

    /// The names of the statistics of a draw. Where one means what it does in NUTS ([`DrawStatistics::NAMES`](crate::draws::DrawStatistics::NAMES)), by the same name
    /// warnings speak of it.
    fn statistics(&self) -> Vec<&str>;

    /// A chain at its start.
    ///
    /// # Errors
    /// Why there is none, as the end of a sentence; it ends this chain alone.
    fn chain<'a>(&'a self, start: ChainStart<'a>) -> Result<Box<dyn MarkovChain + 'a>, String>;

    /// What there is to say of the chains after the run, a sentence each.
    fn remarks(&self, _chains: &[Walk<'_>]) -> Vec<String> {
        vec![]
    }
}

/// What a chain is made of.
pub struct ChainStart<'a> {
    /// The chain's number, from 0.
    pub chain: usize,
    /// The log density, for this chain alone.
    pub density: Box<dyn LogDensity>,
    /// Where the chain begins, in unconstrained space.
    pub position: &'a [f64],
    /// What an earlier part of this chain adapted ([`MarkovChain::adapted`]): then there is no warm-up.
    pub adapted: Option<&'a [f64]>,
    /// The first draws, which adapt the chain and are not kept.
    pub warmup: usize,
    /// The draws after these, at most.
    pub draws: usize,
    /// The chain's random numbers.
    pub stream: Stream,
    /// Whether [`MarkovChain::adapted`] will be asked for.
    pub is_continued: bool,
}

/// One chain as it moves. What goes wrong for good is said as the end of a sentence, and ends the chain; its draws are kept.
pub trait MarkovChain {
    /// Makes the next draw.
    ///
    /// # Errors
    /// When the chain cannot go on.
    fn advance(&mut self) -> Result<(), String>;

    /// Where the chain is, in unconstrained space.
    fn position(&self) -> &[f64];

    /// Says what there is to say of the last draw; asked once, and only for draws that are kept.
    ///
    /// # Errors
    /// When that is not known.
    fn last_draw(&mut self, draw: &mut LastDraw) -> Result<(), String>;

    /// What warm-up found, as numbers, such that a chain that begins with them at [`MarkovChain::position`] goes on as this one would but for its
    /// random numbers. `None` where a chain cannot begin; it is then asked again after the next draw.
    fn adapted(&self) -> Option<Vec<f64>>;

    /// The step size, or the width, to be shown while the chain runs.
    fn step_size(&self) -> Option<f64> {
        None
    }
}

/// What a chain has to say of a draw; it comes empty.
#[derive(Clone, Debug, Default)]
pub struct LastDraw {
    /// One number for each of [`ChainSampler::statistics`].
    pub statistics: Vec<f64>,
    /// The gradient of the log density there, or nothing.
    pub gradient: Vec<f64>,
    /// Why and where the draw's trajectory diverged, if it did; counted while the chains run, and told in the report.
    pub divergence: Option<Diverged>,
}

impl LastDraw {
    pub(super) fn clear(&mut self) {
        self.statistics.clear();
        self.gradient.clear();
        self.divergence = None;
    }
}

/// A trajectory that diverged.
#[derive(Clone, Debug)]
pub struct Diverged {
    /// Why, in the density's own words or the sampler's.
    pub reason: String,
    /// Where the step that diverged began, in unconstrained space.
    pub from: Vec<f64>,
    /// Where it ended.
    pub to: Vec<f64>,
    /// Whether the density was finite, so that which statement is to blame is not said in the reason.
    pub finite: bool,
}

/// A chain that has been run.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    /// The number of unconstrained dimensions.
    pub dim: usize,
    /// The statistics of its draws.
    pub statistics: &'a [Statistic],
    /// Some hundred of its draws at most, spread over the chain, in unconstrained space, one after another.
    pub positions: &'a [f64],
    /// The gradients there; none where the chain gave none.
    pub gradients: &'a [f64],
}
