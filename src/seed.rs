//! Randomness: a [`Seed`] at every door, one independent [`Stream`] per chain, per simulated row, per training run.
//!
//! A stream depends on the seed, a domain (what the numbers are for) and an index (which chain, which row), never
//! on which thread asks or when: the same seed gives the same numbers on 1 thread and on 64.
//!
//! The generator is xoshiro256++ (Blackman & Vigna 2021, <https://doi.org/10.1145/3460772>); its state is filled from
//! (seed, domain, index) by rounds of SplitMix64's finaliser (Steele et al. 2014, <https://doi.org/10.1145/2660193.2660195>).

use rand::{SeedableRng, TryRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::convert::Infallible;

/// The root of all random numbers of one call.
///
/// # Examples
/// ```
/// use mynah::{Domain, Seed};
/// use rand::RngExt;
/// let first: f64 = Seed(7).stream(Domain::Chain, 0).random();
/// let again: f64 = Seed(7).stream(Domain::Chain, 0).random();
/// assert_eq!(first, again);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Seed(pub u64);

impl From<u64> for Seed {
    fn from(number: u64) -> Self {
        Seed(number)
    }
}

/// What a stream of random numbers is for: streams of different domains are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Domain {
    /// One chain of a sampler.
    Chain,
    /// The start of one chain.
    Start,
    /// One row of a simulation: its parameters and its data.
    Row,
    /// One training run: weights, split, order of batches.
    Training,
    /// One draw of a prediction.
    Prediction,

    /// Whatever a user needs numbers for.
    User,
    /// The copies of one simulated row.
    Augmentation,
}

impl Seed {
    /// The `index`-th independent stream of a domain.
    pub fn stream(self, domain: Domain, index: u64) -> Stream {
        let root = mix(self.0 ^ mix(0x6d79_6e61_6800 + domain as u64));
        let mut state = [0u8; 32];
        for (word, bytes) in state.chunks_exact_mut(8).enumerate() {
            let value = mix(root.wrapping_add(mix(index.wrapping_mul(4).wrapping_add(word as u64))));
            bytes.copy_from_slice(&value.to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(state))
    }

    /// A seed derived from this one, for a part that takes a seed of its own.
    pub fn derive(self, index: u64) -> Seed {
        Seed(mix(self.0.wrapping_add(mix(index ^ 0x5eed))))
    }
}

/// SplitMix64's step and finaliser.
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One independent stream of random numbers. It implements `rand`'s `Rng`, so that every sampler of `rand` and
/// `rand_distr` draws from it.
#[derive(Clone, Debug)]
pub struct Stream(Xoshiro256PlusPlus);

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    // Draw values are part of the contract: a change here changes every user's results.
    #[test]
    fn streams_are_value_stable_and_distinct() {
        let first = |seed, domain, index| Seed(seed).stream(domain, index).next_u64();
        assert_eq!(first(7, Domain::Chain, 0), first(7, Domain::Chain, 0));
        let mut all = vec![];
        for seed in 0..8 {
            for domain in [Domain::Chain, Domain::Start, Domain::Row, Domain::Training] {
                all.extend((0..64).map(|index| first(seed, domain, index)));
            }
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8 * 4 * 64);
    }
}
