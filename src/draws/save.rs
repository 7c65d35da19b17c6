//! Draws in a file: JSON with the parameters, every chain row by row, the statistics and the report.
//!
//! ```text
//! {"format":"mynah draws","version":3,"checksum":"...","parameters":[...],"chains":[...],"log_weights":[...],"report":{...},"provenance":{...}}
//! ```
//!
//! The checksum is one over the whole file ([`crate::file`]); draws in a stream of the user's own (`serde`) have none.

use super::{ChainDraws, Draws, Parameter, Provenance, SamplerReport, number};
use crate::Result;
use crate::file::{self, Format};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the form above; a change that older code cannot read raises it.
const FORMAT: Format = Format {
    name: "mynah draws",
    version: 3,
    expected: "draws as `Draws::save` wrote them",
    remedy: "write it again",
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    parameters: Vec<Parameter>,
    chains: Vec<ChainDraws>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_weights: Option<Vec<Numbers>>,
    report: SamplerReport,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Numbers(#[serde(with = "number::list")] Vec<f64>);

impl Draws {
    /// Writes the draws to a JSON file with a checksum; NaN and infinities are kept. A file already there is replaced once the
    /// new one is complete, and keeps its permissions; until then the new one is named `NAME.PROCESS-NUMBER.unfinished`.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be written, or is read-only; a file already there is then as it was.
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
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be read, [`ErrorKind::Format`](crate::ErrorKind::Format) when it does not hold draws, is of another
    /// version, or is not byte for byte what was written.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| file::unreadable(path, e))?;
        FORMAT.read(&bytes).map_err(|e| e.context(path.display()))
    }
}

impl Stored {
    fn of(draws: &Draws) -> Self {
        let chain =
            |c| ChainDraws { values: draws.rows_of(c).concat(), statistics: draws.columns_of(c).to_vec() };
        let weights = |c| draws.log_weights(c).map(|weights| Numbers(weights.to_vec()));
        Self {
            format: FORMAT.name.into(),
            version: FORMAT.version,
            checksum: None,
            parameters: draws.parameters().to_vec(),
            chains: (0..draws.chains()).map(chain).collect(),
            log_weights: (0..draws.chains()).map(weights).collect(),
            report: draws.report().clone(),
            provenance: draws.provenance().cloned(),
        }
    }
}

impl Stored {
    fn draws(self) -> Result<Draws> {
        let draws = Draws::new(self.parameters, self.chains)?
            .with_report(self.report)
            .with_provenance(self.provenance);
        match self.log_weights {
            Some(weights) => draws.with_log_weights(weights.into_iter().map(|chain| chain.0).collect()),
            None => Ok(draws),
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
        if stored.format != FORMAT.name {
            return Err(serde::de::Error::custom(format!(
                "expected the format `{}`, got `{}`",
                FORMAT.name, stored.format
            )));
        }
        FORMAT.check_version(stored.version).map_err(serde::de::Error::custom)?;
        stored.draws().map_err(serde::de::Error::custom)
    }
}
