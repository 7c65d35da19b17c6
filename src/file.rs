//! Writing a file so that nothing is lost when it fails.
//!
//! The content goes to a new file beside the target, which takes the target's place by a rename once it is complete and on
//! the disk. A full disk or an interrupt on the way leaves the file that was there before. Targets that are no regular
//! file (a pipe, a device) cannot be replaced and are written to directly.

use crate::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a file whose content `content` produces; a file already there is replaced once the new one is complete.
///
/// # Errors
/// [`ErrorKind::Io`] with the path; the file already there is then as it was.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let replaceable = std::fs::metadata(&target).map_or(true, |found| found.is_file());
    let written = match replaceable {
        true => replace(&target, content),
        false => File::create(&target).and_then(|file| fill(file, content)).map(drop),
    };
    written.map_err(|error| {
        let message = format!(
            "expected to write {}, got an error; check the path, its permissions and the space left on the disk",
            path.display()
        );
        Error::new(ErrorKind::Io, message).with_source(error)
    })
}

fn replace(
    target: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let partial = beside(target);
    let file = File::create(&partial)?;
    let written = fill(file, content).and_then(|file| file.sync_all());
    written.and_then(|()| std::fs::rename(&partial, target)).inspect_err(|_| {
        // The error to report is the first one; what is left of the attempt is of no use.
        let _ = std::fs::remove_file(&partial);
    })
}

/// The name that a file has until it is complete.
fn beside(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn fill(
    file: File,
    content: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> std::io::Result<File> {
    let mut file = BufWriter::new(file);
    content(&mut file)?;
    file.flush()?;
    Ok(file.into_inner()?)
}

/// The error of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let message =
        format!("expected to read {}, got an error; check the path and its permissions", path.display());
    Error::new(ErrorKind::Io, message).with_source(error)
}

/// A Fowler-Noll-Vo hash over 64-bit words (Fowler, Noll & Vo 1991, RFC 9923): it finds damage, not malice.
pub(crate) fn checksum(words: impl Iterator<Item = u64>) -> String {
    let hash = words.fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
        // The multiplication carries only upwards; the rotation brings damage in high bits down again.
        (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29)
    });
    format!("{hash:016x}")
}
