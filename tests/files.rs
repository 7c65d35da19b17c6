//! Saving: nothing is lost or damaged by a second writer, a killed process, a full disk; and no other file is touched.
//!
//! This program runs itself as a child that saves, kills it, limits it, and looks at what lies in the folder.
#![cfg(unix)]

use mynah::draws::{ChainDraws, Draws, Parameter};
use mynah::simulate::{Outcome, Simulations};
use mynah::{ErrorKind, Result};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Set for the child: what it is to save and where, `KIND FIRST STEP COUNT PATH`.
const JOB: &str = "MYNAH_TEST_SAVES";
/// Numbers in a file: some tens of kilobytes, so that a file is written in several pieces.
const NUMBERS: usize = 4000;

/// The kinds of file: how one full of one number is saved, and what number one is full of.
const KINDS: [(&str, Save, Load); 2] =
    [("draws", save_draws, load_draws), ("simulations", save_pairs, load_pairs)];
type Save = fn(&Path, f64) -> Result<()>;
type Load = fn(&Path) -> Result<f64>;

fn draws(number: f64) -> Draws {
    let chain = ChainDraws { values: vec![number; NUMBERS], statistics: vec![] };
    Draws::new(vec![Parameter::new("mu", [])], vec![chain]).unwrap()
}

fn save_draws(path: &Path, number: f64) -> Result<()> {
    draws(number).save(path)
}

fn load_draws(path: &Path) -> Result<f64> {
    let loaded = Draws::load(path)?;
    Ok(only(loaded.column("mu")?[0]))
}

fn save_pairs(path: &Path, number: f64) -> Result<()> {
    Simulations::new(["p"], vec![number; NUMBERS], Outcome::Count, vec![number; NUMBERS])?.save(path)
}

fn load_pairs(path: &Path) -> Result<f64> {
    Simulations::load(path).map(|loaded| only(&loaded.data))
}

fn only(numbers: &[f64]) -> f64 {
    assert!(numbers.len() == NUMBERS && numbers.iter().all(|x| *x == numbers[0]), "two files in one");
    numbers[0]
}

/// An empty folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("files-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

// --- Other processes ------------------------------------------------------------------------------------------------

/// The child's own entry; does nothing in an ordinary run of the tests.
#[test]
fn saving_job() {
    let Ok(job) = std::env::var(JOB) else { return };
    let [kind, first, step, count, path] = job.splitn(5, ' ').collect::<Vec<_>>()[..] else {
        panic!("{job}")
    };
    let (_, save, _) = KINDS.into_iter().find(|(name, ..)| *name == kind).unwrap();
    let (first, step): (f64, f64) = (first.parse().unwrap(), step.parse().unwrap());
    for i in 0..count.parse().unwrap() {
        save(Path::new(path), first + step * f64::from(i)).unwrap();
        if i == 0 {
            println!("ready");
        }
    }
}

/// The command that runs this program as a child at a job, behind the words `before`.
fn child(before: &[&str], job: String) -> Command {
    let exe = std::env::current_exe().unwrap();
    let words = before.iter().map(Path::new).chain([exe.as_path()]).collect::<Vec<_>>();
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .args(["saving_job", "--exact", "--nocapture", "--test-threads=1"])
        .env(JOB, job);
    command
}

fn start(job: String) -> Child {
    let mut child = child(&[], job).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.find(|line| line.as_ref().unwrap().contains("ready")).expect("the child never saved").unwrap();
    // The harness ends without anybody to read what it prints.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

/// Two processes save 300 files each to one path, while this one loads: every save succeeds and every file is whole.
#[test]
fn two_writers_and_a_reader_of_one_path() {
    for (kind, _, load) in KINDS {
        let folder = folder(&format!("writers-{kind}"));
        let path = folder.join("shared");
        let mut writers = [1, 2].map(|number| start(format!("{kind} {number} 0 300 {}", path.display())));
        let (mut ended, mut loads) = ([None, None], 0);
        while ended.contains(&None) {
            let number = load(&path).unwrap();
            assert!(number == 1.0 || number == 2.0);
            loads += 1;
            for (ended, writer) in ended.iter_mut().zip(&mut writers) {
                *ended = ended.or(writer.try_wait().unwrap());
            }
        }
        assert!(ended.iter().all(|status| status.unwrap().success()), "{kind}: a save failed");
        assert_eq!(names(&folder), ["shared"]);
        println!("{kind}: {loads} loads of whole files");
    }
}

/// 200 processes are killed while they save: the file is the one before or the one after, and it is whole.
#[test]
fn killed_writers_leave_a_whole_file() {
    let folder = folder("killed");
    let mut kept = [0.0; 2];
    for round in 0..200 {
        let (kind, _, load) = KINDS[round % 2];
        let path = folder.join(kind);
        // Each round's numbers are above those of the rounds before: a loaded one says whose file it is.
        let first = (1_000_000 * (round + 1)) as f64;
        let mut writer = start(format!("{kind} {first} 1 900000 {}", path.display()));
        // Some hundred microseconds to five milliseconds, about the time of a save.
        std::thread::sleep(Duration::from_micros(100 + (round * 7919 % 5000) as u64));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let number = load(&path).unwrap();
        assert!(number >= first && number < first + 900_000.0, "round {round}: {number}");
        kept[round % 2] += number - first;
    }
    let left = names(&folder);
    assert!(left.contains(&"draws".into()) && left.contains(&"simulations".into()));
    let unfinished = left.iter().filter(|name| name.ends_with(".unfinished")).count();
    assert_eq!(left.len(), 2 + unfinished, "{left:?}");
    println!("200 kills left {unfinished} unfinished files, after {kept:?} further saves");
}

/// A process that may write files of 8 blocks only, and is told so instead of being ended by a signal: a disk that is full.
#[test]
fn a_disk_that_fills_up_loses_nothing() {
    for (kind, save, load) in KINDS {
        let folder = folder(&format!("full-{kind}"));
        let path = folder.join("old");
        save(&path, 3.0).unwrap();
        let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""];
        let ended = child(&limited, format!("{kind} 4 0 1 {}", path.display())).output().unwrap();
        let text = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
        assert!(!ended.status.success() && text.contains("expected to write"), "{text}");
        assert!(text.contains("check the space left on the disk"), "{text}");
        assert_eq!((load(&path).unwrap(), names(&folder)), (3.0, vec!["old".to_owned()]), "{kind}");
    }
}

// --- The folder and the file that is replaced ------------------------------------------------------------------------

#[test]
fn permissions_stay_and_new_files_have_the_usual_ones() {
    let folder = folder("permissions");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let (usual, path) = (folder.join("usual"), folder.join("file"));
    fs::write(&usual, "").unwrap();
    draws(1.0).save(&path).unwrap();
    assert_eq!(mode(&path), mode(&usual));
    for kept in [0o600, 0o664, 0o640] {
        fs::set_permissions(&path, fs::Permissions::from_mode(kept)).unwrap();
        draws(2.0).save(&path).unwrap();
        assert_eq!(mode(&path), kept, "{kept:o}");
    }
    // A file is write-protected for a reason, although a rename would pass.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let error = draws(3.0).save(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("writable, or choose another path"), "{error}");
    assert_eq!(load_draws(&path).unwrap(), 2.0);
    assert_eq!(names(&folder), ["file", "usual"]);
}

#[test]
fn links_stay_links() {
    let folder = folder("links");
    let (real, link, chain) = (folder.join("real"), folder.join("link"), folder.join("chain"));
    symlink("real", &link).unwrap();
    symlink("link", &chain).unwrap();
    // First to a file that is not there yet.
    for number in [1.0, 2.0] {
        draws(number).save(&chain).unwrap();
        assert_eq!((load_draws(&real).unwrap(), load_draws(&chain).unwrap()), (number, number));
        assert!(
            fs::read_link(&link).is_ok() && fs::read_link(&chain).is_ok() && fs::read_link(&real).is_err()
        );
    }
    symlink("circle", folder.join("circle")).unwrap();
    let error = draws(3.0).save(folder.join("circle")).unwrap_err().to_string();
    assert!(error.contains("circle of links"), "{error}");
    assert_eq!(names(&folder), ["chain", "circle", "link", "real"]);
}

#[test]
fn the_files_beside_are_left_alone() {
    let folder = folder("beside");
    let (path, own) = (folder.join("x"), ["x.partial", "x.unfinished", "x.tmp", "x~"]);
    own.iter().for_each(|name| fs::write(folder.join(name), "mine").unwrap());
    draws(1.0).save(&path).unwrap();
    draws(2.0).save(&path).unwrap();
    assert!(own.iter().all(|name| fs::read(folder.join(name)).unwrap() == b"mine"));
    assert_eq!(names(&folder).len(), own.len() + 1);
}

#[test]
fn names_up_to_the_longest_are_taken() {
    let folder = folder("names");
    // 255 bytes each: one byte a character, and three bytes a character.
    for name in ["n".repeat(255), "文".repeat(85), "with a blank".into(), ".hidden".into()] {
        draws(1.0).save(folder.join(&name)).unwrap();
        assert_eq!(load_draws(&folder.join(&name)).unwrap(), 1.0);
    }
    assert_eq!(names(&folder).len(), 4);
}

#[test]
fn what_cannot_be_written_is_said_with_the_remedy() {
    let folder = folder("errors");
    fs::write(folder.join("file"), "mine").unwrap();
    let cases = [
        (folder.join("no/such/x"), "make the folder"),
        (folder.join("file/x"), "make the folder"),
        (folder.clone(), "a folder has this name"),
        (PathBuf::new(), "check the path"),
        (folder.join("n".repeat(256)), "check the path"),
    ];
    for (path, remedy) in cases {
        for (_, save, _) in KINDS {
            let error = save(&path, 1.0).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
            let text = error.to_string();
            assert!(text.starts_with("expected to write ") && text.contains(remedy), "{text}");
        }
    }
    assert_eq!(names(&folder), ["file"]);
}
