//! Draws in a file: JSON with the parameters, every chain row by row, the statistics and the report.

use super::{ChainDraws, DrawStatistics, Draws, Parameter, SamplerReport, number};
use crate::file;
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The version of the form below; a change that older code cannot read raises it.
const FORMAT: u32 = 1;
/// Draws of more scalars than this are refused where no draw proves that there are so many.
const MOST_SCALARS_UNSEEN: usize = 1 << 20;

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
    /// Writes the draws to a JSON file; NaN and infinities are kept. A file already there is replaced once the new one is
    /// complete.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be written; a file already there is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write(path.as_ref(), |file| Ok(serde_json::to_writer(file, self)?))
    }

    /// Reads draws written by [`Draws::save`].
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Format`] when it does not hold draws.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| file::unreadable(path, e))?;
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
        check_width(&stored).map_err(serde::de::Error::custom)?;
        let chain = |c: StoredChain| ChainDraws { values: c.values, statistics: c.statistics };
        Draws::new(stored.parameters, stored.chains.into_iter().map(chain).collect())
            .map(|draws| draws.with_report(stored.report))
            .map_err(serde::de::Error::custom)
    }
}

/// Whether there can be as many scalars as the shapes say: a shape is a few digits, its labels may fill the memory.
fn check_width(stored: &Stored) -> Result<()> {
    let product = |shape: &[usize]| shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length));
    let mut widths = stored.parameters.iter().map(|parameter| product(&parameter.shape));
    let width = widths.try_fold(0_usize, |sum, width| sum.checked_add(width?));
    let seen = stored.chains.iter().map(|chain| chain.values.len()).max().unwrap_or(0);
    match width.is_some_and(|width| width <= seen.max(MOST_SCALARS_UNSEEN)) {
        true => Ok(()),
        false => {
            let message = "expected shapes that fit the draws, got shapes of far more scalars";
            Err(Error::new(ErrorKind::Format, message))
        }
    }
}

impl Draws {
    /// The draws of one chain, row by row.
    fn rows(&self, chain: usize) -> Vec<f64> {
        let columns: Vec<&[f64]> = (0..self.labels().len()).map(|k| self.column_at(k)[chain]).collect();
        (0..columns[0].len()).flat_map(|draw| columns.iter().map(move |column| column[draw])).collect()
    }
}
