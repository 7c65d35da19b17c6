//! Draws in a file: JSON with the parameters, every chain row by row, the statistics and the report.

use super::{ChainDraws, DrawStatistics, Draws, Parameter, SamplerReport, number};
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

/// The version of the form below; a change that older code cannot read raises it.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
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
    /// Writes the draws to a JSON file; NaN and infinities are kept.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let write = || -> std::io::Result<()> {
            let mut file = BufWriter::new(File::create(path)?);
            serde_json::to_writer(&mut file, self)?;
            file.flush()
        };
        write().map_err(|e| Error::from(e).context(path.display()))
    }

    /// Reads draws written by [`Draws::save`].
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Format`] when it does not hold draws.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::from(e).context(path.display()))?;
        serde_json::from_reader(BufReader::new(file)).map_err(|e| {
            let message = "expected draws written by `Draws::save`, got something else";
            Error::new(ErrorKind::Format, message).with_source(e).context(path.display())
        })
    }
}

impl Serialize for Draws {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let chains = (0..self.chains())
            .map(|c| StoredChain { values: self.rows(c), statistics: self.statistics(c).to_vec() })
            .collect();
        let parameters = self.parameters().to_vec();
        Stored { format: FORMAT, parameters, chains, report: self.report().clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Draws {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        if stored.format != FORMAT {
            let message = format!("expected draws in format {FORMAT}, got format {}", stored.format);
            return Err(serde::de::Error::custom(message));
        }
        let chain = |c: StoredChain| ChainDraws { values: c.values, statistics: c.statistics };
        Draws::new(stored.parameters, stored.chains.into_iter().map(chain).collect())
            .map(|draws| draws.with_report(stored.report))
            .map_err(serde::de::Error::custom)
    }
}

impl Draws {
    /// The draws of one chain, row by row.
    fn rows(&self, chain: usize) -> Vec<f64> {
        let columns: Vec<&[f64]> = (0..self.labels().len()).map(|k| self.column_at(k)[chain]).collect();
        (0..columns[0].len()).flat_map(|draw| columns.iter().map(move |column| column[draw])).collect()
    }
}
