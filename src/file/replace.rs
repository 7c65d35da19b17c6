//! One file in the place of another, all at once.
//!
//! The content goes to a new file in the same folder, `NAME.PROCESS-NUMBER.unfinished`, which takes the place of the old one by a rename
//! once it is complete and on the disk. Its name is of this process and this save alone and it is created only where
//! nothing has that name, so that two writers never share one and no file of the user's is touched. A full disk, an interrupt or a
//! killed process on the way leaves the old file as it was (the killed one, its unfinished file too, which may be deleted).
//! Of several writers at once the last to finish stays.
//!
//! The new file has the permissions, and where that is allowed the owner and group, of the one it replaces. A link stays a link: what it
//! points to is replaced. Other hard links to the old file keep the old content.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// More links than this in a row are a circle.
const MOST_LINKS: usize = 40;
/// So many characters of a long name are kept in the name of the unfinished file: at most 255 bytes fit a name.
const NAME_KEPT: usize = 48;

/// Where a path leads when links are followed, the last of which may lead to a file that is not there yet.
pub(super) fn target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&target) {
            Ok(to) => target = target.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("the path is a circle of links"))
}

/// Puts what `fill` writes in the place of the target.
pub(super) fn replace(target: &Path, fill: impl FnOnce(File) -> io::Result<File>) -> io::Result<()> {
    let old = old_file(target)?;
    let (file, unfinished) = Unfinished::create(target, old.is_some())?;
    if let Some(old) = &old {
        keep_access(&file, old)?;
    }
    fill(file)?.sync_all()?;
    unfinished.finish(target)
}

/// The file that is to be replaced, if there is one, and if whoever runs this may write to it.
fn old_file(target: &Path) -> io::Result<Option<Metadata>> {
    // A rename would ask for the folder's permissions alone.
    match OpenOptions::new().write(true).open(target) {
        Ok(file) => {
            let old = file.metadata()?;
            match old.permissions().readonly() {
                true => Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only")),
                false => Ok(Some(old)),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A new file that is deleted unless it is finished.
struct Unfinished {
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// A file beside the target under a name that nothing has; one that is to take over permissions is closed to all others
    /// until it has them.
    fn create(target: &Path, closed: bool) -> io::Result<(File, Self)> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if closed {
            close(&mut options);
        }
        loop {
            let path = beside(target);
            match options.open(&path) {
                Ok(file) => return Ok((file, Self { path, finished: false })),
                // Left by a killed process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn finish(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.finished = true;
        sync_folder(target);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // The error to report is the one that came first.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A name for the next unfinished file.
fn beside(target: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().take(NAME_KEPT).collect();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    target.with_file_name(format!("{name}.{}-{number}.unfinished", std::process::id()))
}

#[cfg(unix)]
fn close(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn close(_: &mut OpenOptions) {}

/// Gives the new file the owner, the group and the permissions of the old one.
fn keep_access(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let new = file.metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            // Allowed to the administrator and, for the group, to its members; without it the file belongs to the writer.
            let _ = fchown(file, Some(old.uid()), Some(old.gid()))
                .or_else(|_| fchown(file, None, Some(old.gid())));
        }
    }
    file.set_permissions(old.permissions())
}

/// Makes the rename last through a loss of power, where the system has a way to.
fn sync_folder(target: &Path) {
    #[cfg(unix)]
    {
        let folder = target.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        // The file itself is whole with or without.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = target;
}
