//! The file that a run is continued from.
//!
//! ```text
//! {"format":"mynah chains","version":1,"checksum":"...","provenance":{...},"parameters":[...],"probes":[...],"chains":[...]}
//! ```
//!
//! It is whole or refused ([`crate::file`]). It belongs to one run: sampler, options, seed and version must be the same, and so must be the model with
//! its data, of which the log density, its gradient and the draw at every chain's start are kept. Beside it stands `NAME.lock`, which the system
//! unlocks when a process ends, however it does.

use super::ascent::Point;
use super::coordinates::Coordinates;
use super::saved_chain::Saved;
use crate::draws::{Parameter, Provenance, number};
use crate::error::{Error, ErrorKind, Result};
use crate::file::{self, Format};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The version of the form above; a change that older code cannot read raises it.
const FORMAT: Format = Format {
    name: "mynah chains",
    version: 1,
    expected: "a checkpoint as a sampler wrote it",
    remedy: "delete it to begin anew",
};
/// The file is written for no more than this share of the time.
const SHARE: u32 = 20;
/// Numbers that differ by no more than this, relative to their size, are taken to be the same: another processor may round otherwise.
const SAME: f64 = 1e-9;

/// What a run must have in common with the one that wrote a checkpoint.
pub(super) struct Identity {
    pub(super) provenance: Provenance,
    pub(super) parameters: Vec<Parameter>,
}

/// What is known of the target at a point.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    z: Vec<f64>,
    log_density: f64,
    gradient: Vec<f64>,
    #[serde(with = "number::list")]
    draw: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "checksum")]
    _checksum: String,
    provenance: Provenance,
    parameters: Vec<Parameter>,
    probes: Vec<Probe>,
    chains: Vec<Saved>,
}

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: u32,
    checksum: &'a str,
    provenance: &'a Provenance,
    parameters: &'a [Parameter],
    probes: &'a [Probe],
    chains: Vec<&'a Saved>,
}

/// An open checkpoint: nobody else writes to it.
pub(super) struct Checkpoint {
    path: PathBuf,
    run: Identity,
    probes: Vec<Probe>,
    written: Mutex<LastWrite>,
    _lock: File,
}

#[derive(Default)]
struct LastWrite {
    at: Option<Instant>,
    took: Duration,
    /// Whether there is something that is not in the file.
    is_old: bool,
}

impl Checkpoint {
    /// Opens a checkpoint: its chains where there is one, or at the starts.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Format`] when it is no checkpoint, or damaged, [`ErrorKind::Options`] when
    /// it is another run's or in use; what the starts return.
    pub(super) fn open(
        path: &Path,
        run: Identity,
        columns: &[&str],
        coordinates: &mut dyn Coordinates,
        starts: impl FnOnce(&mut dyn Coordinates) -> Result<Vec<Vec<f64>>>,
    ) -> Result<(Self, Vec<Saved>)> {
        let lock = lock(path)?;
        let found = match path.try_exists() {
            Ok(false) => None,
            _ => Some(read(path, &run, columns, coordinates).map_err(|error| error.context(path.display()))?),
        };
        let (probes, chains) = match found {
            Some(found) => found,
            None => {
                let starts = starts(coordinates)?;
                let probes = starts.iter().map(|z| Probe::at(z, coordinates)).collect::<Result<_>>()?;
                (probes, starts.into_iter().map(Saved::at).collect())
            }
        };
        let (path, written) = (path.to_owned(), Mutex::default());
        Ok((Self { path, run, probes, written, _lock: lock }, chains))
    }

    /// Writes the chains if the last writing was long enough ago, or remembers that they are to be written.
    pub(super) fn write_when_due<'a>(&self, chains: impl FnOnce() -> Vec<MutexGuard<'a, Saved>>) {
        let mut last = self.last();
        last.is_old = true;
        let due = last.at.is_none_or(|at| at.elapsed() >= last.took * SHARE);
        // Whoever finds the file being written leaves it: it will be written again.
        if due {
            // A full disk may have room again at the next time.
            let _ = self.write_and_note(&mut last, &chains());
        }
    }

    /// Writes the chains.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be written; what was there before is there still.
    pub(super) fn write(&self, chains: &[MutexGuard<'_, Saved>]) -> Result<()> {
        self.write_and_note(&mut self.last(), chains)
    }

    fn write_and_note(&self, last: &mut LastWrite, chains: &[MutexGuard<'_, Saved>]) -> Result<()> {
        let begin = Instant::now();
        let Identity { provenance, parameters } = &self.run;
        let written = file::write_sealed(&self.path, |file, checksum| {
            let (format, version, probes) = (FORMAT.name, FORMAT.version, &self.probes[..]);
            let chains = chains.iter().map(|chain| &**chain).collect();
            let all = Written { format, version, checksum, provenance, parameters, probes, chains };
            Ok(serde_json::to_writer(file, &all)?)
        });
        (last.at, last.took) = (Some(Instant::now()), begin.elapsed());
        last.is_old = written.is_err();
        written
    }

    /// Whether there is something that is not in the file.
    pub(super) fn is_old(&self) -> bool {
        self.last().is_old
    }

    fn last(&self) -> MutexGuard<'_, LastWrite> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps other runs out, until the process ends or the lock is dropped.
fn lock(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let lock = options.open(&name).map_err(|error| {
        let message = format!(
            "expected to write beside the checkpoint {}, got an error; make its folder first, or check the path and its permissions",
            path.display()
        );
        Error::new(ErrorKind::Io, message).with_source(error)
    })?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let message = format!(
                "expected a checkpoint that no other run uses, got {}, which one is writing to; wait for it, or use another file",
                path.display()
            );
            Err(Error::new(ErrorKind::Options, message))
        }
        // A file system without locks is used without.
        _ => Ok(lock),
    }
}

/// Reads a checkpoint of this run.
fn read(
    path: &Path,
    run: &Identity,
    columns: &[&str],
    coordinates: &mut dyn Coordinates,
) -> Result<(Vec<Probe>, Vec<Saved>)> {
    let bytes = std::fs::read(path).map_err(|error| file::unreadable(path, error))?;
    let stored: Stored = FORMAT.read(&bytes)?;
    check_options(&stored.provenance, &run.provenance)?;
    let dim = coordinates.density().dim();
    if stored.parameters != run.parameters || stored.probes.iter().any(|probe| probe.z.len() != dim) {
        let names = |parameters: &[Parameter]| {
            parameters.iter().map(|p| format!("`{}` {:?}", p.name, p.shape)).collect::<Vec<_>>().join(", ")
        };
        let (expected, got) = (names(&run.parameters), names(&stored.parameters));
        return Err(another(&format!("of {expected}, got one of {got}")));
    }
    for probe in &stored.probes {
        if !Probe::at(&probe.z, coordinates).is_ok_and(|here| here.is_like(probe)) {
            return Err(another(
                "of this model and these data, got one of others: log density, gradient or values at the chains' starts differ",
            ));
        }
    }
    let width = run.parameters.iter().map(Parameter::width).sum();
    let sound = |chain: &Saved| chain.record.is_sound(width, dim, columns) && chain.position.len() == dim;
    if stored.probes.len() != stored.chains.len() || !stored.chains.iter().all(sound) {
        return Err(FORMAT.broken("chains that make no sense"));
    }
    Ok((stored.probes, stored.chains))
}

fn another(what: &str) -> Error {
    let message = format!("expected a checkpoint {what}; use another file, or delete this one to begin anew");
    Error::new(ErrorKind::Options, message)
}

/// # Errors
/// The first thing in which the two differ.
fn check_options(stored: &Provenance, run: &Provenance) -> Result<()> {
    let none = || "none".to_owned();
    let mut pairs = vec![
        ("version of mynah", run.version.clone(), stored.version.clone()),
        ("sampler", run.sampler.clone(), stored.sampler.clone()),
        (
            "seed",
            run.seed.map_or_else(none, |s| s.to_string()),
            stored.seed.map_or_else(none, |s| s.to_string()),
        ),
    ];
    for name in run.options.keys().chain(stored.options.keys()) {
        let of = |from: &Provenance| from.options.get(name).cloned().unwrap_or_else(none);
        pairs.push((name, of(run), of(stored)));
    }
    match pairs.into_iter().find(|(_, run, stored)| run != stored) {
        None => Ok(()),
        Some((name, run, stored)) => {
            Err(another(&format!("of this run, whose {name} is {run}, got one whose {name} is {stored}")))
        }
    }
}

impl Probe {
    fn at(z: &[f64], coordinates: &mut dyn Coordinates) -> Result<Self> {
        let point = Point::at(coordinates.density(), z.to_vec());
        let Point { z, value, gradient } =
            point.map_err(|error| Error::new(ErrorKind::Sampling, error.to_string()))?;
        let mut draw = vec![];
        coordinates.draw(&z, &mut draw);
        Ok(Self { z, log_density: value, gradient, draw })
    }

    fn is_like(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64| {
            a.to_bits() == b.to_bits() || a == b || (a - b).abs() <= SAME * a.abs().max(b.abs()).max(1.0)
        };
        let all = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(*a, *b));
        near(self.log_density, other.log_density)
            && all(&self.gradient, &other.gradient)
            && all(&self.draw, &other.draw)
    }
}
