//! Files that are whole: written so that nothing is lost when it fails, and refused where they are not as they were written.
//!
//! [`write`] puts a new file in the place of the old one once it is complete ([`replace`]); [`write_sealed`] puts a checksum
//! over the whole file into it, which [`is_whole`] and [`Check`] compare ([`seal`]). JSON files are of a [`Format`].

mod format;
mod replace;
mod seal;

pub(crate) use format::Format;
#[cfg(feature = "neural")]
pub(crate) use seal::seal;
pub(crate) use seal::{BLANK, Check, is_whole};

use crate::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind as Io, Write};
use std::path::Path;

/// Writes a file whose content `content` produces; a file already there is replaced once the new one is complete.
///
/// # Errors
/// [`ErrorKind::Io`] with the path; the file already there is then as it was.
pub(crate) fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let written = replace::target(path).and_then(|target| {
        // A pipe or a device cannot be replaced and is written to directly.
        match std::fs::metadata(&target) {
            Ok(found) if !found.is_file() => {
                File::create(&target).and_then(|file| fill(file, content)).map(drop)
            }
            _ => replace::replace(&target, |file| fill(file, content)),
        }
    });
    written.map_err(|error| {
        let message = format!("expected to write {}, got an error; {}", path.display(), remedy(path, &error));
        Error::new(ErrorKind::Io, message).with_source(error)
    })
}

/// The same for a file with a checksum in it: `content` is run twice, with [`BLANK`] in place of the checksum, to take it, and with
/// the checksum, to write it.
pub(crate) fn write_sealed(
    path: &Path,
    mut content: impl FnMut(&mut dyn Write, &str) -> io::Result<()>,
) -> Result<()> {
    let unwritten =
        |error| Error::new(ErrorKind::Io, "expected content for a file, got an error").with_source(error);
    let checksum = seal::checksum(|writer| content(writer, BLANK)).map_err(unwritten)?;
    write(path, |writer| content(writer, &checksum))
}

fn fill(file: File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut file = BufWriter::new(file);
    content(&mut file)?;
    file.flush()?;
    Ok(file.into_inner()?)
}

/// What to do about a file that cannot be written.
fn remedy(path: &Path, error: &io::Error) -> String {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.display().to_string(),
        _ => ".".to_owned(),
    };
    match error.kind() {
        Io::NotFound | Io::NotADirectory => format!("make the folder {folder} first, or check the path"),
        Io::PermissionDenied | Io::ReadOnlyFilesystem => {
            format!("make the file and its folder {folder} writable, or choose another path")
        }
        Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge | Io::WriteZero => {
            "check the space left on the disk; the file that was there before is still there".to_owned()
        }
        Io::IsADirectory => "a folder has this name; pass the path of a file".to_owned(),
        _ => "check the path, its permissions and the space left on the disk".to_owned(),
    }
}

/// The error of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: io::Error) -> Error {
    let message =
        format!("expected to read {}, got an error; check the path and its permissions", path.display());
    Error::new(ErrorKind::Io, message).with_source(error)
}
