//! Two files of one module do not import each other, neither directly nor round a longer circle.
//!
//! A path stands for the file that defines what it names: `super::Name` is followed through the `use` lines of `mod.rs`
//! (and `crate::Name` through those of `lib.rs`) to where it comes from. A `mod.rs` that declares its children and
//! re-exports what they define imports nothing by that; it does by every other path, and by a name that it re-exports
//! and reads itself.

use crate::source::{
    Token, code_only, is_test_file, is_word, module_path, rust_files, tokens, without_tests,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules whose files have circles left. None may be added. In `dist` it is one by intent: what every distribution can become (truncated, censored, with
/// lapses) are methods of the trait that all have, so that users find them at the distribution.
const CIRCLES_LEFT: [&str; 1] = ["dist"];

/// Where in the crate a file or a name stands: `["dist", "wiener", "series"]`; `lib.rs` is `[]`.
type Place = Vec<String>;

// --- Reading imports ----------------------------------------------------------------------------------------------

/// A path as it is written: its words, and the name that it gets where it is imported.
#[derive(Debug)]
struct Written<'a> {
    words: Vec<&'a str>,
    name: &'a str,
}

/// What a file names.
#[derive(Default)]
struct Named<'a> {
    /// In `use` lines that pass names on (`pub use`, `pub(crate) use`).
    passed_on: Vec<Written<'a>>,
    /// In other `use` lines.
    used: Vec<Written<'a>>,
    /// Everywhere else, words without a path among them.
    elsewhere: Vec<Written<'a>>,
}

impl<'a> Named<'a> {
    fn of(tokens: &[Token<'a>]) -> Self {
        let mut named = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            let text = tokens[at].text;
            let public = at > 0 && [")", "pub"].contains(&tokens[at - 1].text);
            if text == "use" {
                let list = if public { &mut named.passed_on } else { &mut named.used };
                at = imported(tokens, at + 1, &[], list);
            } else if text == "mod" {
                at += 2;
            } else if text == "pub" && tokens.get(at + 1).is_some_and(|next| next.text == "(") {
                // Who may see an item, `pub(super)`, is no import.
                at += tokens[at..].iter().position(|token| token.text == ")").unwrap_or(0) + 1;
            } else if is_word(text) {
                let mut words = vec![text];
                let word = |at: usize| tokens.get(at).map(|token| token.text).filter(|text| is_word(text));
                while let (Some("::"), Some(next)) = (tokens.get(at + 1).map(|t| t.text), word(at + 2)) {
                    words.push(next);
                    at += 2;
                }
                named.elsewhere.push(Written { words, name: text });
                at += 1;
            } else {
                at += 1;
            }
        }
        named
    }
}

/// The paths of a `use` line from here on: `a::{b, c::{self, D as E}}` has three. Returns the place behind them.
fn imported<'a>(tokens: &[Token<'a>], from: usize, before: &[&'a str], out: &mut Vec<Written<'a>>) -> usize {
    let text = |at: usize| tokens.get(at).map_or(";", |token| token.text);
    let (mut words, mut at) = (before.to_vec(), from);
    let mut name = None;
    loop {
        match text(at) {
            "{" => {
                at += 1;
                while !["}", ";"].contains(&text(at)) {
                    at = imported(tokens, at, &words, out);
                    at += usize::from(text(at) == ",");
                }
                return at + 1;
            }
            "as" => {
                name = Some(text(at + 1));
                at += 1;
            }
            "self" if !words.is_empty() => {}
            "::" => {}
            word if is_word(word) || word == "*" => words.push(word),
            _ => break,
        }
        at += 1;
    }
    let name = name.or(words.last().copied()).unwrap_or_default();
    out.push(Written { words, name });
    at
}

// --- From names to files ------------------------------------------------------------------------------------------

/// The files of the crate, and what their `use` lines make known in them.
struct Crate<'a> {
    files: BTreeMap<Place, Named<'a>>,
    known: BTreeMap<Place, BTreeMap<&'a str, Place>>,
}

impl<'a> Crate<'a> {
    fn new(files: BTreeMap<Place, Named<'a>>) -> Self {
        let mut all = Self { files, known: BTreeMap::new() };
        let known = all.files.iter().map(|(file, named)| {
            let lines = named.passed_on.iter().chain(&named.used);
            let names = lines.filter_map(|written| Some((written.name, all.absolute(file, &written.words)?)));
            (file.clone(), names.collect())
        });
        all.known = known.collect();
        all
    }

    /// The path from the crate's root; `None` for one that leads elsewhere.
    fn absolute(&self, file: &Place, words: &[&str]) -> Option<Place> {
        let supers = words.iter().take_while(|word| **word == "super").count();
        let (base, rest) = match words.first() {
            Some(&("crate" | "mynah")) => (&[][..], &words[1..]),
            Some(&"self") => (&file[..], &words[1..]),
            Some(&"super") => (&file[..file.len().checked_sub(supers)?], &words[supers..]),
            Some(first) if self.files.contains_key(&joined(file, &[first])) => (&file[..], words),
            _ => return None,
        };
        Some(joined(base, rest))
    }

    /// The file that defines what this path names.
    fn home(&self, path: Place) -> Option<Place> {
        let mut path = path;
        // No name is passed on more often.
        for _ in 0..8 {
            let file =
                (0..=path.len()).rev().map(|len| &path[..len]).find(|file| self.files.contains_key(*file))?;
            let passed_on = path.get(file.len()).and_then(|name| self.known[file].get(name.as_str()));
            match passed_on {
                Some(place) => path = [&place[..], &path[file.len() + 1..]].concat(),
                None => return Some(file.to_vec()),
            }
        }
        None
    }

    /// The files of its own module that a file imports.
    fn imports(&self, file: &Place) -> BTreeSet<Place> {
        let named = &self.files[file];
        let itself: BTreeSet<&str> = named.elsewhere.iter().map(|written| written.words[0]).collect();
        let of_child = |written: &Written<'_>| {
            let path = self.absolute(file, &written.words);
            path.is_some_and(|path| path.starts_with(file) && !itself.contains(written.name))
        };
        let read = named.passed_on.iter().filter(|written| !of_child(written));
        let all = read.chain(&named.used).chain(&named.elsewhere);
        let places = all.filter_map(|written| self.absolute(file, &written.words));
        let homes = places.flat_map(|place| self.homes(place));
        homes.filter(|home| home != file && home.first() == file.first()).collect()
    }

    /// The home of a path; behind `*` those of all names known there.
    fn homes(&self, mut path: Place) -> Vec<Place> {
        let all = path.pop_if(|name| name == "*").is_some();
        let Some(home) = self.home(path) else { return vec![] };
        let passed_on = self.known[&home].values().filter(|_| all);
        passed_on.filter_map(|place| self.home(place.clone())).chain([home.clone()]).collect()
    }
}

fn joined(base: &[String], words: &[&str]) -> Place {
    base.iter().cloned().chain(words.iter().map(|word| (*word).to_owned())).collect()
}

// --- The rule -----------------------------------------------------------------------------------------------------

/// For each module whose files have circles: who imports whom in them.
fn circles(sources: &[(&Path, &str)]) -> BTreeMap<String, Vec<String>> {
    let codes: Vec<(Place, String)> =
        sources.iter().map(|(file, source)| (place(file), code_only(source))).collect();
    let files = codes.iter().map(|(file, code)| (file.clone(), Named::of(&without_tests(tokens(code)))));
    let all = Crate::new(files.collect());
    let imports: BTreeMap<&Place, BTreeSet<Place>> =
        all.files.keys().map(|file| (file, all.imports(file))).collect();
    let reached: BTreeMap<&Place, BTreeSet<&Place>> =
        imports.keys().map(|file| (*file, reached(&imports, file))).collect();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, imported) in &imports {
        let back: Vec<String> = imported
            .iter()
            .filter(|other| reached[other].contains(file))
            .map(|other| other.join("::"))
            .collect();
        if let (Some(module), false) = (file.first(), back.is_empty()) {
            let line = format!("{} imports {}", file.join("::"), back.join(", "));
            found.entry(module.clone()).or_default().push(line);
        }
    }
    found
}

fn place(file: &Path) -> Place {
    let path = module_path(file);
    if path == ["lib"] { vec![] } else { path }
}

/// All that a file imports, directly or through others.
fn reached<'a>(imports: &'a BTreeMap<&Place, BTreeSet<Place>>, file: &Place) -> BTreeSet<&'a Place> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Place> = imports[file].iter().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(&imports[next]);
        }
    }
    reached
}

// --- The promises -------------------------------------------------------------------------------------------------

#[test]
fn files_of_a_module_import_each_other_in_no_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> =
        rust_files(&root.join("src")).into_iter().filter(|file| !is_test_file(file)).collect();
    let read = |file| std::fs::read_to_string(file).expect("a file that can be read");
    let sources: Vec<String> = files.iter().map(read).collect();
    let relative = |file| Path::strip_prefix(file, root).expect("it lies in the root");
    let sources: Vec<(&Path, &str)> =
        files.iter().zip(&sources).map(|(file, source)| (relative(file), source.as_str())).collect();
    let mut found = circles(&sources);
    for module in CIRCLES_LEFT {
        assert!(found.remove(module).is_some(), "`{module}` has no circle any more: take it off the list");
    }
    let lines: Vec<String> = found.into_values().flatten().collect();
    assert!(
        lines.is_empty(),
        "files of a module must not import each other in a circle:\n{}",
        lines.join("\n")
    );
}

/// Files with what stands in them.
type Sources = &'static [(&'static str, &'static str)];

/// Each of these has a circle, among the files named before the colon.
#[test]
fn bad_circles_are_flagged() {
    let bad: [(&[&str], Sources); 12] = [
        (&["x::a", "x::b"], &[("src/x/a.rs", "use super::b::B;"), ("src/x/b.rs", "use crate::x::a::A;")]),
        // Round a longer circle, beside which another file stands.
        (
            &["x::a", "x::b", "x::c"],
            &[
                ("src/x/a.rs", "use super::b::B;"),
                ("src/x/b.rs", "use super::{c::C, d::D};"),
                ("src/x/c.rs", "use super::a::A;"),
                ("src/x/d.rs", ""),
            ],
        ),
        // Through what `mod.rs` re-exports, also under another name, or sees itself.
        (
            &["x::a", "x::b"],
            &[
                ("src/x/mod.rs", "mod a;\nmod b;\npub use a::A;\npub(crate) use b::{B as C, f};"),
                ("src/x/a.rs", "use super::C;"),
                ("src/x/b.rs", "use super::A;"),
            ],
        ),
        // Through what the crate re-exports.
        (
            &["x::a", "x::b"],
            &[
                ("src/lib.rs", "pub mod x;\npub use x::A;"),
                ("src/x/mod.rs", "mod a;\nmod b;\npub use a::A;"),
                ("src/x/a.rs", "use super::b::B;"),
                ("src/x/b.rs", "use crate::A;"),
            ],
        ),
        // A `mod.rs` that defines what its child reads, and reads what its child defines.
        (
            &["x", "x::a"],
            &[("src/x/mod.rs", "mod a;\nuse a::A;\npub struct X(A);"), ("src/x/a.rs", "use super::X;")],
        ),
        (
            &["x", "x::a"],
            &[("src/x/mod.rs", "mod a;\npub use a::A;\npub struct X(A);"), ("src/x/a.rs", "use super::X;")],
        ),
        (
            &["x", "x::a"],
            &[("src/x/mod.rs", "mod a;\npub fn f() { a::f() }"), ("src/x/a.rs", "pub fn f() { super::f() }")],
        ),
        // Without a `use` line.
        (
            &["x::a", "x::b"],
            &[("src/x/a.rs", "fn f() -> super::b::B { g() }"), ("src/x/b.rs", "use super::a;")],
        ),
        // Lists in lists, and modules imported as such.
        (
            &["x::a", "x::b"],
            &[("src/x/a.rs", "use super::{c::{C, D}, b::{self, B}};"), ("src/x/b.rs", "use super::{a};")],
        ),
        // Everything at once.
        (
            &["x::a", "x::b"],
            &[
                ("src/x/mod.rs", "mod a;\nmod b;\npub use b::B;"),
                ("src/x/a.rs", "use super::*;"),
                ("src/x/b.rs", "use super::a::A;"),
            ],
        ),
        // Through folders.
        (
            &["x::a", "x::y::b"],
            &[
                ("src/x/mod.rs", "mod a;\nmod y;"),
                ("src/x/a.rs", "use super::y::B;"),
                ("src/x/y/mod.rs", "mod b;\npub(super) use b::B;"),
                ("src/x/y/b.rs", "use super::super::a::A;"),
            ],
        ),
        // Passing on what is no child's is an import.
        (
            &["x::a", "x::b"],
            &[("src/x/a.rs", "pub(super) use super::b::B;"), ("src/x/b.rs", "use super::a::A;")],
        ),
    ];
    for (expected, sources) in bad {
        let sources: Vec<(&Path, &str)> =
            sources.iter().map(|(file, text)| (Path::new(*file), *text)).collect();
        let found = circles(&sources).remove("x").unwrap_or_default();
        let files: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(files, expected, "{sources:?}\n{found:?}");
    }
    let sources = [("src/x/a.rs", "use super::b::{B, C};"), ("src/x/b.rs", "use super::{a::A, c::C};")];
    let found = circles(&sources.map(|(file, text)| (Path::new(file), text)));
    assert_eq!(found["x"], ["x::a imports x::b", "x::b imports x::a"]);
}

#[test]
fn good_imports_between_files_pass() {
    let good: [Sources; 6] = [
        &[("src/x/a.rs", "use super::{b::B, c::C};"), ("src/x/b.rs", "use super::c::C;"), ("src/x/c.rs", "")],
        // A `mod.rs` that declares and re-exports; one whose types its children read; one that reads its children.
        &[
            ("src/x/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::B;"),
            ("src/x/a.rs", "use super::B;\npub struct A(B);"),
            ("src/x/b.rs", "pub struct B;"),
        ],
        &[("src/x/mod.rs", "mod a;\npub use a::A;\npub struct X;"), ("src/x/a.rs", "use super::X;")],
        &[
            ("src/x/mod.rs", "mod a;\nuse a::A;\npub struct X(A);"),
            ("src/x/a.rs", "pub(super) struct A;\npub(in super::super) fn f() {}"),
        ],
        // Words of documentation and strings, and imports of tests alone.
        &[
            ("src/x/a.rs", "use super::b::B;"),
            (
                "src/x/b.rs",
                "/// Read by [`super::a`].\nfn f() { g(\"super::a::A\") }\n#[cfg(test)]\nmod tests { use super::super::a::A; }",
            ),
        ],
        // Files of two modules: what the floors allow.
        &[("src/x/a.rs", "use crate::y::B;"), ("src/y/mod.rs", "pub struct B;\nuse crate::x::a::A;")],
    ];
    for sources in good {
        let sources: Vec<(&Path, &str)> =
            sources.iter().map(|(file, text)| (Path::new(*file), *text)).collect();
        assert_eq!(circles(&sources), BTreeMap::new(), "{sources:?}");
    }
}
