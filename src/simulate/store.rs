//! Simulations on disk.
//!
//! One line of JSON, which says everything needed to read the rest, then the numbers as little-endian `f64`: the table of
//! parameters row by row, then the table of data row by row.
//!
//! ```text
//! {"format":"mynah simulations","version":2,"checksum":"...","names":["v","a"],"outcome":{"kind":"real","width":2},"rows":10,"failed":0}
//! ```
//!
//! The checksum is one over the whole file, header and numbers ([`crate::file`]): it finds damage, not malice.

use super::{Outcome, Simulations};
use crate::error::{Error, ErrorKind, Result};
use crate::file::{self, Check, unreadable};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

const FORMAT: &str = "mynah simulations";
const VERSION: u32 = 2;
/// A header longer than this is no header.
const LONGEST_HEADER: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    checksum: String,
    names: Vec<String>,
    outcome: Outcome,
    rows: usize,
    failed: usize,
}

/// What can be read of a header of any version.
#[derive(Deserialize)]
struct AnyHeader {
    format: String,
    version: u32,
}

impl Simulations {
    /// Writes the pairs to a file that [`Simulations::load`] reads, bit for bit. A file already there is replaced once the new one
    /// is complete.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be written; a file already there is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write_sealed(path.as_ref(), |file, checksum| self.write(file, checksum))
    }

    fn write(&self, mut file: &mut dyn Write, checksum: &str) -> std::io::Result<()> {
        let header = Header {
            format: FORMAT.into(),
            version: VERSION,
            checksum: checksum.into(),
            names: self.names.clone(),
            outcome: self.outcome,
            rows: self.len(),
            failed: self.failed,
        };
        serde_json::to_writer(&mut file, &header)?;
        file.write_all(b"\n")?;
        for value in self.parameters.iter().chain(&self.data) {
            file.write_all(&value.to_le_bytes())?;
        }
        Ok(())
    }

    /// Reads pairs that [`Simulations::save`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read; [`ErrorKind::Format`] when it is no such file, is of a newer version, is
    /// too short, too long or damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| unreadable(path, error))?;
        let size = file.metadata().map_err(|error| unreadable(path, error))?.len();
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        (&mut reader)
            .take(LONGEST_HEADER)
            .read_until(b'\n', &mut line)
            .map_err(|error| unreadable(path, error))?;
        let header = parse_header(&line).map_err(|error| error.context(path.display()))?;
        let (parameters, data) = lengths(&header, size - (size.min(line.len() as u64)))
            .map_err(|error| error.context(path.display()))?;
        let mut check = Check::start(&line);
        let mut numbers = vec![0.0; parameters + data];
        let mut bytes = [0; 8];
        for number in &mut numbers {
            reader.read_exact(&mut bytes).map_err(|error| unreadable(path, error))?;
            check.iter_mut().for_each(|check| check.take(&bytes));
            *number = f64::from_le_bytes(bytes);
        }
        if !check.is_some_and(Check::passes) {
            return Err(damaged("its checksum does not match its content").context(path.display()));
        }
        assemble(header, numbers, parameters).map_err(|error| error.context(path.display()))
    }
}

fn parse_header(line: &[u8]) -> Result<Header> {
    let not_ours = || {
        let message =
            "expected a file of simulations, got something else; pass one written by `Simulations::save`";
        Error::new(ErrorKind::Format, message)
    };
    let any: AnyHeader = serde_json::from_slice(line).map_err(|error| not_ours().with_source(error))?;
    if any.format != FORMAT {
        return Err(not_ours());
    }
    if any.version != VERSION {
        let message = format!(
            "expected version {VERSION} of the file format, got {}; read it with the release of mynah that wrote it",
            any.version
        );
        return Err(Error::new(ErrorKind::Format, message));
    }
    serde_json::from_slice(line).map_err(|error| damaged("its header is incomplete").with_source(error))
}

/// The lengths of the two tables, checked against the bytes that follow the header.
fn lengths(header: &Header, bytes: u64) -> Result<(usize, usize)> {
    let product = |columns: usize| header.rows.checked_mul(columns);
    let sizes = (product(header.names.len()), product(header.outcome.width()));
    let (Some(parameters), Some(data)) = sizes else {
        return Err(damaged("its header claims more rows than fit in memory"));
    };
    // In 128 bits, so that no header can overflow it.
    let expected = (parameters as u128 + data as u128) * 8;
    if expected != u128::from(bytes) {
        let message =
            format!("{} rows take {expected} bytes after the header, there are {bytes}", header.rows);
        return Err(damaged(&message));
    }
    Ok((parameters, data))
}

fn assemble(header: Header, mut numbers: Vec<f64>, parameters: usize) -> Result<Simulations> {
    let data = numbers.split_off(parameters);
    let mut simulations = Simulations::new(header.names, numbers, header.outcome, data)
        .map_err(|error| damaged("its content is not valid").with_source(error))?;
    simulations.failed = header.failed;
    Ok(simulations)
}

fn damaged(what: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("expected a whole file of simulations, got a damaged one: {what}; write it again"),
    )
}
