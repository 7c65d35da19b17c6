//! Reading and adding to arrays through a map, a block of elements at a time.
//!
//! Long arrays are worked on in blocks of [`BLOCK`] elements, which stay in the innermost cache between being gathered,
//! computed with vectors and scattered.

use crate::graph::density::term::{Sink, Slot};
use crate::graph::shape::Map;
use crate::math::doubles;

/// Elements per block: a multiple of every vector's width.
pub(crate) const BLOCK: usize = 64;

/// The numbers of one block.
pub(crate) type Block = [f64; BLOCK];

impl Slot {
    /// Reads the elements from `from` on, as many as `out` has.
    #[inline]
    pub(crate) fn read_all(&self, values: &[f64], from: usize, out: &mut [f64]) {
        let source = &values[self.offset..];
        match &self.map {
            Map::Same => out.copy_from_slice(&source[from..from + out.len()]),
            Map::One(at) => out.fill(source[*at as usize]),
            Map::Index(index) => {
                for (out, at) in out.iter_mut().zip(&index[from..]) {
                    *out = source[*at as usize];
                }
            }
        }
    }

    /// Reads the block of `count` elements from `from` on. It is filled up to whole vectors with copies of the last one, so
    /// that they compute nothing but what is asked for.
    #[inline]
    pub(crate) fn read_block(&self, values: &[f64], from: usize, count: usize, block: &mut Block) {
        self.read_all(values, from, &mut block[..count]);
        fill_up(block, count);
    }
}

/// Copies the last of `count` numbers to the places up to the next whole vector.
#[inline]
pub(crate) fn fill_up(block: &mut Block, count: usize) {
    let last = block[count - 1];
    block[count..count.next_multiple_of(doubles::BLOCK)].fill(last);
}

impl Sink<'_> {
    /// Adds the derivatives of as many elements, from `from` on. Of an index with runs of equal entries, as sorted data have,
    /// each run is summed first: the additions would wait for one another in memory.
    #[inline]
    pub(crate) fn add_all(&mut self, slot: &Slot, from: usize, derivatives: &[f64]) {
        if slot.offset < self.constants {
            return;
        }
        let adjoints = &mut self.adjoints[slot.offset - self.constants..];
        match &slot.map {
            Map::Same => {
                adjoints[from..].iter_mut().zip(derivatives).for_each(|(adjoint, d)| *adjoint += d);
            }
            Map::One(at) => adjoints[*at as usize] += sum(derivatives),
            Map::Index(index) => {
                let Some(first) = index.get(from) else { return };
                let (mut at, mut run) = (*first, 0.0);
                for (next, derivative) in index[from..].iter().zip(derivatives) {
                    if *next != at {
                        adjoints[at as usize] += run;
                        (at, run) = (*next, 0.0);
                    }
                    run += derivative;
                }
                adjoints[at as usize] += run;
            }
        }
    }
}

/// The sum, in eight interleaved parts: a single one would wait for each addition.
#[inline]
pub(crate) fn sum(numbers: &[f64]) -> f64 {
    let (blocks, rest) = numbers.as_chunks::<8>();
    let mut parts = [0.0; 8];
    for block in blocks {
        for k in 0..8 {
            parts[k] += block[k];
        }
    }
    let pairs = [parts[0] + parts[4], parts[1] + parts[5], parts[2] + parts[6], parts[3] + parts[7]];
    (pairs[0] + pairs[2]) + (pairs[1] + pairs[3]) + rest.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps() -> [Map; 4] {
        [
            Map::Same,
            Map::One(3),
            Map::Index((0..70).map(|i| i / 7).collect()),
            Map::Index((0..70).map(|i| i * 31 % 11).collect()),
        ]
    }

    #[test]
    fn blocks_are_the_elements_that_the_map_says() {
        let values: Vec<f64> = (0..80).map(f64::from).collect();
        for map in maps() {
            let slot = Slot { offset: 5, map };
            for (from, count) in [(0, 64), (64, 6), (3, 1)] {
                let mut block = [f64::NAN; BLOCK];
                slot.read_block(&values, from, count, &mut block);
                for i in 0..count {
                    assert_eq!(block[i], values[5 + slot.map.at(from + i)], "{slot:?}");
                }
                assert!(block[count..count.next_multiple_of(8)].iter().all(|x| *x == block[count - 1]));
            }
        }
    }

    #[test]
    fn adding_a_block_is_adding_each() {
        let derivatives: Vec<f64> = (0..64).map(|i| f64::from(i) * 0.25).collect();
        for map in maps() {
            let slot = Slot { offset: 9, map };
            let (mut together, mut apart) = ([1.0; 90], [1.0; 90]);
            Sink { adjoints: &mut together, constants: 4 }.add_all(&slot, 6, &derivatives);
            let mut sink = Sink { adjoints: &mut apart, constants: 4 };
            (0..64).for_each(|i| sink.add(&slot, 6 + i, derivatives[i]));
            // Multiples of 1/4: every order of summation is exact.
            assert_eq!(together, apart, "{slot:?}");
            Sink { adjoints: &mut together, constants: 10 }.add_all(&slot, 6, &derivatives);
            assert_eq!(together, apart, "constants have no adjoints");
            Sink { adjoints: &mut together, constants: 4 }.add_all(&slot, 6, &[]);
            assert_eq!(together, apart, "nothing adds nothing");
        }
    }
}
