//! The checksum over a whole file.
//!
//! It stands in the file itself, as sixteen hexadecimal digits after `"checksum":"`, and is taken over every byte of the file, its own
//! digits counted as zeros: a header, a number, a name or a blank that has changed is found wherever it stands. In JSON text
//! a quotation mark inside a string is escaped, so the first such mark is the key and no part of a name.
//!
//! The hash is XXH3 of 64 bits (Collet, <https://github.com/Cyan4973/xxHash>): a damaged file passes with a probability of 2^-64. It
//! finds damage, not malice.

use std::hash::Hasher;
use std::io::{self, Write};
use twox_hash::XxHash3_64;

/// What stands in place of the digits while the checksum is taken.
pub(crate) const BLANK: &str = "0000000000000000";
/// What stands before the digits.
const MARK: &[u8] = br#""checksum":""#;

/// The checksum of what `content` writes.
pub(super) fn checksum(content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut sum = Sum(XxHash3_64::new());
    content(&mut sum)?;
    Ok(sum.digits())
}

/// Puts the checksum into the bytes of a file that has [`BLANK`] in its place.
#[cfg(feature = "neural")]
pub(crate) fn seal(bytes: &mut [u8]) {
    let start = place(bytes).expect("what is written has a place for its checksum");
    let digits = checksum(|sum| sum.write_all(bytes)).expect("a hash takes every byte");
    bytes[start..start + BLANK.len()].copy_from_slice(digits.as_bytes());
}

/// Whether the bytes of a file are those that were written.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    Check::start(bytes).is_some_and(Check::passes)
}

/// A file under check, piece by piece.
pub(crate) struct Check {
    sum: Sum,
    stored: Vec<u8>,
}

impl Check {
    /// Starts with the piece that holds the checksum; `None` if it does not.
    pub(crate) fn start(head: &[u8]) -> Option<Self> {
        let start = place(head)?;
        let end = start + BLANK.len();
        let stored = head.get(start..end)?.to_vec();
        let mut check = Self { sum: Sum(XxHash3_64::new()), stored };
        check.take(&head[..start]);
        check.take(BLANK.as_bytes());
        check.take(&head[end..]);
        Some(check)
    }

    /// The next piece.
    pub(crate) fn take(&mut self, piece: &[u8]) {
        self.sum.0.write(piece);
    }

    /// Whether the pieces together are what was written.
    pub(crate) fn passes(self) -> bool {
        self.sum.digits().as_bytes() == self.stored
    }
}

/// Where the digits start.
fn place(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK).map(|at| at + MARK.len())
}

/// A writer that keeps nothing but the hash.
struct Sum(XxHash3_64);

impl Sum {
    fn digits(&self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(before: &str, after: &str) -> Vec<u8> {
        let text = |digits: &str| format!("{before}\"checksum\":\"{digits}\"{after}").into_bytes();
        let digits = checksum(|writer| writer.write_all(&text(BLANK))).unwrap();
        text(&digits)
    }

    /// XXH3 of 64 bits and seed 0, from the reference implementation's documentation of the empty input.
    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(checksum(|_| Ok(())).unwrap(), "2d06800538d394c2");
    }

    #[test]
    fn every_change_of_one_byte_is_found() {
        let good = sealed("{\"format\":\"x\",", ",\"rows\":3}\n\u{0}\u{1}\u{2}");
        assert!(is_whole(&good));
        for at in 0..good.len() {
            for other in 0..=255 {
                let mut bad = good.clone();
                bad[at] = other;
                assert_eq!(is_whole(&bad), other == good[at], "byte {at} becomes {other}");
            }
        }
        assert!((0..good.len()).all(|end| !is_whole(&good[..end])));
        assert!((0..=255).all(|byte| !is_whole(&[&good[..], &[byte]].concat())));
        assert!((0..=255).all(|byte| !is_whole(&[&[byte], &good[..]].concat())));
    }

    #[test]
    fn pieces_make_the_same_checksum() {
        let good = sealed("{", &"0123456789".repeat(100));
        for cut in [30, 64, 500, good.len()] {
            let mut check = Check::start(&good[..cut]).unwrap();
            good[cut..].chunks(7).for_each(|piece| check.take(piece));
            assert!(check.passes(), "cut at {cut}");
        }
    }
}
