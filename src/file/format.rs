//! What is said of JSON files with a format, a version and a checksum.

use super::is_whole;
use crate::error::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A kind of file.
pub(crate) struct Format {
    /// What stands after `"format":`.
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    /// What is expected, for messages: "draws as `Draws::save` wrote them".
    pub(crate) expected: &'static str,
    /// What to do about a damaged file.
    pub(crate) remedy: &'static str,
}

/// What can be read of a file of any version.
#[derive(Deserialize)]
struct AnyVersion {
    format: String,
    version: u32,
}

impl Format {
    /// The content of a whole file of this kind.
    ///
    /// # Errors
    /// [`ErrorKind::Format`] when it is of another kind or version, or damaged.
    pub(crate) fn read<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T> {
        let any = serde_json::from_slice::<AnyVersion>(bytes).map_err(|error| {
            let cut = bytes.starts_with(format!("{{\"format\":\"{}\"", self.name).as_bytes());
            let damaged = format!("a damaged file; {}", self.remedy);
            self.broken(if cut { &damaged } else { "something else" }).with_source(error)
        });
        let AnyVersion { format, version } = any?;
        if format != self.name {
            return Err(self.broken("something else"));
        }
        self.check_version(version)?;
        if !is_whole(bytes) {
            let damage = "a damaged file (its checksum does not match its content)";
            return Err(self.broken(&format!("{damage}; {}", self.remedy)));
        }
        serde_json::from_slice(bytes)
            .map_err(|error| self.broken("content that makes no sense").with_source(error))
    }

    /// # Errors
    /// When it is not the version of this release.
    pub(crate) fn check_version(&self, version: u32) -> Result<()> {
        if version == self.version {
            return Ok(());
        }
        let message = format!(
            "expected version {} of the file format, got {version}; read it with the release of mynah that wrote it",
            self.version
        );
        Err(Error::new(ErrorKind::Format, message))
    }

    /// The error of a file that is not what it should be.
    pub(crate) fn broken(&self, got: &str) -> Error {
        Error::new(ErrorKind::Format, format!("expected {}, got {got}", self.expected))
    }
}
