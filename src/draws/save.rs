//! Draws in a file: JSON with the parameters, every chain row by row, the statistics and the report.
//!
//! ```text
//! {"format":"mynah draws","version":2,"checksum":"...","parameters":[...],"chains":[...],"report":{...}}
//! ```
//!
//! The checksum is one over the whole file ([`crate::file`]); draws in a stream of the user's own (`serde`) have none.

use super::{ChainDraws, DrawStatistics, Draws, Parameter, SamplerReport, number};
use crate::file;
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FORMAT: &str = "mynah draws";
/// The version of the form below; a change that older code cannot read raises it.
const VERSION: u32 = 2;
/// How a file begins.
const OPENING: &str = "{\"format\":\"mynah draws\"";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    parameters: Vec<Parameter>,
    chains: Vec<StoredChain>,
    report: SamplerReport,
}

#[derive(Serialize, Deserialize)]
struct StoredChain {
    #[serde(with = "number::list")]
    values: Vec<f64>,
    statistics: Vec<DrawStatistics>,
}

impl Draws {
    /// Writes the draws to a JSON file with a checksum; NaN and infinities are kept. A file already there is replaced once the
    /// new one is complete, and keeps its permissions; until then the new one is named `NAME.PROCESS-NUMBER.unfinished`.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be written, or is read-only; a file already there is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut stored = Stored::of(self);
        file::write_sealed(path.as_ref(), |file, checksum| {
            stored.checksum = Some(checksum.to_owned());
            Ok(serde_json::to_writer(file, &stored)?)
        })
    }

    /// Reads draws written by [`Draws::save`].
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Format`] when it does not hold draws, is of another
    /// version, or is not byte for byte what was written.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| file::unreadable(path, e))?;
        read(&bytes).map_err(|e| e.context(path.display()))
    }
}

/// What can be read of a file of any version.
#[derive(Deserialize)]
struct AnyVersion {
    format: String,
    version: u32,
}

fn read(bytes: &[u8]) -> Result<Draws> {
    let broken = |got: &str| {
        Error::new(ErrorKind::Format, format!("expected draws as `Draws::save` wrote them, got {got}"))
    };
    let whole = file::is_whole(bytes);
    let draws = serde_json::from_slice::<AnyVersion>(bytes).map_err(|e| {
        let cut = bytes.starts_with(OPENING.as_bytes());
        broken(if cut { "a damaged file; write it again" } else { "something else" }).with_source(e)
    });
    let AnyVersion { format, version } = draws?;
    if format != FORMAT {
        return Err(broken("something else"));
    }
    check_version(version)?;
    if !whole {
        return Err(broken("a damaged file (its checksum does not match its content); write it again"));
    }
    serde_json::from_slice(bytes).map_err(|e| broken("draws that make no sense").with_source(e))
}

fn check_version(version: u32) -> Result<()> {
    if version == VERSION {
        return Ok(());
    }
    let message = format!(
        "expected version {VERSION} of the file format, got {version}; read it with the release of mynah that wrote it"
    );
    Err(Error::new(ErrorKind::Format, message))
}

impl Stored {
    fn of(draws: &Draws) -> Self {
        let chain =
            |c| StoredChain { values: draws.rows_of(c).concat(), statistics: draws.statistics(c).to_vec() };
        Self {
            format: FORMAT.into(),
            version: VERSION,
            checksum: None,
            parameters: draws.parameters().to_vec(),
            chains: (0..draws.chains()).map(chain).collect(),
            report: draws.report().clone(),
        }
    }
}

impl Serialize for Draws {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Draws {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        if stored.format != FORMAT {
            return Err(serde::de::Error::custom(format!(
                "expected the format `{FORMAT}`, got `{}`",
                stored.format
            )));
        }
        check_version(stored.version).map_err(serde::de::Error::custom)?;
        let chain = |c: StoredChain| ChainDraws { values: c.values, statistics: c.statistics };
        Draws::new(stored.parameters, stored.chains.into_iter().map(chain).collect())
            .map(|draws| draws.with_report(stored.report))
            .map_err(serde::de::Error::custom)
    }
}
