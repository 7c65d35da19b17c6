//! Whether a file of weights is as it was written: a hash over everything in it.
//!
//! A safetensors file has no checksum of its own, and a weight with a flipped bit is mostly a weight like any other.

use crate::file::checksum;
use safetensors::tensor::SafeTensors;

/// The hash over the header and the tensors, whatever order they stand in.
pub(super) fn checksum_of<'a>(header: &str, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut tensors: Vec<(&str, &[u8])> = tensors.collect();
    tensors.sort_unstable();
    let tensors = tensors.into_iter().flat_map(|(name, bytes)| words(name.as_bytes()).chain(words(bytes)));
    checksum(words(header.as_bytes()).chain(tensors))
}

/// Whether the hash stored is that of the content.
pub(super) fn is_whole(stored: Option<&String>, header: &str, tensors: &SafeTensors<'_>) -> bool {
    let tensors = tensors.iter().map(|(name, tensor)| (name, tensor.data()));
    stored == Some(&checksum_of(header, tensors))
}

/// Bytes as 64-bit words, their number last, so that zeros at the end count.
fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let word = |chunk: &[u8]| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    };
    bytes.chunks(8).map(word).chain(std::iter::once(bytes.len() as u64))
}
