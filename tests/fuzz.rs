//! Files of random content: loading ends, with a value that can be used or with an error, and never with a panic.
//!
//! Random bytes, and valid files with flipped bits, cut off, with pieces of themselves in other places, and with an edited
//! header; all of them are refused, and so is every file with one other byte. 2 000 files of each kind of file; the variable
//! `PROPTEST_CASES` sets another number. The generator's seed is fixed, so that a failure repeats. Files with the checksum of
//! what they hold, which are used if they pass the other checks, are in `src/surrogate/weights_fuzz.rs`.
#![cfg(feature = "neural")]

use mynah::draws::{ChainDraws, DrawStatistics, Parameter, SamplerReport};
use mynah::prelude::*;
use mynah::simulate::Outcome;
use mynah::{Error, ErrorKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Files of a few kilobytes load in less than a millisecond; so long takes only a hang, on the slowest machine.
const HANG: Duration = Duration::from_secs(20);

/// What is put in place of a piece of a header.
const PIECES: [&str; 16] = [
    "",
    "0",
    "1",
    "-1",
    "7",
    "4294967296",
    "18446744073709551615",
    "1e999",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "[1,2]",
    ",",
    "\"x\":1,",
];

#[derive(Clone, Debug)]
enum Damage {
    Random(Vec<u8>),
    Flips(Vec<(Index, u8)>),
    Byte(Index, u8),
    Cut(Index),
    Longer(Vec<u8>),
    /// A piece of so many bytes from one place over so many bytes at another.
    Splice(Index, Index, usize, usize),
    Edits(Vec<(Index, usize)>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..400).prop_map(Damage::Random),
        2 => vec((any::<Index>(), 0..8_u8), 1..6).prop_map(Damage::Flips),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => vec(any::<u8>(), 1..40).prop_map(Damage::Longer),
        2 => (any::<Index>(), any::<Index>(), 0..200_usize, 0..200_usize).prop_map(|(a, b, m, n)| Damage::Splice(a, b, m, n)),
        4 => vec((any::<Index>(), 0..PIECES.len()), 1..4).prop_map(Damage::Edits),
    ]
}

impl Damage {
    /// A file with this damage; `header` is where its text stands.
    fn of(&self, good: &[u8], header: Range<usize>) -> Vec<u8> {
        match self {
            Damage::Random(bytes) => bytes.clone(),
            Damage::Flips(flips) => {
                let mut bad = good.to_vec();
                flips.iter().for_each(|(at, bit)| bad[at.index(good.len())] ^= 1 << bit);
                bad
            }
            Damage::Byte(at, byte) => {
                let mut bad = good.to_vec();
                bad[at.index(good.len())] = *byte;
                bad
            }
            Damage::Longer(more) => [good, more].concat(),
            Damage::Cut(at) => good[..at.index(good.len())].to_vec(),
            Damage::Splice(from, to, taken, replaced) => {
                let (from, to) = (from.index(good.len()), to.index(good.len()));
                let piece = &good[from..(from + taken).min(good.len())];
                [&good[..to], piece, &good[(to + replaced).min(good.len())..]].concat()
            }
            Damage::Edits(edits) => {
                let text = String::from_utf8(good[header.clone()].to_vec()).expect("a header is text");
                let text = edits.iter().fold(text, |text, (at, piece)| edited(&text, *at, PIECES[*piece]));
                let mut bad = [&good[..header.start], text.as_bytes(), &good[header.end..]].concat();
                if header.start == 8 {
                    bad[..8].copy_from_slice(&(text.len() as u64).to_le_bytes());
                }
                bad
            }
        }
    }
}

/// The text with one number, word or mark replaced.
fn edited(text: &str, at: Index, piece: &str) -> String {
    let mut starts = vec![0];
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let mut before = ' ';
    for (i, c) in text.char_indices().skip(1) {
        if !(part_of_word(before) && part_of_word(c)) {
            starts.push(i);
        }
        before = c;
    }
    starts.push(text.len());
    let token = at.index(starts.len() - 1);
    [&text[..starts[token]], piece, &text[starts[token + 1]..]].concat()
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000)
}

/// Damages a file in many ways and loads it each time; `load` uses what it has loaded.
fn fuzz(name: &str, good: &[u8], header: Range<usize>, load: impl Fn(&Path) -> Result<(), Error>) {
    let path = file(name);
    std::fs::write(&path, good).unwrap();
    load(&path).expect("the file is good before it is damaged");
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (start, loaded, slowest) =
        (Instant::now(), std::cell::Cell::new(0), std::cell::Cell::new(Duration::ZERO));
    let outcome = runner.run(&damage(), |damage| {
        let bad = damage.of(good, header.clone());
        std::fs::write(&path, &bad).unwrap();
        let start = Instant::now();
        match load(&path) {
            Ok(()) => {
                loaded.set(loaded.get() + 1);
                prop_assert!(bad == good, "a damaged file was loaded");
            }
            Err(error) => {
                prop_assert!(error.kind() == ErrorKind::Format, "{error:?}");
                prop_assert!(error.to_string().contains("expected"), "{error}");
            }
        }
        slowest.set(slowest.get().max(start.elapsed()));
        prop_assert!(start.elapsed() < HANG);
        Ok(())
    });
    every_byte_counts(&path, good, &load);
    std::fs::remove_file(&path).unwrap();
    outcome.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name}: {} files in {seconds:.1} s, {} of them undamaged after all, slowest {:?}",
        cases(),
        loaded.get(),
        slowest.get()
    );
}

/// Every byte in turn becomes another one: in the case of a letter, in the last bit of a number, and in all bits.
fn every_byte_counts(path: &Path, good: &[u8], load: impl Fn(&Path) -> Result<(), Error>) {
    for at in 0..good.len() {
        for change in [0x20, 0x01, 0xff] {
            let mut bad = good.to_vec();
            bad[at] ^= change;
            std::fs::write(path, bad).unwrap();
            assert!(load(path).is_err(), "{}: byte {at} with {change:x} changed", path.display());
        }
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"))
}

/// The bytes that `save` writes.
fn bytes(name: &str, save: impl Fn(&Path) -> Result<(), Error>) -> Vec<u8> {
    let path = file(name);
    save(&path).unwrap();
    std::fs::read(&path).unwrap()
}

fn responses() -> Simulations {
    let theta: Vec<f64> =
        (0..100).flat_map(|i| [(i as f64 + 0.5) / 100.0, 0.1 + 0.01 * (i % 20) as f64]).collect();
    let data =
        theta.chunks(2).enumerate().flat_map(|(i, t)| [t[1] + 0.2 + (i % 7) as f64 / 10.0, (i % 2) as f64]);
    Simulations::new(["p", "t0"], theta.clone(), Outcome::TimeAndChoice, data.collect()).unwrap()
}

#[test]
fn weights() {
    let nle = Nle::default().hidden(&[6]).bins(3).max_epochs(1).shift("t0").progress(Progress::Hidden);
    let learned = nle.fit(&responses()).unwrap();
    let good = bytes("weights", |path| learned.save(path));
    let header = 8..8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    fuzz("weights", &good, header, |path| {
        let loaded = NeuralLikelihood::load(path)?;
        let _ = loaded.log_prob(&vec![0.3; loaded.names().len()], &[0.8, 1.0]);
        Ok(())
    });
}

#[test]
fn simulations() {
    let good = bytes("simulations", |path| responses().save(path));
    let header = 0..good.iter().position(|byte| *byte == b'\n').unwrap();
    fuzz("simulations", &good, header, |path| {
        let loaded = Simulations::load(path)?;
        assert_eq!(loaded.data.len(), loaded.len() * loaded.outcome.width());
        assert_eq!(loaded.parameters.len(), loaded.len() * loaded.names.len());
        Ok(())
    });
}

#[test]
fn draws() {
    let statistics = |i: usize| DrawStatistics {
        diverging: i == 3,
        depth: 2,
        max_depth_reached: false,
        energy: if i == 4 { f64::NAN } else { i as f64 },
        log_density: -1.0,
        step_size: 0.5,
        acceptance: 0.9,
        gradients: 3,
    };
    let chain = |shift: f64| ChainDraws {
        values: (0..24).map(|i| (f64::from(i) * 0.7 + shift).sin()).collect(),
        statistics: DrawStatistics::columns(&(0..8).map(statistics).collect::<Vec<_>>()),
    };
    let parameters = vec![Parameter::new("mu", []), Parameter::new("rate", [2])];
    let report =
        SamplerReport { sampler: "NUTS".into(), messages: vec!["a word".into()], ..Default::default() };
    let draws = Draws::new(parameters, vec![chain(0.0), chain(1.0)]).unwrap().with_report(report);
    let good = bytes("draws", |path| draws.save(path));
    fuzz("draws", &good, 0..good.len(), |path| {
        let loaded = Draws::load(path)?;
        assert_eq!(loaded.summary().rows.len(), loaded.labels().len());
        Ok(())
    });
}
