//! Simulations on disk.
//!
//! One line of JSON, which says everything needed to read the rest, then the numbers in 8 bytes each, the lowest first: the
//! table of parameters row by row and the table of data row by row as `f64`, the groups of the rows as `u64`.
//!
//! ```text
//! {"format":"mynah simulations","version":2,"checksum":"...","names":["v","a"],"outcome":{"kind":"real","width":2},"rows":10,"failed":3,"reasons":[{"reason":"the simulator returned NaN","count":3}]}
//! ```
//!
//! Version 1 had neither groups nor reasons. It is refused: which of its rows are copies of one simulation cannot be known, and a split
//! that takes them for independent ones would let training look at what it is held against.
//!
//! The checksum is one over the whole file, header and numbers ([`crate::file`]): it finds damage, not malice.

use super::{BuiltIn, FailureReason, Outcome, Simulations};
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
    reasons: Vec<FailureReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    simulator: Option<BuiltIn>,
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
    /// [`ErrorKind::Io`] when the file cannot be written; those of [`Simulations::new`] when the tables were changed by hand and no
    /// longer fit together. A file already there is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.check()?;
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
            reasons: self.reasons.clone(),
            simulator: self.built_in(),
        };
        serde_json::to_writer(&mut file, &header)?;
        file.write_all(b"\n")?;
        for word in self.words() {
            file.write_all(&word.to_le_bytes())?;
        }
        Ok(())
    }

    /// What follows the header, in words of 8 bytes.
    fn words(&self) -> impl Iterator<Item = u64> {
        let numbers = self.parameters.iter().chain(&self.data).map(|x| x.to_bits());
        numbers.chain(self.groups.iter().copied())
    }

    /// Reads pairs that [`Simulations::save`] wrote.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read; [`ErrorKind::Format`] when it is no such file, is of another version, is
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
        let mut words = vec![0; parameters + data + header.rows];
        let mut bytes = [0; 8];
        for word in &mut words {
            reader.read_exact(&mut bytes).map_err(|error| unreadable(path, error))?;
            check.iter_mut().for_each(|check| check.take(&bytes));
            *word = u64::from_le_bytes(bytes);
        }
        if !check.is_some_and(Check::passes) {
            return Err(damaged("its checksum does not match its content").context(path.display()));
        }
        assemble(header, words, parameters, data).map_err(|error| error.context(path.display()))
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
            "expected version {VERSION} of the file format, got {}; read it with the release of mynah that wrote it, or simulate again \
             (version 1 does not say which rows are copies of one simulation)",
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
    let expected = (parameters as u128 + data as u128 + header.rows as u128) * 8;
    if expected != u128::from(bytes) {
        let message =
            format!("{} rows take {expected} bytes after the header, there are {bytes}", header.rows);
        return Err(damaged(&message));
    }
    Ok((parameters, data))
}

fn assemble(header: Header, words: Vec<u64>, parameters: usize, data: usize) -> Result<Simulations> {
    let numbers = |words: &[u64]| words.iter().map(|word| f64::from_bits(*word)).collect();
    let simulations = Simulations {
        names: header.names,
        parameters: numbers(&words[..parameters]),
        outcome: header.outcome,
        data: numbers(&words[parameters..parameters + data]),
        failed: header.failed,
        reasons: header.reasons,
        groups: words[parameters + data..].to_vec(),
        origin: None,
    };
    simulations.check().map_err(|error| damaged("its content is not valid").with_source(error))?;
    Ok(simulations.made_by(header.simulator))
}

fn damaged(what: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!("expected a whole file of simulations, got a damaged one: {what}; write it again"),
    )
}
