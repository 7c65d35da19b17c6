//! Classes of elements that are the same.

use crate::graph::shape::Map;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Elements that are the same stand in one class.
pub(in crate::graph) struct Classes {
    /// The class of each element.
    pub(in crate::graph) of: Vec<u32>,
    /// One element of each class.
    pub(in crate::graph) first: Vec<u32>,
}

impl Classes {
    /// The classes of elements that are found in their sources through these maps; `None` if all differ.
    pub(in crate::graph) fn of_maps(elements: usize, maps: &[&Map]) -> Option<Classes> {
        if maps.iter().any(|map| matches!(map, Map::Same)) {
            return None;
        }
        let mut classes = Classes { of: vec![0; elements], first: vec![0] };
        for map in maps {
            if let Map::Index(index) = map {
                classes = classes.split(|i| u64::from(index[i]));
            }
        }
        Some(classes).filter(|classes| classes.first.len() < elements)
    }

    /// The classes of numbers by their bits; `None` if all differ.
    pub(in crate::graph) fn of_numbers(numbers: &[f64]) -> Option<Classes> {
        let one = Classes { of: vec![0; numbers.len()], first: vec![0] };
        let classes = one.split(|i| numbers[i].to_bits());
        Some(classes).filter(|classes| classes.first.len() < numbers.len())
    }

    /// The classes in which all elements have the same key as well; in the order of their first elements.
    fn split(self, key: impl Fn(usize) -> u64) -> Classes {
        let mut known: HashMap<(u64, u32), u32, BuildHasherDefault<Mix>> = HashMap::default();
        let mut first = vec![];
        let mut of = self.of;
        for (i, class) in of.iter_mut().enumerate() {
            *class = *known.entry((key(i), *class)).or_insert_with(|| {
                first.push(i as u32);
                first.len() as u32 - 1
            });
        }
        Classes { of, first }
    }

    /// The map from elements to classes, where there are few enough of them to pay.
    pub(in crate::graph) fn worthwhile(self) -> Option<(Map, Vec<u32>)> {
        match self.first.len() {
            1 => Some((Map::One(0), self.first)),
            classes if classes * 2 <= self.of.len() => Some((Map::Index(self.of.into()), self.first)),
            _ => None,
        }
    }
}

/// Mixes the few bits of small keys; keys are not chosen by an adversary.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio's bits (Knuth, The Art of Computer Programming 3, section 6.4).
        let mixed = (self.0.rotate_left(29) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
